/**
 * What a command's time costs to know. Reading a clock takes longer than a GET, so within a pipeline that arrived in one
 * read the clock is read once per `SHARE` short commands and their time is split evenly among them; a command that may
 * take long (not flagged `fast` or `brief`) is always timed by itself. The sum is exact, and so is every long command.
 * A share includes decoding and encoding.
 */
import type { Clock } from '../clock.ts'
import type { Stats } from './stats.ts'

/** Short commands per reading. They take microseconds together, so the frozen time stays true to the millisecond. */
const SHARE = 16

export class Stopwatch {
  readonly #clock: Clock
  readonly #stats: Stats
  /** True between `beginBatch` and `endBatch`. */
  batching = false
  /** Unix ms at the last reading: the time that commands see. */
  now = 0
  #readAt = 0
  readonly #shared = new Int32Array(SHARE)
  #count = 0

  constructor(clock: Clock, stats: Stats) {
    this.#clock = clock
    this.#stats = stats
  }

  /** A pipeline was received. */
  beginBatch(): void {
    this.batching = true
    this.#read()
  }

  /** All of it was run. */
  endBatch(): void {
    this.#share()
    this.batching = false
  }

  /** A short command of the batch was run. */
  note(commandId: number): void {
    this.#shared[this.#count++] = commandId
    if (this.#count === SHARE) this.#share()
  }

  /** A command is about to run that is timed by itself. */
  beginSingle(): void {
    if (this.#count !== 0) this.#share()
    else this.#read()
  }

  /** It was run. Returns how long it took, in microseconds. */
  endSingle(commandId: number): number {
    const readAt = performance.now()
    const microseconds = (readAt - this.#readAt) * 1000
    this.#stats.microseconds[commandId] += microseconds
    if (this.batching) this.#read()
    return microseconds
  }

  #read(): void {
    this.now = this.#clock.now()
    this.#readAt = performance.now()
  }

  /** Splits the time since the last reading among the commands noted since. */
  #share(): void {
    const before = this.#readAt
    this.#read()
    const each = ((this.#readAt - before) * 1000) / this.#count
    for (let i = 0; i < this.#count; i++) this.#stats.microseconds[this.#shared[i]] += each
    this.#count = 0
  }
}
