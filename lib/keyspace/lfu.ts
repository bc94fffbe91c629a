/**
 * Redis's LFU word: 16 bits of minutes (when the counter last decayed) above 8 bits of a logarithmic counter. A counter
 * at c rises with probability 1 / ((c - 5) * lfu-log-factor + 1), so 255 stands for about a million accesses at factor
 * 10, and falls by one per `lfu-decay-time` minutes without access. Source: Redis's documentation of LFU eviction.
 */

export const LFU_INITIAL = 5

export interface LfuClock {
  readonly nowMinutes: number
  readonly lfuLogFactor: number
  /** Minutes per step of decay; 0 never decays. */
  readonly lfuDecayTime: number
}

/** The word of a key that was just made. */
export function initialFrequency(clock: LfuClock): number {
  return ((clock.nowMinutes & 0xffff) << 8) | LFU_INITIAL
}

/** The counter of a word after the decay due by now; 0 to 255. */
export function decayedFrequency(word: number, clock: LfuClock): number {
  const counter = word & 255
  if (clock.lfuDecayTime === 0) return counter
  const idleMinutes = ((clock.nowMinutes & 0xffff) - (word >>> 8) + 0x10000) & 0xffff
  return Math.max(0, counter - Math.floor(idleMinutes / clock.lfuDecayTime))
}

/** The word after one more access. */
export function touchFrequency(word: number, clock: LfuClock): number {
  let counter = decayedFrequency(word, clock)
  if (counter < 255) {
    const aboveInitial = Math.max(0, counter - LFU_INITIAL)
    if (Math.random() < 1 / (aboveInitial * clock.lfuLogFactor + 1)) counter++
  }
  return ((clock.nowMinutes & 0xffff) << 8) | counter
}
