/**
 * How long commands took, as one histogram per command: what LATENCY HISTOGRAM and INFO latencystats print. The buckets
 * are those of the HDR histogram that Redis uses (nanoseconds to one second, two significant digits): values below 256
 * have a bucket each, and every doubling above is divided into 128 equal ones. A command that was never called has none.
 */

const SUB_BUCKETS = 128
const MAX_NANOSECONDS = 1_000_000_000
const SLOTS = slotOf(MAX_NANOSECONDS) + 1

/** The bucket of a duration in whole nanoseconds. */
function slotOf(nanoseconds: number): number {
  const shift = nanoseconds < 256 ? 0 : 24 - Math.clz32(nanoseconds)
  return shift * SUB_BUCKETS + (nanoseconds >>> shift)
}

/** The largest duration that falls into a bucket. */
function highestOf(slot: number): number {
  const shift = slot < 256 ? 0 : Math.floor(slot / SUB_BUCKETS) - 1
  return ((slot - shift * SUB_BUCKETS + 1) << shift) - 1
}

export class Latencies {
  readonly #histograms: (Uint32Array | undefined)[] = []
  /** `latency-tracking`. */
  enabled = true

  /** The bucket of a duration. Unit: microseconds. */
  slot(microseconds: number): number {
    return slotOf(Math.min(MAX_NANOSECONDS, Math.max(0, Math.round(microseconds * 1000))))
  }

  /** Counts a call of a command in a bucket. */
  add(commandId: number, slot: number): void {
    const histogram = (this.#histograms[commandId] ??= new Uint32Array(SLOTS))
    histogram[slot]++
  }

  /** Number of calls counted for a command. */
  count(commandId: number): number {
    return this.#histograms[commandId]?.reduce((sum, count) => sum + count, 0) ?? 0
  }

  /** The duration that `percent` of a command's calls did not exceed. Unit: microseconds. */
  percentile(commandId: number, percent: number): number {
    const histogram = this.#histograms[commandId]
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
    const histogram = this.#histograms[commandId]
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
  }
}
