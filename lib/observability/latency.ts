/**
 * The latency monitor: for each kind of event (`command`, `fast-command`, `eviction-cycle`), the worst delay of each second in which one
 * passed `latency-monitor-threshold`, the last 160 of them. Off while the threshold is 0.
 */
import type { Bytes } from '../base/bytes.ts'
import type { LatencyPort, LatencySample, LatencySeries } from '../session/ports.ts'

const SAMPLES = 160

export class LatencyMonitor implements LatencyPort {
  readonly #series = new Map<Bytes, { samples: LatencySample[]; max: number }>()

  /** Notes a delay. `now` in unix ms, `delay` in ms. */
  add(event: Bytes, delay: number, now: number): void {
    const time = Math.floor(now / 1000)
    let series = this.#series.get(event)
    if (series === undefined) this.#series.set(event, (series = { samples: [], max: 0 }))
    series.max = Math.max(series.max, delay)
    const last = series.samples.at(-1)
    if (last !== undefined && last.time === time) {
      if (delay > last.delay) series.samples[series.samples.length - 1] = { time, delay }
      return
    }
    series.samples.push({ time, delay })
    if (series.samples.length > SAMPLES) series.samples.shift()
  }

  get events(): readonly Bytes[] {
    return [...this.#series.keys()]
  }

  series(event: Bytes): LatencySeries | undefined {
    return this.#series.get(event)
  }

  reset(event: Bytes): boolean {
    return this.#series.delete(event)
  }
}
