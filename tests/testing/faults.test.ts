/** Faults where they are hard to place: in scripts and transactions, on clients that go while they wait, on closing. */
import { expect, test } from 'vitest'
import { create, failure, ioredis } from './stores.ts'

const SET = "return redis.call('set', KEYS[1], 'v')"
const FLAGGED = `#!lua\n${SET}`

test('scripts meet them: what libraries of queues and limits do is done in scripts', async () => {
  const store = await create()
  const redis = ioredis(store)
  store.faults.readonly()
  expect(await failure(redis.eval(SET, 1, 'k'))).toContain("READONLY You can't write against a read only replica.")
  expect(await failure(redis.eval(FLAGGED, 1, 'k'))).toBe("READONLY You can't write against a read only replica.")
  expect(await redis.eval("return redis.call('get', KEYS[1])", 1, 'k')).toBe(null)
  store.faults.readonly(false)
  store.faults.oom()
  expect(await failure(redis.eval(SET, 1, 'k'))).toContain("OOM command not allowed when used memory > 'maxmemory'.")
  expect(await failure(redis.eval(FLAGGED, 1, 'k'))).toContain('OOM')
  store.faults.oom(false)
  store.faults.failNext('set', 'ERR disk on fire')
  expect(await failure(redis.eval(SET, 1, 'k'))).toContain('ERR disk on fire')
  store.faults.failNext('set', 'ERR disk on fire')
  expect(await redis.eval("return redis.pcall('set', KEYS[1], 'v').err", 1, 'k')).toBe('ERR disk on fire')
  expect(store.execute('EXISTS', 'k')).toBe(0)
  expect(await redis.eval(SET, 1, 'k')).toBe('OK')
})

test('an error is one line, whatever text it is made of', async () => {
  const store = await create()
  const redis = ioredis(store)
  store.faults.failNext('get', 'ERR disk\r\non fire')
  expect(await failure(redis.get('k'))).toContain('ERR disk  on fire')
  expect(await redis.get('k')).toBe(null)
})

test('a delay is a number that is not negative', async () => {
  const store = await create()
  for (const ms of [-1, Number.NaN, Infinity, '5' as never])
    expect(() => store.faults.delay('get', ms)).toThrow(RangeError)
})

test('transactions meet them: what is queued, and what was queued before', async () => {
  const store = await create()
  const redis = ioredis(store)
  store.faults.failNext('get', 'ERR no')
  expect(await failure(redis.multi().set('k', '1').get('k').exec())).toContain('EXECABORT')
  store.faults.failNext('exec', 'ERR no')
  expect(await failure(redis.multi().set('k', '1').exec())).toContain('EXECABORT')
  expect(store.execute('EXISTS', 'k')).toBe(0)
  for (const fault of ['readonly', 'oom'] as const) {
    await redis.multi({ pipeline: false })
    await redis.set('k', '1')
    store.faults[fault]()
    expect(await failure(redis.exec())).toContain(fault === 'oom' ? 'OOM' : 'READONLY')
    store.faults.clear()
  }
  store.faults.delay('get', 5)
  const replies = await redis.multi().set('k', '1').get('k').exec()
  expect(replies).toEqual([
    [null, 'OK'],
    [null, '1'],
  ])
})

test("the test's own commands pass all of them", async () => {
  const store = await create()
  store.faults.readonly()
  store.faults.oom()
  store.faults.loading()
  store.faults.failNext('*', 'ERR no')
  expect(store.execute('EVAL', SET, 1, 'k')).toBe('OK')
  expect(store.execute('SET', 'l', 'v')).toBe('OK')
  const redis = ioredis(store, { enableReadyCheck: false })
  expect(await failure(redis.set('k', 'w'))).toMatch(/ERR no|LOADING/)
})

test('memory that is full by fault stays so whatever else is counted or set, and is free after it', async () => {
  const store = await create()
  const redis = ioredis(store)
  await redis.set('k', 'v')
  store.faults.oom()
  expect(await failure(redis.set('k', 'w'))).toContain('OOM')
  await redis.config('SET', 'maxmemory', '10mb')
  store.server.cron()
  expect(await failure(redis.set('k', 'w'))).toContain('OOM')
  expect(await redis.get('k')).toBe('v')
  store.faults.oom(false)
  expect(await redis.set('k', 'w')).toBe('OK')
})

test('a client that is cut while its command waits leaves nothing behind', async () => {
  const store = await create({ frozen: true })
  const redis = ioredis(store, { maxRetriesPerRequest: 0 })
  await redis.ping()
  store.faults.delay('incr', 1000)
  const counted = failure(redis.incr('n'))
  await expect.poll(() => store.execute('CLIENT', 'LIST')).toContain('cmd=incr')
  store.faults.disconnectAll()
  expect(await counted).toContain('max retries')
  store.clock.advance(1000)
  expect(await redis.ping()).toBe('PONG')
  expect(store.execute('EXISTS', 'n')).toBe(0)
})

test('commands that wait because of a fault run when it ends, on closing too', async () => {
  const store = await create({ frozen: true })
  const redis = ioredis(store)
  const own = store.server.inProcess()
  store.faults.delay('incr', 1000)
  const counted = redis.incr('n')
  await expect.poll(() => store.execute('CLIENT', 'LIST')).toContain('cmd=incr')
  store.faults.clear()
  expect(await counted).toBe(1)
  store.faults.delay('incr', 1000)
  const last = own.execute('INCR', 'n')
  await store.close()
  expect(await last).toBe(2)
})

test('figures that make no sense are refused', async () => {
  const { faults } = await create()
  for (const times of [0, -1, 1.5, Number.NaN]) expect(() => faults.failNext('get', 'ERR', times)).toThrow(RangeError)
  for (const ms of [-1, Number.NaN, Infinity]) expect(() => faults.delay('get', ms)).toThrow(RangeError)
  expect(() => faults.delay('gett', 1)).toThrow(TypeError)
})

test('a fork has none of them', async () => {
  const store = await create()
  store.faults.readonly()
  store.faults.failNext('get', 'ERR no')
  const fork = await store.fork()
  const redis = ioredis(fork)
  expect([await redis.set('k', 'v'), await redis.get('k')]).toEqual(['OK', 'v'])
  await fork.close()
})
