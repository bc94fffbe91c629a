/**
 * LOLWUT: a little art. Version 5 is Georg Nees's Schotter (1968), squares that fall into disorder row by row; version 6 a
 * skyline in grey; without a version, a keyspace seen from above: eight rings of points, one for each kind of value and
 * more, turned by chance. Pictures are drawn on dots and printed as braille letters of two by four.
 */
import { type Bytes, fromText } from '../../base/bytes.ts'
import { type Reply, Verbatim } from '../../base/reply.ts'
import { REDIS_VERSION, ZERODIS_VERSION } from '../../base/version.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'

/** LOLWUT [VERSION version] [argument …] */
export function lolwut(_: Context, a: Args): Reply {
  let version = 0
  if (a.left >= 2 && a.match('VERSION')) version = a.integer()
  if (a.error !== undefined) return a.error
  const picture = version === 5 ? schotter(a) : version === 6 ? skyline(a) : rings()
  return a.error ?? new Verbatim(picture)
}

/** A bitmap of dots. */
class Canvas {
  readonly #dots: Uint8Array
  readonly #width: number
  readonly #height: number

  constructor(width: number, height: number) {
    this.#width = width
    this.#height = height
    this.#dots = new Uint8Array(width * height)
  }

  dot(x: number, y: number): void {
    if (x >= 0 && y >= 0 && x < this.#width && y < this.#height) this.#dots[y * this.#width + x] = 1
  }

  line(x1: number, y1: number, x2: number, y2: number): void {
    const steps = Math.max(1, Math.abs(Math.round(x2) - Math.round(x1)), Math.abs(Math.round(y2) - Math.round(y1)))
    for (let i = 0; i <= steps; i++) {
      this.dot(Math.round(x1 + ((x2 - x1) * i) / steps), Math.round(y1 + ((y2 - y1) * i) / steps))
    }
  }

  /** UTF-8 text, one letter for two by four dots. */
  render(): Bytes {
    const lines: string[] = []
    for (let y = 0; y < this.#height; y += 4) {
      let line = ''
      for (let x = 0; x < this.#width; x += 2) line += String.fromCharCode(0x2800 + this.#braille(x, y))
      lines.push(line)
    }
    return fromText(lines.join('\n'))
  }

  /** Unicode numbers the dots of a letter down the left column, down the right one, and then the two at the bottom. */
  #braille(x: number, y: number): number {
    let bits = 0
    for (let row = 0; row < 4; row++) {
      for (let column = 0; column < 2; column++) {
        if (y + row >= this.#height || x + column >= this.#width) continue
        if (this.#dots[(y + row) * this.#width + x + column] === 0) continue
        bits |= 1 << (row === 3 ? 6 + column : row + 3 * column)
      }
    }
    return bits
  }
}

/** LOLWUT VERSION 5 [columns] [squares per row] [squares per column] */
function schotter(a: Args): Bytes {
  const columns = option(a, 66, 1000)
  const perRow = option(a, 8, 200)
  const perColumn = option(a, 12, 200)
  const width = columns * 2
  const padding = width > 4 ? 2 : 0
  const side = (width - padding * 2) / perRow
  const canvas = new Canvas(width, Math.floor(side * perColumn + padding * 2))
  for (let row = 0; row < perColumn; row++) {
    const disorder = row > 1 ? row / perColumn : 0
    const chance = (): number => (Math.random() * 2 - 1) * disorder
    for (let column = 0; column < perRow; column++) {
      const x = column * side + side / 2 + padding + (chance() * side) / 3
      const y = row * side + side / 2 + padding + (chance() * side) / 3
      square(canvas, x, y, side, chance())
    }
  }
  return `${canvas.render()}\nGeorg Nees - schotter, plotter on paper, 1968. Redis ver. ${REDIS_VERSION}\n`
}

function square(canvas: Canvas, x: number, y: number, side: number, angle: number): void {
  const radius = side / Math.SQRT2
  const corner = (i: number): [number, number] => {
    const turn = angle + Math.PI / 4 + (i * Math.PI) / 2
    return [x + Math.sin(turn) * radius, y + Math.cos(turn) * radius]
  }
  for (let i = 0; i < 4; i++) canvas.line(...corner(i), ...corner(i + 1))
}

/** Sky, far and near houses: background colours of a terminal, from light to dark. */
const GREYS = [107, 47, 100, 40]

/** LOLWUT VERSION 6 [columns] [rows] */
function skyline(a: Args): Bytes {
  const columns = option(a, 80, 1000)
  const rows = option(a, 20, 1000)
  const shades = Array.from({ length: rows }, () => new Uint8Array(columns))
  for (let depth = 1; depth < GREYS.length; depth++) {
    for (let x = 0; x < columns; ) {
      const end = Math.min(columns, x + 3 + Math.floor(Math.random() * 8))
      const top = Math.floor(rows * (0.15 * depth + Math.random() * 0.4))
      for (; x < end; x++) for (let y = top; y < rows; y++) shades[y][x] = depth
    }
  }
  const lines = shades.map((row) => [...row].map((shade) => `\x1b[${GREYS[shade]}m \x1b[0m`).join(''))
  return `${lines.join('\n')}\nA skyline, for the night shift. Redis ver. ${REDIS_VERSION}\n`
}

function rings(): Bytes {
  const size = 72
  const canvas = new Canvas(size, size)
  for (let ring = 1; ring <= 8; ring++) {
    const points = ring * 8
    const turn = Math.random() * Math.PI
    for (let point = 0; point < points; point++) {
      const angle = turn + (point / points) * 2 * Math.PI
      const radius = ring * 4 + (Math.random() - 0.5) * (ring / 4)
      canvas.dot(Math.round(size / 2 + radius * Math.sin(angle)), Math.round(size / 2 + radius * Math.cos(angle)))
    }
  }
  return `${canvas.render()}\nA keyspace, seen from above. zerodis ver. ${ZERODIS_VERSION}, Redis ver. ${REDIS_VERSION}\n`
}

/** The next argument, kept between 1 and a bound. */
function option(a: Args, initial: number, max: number): number {
  return a.done ? initial : Math.min(max, Math.max(1, a.integer()))
}
