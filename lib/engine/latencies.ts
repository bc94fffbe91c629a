/**
 * How long commands took, by `Command.id`: a sum, which INFO commandstats prints, and a histogram, as LATENCY HISTOGRAM and
 * INFO latencystats print it. The buckets are those of the HDR histogram that Redis uses (nanoseconds to one second, two
 * significant digits): values below 256 have a bucket each, and every doubling above is divided into 128 equal ones. A
 * command that was never called has none.
 *
 * A call that nobody timed counts as the last of its command that somebody did. Such calls are only counted until then, and
 * settled when another is timed or somebody asks.
 */

const SUB_BUCKETS = 128
const MAX_NANOSECONDS = 1_000_000_000
const SLOTS = slotOf(MAX_NANOSECONDS) + 1

/** The bucket of a duration in whole nanoseconds. */
function slotOf(nanoseconds: number): number {
  const shift = nanoseconds < 256 ? 0 : 24 - Math.clz32(nanoseconds)
  return shift * SUB_BUCKETS + (nanoseconds >>> shift)
}

/** The bucket of a duration in microseconds. */
function bucketOf(microseconds: number): number {
  return slotOf(Math.min(MAX_NANOSECONDS, Math.max(0, Math.round(microseconds * 1000))))
}

/** The largest duration that falls into a bucket. */
function highestOf(slot: number): number {
  const shift = slot < 256 ? 0 : Math.floor(slot / SUB_BUCKETS) - 1
  return ((slot - shift * SUB_BUCKETS + 1) << shift) - 1
}

export class Latencies {
  readonly #histograms: (Uint32Array | undefined)[] = []
  readonly #microseconds: Float64Array
  /** What the last call took that was timed, in microseconds (0: none was), and its bucket. */
  readonly #last: Float64Array
  readonly #lastSlot: Int32Array
  /** Calls since then that were not. */
  readonly #untimed: Uint32Array
  /** Of all that is counted, what ran inside another command, whose time it is part of. Unit: microseconds. */
  #nested = 0
  #enabled = true

  constructor(commandCount: number) {
    this.#microseconds = new Float64Array(commandCount)
    this.#last = new Float64Array(commandCount)
    this.#lastSlot = new Int32Array(commandCount)
    this.#untimed = new Uint32Array(commandCount)
  }

  /** `latency-tracking`: whether the histograms are kept. */
  set enabled(enabled: boolean) {
    for (let commandId = 0; commandId < this.#untimed.length; commandId++) this.#settle(commandId)
    this.#enabled = enabled
  }

  /** A call was timed. */
  took(commandId: number, microseconds: number): void {
    this.#settle(commandId)
    const slot = bucketOf(microseconds)
    this.#last[commandId] = microseconds
    this.#lastSlot[commandId] = slot
    this.#add(commandId, microseconds, slot, 1)
  }

  /** The first `count` of these commands were timed together. */
  tookTogether(commandIds: Int32Array, count: number, microseconds: number): void {
    const each = microseconds / count
    const slot = bucketOf(each)
    for (let i = 0; i < count; i++) this.#add(commandIds[i], each, slot, 1)
  }

  /** The same of a call inside another command. */
  tookNested(commandId: number, microseconds: number): void {
    this.took(commandId, microseconds)
    this.#nested += microseconds
  }

  /** `assume` of a call inside another command. */
  assumeNested(commandId: number, share: number): boolean {
    if (!this.assume(commandId, share)) return false
    this.#nested += this.#last[commandId]
    return true
  }

  /** Counts a call that is not timed. False, and it is not counted: it is one of those that should be, one in `share`. */
  assume(commandId: number, share: number): boolean {
    if (this.#last[commandId] === 0) return false
    if (++this.#untimed[commandId] < share) return true
    this.#untimed[commandId]--
    this.#settle(commandId)
    return false
  }

  #settle(commandId: number): void {
    const calls = this.#untimed[commandId]
    if (calls === 0) return
    this.#untimed[commandId] = 0
    this.#add(commandId, calls * this.#last[commandId], this.#lastSlot[commandId], calls)
  }

  #add(commandId: number, microseconds: number, slot: number, calls: number): void {
    this.#microseconds[commandId] += microseconds
    if (!this.#enabled) return
    const histogram = (this.#histograms[commandId] ??= new Uint32Array(SLOTS))
    histogram[slot] += calls
  }

  #settled(commandId: number): Uint32Array | undefined {
    this.#settle(commandId)
    return this.#histograms[commandId]
  }

  /** What all calls of all commands took, those inside others as part of them. Unit: microseconds. */
  get total(): number {
    let total = -this.#nested
    for (let commandId = 0; commandId < this.#untimed.length; commandId++) total += this.microseconds(commandId)
    return total
  }

  /** What all calls of a command took. */
  microseconds(commandId: number): number {
    this.#settle(commandId)
    return this.#microseconds[commandId]
  }

  /** Number of calls counted for a command. */
  count(commandId: number): number {
    return this.#settled(commandId)?.reduce((sum, count) => sum + count, 0) ?? 0
  }

  /** The duration that `percent` of a command's calls did not exceed. Unit: microseconds. */
  percentile(commandId: number, percent: number): number {
    const histogram = this.#settled(commandId)
    if (histogram === undefined) return 0
    const needed = Math.max(1, Math.floor((percent / 100) * this.count(commandId) + 0.5))
    let seen = 0
    for (let slot = 0; slot < histogram.length; slot++) {
      seen += histogram[slot]
      if (seen >= needed) return highestOf(slot) / 1000
    }
    return 0
  }

  /** Upper bounds in microseconds, doubling, and how many calls took no longer; bounds that add no call are left out. */
  distribution(commandId: number): [microseconds: number, calls: number][] {
    const histogram = this.#settled(commandId)
    const bounds: [number, number][] = []
    if (histogram === undefined) return bounds
    let seen = 0
    let slot = 0
    for (let bound = 1024; slot < histogram.length; bound *= 2) {
      const last = slotOf(Math.min(bound, MAX_NANOSECONDS))
      const before = seen
      for (; slot <= last; slot++) seen += histogram[slot]
      if (seen > before) bounds.push([Math.floor(highestOf(last) / 1000), seen])
    }
    return bounds
  }

  reset(): void {
    this.#histograms.length = 0
    this.#microseconds.fill(0)
    this.#untimed.fill(0)
    this.#nested = 0
  }
}
