/** Seeded randomness: the same seed makes the same commands on every machine. */
import type { Bytes } from '../../lib/base/bytes.ts'

/**
 * The seed of a run: ZERODIS_FUZZ_SEED, or else always the same, so that a change is judged by what it changed; `random` draws
 * a new one, to look for what no run has met yet.
 */
export function seedOfRun(): number {
  const given = process.env.ZERODIS_FUZZ_SEED
  if (given === undefined) return 20_261_121
  return given === 'random' ? Math.floor(Math.random() * 2 ** 32) : Number(given)
}

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Uniform in [0, 1). Mulberry32: small, quick, and good enough to choose commands. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 15), z | 1)
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61)
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32
  }

  /** An integer from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]
  }

  /** One of the items, by weight: `[[10, 'often'], [1, 'seldom']]`. */
  weighted<T>(list: readonly (readonly [number, T])[]): T {
    let total = 0
    for (const [weight] of list) total += weight
    let left = this.next() * total
    for (const [weight, item] of list) if ((left -= weight) < 0) return item
    return list[list.length - 1][1]
  }

  /** Between `min` and `max` items, each made anew. */
  times<T>(min: number, max: number, make: () => T): T[] {
    return Array.from({ length: this.integer(min, max) }, make)
  }

  /** Any bytes. */
  bytes(min: number, max: number): Bytes {
    let bytes = ''
    for (let left = this.integer(min, max); left > 0; left--) bytes += String.fromCharCode(this.integer(0, 255))
    return bytes
  }
}
