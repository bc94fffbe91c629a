/** Edits of the console: nothing that somebody else has written is lost, and what was deleted comes back. */
import { expect, test } from 'vitest'
import { accessOf } from '../../../console/model/access.ts'
import { Conflict, edit, overwrite, remove, removeElement, restore } from '../../../console/model/editing.ts'
import { factsOf } from '../../../console/model/keyfacts.ts'
import { EVERYTHING, KeyScan } from '../../../console/model/keyscan.ts'
import { Rest } from '../../../console/wire/rest.ts'
import { startStore } from '../store.ts'

const BYTES = '\x00\xff\r\n"é'

/** What each kind of edit writes to, how it is read, and what is seen and written. */
const EDITS = [
  { kind: 'string', make: ['SET', 'k', BYTES], read: ['GET', 'k'], seen: BYTES, where: [] },
  { kind: 'hash', make: ['HSET', 'k', BYTES, BYTES], read: ['HGET', 'k', BYTES], seen: BYTES, where: [BYTES] },
  { kind: 'list', make: ['RPUSH', 'k', 'a', BYTES], read: ['LINDEX', 'k', '1'], seen: BYTES, where: [1] },
  { kind: 'array', make: ['ARSET', 'k', '5', BYTES], read: ['ARGET', 'k', '5'], seen: BYTES, where: ['5'] },
] as const

test.each(EDITS)(
  'an edit of a $kind overwrites what was seen, and nothing else',
  async ({ kind, make, read, seen, where }) => {
    const { rest } = startStore()
    await rest.run(...make)
    await edit(rest, kind, 'k', seen, where, `${BYTES}2`)
    expect(await rest.run(...read)).toBe(`${BYTES}2`)
    await expect(edit(rest, kind, 'k', seen, where, 'lost')).rejects.toThrow(Conflict)
    expect(await rest.run(...read)).toBe(`${BYTES}2`)
    await overwrite(rest, kind, 'k', where, '')
    expect(await rest.run(...read)).toBe('')
    // What was not there is not what is empty.
    await expect(edit(rest, kind, 'k', undefined, where, 'lost')).rejects.toThrow(Conflict)
  },
)

test('an edit of a score and of a document looks at what was there', async () => {
  const { rest } = startStore()
  await rest.run('ZADD', 'z', '1.5', BYTES)
  await edit(rest, 'zset', 'z', '1.5', ['2'], BYTES)
  await expect(edit(rest, 'zset', 'z', '1.5', ['3'], BYTES)).rejects.toThrow(Conflict)
  expect(await rest.run('ZSCORE', 'z', BYTES)).toBe('2')
  await rest.run('JSON.SET', 'j', '$', '{"a b":[1,12345678901234567890]}')
  await edit(rest, 'json', 'j', '1', ['["a b"][0]'], '"x"')
  await expect(edit(rest, 'json', 'j', '1', ['["a b"][0]'], '2')).rejects.toThrow(Conflict)
  expect(await rest.run('JSON.GET', 'j', '.')).toBe('{"a b":["x",12345678901234567890]}')
})

test('an edit keeps the time to live of a key and of a field', async () => {
  const { rest } = startStore()
  await rest.run('SET', 'k', 'v', 'EX', 100)
  await edit(rest, 'string', 'k', 'v', [], 'w')
  expect(await rest.run('TTL', 'k')).toBeGreaterThan(90)
  await rest.run('HSET', 'h', 'f', 'v')
  await rest.run('HEXPIRE', 'h', 100, 'FIELDS', 1, 'f')
  await edit(rest, 'hash', 'h', 'v', ['f'], 'w')
  expect(await rest.run('HTTL', 'h', 'FIELDS', 1, 'f')).toEqual([expect.toSatisfy((ttl: number) => ttl > 90)])
})

