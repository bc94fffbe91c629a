/** Calls in this process answer, change, count and tell the same whether they run by places or as text. */
import { isDeepStrictEqual } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { createServer, type Server } from '../../lib/server.ts'
import type { InProcessDoor } from '../../lib/transports/inprocess.ts'
import type { Argument } from '../../lib/transports/values.ts'
import { Random, seedOfRun } from '../differential/random.ts'
import { PlacedWatch } from './placedwatch.ts'

const seed = seedOfRun()

class Subject {
  readonly server: Server
  readonly door: InProcessDoor
  readonly watch: PlacedWatch

  constructor(takesPlaces: boolean) {
    this.server = createServer({ clock: new ManualClock(), log() {} })
    this.watch = new PlacedWatch(this.server, takesPlaces)
    this.door = this.server.inProcess()
  }

  /** What a call gives, or throws. */
  outcome(args: readonly Argument[], asText: boolean, isOwn: boolean): unknown {
    const { door, server } = this
    try {
      if (isOwn) return asText ? door.execute(...args) : door.executeBuffer(...args)
      return asText ? server.execute(...args) : server.executeBuffer(...args)
    } catch (error) {
      return `${error}`
    }
  }

  get facts(): unknown {
    const { keyspace, stats, dirty } = this.server.engine
    const db = keyspace.dbs[0]
    return {
      keys: [...db.keys()].sort(),
      effects: this.watch.effects,
      hits: { ...keyspace.stats },
      calls: [...stats.calls],
      failed: [...stats.failed],
      figures: [stats.commands, stats.errorReplies, dirty],
    }
  }
}

let subjects: Subject[]
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0.4) // SPOP draws the same in both
  subjects = [new Subject(true), new Subject(false)]
})
afterEach(async () => {
  for (const { server } of subjects) await server.close()
  vi.restoreAllMocks()
})

const text = (random: Random): string =>
  random.pick([
    'k',
    'key',
    'é',
    '',
    '😀',
    '\ud800',
    'x\r\n$1\r\n',
    'a'.repeat(random.integer(0, 1100)),
    `${random.integer(0, 9)}`,
  ])
const argument = (random: Random): Argument =>
  random.weighted<() => Argument>([
    [6, () => text(random)],
    [2, () => random.integer(-3, 300)],
    [2, () => Buffer.from(text(random))],
    [1, () => Buffer.from(random.bytes(0, 60), 'latin1')],
    [1, () => random.pick([1.5, -0, 2 ** 53, 1e300, true, null, 9007199254740993n])],
    [1, () => new Uint16Array([1, 500])],
    [1, () => random.pick([Number.NaN, undefined as unknown as null, {} as unknown as null])],
  ])()
const NAMES = [
  'GET',
  'get',
  'SET',
  'INCR',
  'MGET',
  'MSET',
  'DEL',
  'EXISTS',
  'HSET',
  'HGET',
  'HGETALL',
  'SADD',
  'SISMEMBER',
  'SMEMBERS',
]
const MORE_NAMES = [
  'LPUSH',
  'RPUSH',
  'LPOP',
  'LRANGE',
  'ZADD',
  'ZRANGE',
  'ZSCORE',
  'ZRANK',
  'ZREVRANK',
  'ZREM',
  'PING',
  'SPOP',
  'STRLEN',
  'TYPE',
  'APPEND',
  'nosuch',
]
const KEYS = ['k', 'key', 'é', 'l', 'z', Buffer.from('k'), 7]

function call(random: Random): Argument[] {
  if (random.chance(0.1)) return ['LRANGE', 'l', 0, random.integer(-5, 5)]
  if (random.chance(0.1)) return ['ZADD', 'z', random.pick([1, '1.25', 'x', Buffer.from('3')]), argument(random)]
  if (random.chance(0.1)) return ['ZINCRBY', 'z', random.pick([1, '1.25', 'inf', Buffer.from('3')]), argument(random)]
  if (random.chance(0.1)) return ['ZRANGE', 'z', 0, -1, 'WITHSCORES']
  if (random.chance(0.1)) return [random.pick(['ZRANGEBYSCORE', 'ZRANGE', 'ZREVRANGE']), 'z', 0, random.integer(-3, 5)]
  const name = random.pick(random.chance(0.5) ? NAMES : MORE_NAMES)
  return [name, random.pick(KEYS), ...random.times(0, 4, () => argument(random))].slice(0, random.integer(1, 6))
}

describe(`calls by places, seed ${seed}`, () => {
  test('do what they do as text', () => {
    const random = new Random(seed)
    for (let i = 0; i < 2500; i++) {
      const args = random.chance(0.02) ? ['FLUSHALL'] : call(random)
      const [asText, isOwn] = [random.chance(0.6), random.chance(0.5)]
      const [placed, other] = subjects.map((subject) => subject.outcome([...args], asText, isOwn))
      if (!isDeepStrictEqual(placed, other)) expect(placed, `call ${i}: ${args}`).toEqual(other)
    }
    expect(subjects[0].facts).toEqual(subjects[1].facts)
    expect(subjects[0].watch.placed).toBeGreaterThan(400)
    expect(subjects[1].watch.placed).toBe(0)
  }, 60_000)

  test('give bytes of their own', () => {
    const [{ door }] = subjects
    door.execute('SET', 'k', Buffer.from([1, 2, 255]))
    const bytes = door.executeBuffer('GET', Buffer.from('k')) as Buffer
    bytes.fill(0)
    expect(door.executeBuffer('GET', 'k')).toEqual(Buffer.from([1, 2, 255]))
  })

  test('wait in a transaction as text does', () => {
    const [{ door, server }] = subjects
    door.execute('MULTI')
    expect(door.execute('SET', 'k', 'v')).toBe('QUEUED')
    expect(door.execute('GET', 'k')).toBe('QUEUED')
    expect(door.execute('EXEC')).toEqual(['OK', 'v'])
    expect(subjects[0].watch.placed).toBe(0)
    expect(server.execute('GET', 'k')).toBe('v')
    expect(subjects[0].watch.placed).toBe(1)
  })

  test('a call from within another is left to text', () => {
    const [{ server }] = subjects
    const seen: unknown[] = []
    server.engine.effectListeners.push(() => seen.push(server.execute('GET', 'k')))
    server.execute('SET', 'k', 'v')
    expect(seen).toEqual(['v'])
  })
})
