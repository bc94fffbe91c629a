import { Redis } from '@upstash/redis'
import type { TestServer } from 'zerodis/testing'
import { Sessions } from '../src/sessions'

/** Given by the environment `zerodis/jest`. */
declare const store: TestServer

const MINUTE = 60_000
const ann = { user: 'ann', cart: ['tea'] }
let sessions: Sessions

beforeEach(() => {
  sessions = new Sessions(new Redis({ url: store.restUrl, token: store.token, retry: false }))
})

test('a session is read as it was written', async () => {
  expect(await sessions.read(await sessions.open(ann))).toEqual(ann)
})

test('it ends half an hour after it was last used', async () => {
  const id = await sessions.open(ann)
  store.clock.advance(29 * MINUTE)
  expect(await sessions.read(id)).toEqual(ann)
  store.clock.advance(29 * MINUTE)
  expect(await sessions.read(id)).toEqual(ann)
  store.clock.advance(30 * MINUTE)
  expect(await sessions.read(id)).toBeNull()
})

test('what many tests need is set up once', async () => {
  const id = await sessions.open(ann)
  const before = store.snapshot()
  await sessions.close(id)
  expect(await sessions.read(id)).toBeNull()
  store.restore(before)
  expect(await sessions.read(id)).toEqual(ann)
})

test('a fault reaches whoever asked', async () => {
  store.faults.failNext('set', 'READONLY replica')
  await expect(sessions.open(ann)).rejects.toThrow('READONLY')
  expect(await sessions.open(ann)).toHaveLength(36)
})

test('the client that reads its address from the environment finds the store', async () => {
  await Redis.fromEnv().set('k', 'v')
  expect(store.execute('GET', 'k')).toBe('v')
})
