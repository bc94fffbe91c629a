/**
 * The cases of tests/contract in front of a master under three Sentinels, which change masters in the midst of them. A case that the
 * change falls into is run again once it is over; nothing else may fail. Without ZERODIS_TEST_ALL a sample.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer } from '../../lib/server.ts'
import type { Case, Suite } from '../contract/dsl.ts'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { reasonToSkip, runCase } from '../contract/harness/run.ts'
import { isWhole, lengthOf } from '../length.ts'
import { type BehindSentinels, sentinelsBehind } from './behind.ts'
import { isForStreams } from './doors.ts'
import { areSentinelsInstalled } from './fleet.ts'
import { otherwise } from './otherwise.ts'
import { type UpstreamDoor, type UpstreamSubject, upstreamSubject } from './subject.ts'

const modules = import.meta.glob<{ cases: Suite }>(
  '../contract/{string,hash,list,list-blocking,set,sorted-set,stream,expire,pubsub,transactions}.cases.ts',
  { eager: true },
)

/** Of every so many cases one. */
const EVERY: readonly (readonly [UpstreamDoor, number])[] = [
  ['rest', 5],
  ['websocket', 9],
  ['streams', 2],
]
/** A change takes Sentinels ten seconds. */
const CHANGES = lengthOf(['forth'], ['forth', 'back', 'and forth'])

/** They have a channel of their own there. */
const OF_SENTINELS: readonly string[] = [
  'PUBSUB CHANNELS lists the channels that somebody reads, patterns not among them',
  'PUBSUB SHARDCHANNELS and SHARDNUMSUB see shard channels only',
]

/** For so long the Sentinels may take over a change. */
const CHANGE_MS = 15_000

describe.skipIf(genuineVersion === undefined || !areSentinelsInstalled)('in front of Sentinels', () => {
  let running: Promise<BehindSentinels> | undefined
  /** While masters change. */
  let changing: Promise<void> | undefined
  const start = async (): Promise<BehindSentinels> => {
    running ??= sentinelsBehind()
    return { ...(await running), stop: async () => {} }
  }
  beforeAll(async () => void (await start()), 60_000)
  afterAll(async () => (await running)?.stop())

  async function run(subject: UpstreamSubject, each: Case): Promise<void> {
    const begun = changing
    try {
      await runCase(subject, each)
    } catch (error) {
      if (begun === undefined && changing === undefined) throw error
      await (changing ?? begun)
      await runCase(subject, each)
    }
  }

  const doors = EVERY.map(([door, every]) => {
    const subject = upstreamSubject(door, 'Sentinels', start, door !== 'streams')
    const all = Object.values(modules)
      .flatMap(({ cases }) => cases.cases.filter((each) => otherwise(door, cases.group, each) === undefined))
      .filter((each) => !OF_SENTINELS.includes(each.title) && (door !== 'streams' || isForStreams(each)))
      .filter((_, index) => isWhole || index % every === 0)
      .filter((each) => reasonToSkip(subject, each) === undefined)
    const half = Math.floor(all.length / 2)
    return { subject, before: all.slice(0, half), meanwhile: all.slice(0, 10), after: all.slice(half) }
  })
  afterAll(() => Promise.all(doors.map(({ subject }) => subject.close!())))

  describe.each(doors.filter(({ before }) => before.length > 0))(
    '$subject.label, before masters change',
    ({ subject, before }) => {
      for (const each of before) test(each.title, () => run(subject, each))
    },
  )

  test.each(CHANGES)(
    'masters change (%s), and cases go on meanwhile',
    async () => {
      const { set } = await start()
      changing = set.failover(CHANGE_MS)
      for (const { subject, meanwhile } of doors) for (const each of meanwhile) await run(subject, each)
      await changing
      changing = undefined
      expect(await set.roles()).toEqual(['master', 'slave'])
    },
    60_000,
  )

  describe.each(doors)('$subject.label, after masters have changed', ({ subject, after }) => {
    for (const each of after) test(each.title, () => run(subject, each))
  })

  test('transactions, and what waits, are for the new master when masters change', async () => {
    const { set } = await start()
    const server = createServer({ upstream: set.url, 'rest-token': 'token', log: () => {} })
    const transaction = async (): Promise<string> => {
      const request = new Request('http://store.test/multi-exec', {
        method: 'POST',
        headers: { authorization: 'Bearer token' },
        body: '[["INCR","changes"],["GET","changes"]]',
      })
      const json = (await (await server.fetch(request)).json()) as { readonly error?: string }
      return json.error ?? ''
    }
    expect(await transaction()).toBe('')
    const errors = new Set<string>()
    let isOver = false
    const running = (async () => {
      while (!isOver) {
        errors.add(await transaction())
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
    const popped = Promise.resolve(server.execute('BLPOP', 'queue', 30)).catch((error: Error) => error.message)
    await set.failover(CHANGE_MS)
    isOver = true
    await running
    expect(await transaction()).toBe('')
    expect(await server.execute('RPUSH', 'queue', 'x')).toBe(1)
    // Sentinel may end the connections of a master that is to be a replica: who waited there is told that it may have run.
    expect(JSON.stringify(await popped)).toMatch(/^\["queue","x"\]$|ERR upstream .* may have run/)
    for (const error of errors) expect(error).toMatch(/^$|^ERR upstream |^READONLY /)
    await server.close()
  }, 40_000)
})
