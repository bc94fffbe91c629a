/** What people share a store for, on PostgreSQL. */
import { afterAll, beforeAll, describe } from 'vitest'
import { describeUses } from '../uses.ts'
import { Cluster, NO_POSTGRES } from './cluster.ts'

let cluster: Cluster
beforeAll(async () => {
  if (NO_POSTGRES === undefined) cluster = await Cluster.start()
}, 60_000)
afterAll(() => cluster?.close())

let number = 0
describe.skipIf(NO_POSTGRES !== undefined)('three processes', () => {
  describeUses('PostgreSQL', () => ({ store: cluster.url, 'store-name': `uses${++number}` }))
})
