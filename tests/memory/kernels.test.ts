import { expect, test } from 'vitest'
import { type Loaded, loadKernels, twins } from '../../lib/memory/load.ts'
import { decode, distance } from '../../lib/memory/twin/geo.ts'
import { Random } from '../differential/random.ts'

/** Each kernel beside its twin, on the same random bytes: all of the memory must be the same afterwards. */
const SEED = 20_261_130
const ROOM = 2 ** 18
const REGISTERS = 16_384
const HLL_BYTES = 12_288

class Beside {
  readonly random = new Random(SEED)
  readonly #kernels: Loaded
  readonly #twins: Loaded

  constructor() {
    this.#kernels = loadKernels(ROOM)
    this.#twins = twins(ROOM)
    expect(this.#kernels.buffer.byteLength).toBeGreaterThan(ROOM)
    expect(this.#kernels.base % 8).toBe(0)
  }

  /** What the kernels, and their twins, have left at a place. */
  part(at: number, length: number): Buffer {
    return partOf(this.#kernels, at, length)
  }

  twinPart(at: number, length: number): Buffer {
    return partOf(this.#twins, at, length)
  }

  /** Runs on the same bytes; returns those that the kernel has left. */
  same(fill: (u8: Uint8Array) => void, run: (loaded: Loaded) => number | undefined, compared = ROOM): Uint8Array {
    const views = [this.#kernels, this.#twins].map(({ buffer, base }) => new Uint8Array(buffer, base, ROOM))
    fill(views[0])
    views[1].set(views[0])
    const results = [run(this.#kernels), run(this.#twins)]
    expect(results[0]).toBe(results[1])
    expect(Buffer.compare(views[0].subarray(0, compared), views[1].subarray(0, compared))).toBe(0)
    return views[0]
  }
}

function partOf({ buffer, base }: Loaded, at: number, length: number): Buffer {
  return Buffer.from(buffer, base + at, length)
}

const noise = (random: Random) => (u8: Uint8Array) => {
  for (let i = 0; i < 48_000; i++) u8[i] = random.integer(0, 255)
}

test('bits', () => {
  const beside = new Beside()
  const { random } = beside
  for (let round = 0; round < 20; round++) {
    const [length, from] = [random.integer(0, 1000), random.integer(1100, 1200)]
    for (const name of ['andBits', 'orBits', 'xorBits', 'clearBits'] as const) {
      beside.same(noise(random), ({ kernels, base }) => void kernels[name](base + 3, base + from, length), 4000)
    }
    beside.same(noise(random), ({ kernels, base }) => kernels.countBits(base + (from & 7), length))
    beside.same(noise(random), ({ kernels, base }) => void kernels.invertBits(base + 5, length))
    beside.same(noise(random), ({ kernels, base }) => void kernels.repeatBits(base, base + from, base + 3000, length))
  }
})

test('crc64', () => {
  const beside = new Beside()
  const { random } = beside
  for (let round = 0; round < 50; round++) {
    const length = random.integer(0, 500)
    beside.same(noise(random), ({ kernels, base }) => void kernels.crc64(base, base + 8 + (round & 7), length))
  }
})

/** Bytes that repeat themselves at distances of all kinds. */
function repetitive(random: Random, u8: Uint8Array, length: number): void {
  for (let at = 0; at < length; ) {
    const count = Math.min(length - at, random.integer(1, random.pick([4, 40, 600])))
    const back = random.integer(1, random.pick([3, 300, 9000]))
    for (let i = 0; i < count; i++, at++) u8[at] = at < back || round(random) ? random.integer(0, 255) : u8[at - back]
  }
}

const round = (random: Random): boolean => random.chance(0.02)

test('LZF, which comes back as it was', () => {
  const beside = new Beside()
  const { random } = beside
  for (let i = 0; i < 300; i++) {
    const length = random.integer(1, random.pick([30, 300, 30_000]))
    const room = random.chance(0.2) ? random.integer(1, length) : length + 100
    const into = 40_000
    let compressed = 0
    const u8 = beside.same(
      (array) => {
        array.fill(0)
        repetitive(random, array, length)
      },
      ({ kernels, base }) => {
        compressed = kernels.lzfCompress(base, length, base + into, room)
        return compressed
      },
      into,
    )
    if (compressed === 0) continue
    expect(compressed).toBeLessThanOrEqual(room)
    const bytes = u8.slice(0, length)
    const again = beside.same(
      (array) => array.fill(0, 100_000),
      ({ kernels, base }) => kernels.lzfDecompress(base + into, compressed, base + 100_000, length),
    )
    expect(Buffer.compare(again.subarray(100_000, 100_000 + length), bytes)).toBe(0)
  }
})

test('bytes that are no LZF write nothing beyond their room', () => {
  const beside = new Beside()
  const { random } = beside
  for (let i = 0; i < 500; i++) {
    const [compressed, length] = [random.integer(1, 60), random.integer(1, 300)]
    beside.same(noise(random), ({ kernels, base }) => kernels.lzfDecompress(base, compressed, base + 1000, length))
  }
})

const STRINGS = ['', ...'0 -0 - -128 127 128 -32769 2147483647 -2147483648 2147483648 007 99999999999'.split(' ')]

test('records', () => {
  const beside = new Beside()
  const { random } = beside
  const [from, into] = [0, 2 ** 16]
  for (let i = 0; i < 60; i++) {
    let words = 0
    let length = 0
    const compresses = random.integer(0, 1)
    const string = (): string => {
      if (random.chance(0.4)) return random.pick(STRINGS)
      return random.chance(0.5) ? 'ab'.repeat(random.integer(0, 500)) : random.bytes(0, random.pick([20, 70, 1000]))
    }
    const fill = (u8: Uint8Array): void => {
      u8.fill(0)
      const view = new DataView(u8.buffer, u8.byteOffset)
      const put = (word: number): void => view.setInt32(from + 4 * words++, word, true)
      for (let left = random.integer(1, 20); left > 0; left--) {
        const form = random.pick([0, 0, 0, 1, 3, 4, 5, 6, 7])
        const key = Buffer.from(string(), 'latin1')
        const value = form === 1 ? Buffer.alloc(8) : Buffer.from(string(), 'latin1')
        const number = random.pick([0, -1, 127, -129, 70_000, 2 ** 31, -(2 ** 31), Number.MAX_SAFE_INTEGER, -(2 ** 40)])
        if (form === 1) value.writeDoubleLE(number)
        const more = random.pick([0, 1 << 19, 1 << 20, 1 << 21, (1 << 19) | (1 << 20)])
        put(key.length | (form << 16) | more)
        put(value.length)
        if (more & (1 << 19)) {
          put(random.integer(0, 2 ** 31))
          put(random.integer(0, 400))
        }
        if (more & ~(1 << 19)) put(random.pick([0, 63, 64, 255, 16_384, 2 ** 31]))
        u8.set(Buffer.concat([key, value]), from + 4 * words)
        words += (key.length + value.length + 3) >> 2
      }
    }
    beside.same(
      fill,
      ({ kernels, base }) => {
        length = kernels.writeRecords(base + from, words, base + into, compresses)
        return length
      },
      into,
    )
    expect(beside.part(into, length)).toEqual(beside.twinPart(into, length))
    expect(length).toBeLessThanOrEqual(8 * words)
  }
})

test('HyperLogLogs', () => {
  const beside = new Beside()
  const { random } = beside
  for (let i = 0; i < 40; i++) {
    const lengths = Array.from({ length: 50 }, () => random.integer(0, 40))
    beside.same(noise(random), ({ kernels, base, buffer }) => {
      const ends = new Uint32Array(buffer, base, lengths.length)
      let end = 0
      for (const [k, length] of lengths.entries()) ends[k] = end += length
      return void kernels.pfPlaces(base + 4 * lengths.length, base, lengths.length)
    })
  }
  for (let i = 0; i < 5; i++) {
    const [open, dense] = [0, REGISTERS]
    beside.same(noise(random), ({ kernels, base }) => void kernels.pfMerge(base + open, base + dense))
    beside.same(noise(random), ({ kernels, base }) => void kernels.pfPack(base + open, base + dense))
    beside.same(noise(random), ({ kernels, base }) => void kernels.pfHistogram(base + open, base + dense + HLL_BYTES))
  }
})

test('distances, to the last bit', () => {
  const beside = new Beside()
  const { random } = beside
  const odd = [
    -0,
    0,
    -1,
    0.5,
    2 ** 52,
    2 ** 53 + 2,
    2 ** 63,
    2 ** 64,
    -(2 ** 63),
    -(2 ** 70),
    1e300,
    Infinity,
    -Infinity,
  ]
  for (let i = 0; i < 40; i++) {
    // All over the world, and near one place.
    const anywhere = () => random.integer(0, 2 ** 26) * 2 ** 26 + random.integer(0, 2 ** 26)
    const anchor = anywhere()
    const scores = Array.from({ length: 1000 }, (_, k) => {
      return odd[k] ?? (k % 2 === 0 ? anywhere() : anchor + random.integer(0, 2 ** 24))
    })
    const { lon, lat } = random.pick([{ lon: random.integer(-180, 180), lat: random.integer(-85, 85) }, decode(anchor)])
    // At random, or as wide as one of the places is away, to the last bit or nearly.
    const far = distance({ lon, lat }, decode(scores[random.integer(odd.length, 999)]))
    const width = random.pick([random.integer(0, 2e7), far, far * (1 + 2 ** -52), far * (1 - 2 ** -53), 0])
    const height = random.pick([-1, random.integer(0, 2e7)])
    const tells = random.pick([0, 1])
    beside.same(
      (u8) => new Float64Array(u8.buffer, u8.byteOffset, scores.length).set(scores),
      ({ kernels, base }) => void kernels.geoWithin(base, scores.length, lon, lat, width, height, tells),
    )
  }
})
