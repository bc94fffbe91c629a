/**
 * Commands and bytes per second, as INFO's `instantaneous_` fields: the mean of the last sixteen samples, which the
 * server's cron takes ten times a second.
 */
import { monotonic } from '../base/clock.ts'
import type { Engine } from '../engine/engine.ts'

const SAMPLES = 16

/** A figure that only grows, turned into its speed. */
class Rate {
  readonly #samples = new Float64Array(SAMPLES)
  #next = 0
  #last = 0

  sample(total: number, seconds: number): void {
    this.#samples[this.#next] = Math.max(0, total - this.#last) / seconds
    this.#next = (this.#next + 1) % SAMPLES
    this.#last = total
  }

  get perSecond(): number {
    return this.#samples.reduce((sum, sample) => sum + sample, 0) / SAMPLES
  }

  reset(): void {
    this.#samples.fill(0)
    this.#last = 0
  }
}

export class Rates {
  readonly #engine: Engine
  readonly #commands = new Rate()
  readonly #input = new Rate()
  readonly #output = new Rate()
  #sampledAt = monotonic()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Takes a sample; the cron calls it every 100 ms or so. */
  sample(): void {
    const now = monotonic()
    const seconds = (now - this.#sampledAt) / 1000
    if (seconds <= 0) return
    this.#sampledAt = now
    const { stats } = this.#engine
    this.#commands.sample(stats.commands, seconds)
    this.#input.sample(stats.netInputBytes, seconds)
    this.#output.sample(stats.netOutputBytes, seconds)
  }

  reset(): void {
    for (const rate of [this.#commands, this.#input, this.#output]) rate.reset()
  }

  get commandsPerSecond(): number {
    return this.#commands.perSecond
  }

  get inputBytesPerSecond(): number {
    return this.#input.perSecond
  }

  get outputBytesPerSecond(): number {
    return this.#output.perSecond
  }
}
