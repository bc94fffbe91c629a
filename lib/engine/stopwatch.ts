/**
 * What a command's time costs to know: a clock takes a quarter of a GET to read, and three would be read per command.
 *
 * - A command that may take long (not flagged `fast` or `brief`) is always timed by itself.
 * - Short commands of a pipeline that arrived in one read share a reading: one per `SHARE` of them, whose time is split
 *   evenly. The sum is exact; decoding and encoding are in it.
 * - Of short commands that come alone (in process, REST) one in `SHARE` is timed, and counts for all of them.
 *
 * With `exact`, for a slow log that wants to see every command, each is timed by itself.
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
  exact = false
  /** Unix ms at the last reading: the time that commands see. */
  now = 0
  #readAt = 0
  readonly #shared = new Int32Array(SHARE)
  #count = 0
  #alone = 0
  /** How many commands the one that runs now counts for; 0: it is not timed. */
  #weight = 1

  constructor(clock: Clock, stats: Stats) {
    this.#clock = clock
    this.#stats = stats
  }

  /** A reading of performance.now(): of when the command that runs began, if it is timed by itself. */
  get readAt(): number {
    return this.#readAt
  }

  /** A pipeline was received. */
  beginBatch(): void {
    this.batching = true
    this.#read()
  }

  /** All of it was run. */
  endBatch(): void {
    if (this.#count !== 0) this.#share()
    this.batching = false
  }

  /** A short command of the batch was run. */
  note(commandId: number): void {
    this.#shared[this.#count++] = commandId
    if (this.#count === SHARE) this.#share()
  }

  /** A command is about to run that shares no reading. */
  begin(short: boolean): void {
    if (this.#count !== 0) this.#share()
    this.#weight = this.weigh(short)
    // Within a pipeline the end of the command before is its beginning.
    if (this.batching && !this.exact) return
    this.now = this.#clock.now()
    if (this.#weight !== 0) this.#readAt = performance.now()
  }

  /** It was run. Returns how long it took, in microseconds; 0 if it was not timed. */
  end(commandId: number): number {
    if (this.#weight === 0) return 0
    const at = performance.now()
    const microseconds = (at - this.#readAt) * 1000
    this.#add(commandId, microseconds, this.#weight)
    if (this.batching) {
      this.#readAt = at
      this.now = this.#clock.now()
    }
    return microseconds
  }

  /** How many commands the one about to run counts for; 0: it is not timed. */
  weigh(short: boolean): number {
    return !short || this.exact ? 1 : ++this.#alone % SHARE === 0 ? SHARE : 0
  }

  /** A command was run inside another, and began at a reading of `performance.now()`. Returns how long it took, in microseconds. */
  endNested(commandId: number, startedAt: number, weight: number): number {
    const microseconds = (performance.now() - startedAt) * 1000
    this.#add(commandId, microseconds, weight)
    return microseconds
  }

  #add(commandId: number, microseconds: number, times: number): void {
    const { latencies } = this.#stats
    this.#stats.microseconds[commandId] += microseconds * times
    if (latencies.enabled) latencies.add(commandId, latencies.slot(microseconds), times)
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
    const { microseconds, latencies } = this.#stats
    const slot = latencies.slot(each)
    for (let i = 0; i < this.#count; i++) {
      microseconds[this.#shared[i]] += each
      if (latencies.enabled) latencies.add(this.#shared[i], slot, 1)
    }
    this.#count = 0
  }
}