test('an element of a list goes by its place, if it is still there', async () => {
  const { rest } = startStore()
  await rest.run('RPUSH', 'l', 'a', 'b', 'a')
  await removeElement(rest, 'l', 2, 'a')
  expect(await rest.run('LRANGE', 'l', 0, -1)).toEqual(['a', 'b'])
  await expect(removeElement(rest, 'l', 1, 'a')).rejects.toThrow(Conflict)
})

test('what was deleted comes back with its time to live; who has written meanwhile keeps that', async () => {
  const { rest } = startStore()
  await rest.pipeline([
    ['SET', 'a', 'v', 'EX', 100],
    ['RPUSH', 'l', 'x'],
    ['SET', 'c', 'old'],
  ])
  await rest.run('SET', BYTES, BYTES)
  const removed = await remove(rest, ['a', 'l', 'c', BYTES], true)
  expect(await rest.run('DBSIZE')).toBe(0)
  await rest.run('SET', 'c', 'new')
  expect(await restore(rest, removed)).toBe(3)
  expect(await rest.run('GET', 'c')).toBe('new')
  expect(await rest.run('GET', BYTES)).toBe(BYTES)
  expect(await rest.run('TTL', 'a')).toBeGreaterThan(90)
  expect((await remove(rest, ['a'], false)).payloads).toEqual([])
  expect(await rest.run('EXISTS', 'a')).toBe(0)
})

test('keys are found by SCAN, each once, through filters', async () => {
  const { rest } = startStore()
  const sent: string[] = []
  const { fetch } = globalThis
  globalThis.fetch = (input, init) => {
    sent.push(String(init?.body ?? ''))
    return fetch(input, init)
  }
  await rest.pipeline(Array.from({ length: 3000 }, (_, i) => ['SET', `k:${i}`, 'v']))
  await rest.run('HSET', 'h', 'f', 'v')
  await rest.run('EXPIRE', 'k:7', 100)
  const all = new KeyScan(rest, EVERYTHING)
  await all.more(1000)
  expect(all.keys.length).toBeGreaterThanOrEqual(1000)
  expect(all.isComplete).toBe(false)
  await all.more(100_000)
  expect(new Set(all.keys).size).toBe(3001)
  expect(all.keys).toHaveLength(3001)
  for (const [filter, count] of [
    [{ ...EVERYTHING, pattern: ':1' }, 1111],
    [{ ...EVERYTHING, type: 'hash' }, 1],
    [{ ...EVERYTHING, expiry: 'some' }, 1],
    [{ ...EVERYTHING, expiry: 'none' }, 3000],
  ] as const) {
    const scan = new KeyScan(rest, filter)
    await scan.more(100_000)
    expect(scan.keys).toHaveLength(count)
  }
  expect(sent.join()).not.toMatch(/"KEYS"/i)
  const [fact] = await factsOf(rest, ['h', 'none'])
  expect(fact).toMatchObject({ type: 'hash', expiresAt: -1 })
})

test('what a token may do is found out without a change', async () => {
  const { rest, server } = startStore({ 'rest-read-only-token': 'ro' })
  expect(await accessOf(rest)).toEqual({
    canScan: true,
    canWrite: true,
    canScript: true,
    databases: 16,
    user: 'default',
    reason: '',
  })
  const reader = await accessOf(new Rest('http://store.test', 'ro'))
  expect(reader).toMatchObject({ canScan: false, canWrite: false })
  server.execute('ACL', 'SETUSER', 'some', 'on', '>p', '~app:*', '+@all', '-@admin')
  const token = String(server.execute('ACL', 'RESTTOKEN', 'some', 'p'))
  expect(await accessOf(new Rest('http://store.test', token))).toMatchObject({ canScan: true, canWrite: true })
  server.execute('ACL', 'SETUSER', 'looks', 'on', '>p', '~*', '+@read', '+scan')
  const looks = String(server.execute('ACL', 'RESTTOKEN', 'looks', 'p'))
  expect(await accessOf(new Rest('http://store.test', looks))).toMatchObject({ canScan: true, canWrite: false })
  expect(server.execute('DBSIZE')).toBe(0)
})
