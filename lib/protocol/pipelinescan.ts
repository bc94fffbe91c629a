/**
 * The body of a pipeline, `[["SET","k","v"],…]`, read once into the places of its arguments: no string is made of one, nor an array
 * of a command. What it takes is what `parseCommands` (json.ts) takes of the same body, but for what needs care: strings
 * with escapes, more arguments than there is room for, and commands without a word. Such a body, and one that is wrong, is refused whole and is
 * for others to read. A number stands as it is written, and bytes past ASCII are bytes.
 *
 * There is one for all requests: what it knows holds until it reads the next body.
 */
import type { Bytes } from '../base/bytes.ts'
import { Places } from '../base/places.ts'
import { numberEnd } from './jsonreader.ts'

/** A longer body is read in slices: see jsonreader.ts. Unit: bytes. */
export const SCANNED_BODY_MAX = 64 * 1024
const COMMANDS_MAX = 1024
const ARGUMENTS_MAX = 4096

const QUOTE = 34
const COMMA = 44
const OPEN = 91
const CLOSE = 93

/** By byte: whether it may stand in a string without being looked at. */
const PLAIN = new Uint8Array(256).fill(1, 32)
PLAIN[QUOTE] = 0
PLAIN[92] = 0

export class PipelineScan {
  /** Stands at the command that was opened last. */
  readonly places = new Places(ARGUMENTS_MAX)
  /** Number of commands. */
  length = 0
  #body: Buffer | undefined
  readonly #firsts = new Int32Array(COMMANDS_MAX + 1)
  #count = 0

  /** The body that was read last. */
  get body(): Buffer {
    return this.#body!
  }

  /** True if all of a body was understood; it has a command or more then, each with a word or more. */
  read(body: Buffer): boolean {
    this.#body = body
    this.places.use(body)
    this.length = this.#count = 0
    if (body.length > SCANNED_BODY_MAX) return false
    let at = skipSpace(body, 0)
    if (body[at] !== OPEN) return false
    do {
      at = skipSpace(body, at + 1)
      if (body[at] !== OPEN || this.length === COMMANDS_MAX) return false
      this.#firsts[this.length++] = this.#count
      at = this.#readCommand(body, at + 1)
      if (at === -1) return false
    } while (body[at] === COMMA)
    this.#firsts[this.length] = this.#count
    return body[at] === CLOSE && skipSpace(body, at + 1) === body.length
  }

  /** The places of a command. */
  open(index: number): Places {
    const p = this.places
    const first = this.#firsts[index]
    p.first = first
    p.count = this.#firsts[index + 1] - first
    return p
  }

  /** The commands as text, from one on. */
  commands(from = 0): Bytes[][] {
    const commands: Bytes[][] = []
    for (let i = from; i < this.length; i++) commands.push(this.open(i).argv())
    return commands
  }

  /** The position of what comes behind the command whose words begin at `start`; -1 if it was not understood. */
  #readCommand(body: Buffer, start: number): number {
    const { starts, ends } = this.places
    let count = this.#count
    let at = start
    for (;;) {
      if (count === ARGUMENTS_MAX) return -1
      if (body[at] !== QUOTE) at = skipSpace(body, at)
      if (body[at] === QUOTE) {
        starts[count] = ++at
        while (PLAIN[body[at]] === 1) at++
        if (body[at] !== QUOTE) return -1
        ends[count++] = at++
      } else {
        const end = scalarEnd(body, at)
        if (end === -1) return -1
        starts[count] = at
        ends[count++] = at = end
      }
      if (body[at] !== COMMA) at = skipSpace(body, at)
      if (body[at] === CLOSE) break
      if (body[at] !== COMMA) return -1
      at++
    }
    this.#count = count
    return skipSpace(body, at + 1)
  }
}

function skipSpace(body: Buffer, start: number): number {
  let at = start
  while (body[at] === 32 || body[at] === 10 || body[at] === 13 || body[at] === 9) at++
  return at
}

/** Where the number or word ends that begins at a position; -1 if there is none. */
function scalarEnd(body: Buffer, start: number): number {
  switch (body[start]) {
    case 116:
      return wordEnd(body, start, 'true')
    case 102:
      return wordEnd(body, start, 'false')
    case 110:
      return wordEnd(body, start, 'null')
    default:
      return numberEnd(body, start)
  }
}

function wordEnd(body: Buffer, start: number, word: string): number {
  for (let i = 1; i < word.length; i++) if (body[start + i] !== word.charCodeAt(i)) return -1
  return start + word.length
}
