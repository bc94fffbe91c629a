/**
 * A cursor over one command's arguments. Each method takes the next argument; the first one that is missing or wrong
 * latches `error`, after which the rest return harmless values. So a handler reads everything in a row, returns
 * `a.error` if it is set, and only then acts. One Args per nesting depth, reused: nothing is allocated per call.
 */
import type { Bytes } from '../base/bytes.ts'
import { NOT_FLOAT, NOT_INTEGER, SYNTAX } from '../base/errors.ts'
import type { ReplyError } from '../base/reply.ts'
import { parseFloat64, parseInteger } from './number.ts'

export class Args {
  #argv: readonly Bytes[] = []
  #position = 0
  /** The first thing that was wrong, to be returned as it is. */
  error: ReplyError | undefined

  /** Starts over on a command; `position` 1 is the first argument, 2 that of a subcommand. */
  reset(argv: readonly Bytes[], position: number): void {
    this.#argv = argv
    this.#position = position
    this.error = undefined
  }

  /** The whole command, name included. */
  get argv(): readonly Bytes[] {
    return this.#argv
  }

  /** Position in argv of the next argument. */
  get position(): number {
    return this.#position
  }

  /** How many arguments are left. */
  get left(): number {
    return this.#argv.length - this.#position
  }

  get done(): boolean {
    return this.#position >= this.#argv.length
  }

  /** The next argument as it is; a missing one is a syntax error. */
  next(): Bytes {
    if (this.#position < this.#argv.length) return this.#argv[this.#position++]
    this.fail(SYNTAX)
    return ''
  }

  /** The next argument without taking it; '' at the end. */
  peek(): Bytes {
    return this.#position < this.#argv.length ? this.#argv[this.#position] : ''
  }

  /** The next argument in upper case, for a switch over option words. */
  word(): Bytes {
    return this.next().toUpperCase()
  }

  /** Takes the next argument if it is this word (upper case here, any case there). */
  match(word: Bytes): boolean {
    if (this.#position >= this.#argv.length) return false
    const argument = this.#argv[this.#position]
    if (argument !== word) {
      if (argument.length !== word.length || (argument.charCodeAt(0) | 32) !== (word.charCodeAt(0) | 32)) return false
      if (argument.toUpperCase() !== word) return false
    }
    this.#position++
    return true
  }

  /**
   * A 64-bit integer in Redis's strict decimal form, as a number: exact to 2^53 and rounded beyond, which suits counts,
   * indexes and times. Arithmetic on values uses `int64`.
   */
  integer(error?: ReplyError): number {
    const number = parseInteger(this.next())
    if (number === undefined) {
      this.fail(error ?? NOT_INTEGER)
      return 0
    }
    return number
  }

  /** `integer` within bounds, both included; `error` serves for both kinds of mistake. */
  integerBetween(min: number, max: number, error: ReplyError): number {
    const number = this.integer(error)
    if (number < min || number > max) this.fail(error)
    return number
  }

  /** A double as Redis reads one (`1e3`, `inf`, hexadecimal; not `nan`, no spaces). */
  float(error?: ReplyError): number {
    const number = parseFloat64(this.next())
    if (number === undefined) {
      this.fail(error ?? NOT_FLOAT)
      return 0
    }
    return number
  }

  /** All arguments that are left, as a fresh array. */
  rest(): Bytes[] {
    const rest = this.#argv.slice(this.#position)
    this.#position = this.#argv.length
    return rest
  }

  /** Takes `count` arguments as a fresh array. */
  take(count: number): Bytes[] {
    if (count > this.left) this.fail(SYNTAX)
    const taken = this.#argv.slice(this.#position, this.#position + count)
    this.#position += taken.length
    return taken
  }

  /** Moves the cursor on by some arguments, or back by a negative number of them. */
  move(count: number): void {
    this.#position += count
  }

  /** Latches an error, unless one is latched already. Returns it, for `return a.fail(…)`. */
  fail(error: ReplyError): ReplyError {
    this.error ??= error
    return this.error
  }
}
