/**
 * How much memory the process uses, sampled: asking the operating system costs more than a command, so a figure is kept
 * for `FRESH_MS`. `used` is what JavaScript holds (its heap in use and the buffers outside of it), which is the nearest
 * there is to Redis's used_memory; it includes the program that hosts the store.
 */

const FRESH_MS = 100
const PEAK_MS = 1000

export interface MemoryFigures {
  /** Heap in use and external buffers. Unit: bytes, as all here. */
  readonly used: number
  readonly heapUsed: number
  readonly heapTotal: number
  readonly external: number
  readonly rss: number
}

export class Memory {
  #figures: MemoryFigures
  #sampledAt: number
  #peak: number
  /** What was in use when the store was made. */
  readonly atStart: number

  constructor() {
    this.#figures = sample()
    this.#sampledAt = performance.now()
    this.atStart = this.#figures.used
    this.#peak = this.atStart
  }

  /** At most `FRESH_MS` old. */
  get figures(): MemoryFigures {
    if (performance.now() - this.#sampledAt > FRESH_MS) {
      this.#figures = sample()
      this.#sampledAt = performance.now()
      this.#peak = Math.max(this.#peak, this.#figures.used)
    }
    return this.#figures
  }

  /** Takes a sample now and then although nobody asks, so that the peak is seen. */
  watchPeak(): void {
    if (performance.now() - this.#sampledAt > PEAK_MS) void this.figures
  }

  /** The most that any sample saw in use. */
  get peak(): number {
    return Math.max(this.#peak, this.figures.used)
  }
}

function sample(): MemoryFigures {
  const { heapUsed, heapTotal, external, rss } = process.memoryUsage()
  return { used: heapUsed + external, heapUsed, heapTotal, external, rss }
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
