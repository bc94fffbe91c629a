/** The clock of a store: what moves it, what does not, and fake timers beside it. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { TestClock } from '../../lib/testing/clock.ts'
import { create, failure, ioredis } from './stores.ts'

afterEach(() => vi.useRealTimers())

test('no time goes back where what ran has moved it further', () => {
  const clock = new TestClock(1000, true)
  const ran: number[] = []
  clock.after(10, () => {
    ran.push(clock.now())
    clock.advance(100)
  })
  clock.after(20, () => ran.push(clock.now()))
  clock.advance(30)
  expect([ran, clock.now()]).toEqual([[1010, 1020], 1110])
})

test('a beginning that is no time is refused', () => {
  for (const time of [Number.NaN, Infinity, +new Date('x')])
    expect(() => new TestClock(time, false)).toThrow(RangeError)
})

test('what is no number of milliseconds moves nothing', () => {
  const clock = new TestClock(1000, true)
  for (const ms of [-1, Number.NaN, Infinity, '5' as never]) expect(() => clock.advance(ms)).toThrow(RangeError)
  expect(clock.now()).toBe(1000)
})

test('restore serves who waits for a key that it brings back', async () => {
  const store = await create()
  const redis = ioredis(store)
  store.execute('RPUSH', 'queue', 'job')
  const before = store.snapshot()
  store.flush()
  const popped = redis.blpop('queue', 0)
  await expect.poll(() => store.execute('INFO', 'clients')).toContain('blocked_clients:1')
  store.restore(before)
  expect(await popped).toEqual(['queue', 'job'])
})

test('restore refuses what does not fit, and changes nothing; a transaction that is open goes on', async () => {
  const [store, other] = [await create({ databases: 2 }), await create()]
  const own = other.server.inProcess()
  own.execute('SELECT', 9)
  own.execute('SET', 'k', 'v')
  store.execute('SET', 'mine', '1')
  expect(() => store.restore(other.snapshot())).toThrow('the snapshot has a database 9')
  expect(() => store.restore({} as never)).toThrow('restore takes what snapshot has given')
  expect(store.execute('GET', 'mine')).toBe('1')
  const redis = ioredis(store)
  await redis.multi({ pipeline: false })
  await redis.incr('mine')
  store.restore(store.snapshot())
  expect(await redis.exec()).toEqual([[null, 2]])
})

test('wrong passwords are answered while the time stands still', async () => {
  const store = await create({ frozen: true, requirepass: 'secret' })
  for (let i = 0; i < 5; i++) {
    const redis = ioredis(store, { password: 'no', retryStrategy: () => null })
    expect(await failure(redis.ping())).toContain('WRONGPASS')
  }
  expect(await ioredis(store, { password: 'secret' }).ping()).toBe('PONG')
})

describe('fake timers', () => {
  test('beside a store: commands are answered, and its time is moved by its clock alone', async () => {
    const store = await create({ frozen: true })
    const redis = ioredis(store)
    await redis.set('k', 'v', 'EX', 60)
    vi.useFakeTimers()
    vi.advanceTimersByTime(120_000)
    expect(await redis.ttl('k')).toBe(60)
    store.clock.advance(60_000)
    expect(await redis.get('k')).toBe(null)
    const popped = redis.blpop('queue', 5)
    const other = ioredis(store)
    for (let i = 0; i < 3; i++) await other.ping()
    store.clock.advance(5000)
    expect(await popped).toBe(null)
  })

  test('move a store that is not frozen, too; running all of them comes to an end, and nothing stops with them', async () => {
    const store = await create()
    const redis = ioredis(store)
    await redis.set('k', 'v', 'EX', 60)
    vi.useFakeTimers()
    vi.advanceTimersByTime(60_000)
    expect(await redis.get('k')).toBe(null)
    vi.runAllTimers()
    vi.useRealTimers()
    await redis.set('k', 'v', 'PX', 10)
    expect(await redis.blpop('queue', 0.02)).toBe(null)
    // Nobody asks for the key: background work finds it.
    await expect.poll(() => store.server.engine.keyspace.dbs[0].size).toBe(0)
  })
})
