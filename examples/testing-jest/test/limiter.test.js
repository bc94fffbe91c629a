const { Redis } = require('ioredis')
const { Limiter } = require('../limiter')

// The environment `zerodis/jest` gives each file of tests a store of its own: the global `store`.
let redis
let limiter

beforeAll(() => {
  redis = new Redis({ Connector: store.Connector })
  redis.on('error', () => {})
})
afterAll(() => redis.quit())
beforeEach(() => {
  limiter = new Limiter(redis, { limit: 3, windowMs: 60_000 })
})

const calls = async (times) => {
  const allowed = []
  for (let i = 0; i < times; i++) allowed.push(await limiter.allows('ann'))
  return allowed
}

test('so many calls go on, and no more', async () => {
  expect(await calls(4)).toEqual([true, true, true, false])
  expect(await limiter.allows('bob')).toBe(true)
})

test('keys of the test before are gone', () => {
  expect(store.execute('DBSIZE')).toBe(0)
})

test('the window slides', async () => {
  store.clock.freeze()
  await calls(2)
  store.clock.advance(40_000)
  expect(await calls(2)).toEqual([true, false])
  store.clock.advance(20_000)
  expect(await calls(3)).toEqual([true, true, false])
  store.clock.advance(60_000)
  expect(store.execute('DBSIZE')).toBe(0)
  store.clock.resume()
})

test('nobody is kept out where Redis is out of order', async () => {
  store.faults.loading()
  expect(await calls(5)).toEqual(Array(5).fill(true))
})

test('connections that are cut come again', async () => {
  await redis.ping()
  const closed = new Promise((resolve) => redis.once('close', resolve))
  store.faults.disconnectAll()
  await closed
  expect(await limiter.allows('ann')).toBe(true)
})

describe('beside fake timers', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }))
  afterEach(() => jest.useRealTimers())

  test('the store has a clock of its own', async () => {
    await calls(3)
    jest.advanceTimersByTime(60_000)
    expect(await limiter.allows('ann')).toBe(false)
    store.clock.advance(60_000)
    expect(await limiter.allows('ann')).toBe(true)
  })
})

test('clients that the environment sets up find the store', async () => {
  const other = new Redis(process.env.REDIS_URL)
  await other.set('k', 'v')
  expect(store.execute('GET', 'k')).toBe('v')
  await other.quit()
})
