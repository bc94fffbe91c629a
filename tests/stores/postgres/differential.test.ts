/**
 * Every generator of tests/differential, on a store that is shared through PostgreSQL: it answers as genuine Redis does, and a process that
 * has nothing but the log holds the same. ZERODIS_FUZZ_OPS and ZERODIS_FUZZ_SEED are those of types.test.ts.
 */
import { afterAll, beforeAll, describe } from 'vitest'
import { describeDifferential } from '../differential.ts'
import { Cluster, NO_POSTGRES } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  if (NO_POSTGRES === undefined) cluster = await Cluster.start()
}, 60_000)
afterAll(() => cluster?.close())

describe.skipIf(NO_POSTGRES !== undefined)('PostgreSQL', () => {
  describeDifferential((name) => ({ store: cluster.url, 'store-name': name, 'store-consistency': 'strong' }))
})
