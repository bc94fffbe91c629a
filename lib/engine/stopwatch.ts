/**
 * What a command's time costs to know: a clock takes a quarter of a GET to read, and three would be read per command.
 *
 * - A command that may take long (not flagged `fast` or `brief`) is always timed by itself.
 * - Short commands of a pipeline that arrived in one read share a reading: one per `SHARE` of them, whose time is split
 *   evenly. The sum is exact; decoding and encoding are in it.
 * - Of the short commands of one kind that come alone (in process, over REST, without a pipeline, in a script) one in `SHARE`
 *   is timed; the others count as the last that was.
 *
 * With `exact`, for a slow log that wants to see every command, each is timed by itself.
 */
import type { Clock } from '../base/clock.ts'
import { monotonic } from '../base/runtime.ts'
import type { Latencies } from './latencies.ts'

/** Short commands per reading. They take microseconds together, so the frozen time stays true to the millisecond. */
const SHARE = 16

/** How long the frozen time of a pipeline may stand still while commands are timed by themselves. */
const STALE_MS = 0.2

/** How long the commands of a pipeline run before those of others get their turn. Unit: ms. */
export const SLICE_MS = 10

export class Stopwatch {
  readonly #clock: Clock
  readonly #latencies: Latencies
  /** True between `beginBatch` and `endBatch`. */
  batching = false
  /** How many batches have begun: tells one from the next. */
  batches = 0
  exact = false
  /** True if the pipeline has run for its slice: whoever runs it gives way to others, and begins a batch anew. */
  isSliceOver = false
  /** Unix ms at the last reading: the time that commands see. */
  now = 0
  #readAt = 0
  /** A reading of monotonic(): of when `now` was read, within a pipeline. */
  #nowReadAt = 0
  /** The same, of when the batch began. */
  #batchAt = 0
  readonly #shared = new Int32Array(SHARE)
  #count = 0
  /** True if the command that runs now is timed. */
  #isTimed = true

  constructor(clock: Clock, latencies: Latencies) {
    this.#clock = clock
    this.#latencies = latencies
  }

  /** A reading of monotonic(): of when the command that runs began, if it is timed by itself. */
  get readAt(): number {
    return this.#readAt
  }

  /** A pipeline was received. */
  beginBatch(): void {
    this.batching = true
    this.batches++
    this.isSliceOver = false
    this.#read()
    this.#batchAt = this.#readAt
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

  /** A command is about to run that is not timed, and counts its own time: a script of a file or a master. */
  restart(): void {
    this.#readAt = monotonic()
  }

  /** A command is about to run that shares no reading. */
  begin(short: boolean, commandId: number): void {
    if (this.#count !== 0) this.#share()
    this.#isTimed = this.times(short, commandId)
    // Within a pipeline the end of the command before is its beginning.
    if (this.batching && !this.exact) return
    this.now = this.#clock.now()
    if (this.#isTimed) this.#readAt = monotonic()
  }

  /** It was run. Returns how long it took, in microseconds; 0 if it was not timed. */
  end(commandId: number): number {
    if (!this.#isTimed) return 0
    const at = monotonic()
    const microseconds = (at - this.#readAt) * 1000
    this.#latencies.took(commandId, microseconds)
    if (this.batching) {
      this.#readAt = at
      if (at - this.#batchAt >= SLICE_MS) this.isSliceOver = true
      if (at - this.#nowReadAt >= STALE_MS) this.#readNow(at)
    }
    return microseconds
  }

  /** Whether a command is to be timed that shares no reading; one that is not is counted herewith. */
  times(short: boolean, commandId: number): boolean {
    return !short || this.exact || !this.#latencies.assume(commandId, SHARE)
  }

  /** The same of one that is to run inside another. */
  timesNested(short: boolean, commandId: number): boolean {
    return !short || this.exact || !this.#latencies.assumeNested(commandId, SHARE)
  }

  /** A command was run inside another, and began at a reading of `monotonic()`. Returns how long it took, in microseconds. */
  endNested(commandId: number, startedAt: number): number {
    const microseconds = (monotonic() - startedAt) * 1000
    this.#latencies.tookNested(commandId, microseconds)
    return microseconds
  }

  /** The same of one that was run again after it had waited. */
  endRerun(commandId: number, startedAt: number): number {
    const microseconds = (monotonic() - startedAt) * 1000
    this.#latencies.took(commandId, microseconds)
    return microseconds
  }

  #read(): void {
    this.#readAt = monotonic()
    this.#readNow(this.#readAt)
  }

  #readNow(at: number): void {
    this.now = this.#clock.now()
    this.#nowReadAt = at
  }

  /** Splits the time since the last reading among the commands noted since. */
  #share(): void {
    const before = this.#readAt
    this.#read()
    if (this.#readAt - this.#batchAt >= SLICE_MS) this.isSliceOver = true
    this.#latencies.tookTogether(this.#shared, this.#count, (this.#readAt - before) * 1000)
    this.#count = 0
  }
}
