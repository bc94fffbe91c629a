/** The cases of tests/contract over REST, in front of a genuine Cluster: those whose keys stand in one slot. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import type { Suite } from '../contract/dsl.ts'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { Mismatch, reasonToSkip, runCase } from '../contract/harness/run.ts'
import { restClient, type Subject } from '../contract/harness/subjects.ts'
import { GenuineCluster, isClusterInstalled } from './fleet.ts'

const modules = import.meta.glob<{ cases: Suite }>(
  '../contract/{string,hash,list,set,sorted-set,stream,bitmap,hyperloglog,geo,expire}.cases.ts',
  {
    eager: true,
  },
)

/** What a node answers that is no fault of ours: keys of several slots, another database. */
const OF_A_CLUSTER = /CROSSSLOT|SELECT is not allowed in cluster mode|DB index is out of range/

const DIFFERENT: Readonly<Record<string, string>> = {
  'every reader that waits gets the entry': 'who waits is counted here, a moment before it waits there',
}

describe.skipIf(genuineVersion === undefined || !isClusterInstalled)('REST in front of a Cluster', () => {
  let cluster: GenuineCluster
  let server: Server

  beforeAll(async () => {
    cluster = await GenuineCluster.start()
    server = createServer({ upstream: cluster.url, 'rest-token': 'token', log: () => {} })
  }, 60_000)
  afterAll(async () => {
    await server?.close()
    await cluster?.stop()
  })

  const subject: Subject = {
    name: 'rest',
    label: 'REST in front of a genuine Cluster',
    mode: { proto: 2, rest: true, upstash: true, exactDoubles: false },
    movesClock: false,
    ...(genuineVersion !== undefined && { version: genuineVersion }),
    async open() {
      await server.execute('FLUSHALL')
      return {
        connect: async () => restClient(server),
        async blocked() {
          const info = (await server.execute('INFO', 'upstream')) as string
          return Number(/upstream_blocked_clients:(\d+)/.exec(info)![1])
        },
        close: async () => {},
      }
    },
  }

  for (const { cases } of Object.values(modules)) {
    describe(cases.group, () => {
      for (const each of cases.cases) {
        const reason = DIFFERENT[each.title] ?? each.skip?.genuine ?? reasonToSkip(subject, each)
        test(each.title, async (context) => {
          if (reason !== undefined) return context.skip(reason)
          try {
            await runCase(subject, each)
          } catch (error) {
            if (error instanceof Mismatch && OF_A_CLUSTER.test(error.message)) return context.skip('of a Cluster')
            throw error
          }
        })
      }
    })
  }
})
