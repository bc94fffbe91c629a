/**
 * What `import … from 'zerodis/testing'` gives: Redis for tests, a store of its own for each, in this process.
 *
 *     import { createTestServer } from 'zerodis/testing'
 *     import { Redis } from 'ioredis'
 *
 *     const test = await createTestServer()
 *     const redis = new Redis({ Connector: test.Connector }) // or new Redis(test.url)
 *     await redis.set('session', 'x', 'EX', 60)
 *     test.clock.advance(61_000)
 *     await redis.get('session') // null
 *     await test.close()
 */
export type { TestTime } from './testing/clock.ts'
export { createTestCluster, type TestCluster, type TestClusterOptions, type TestNode } from './testing/cluster.ts'
export type { Faults } from './testing/faults.ts'
export { type Fixtures, fixtures, type TestContext, testServer } from './testing/fixtures.ts'
export { createTestServer, type TestServer, type TestServerOptions, type TestSnapshot } from './testing/server.ts'
export { openWorkerServers, type WorkerServer, workerServer } from './testing/workers.ts'
export type { Connector } from './transports/connector.ts'
