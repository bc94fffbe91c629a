/**
 * A store for each worker of a test run, opened once before the run (`zerodis/global-setup`) and reached over TCP and REST. For
 * suites whose tests share what is slow to set up, or whose code under test runs in other processes.
 */
import { createTestServer } from './server.ts'

/** Where a worker finds its store. */
export interface WorkerServer {
  readonly url: string
  readonly restUrl: string
  readonly token: string
}

/** Through it the addresses reach the workers, which inherit the environment. */
const VARIABLE = 'ZERODIS_TEST_SERVERS'

/** What runners number their workers by, from 1; Playwright from 0. */
const WORKER_IDS = ['JEST_WORKER_ID', 'VITEST_POOL_ID'] as const
const WORKER_INDEX = 'TEST_PARALLEL_INDEX'

/** Opens so many stores and tells the workers. Returns their end. @throws RangeError unless `count` is a positive integer */
export async function openWorkerServers(count: number): Promise<() => Promise<void>> {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`a test run has no ${count} workers`)
  const stores = await Promise.all(Array.from({ length: count }, () => createTestServer()))
  process.env[VARIABLE] = JSON.stringify(stores.map(({ url, restUrl, token }) => ({ url, restUrl, token })))
  return async () => {
    delete process.env[VARIABLE]
    await Promise.all(stores.map((store) => store.close()))
  }
}

/**
 * The store of the worker in which this runs. @throws Error where `zerodis/global-setup` has not run before, or not with as many
 * stores as there are workers
 */
export function workerServer(): WorkerServer {
  const servers = JSON.parse(process.env[VARIABLE] ?? '[]') as readonly WorkerServer[]
  if (servers.length === 0) throw new Error("no store was opened: add 'zerodis/global-setup' to globalSetup")
  const index = workerIndex()
  const server = servers[index]
  if (server === undefined) throw new Error(`worker ${index + 1} has no store: ${servers.length} were opened`)
  return server
}

function workerIndex(): number {
  for (const name of WORKER_IDS) if (process.env[name] !== undefined) return Number(process.env[name]) - 1
  return Number(process.env[WORKER_INDEX] ?? 0)
}
