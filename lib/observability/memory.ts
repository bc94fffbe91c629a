/**
 * How much memory is used, by two measures. `used` is the store's own account, which is what `maxmemory` limits. The
 * figures of V8 and of the operating system include the program that hosts the store and what is not yet collected; they
 * are sampled, as asking costs more than a command, and kept for `FRESH_MS`.
 */
import { monotonic } from '../base/clock.ts'

const FRESH_MS = 100
const PEAK_MS = 1000

/** What the store holds, in bytes. */
export interface Account {
  /** Keys and values. */
  readonly data: number
  /** A store without keys and clients. */
  readonly startup: number
  readonly clients: number
  /** What waits to be sent to replicas, which does not count against `maxmemory`. */
  readonly replicas: number
}

/** What the process holds, in bytes. */
export interface ProcessFigures {
  readonly heapUsed: number
  readonly heapTotal: number
  readonly external: number
  readonly rss: number
}

export class Memory {
  readonly #account: () => Account
  #figures = sample()
  #sampledAt = monotonic()
  #peak = 0
  #peakAt = 0

  constructor(account: () => Account) {
    this.#account = account
  }

  get account(): Account {
    return this.#account()
  }

  get used(): number {
    const { data, startup, clients, replicas } = this.#account()
    const used = data + startup + clients + replicas
    this.#peak = Math.max(this.#peak, used)
    return used
  }

  /** At most `FRESH_MS` old. */
  get figures(): ProcessFigures {
    if (monotonic() - this.#sampledAt > FRESH_MS) {
      this.#figures = sample()
      this.#sampledAt = monotonic()
    }
    return this.#figures
  }

  /** Looks now and then although nobody asks, so that the peak is seen. */
  watchPeak(): void {
    if (monotonic() - this.#peakAt < PEAK_MS) return
    this.#peakAt = monotonic()
    void this.used
  }

  /** The most that was ever seen in use. */
  get peak(): number {
    return Math.max(this.#peak, this.used)
  }
}

function sample(): ProcessFigures {
  const { heapUsed, heapTotal, external, rss } = process.memoryUsage()
  return { heapUsed, heapTotal, external, rss }
}

/** A number of bytes as INFO's `_human` fields print it: `1.06M`. */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  let unit = -1
  do {
    bytes /= 1024
    unit++
  } while (bytes >= 1024 && unit < 4)
  return bytes.toFixed(2) + 'KMGTP'[unit]
}
