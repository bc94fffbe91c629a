/**
 * For `globalSetup` of Jest, Vitest and Playwright: opens a store for each worker, which finds it by `workerServer()` of
 * `zerodis/testing`. Vitest and Playwright close the stores by the function that is returned; under Jest they end with its process.
 */
import { availableParallelism } from 'node:os'
import { openWorkerServers } from './testing/workers.ts'

/** What is known of the run: Jest and Vitest say `maxWorkers`, Playwright `workers`. */
interface Run {
  readonly maxWorkers?: number
  readonly workers?: number
  readonly config?: { readonly maxWorkers?: number | string }
}

export default function setup(run: Run = {}): Promise<() => Promise<void>> {
  const { maxWorkers = run.config?.maxWorkers, workers } = run
  return openWorkerServers(typeof maxWorkers === 'number' ? maxWorkers : (workers ?? availableParallelism()))
}
