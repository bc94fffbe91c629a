/** node-redis (the package `redis`), as applications use it, over TCP, in RESP2 and RESP3. */
import { createClient, RESP_TYPES } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'
import { recorded } from '../clients/recorded.ts'

describe.each([2, 3] as const)('node-redis in RESP%i', (RESP) => {
  let server: Server
  let listener: TcpListener
  const connect = () =>
    createClient({ url: `redis://default:secret@127.0.0.1:${listener.port}`, RESP, name: 'tests' })
      .on('error', () => {})
      .connect()
  let client: Awaited<ReturnType<typeof connect>>

  beforeAll(async () => {
    server = createServer({ requirepass: 'secret' })
    listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
  })

  afterAll(async () => {
    await listener.close(0)
    await server.close()
  })

  beforeEach(async () => {
    client = await connect()
    await client.flushAll()
  })

  afterEach(() => client.destroy())

  test('publishes and subscribes', async () => {
    const reader = await connect()
    const heard: string[] = []
    await reader.subscribe('news', (message) => void heard.push(message))
    await reader.pSubscribe('n*', (message, channel) => void heard.push(`${channel} ${message}`))
    expect(await client.publish('news', 'hello')).toBe(2)
    while (heard.length < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(heard).toEqual(['hello', 'news hello'])
    await reader.unsubscribe('news')
    expect(await client.publish('news', 'again')).toBe(1)
    reader.destroy()
  })

  test.runIf(RESP === 3)('keeps a cache that hears of changes', async () => {
    const caching = await createClient({
      url: `redis://default:secret@127.0.0.1:${listener.port}`,
      RESP: 3,
      clientSideCache: { maxEntries: 100 },
    }).connect()
    await client.set('k', 'one')
    expect(await caching.get('k')).toBe('one')
    const before = server.engine.stats.commands
    expect(await caching.get('k')).toBe('one')
    expect(server.engine.stats.commands).toBe(before) // from its own memory
    await client.set('k', 'two')
    while ((await caching.get('k')) !== 'two') await new Promise((resolve) => setImmediate(resolve))
    caching.destroy()
  })

  test('says who it is', async () => {
    expect(await client.clientGetName()).toBe('tests')
    expect((await client.clientInfo()).libName).toContain('node-redis')
  })

  test('reads and writes with options', async () => {
    expect(await client.set('k', 'v', { expiration: { type: 'EX', value: 100 }, condition: 'NX' })).toBe('OK')
    expect(await client.set('k', 'w', { condition: 'NX' })).toBeNull()
    expect(await client.ttl('k')).toBeGreaterThan(98)
    expect(await client.mGet(['k', 'missing'])).toEqual(['v', null])
  })

  test('reads binary', async () => {
    const binary = Buffer.from([0, 255, 13, 10, 128])
    await client.set('binary', binary)
    expect(await client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).get('binary')).toEqual(binary)
  })

  test('sends what is asked for in one turn as a pipeline', async () => {
    const replies = await Promise.all(Array.from({ length: 2000 }, () => client.incr('counter')))
    expect(replies.at(-1)).toBe(2000)
  })

  test('runs transactions, and sees a watched key change', async () => {
    expect(await client.multi().set('a', '1').incr('a').exec()).toEqual(['OK', 2])
    await client.watch('a')
    const other = await connect()
    await other.set('a', '7')
    await expect(client.multi().incr('a').exec()).rejects.toThrow('watched')
    other.destroy()
  })

  test('gets the shapes of the types', async () => {
    await client.hSet('hash', { a: '1', b: '2' })
    expect({ ...(await client.hGetAll('hash')) }).toEqual({ a: '1', b: '2' })
    await client.zAdd('zset', [
      { score: 1.5, value: 'one' },
      { score: 2, value: 'two' },
    ])
    expect(await client.zRangeWithScores('zset', 0, -1)).toEqual([
      { score: 1.5, value: 'one' },
      { score: 2, value: 'two' },
    ])
    await client.sAdd('set', ['x', 'y'])
    expect([...(await client.sMembers('set'))].sort()).toEqual(['x', 'y'])
    await client.xAdd('stream', '1-1', { f: 'v' })
    expect((await client.xRange('stream', '-', '+'))!.map(({ id, message }) => [id, { ...message }])).toEqual([
      ['1-1', { f: 'v' }],
    ])
  })

  test('waits for a list', async () => {
    const waiting = await connect()
    const popped = waiting.blPop('queue', 5)
    while (server.engine.blocking.size === 0) await new Promise((resolve) => setImmediate(resolve))
    await client.rPush('queue', 'job')
    expect(await popped).toEqual({ key: 'queue', element: 'job' })
    waiting.destroy()
  })

  test('scans with an iterator', async () => {
    await Promise.all(Array.from({ length: 500 }, (_, i) => client.set(`key:${i}`, 'v')))
    const found = new Set<string>()
    for await (const keys of client.scanIterator({ MATCH: 'key:*', COUNT: 50 })) for (const key of keys) found.add(key)
    expect(found.size).toBe(500)
  })

  test('speaks arrays', async () => {
    expect(await client.arSet('a', 0, ['x', 'y'])).toBe(2)
    expect(await client.arGet('a', 1)).toBe('y')
    expect(await client.arScan('a', 0, 9)).toEqual([
      { index: 0, value: 'x' },
      { index: 1, value: 'y' },
    ])
    expect(await client.arGrepWithValues('a', '-', '+', [['MATCH', 'Y']], { NOCASE: true })).toEqual([
      { index: 1, value: 'y' },
    ])
    expect(await client.arInsert('a', 'z')).toBe(0)
    expect(await client.arRing('r', 2, ['1', '2', '3'])).toBe(0)
    expect(await client.arLastItems('r', 2)).toEqual(['2', '3'])
    expect(await client.arOp('r', 0, 9, 'SUM')).toBe('5')
    expect(await client.arInfo('a')).toMatchObject({ count: 2, len: 2, 'next-insert-index': 1 })
  })

  test('speaks JSON', async () => {
    const used = new Set<string>()
    const json = recorded(client.json, used)
    const item = { name: 'earbuds', price: 64.99, colors: ['black'], more: { price: 1, gone: null } }
    expect(await json.set('item', '$', item)).toBe('OK')
    expect(await json.get('item')).toEqual(item)
    expect(await json.get('item', { path: '$..price' })).toEqual([64.99, 1])
    expect(await json.get('item', { path: ['$.name', '$..price'] })).toEqual({
      '$.name': ['earbuds'],
      '$..price': [64.99, 1],
    })
    expect(await json.set('item', '$.stock', 5, { condition: 'NX' })).toBe('OK')
    expect(await json.set('item', '$.stock', 6, { condition: 'NX' })).toBe(null)
    expect(await json.numIncrBy('item', '$.stock', 2)).toEqual([7])
    expect(await json.numMultBy('item', '$..price', 2)).toEqual([129.98, 2])
    expect(await json.arrAppend('item', '$.colors', 'white', { r: 1 })).toEqual([3])
    expect(await json.arrIndex('item', '$.colors', 'white')).toEqual([1])
    expect(await json.arrInsert('item', '$.colors', 0, 'red')).toEqual([4])
    expect(await json.arrLen('item', { path: '$.colors' })).toEqual([4])
    expect(await json.arrPop('item', { path: '$.colors' })).toEqual([{ r: 1 }])
    expect(await json.arrTrim('item', '$.colors', 0, 1)).toEqual([2])
    expect(await json.strAppend('item', '!', { path: '$.name' })).toEqual([8])
    expect(await json.strLen('item', { path: '$.name' })).toEqual([8])
    expect(await json.objKeys('item', { path: '$.more' })).toEqual([['price', 'gone']])
    expect(await json.objLen('item', { path: '$.more' })).toEqual([2])
    expect(await json.type('item', { path: '$..price' })).toEqual(['number', 'integer'])
    expect(await json.merge('item', '$', { more: null, bool: true })).toBe('OK')
    expect(await json.toggle('item', '$.bool')).toEqual([0])
    expect(await json.clear('item', { path: '$.colors' })).toBe(1)
    expect(await json.debugMemory('item')).toBeGreaterThan(100)
    expect(await json.del('item', { path: '$.colors' })).toBe(1)
    expect(
      await json.mSet([
        { key: 'a', path: '$', value: { v: 1 } },
        { key: 'b', path: '$', value: { v: [2] } },
      ]),
    ).toBe('OK')
    expect(await json.mGet(['a', 'none', 'b'], '$.v')).toEqual([[1], null, [[2]]])
    expect(await json.forget('item')).toBe(1)
    expect(await json.get('item')).toBe(null)
    await expect(json.set('none', '$.x', 1)).rejects.toThrow('new objects must be created at the root')
    const methods: string[] = []
    for (const name in client.json) if (/^[a-z]/.test(name)) methods.push(name)
    expect([...used].sort()).toEqual(methods.sort())
  })

  test('gets errors as errors', async () => {
    await client.set('text', 'v')
    await expect(client.lPush('text', 'x')).rejects.toThrow('WRONGTYPE')
    await expect(client.sendCommand(['NOSUCH'])).rejects.toThrow("unknown command 'NOSUCH'")
  })
})
