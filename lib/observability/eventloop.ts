/**
 * What the event loop of this thread has done since somebody first asked, as the store's cron does ten times a second: its iterations
 * and the time in which it did not wait. Node counts both by itself (libuv's metrics), so nothing is added to the loop. They are those
 * of the whole program: where an application hosts the store, its work is in them. A runtime that does not tell has 0.
 */
import { performance } from 'node:perf_hooks'

/** Those of Node's figures that other runtimes may lack. */
interface Told {
  readonly nodeTiming?: { readonly uvMetricsInfo?: { readonly loopCount: number } }
  eventLoopUtilization?(): { readonly active: number }
}

/** Node loads it when it is first asked, so that the start of a store does not wait for it. */
const told = (): Told => performance

const loopCount = (): number => told().nodeTiming?.uvMetricsInfo?.loopCount ?? 0
const activeMs = (): number => told().eventLoopUtilization?.().active ?? 0

interface Reading {
  readonly cycles: number
  readonly activeMs: number
}

const read = (): Reading => ({ cycles: loopCount(), activeMs: activeMs() })

export class EventLoop {
  #before: Reading | undefined

  get cycles(): number {
    return loopCount() - this.#begun.cycles
  }

  /** Time spent in cycles, their waiting for something to happen left out. */
  get microseconds(): number {
    return (activeMs() - this.#begun.activeMs) * 1000
  }

  reset(): void {
    this.#before = read()
  }

  get #begun(): Reading {
    return (this.#before ??= read())
  }
}
