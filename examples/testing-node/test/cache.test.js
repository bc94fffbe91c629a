import assert from 'node:assert/strict'
import test from 'node:test'
import { createClient } from 'redis'
import { testServer } from 'zerodis/testing'
import { Cache } from '../cache.js'

/** A store and a client for one test; both end with it. node-redis takes no stream, so it comes by a Unix socket. */
async function setUp(t, options) {
  const store = await testServer(t, { unixSocket: process.platform !== 'win32', ...options })
  const address = store.socketPath === '' ? { url: store.url } : { socket: { path: store.socketPath } }
  const redis = createClient(address)
  redis.on('error', () => {})
  await redis.connect()
  t.after(() => redis.destroy())
  let searches = 0
  const cache = new Cache(redis)
  return { store, redis, ask: () => cache.get('answer', async () => ({ n: ++searches })) }
}

test('the answer is found once a minute', async (t) => {
  const { store, ask } = await setUp(t)
  assert.deepEqual([await ask(), await ask()], [{ n: 1 }, { n: 1 }])
  store.clock.advance(60_000)
  assert.deepEqual(await ask(), { n: 2 })
})

test('another test knows nothing of it', async (t) => {
  const { ask } = await setUp(t)
  assert.deepEqual(await ask(), { n: 1 })
})

test('a cache that cannot be read or written is slow, not broken', async (t) => {
  const { store, ask } = await setUp(t)
  store.faults.loading()
  assert.deepEqual([await ask(), await ask()], [{ n: 1 }, { n: 2 }])
  store.faults.clear()
  store.faults.oom()
  assert.deepEqual([await ask(), await ask()], [{ n: 3 }, { n: 4 }])
})

test('a password is asked for where there is one', async (t) => {
  const store = await testServer(t, { requirepass: 'secret' })
  const redis = createClient({ url: store.url }) // has the password
  redis.on('error', () => {})
  await redis.connect()
  t.after(() => redis.destroy())
  assert.equal(await redis.ping(), 'PONG')
})
