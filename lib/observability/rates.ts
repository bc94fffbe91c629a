/**
 * INFO's `instantaneous_` fields: commands, bytes and cycles per second, and the duration of a cycle, each the mean of the
 * last sixteen samples, which the server's cron takes ten times a second.
 */
import { monotonic } from '../base/runtime.ts'
import type { Engine } from '../engine/engine.ts'
import type { EventLoop } from './eventloop.ts'

const SAMPLES = 16

/** A figure that only grows, turned into its growth per unit of another: its speed, if that is time. */
class Rate {
  readonly #samples = new Float64Array(SAMPLES)
  #next = 0
  #last = 0

  /** @param base what the other figure has grown by */
  sample(total: number, base: number): void {
    this.#samples[this.#next] = base === 0 ? 0 : Math.max(0, total - this.#last) / base
    this.#next = (this.#next + 1) % SAMPLES
    this.#last = total
  }

  get mean(): number {
    return this.#samples.reduce((sum, sample) => sum + sample, 0) / SAMPLES
  }

  reset(): void {
    this.#samples.fill(0)
    this.#last = 0
  }
}

export class Rates {
  readonly #engine: Engine
  readonly #loop: EventLoop
  readonly #commands = new Rate()
  readonly #input = new Rate()
  readonly #output = new Rate()
  readonly #replicationInput = new Rate()
  readonly #replicationOutput = new Rate()
  readonly #cycles = new Rate()
  readonly #cycleMicroseconds = new Rate()
  #sampledAt = monotonic()
  #cyclesBefore = 0

  constructor(engine: Engine, loop: EventLoop) {
    this.#engine = engine
    this.#loop = loop
  }

  /** Takes a sample; the cron calls it every 100 ms or so. */
  sample(): void {
    const now = monotonic()
    const seconds = (now - this.#sampledAt) / 1000
    if (seconds <= 0) return
    this.#sampledAt = now
    const { stats } = this.#engine
    const { cycles, microseconds } = this.#loop
    this.#commands.sample(stats.commands, seconds)
    this.#input.sample(stats.netInputBytes, seconds)
    this.#output.sample(stats.netOutputBytes, seconds)
    this.#replicationInput.sample(stats.replicationInputBytes, seconds)
    this.#replicationOutput.sample(stats.replicationOutputBytes, seconds)
    this.#cycles.sample(cycles, seconds)
    this.#cycleMicroseconds.sample(microseconds, cycles - this.#cyclesBefore)
    this.#cyclesBefore = cycles
  }

  reset(): void {
    const all = [this.#commands, this.#input, this.#output, this.#replicationInput, this.#replicationOutput]
    for (const rate of [...all, this.#cycles, this.#cycleMicroseconds]) rate.reset()
    this.#cyclesBefore = 0
  }

  get commandsPerSecond(): number {
    return this.#commands.mean
  }

  get inputBytesPerSecond(): number {
    return this.#input.mean
  }

  get outputBytesPerSecond(): number {
    return this.#output.mean
  }

  get replicationInputBytesPerSecond(): number {
    return this.#replicationInput.mean
  }

  get replicationOutputBytesPerSecond(): number {
    return this.#replicationOutput.mean
  }

  get cyclesPerSecond(): number {
    return this.#cycles.mean
  }

  get microsecondsPerCycle(): number {
    return this.#cycleMicroseconds.mean
  }
}
