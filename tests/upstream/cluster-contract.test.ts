/**
 * The cases of tests/contract in front of a genuine Cluster, those whose keys stand in one slot: over REST, in process, and by streams
 * of events and RESP over a WebSocket, which go through the engine there. Without ZERODIS_TEST_ALL a sample.
 */
import { afterAll, describe, test } from 'vitest'
import type { Suite } from '../contract/dsl.ts'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { Mismatch, reasonToSkip, runCase } from '../contract/harness/run.ts'
import { type Behind, clusterBehind } from './behind.ts'
import { isForStreams } from './doors.ts'
import { isClusterInstalled } from './fleet.ts'
import { otherwise, publishedAnywhere } from './otherwise.ts'
import { type UpstreamDoor, upstreamSubject } from './subject.ts'

const modules = import.meta.glob<{ cases: Suite }>(
  '../contract/{string,hash,list,list-blocking,list-move,set,sorted-set,stream,bitmap,hyperloglog,geo,expire,pubsub,transactions}.cases.ts',
  { eager: true },
)

/** What a node answers that is no fault of ours: keys of several slots, another database. */
const OF_A_CLUSTER = /CROSSSLOT|(SELECT|SWAPDB) is not allowed in cluster mode|DB index is out of range/

/** Of every so many cases one. */
const EVERY: readonly (readonly [UpstreamDoor, number])[] = [
  ['rest', 3],
  ['inprocess', 10],
  ['websocket', 5],
  ['streams', 1],
]
const isWhole = process.env['ZERODIS_TEST_ALL'] !== undefined

describe.skipIf(genuineVersion === undefined || !isClusterInstalled)('in front of a Cluster', () => {
  let cluster: Promise<Behind> | undefined
  /** One for all doors. */
  const start = async (): Promise<Behind> => {
    cluster ??= clusterBehind()
    return { ...(await cluster), stop: async () => {} }
  }
  afterAll(async () => (await cluster)?.stop())

  for (const [door, every] of EVERY) {
    const subject = upstreamSubject(door, 'a genuine Cluster', start, door === 'rest' || door === 'inprocess')
    describe(subject.label, () => {
      afterAll(() => subject.close!())
      let index = 0
      for (const { cases } of Object.values(modules)) {
        const chosen = cases.cases
          .filter((each) => door !== 'streams' || isForStreams(each))
          .filter(() => isWhole || index++ % every === 0)
        if (chosen.length === 0) continue
        describe(cases.group, () => {
          for (const each of chosen) {
            const reason = otherwise(door, cases.group, each, true) ?? reasonToSkip(subject, each)
            test(each.title, async (context) => {
              if (reason !== undefined) return context.skip(reason)
              try {
                await runCase(subject, publishedAnywhere(each))
              } catch (error) {
                if (error instanceof Mismatch && OF_A_CLUSTER.test(error.message)) return context.skip('of a Cluster')
                throw error
              }
            })
          }
        })
      }
    })
  }
})
