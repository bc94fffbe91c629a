/**
 * What the event loop of this thread has done since the store was made: its iterations and the time in which it did not wait.
 * Node counts both by itself (libuv's metrics), so nothing is added to the loop. They are those of the whole program: where
 * an application hosts the store, its work is in them. A runtime that does not tell has 0.
 */
import { performance } from 'node:perf_hooks'

/** Those of Node's figures that other runtimes may lack. */
interface Told {
  readonly nodeTiming?: { readonly uvMetricsInfo?: { readonly loopCount: number } }
  eventLoopUtilization?(): { readonly active: number }
}

const told: Told = performance

const loopCount = (): number => told.nodeTiming?.uvMetricsInfo?.loopCount ?? 0
const activeMs = (): number => told.eventLoopUtilization?.().active ?? 0

export class EventLoop {
  #cyclesBefore = loopCount()
  #activeBefore = activeMs()

  get cycles(): number {
    return loopCount() - this.#cyclesBefore
  }

  /** Time spent in cycles, their waiting for something to happen left out. */
  get microseconds(): number {
    return (activeMs() - this.#activeBefore) * 1000
  }

  reset(): void {
    this.#cyclesBefore = loopCount()
    this.#activeBefore = activeMs()
  }
}
