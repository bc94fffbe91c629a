/** @upstash/redis against the REST door, in each of its ways to talk. */
import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { recorded } from '../clients/recorded.ts'
import { httpRest, READ_ONLY_TOKEN, type RestServer, TOKEN } from '../clients/rest.ts'

const MODES = [true, false].flatMap((enableAutoPipelining) =>
  (['base64', false] as const).map((responseEncoding) => ({ enableAutoPipelining, responseEncoding })),
)

describe.each(MODES)('@upstash/redis with %o', (mode) => {
  let rest: RestServer
  let redis: Redis
  beforeAll(async () => {
    rest = await httpRest()
    redis = new Redis({ url: rest.url, token: TOKEN, ...mode })
  })
  afterAll(() => rest.close())
  beforeEach(() => redis.flushall())

  it('keeps values of every kind', async () => {
    const values = ['text', 'é€😀', '', 42, -1.5, true, { a: [1, null, { b: 'c' }] }, [1, 'two'], '"quoted"', 'OK']
    for (const value of values) {
      expect(await redis.set('k', value)).toBe('OK')
      const back = await redis.get('k')
      expect(back).toEqual(value === '"quoted"' ? 'quoted' : value)
    }
    expect(await redis.get('none')).toBe(null)
  })

  it('comes in as a user of the ACL by his token', async () => {
    await redis.exec(['ACL', 'SETUSER', 'alice', 'on', '>pw', '~a:*', '+get', '+set'])
    const token = await redis.exec<string>(['ACL', 'RESTTOKEN', 'alice', 'pw'])
    const client = new Redis({ url: rest.url, token, ...mode })
    expect(await client.set('a:1', 'v')).toBe('OK')
    expect(await client.get('a:1')).toBe('v')
    await expect(client.get('b')).rejects.toThrow('NOPERM')
    await redis.exec(['ACL', 'DELUSER', 'alice'])
    await expect(client.get('a:1')).rejects.toThrow('WRONGPASS')
  })

  it('keeps numbers that JavaScript cannot', async () => {
    await redis.set('big', '9007199254740993')
    expect(await redis.get('big')).toBe('9007199254740993')
    expect(await redis.incrbyfloat('f', 0.1)).toBe(0.1)
  })

  it('sets with options', async () => {
    expect(await redis.set('k', 1, { ex: 100, nx: true })).toBe('OK')
    expect(await redis.set('k', 2, { nx: true })).toBe(null)
    expect(await redis.set('k', 3, { get: true, keepTtl: true })).toBe(1)
    expect(await redis.ttl('k')).toBe(100)
    expect(await redis.getdel('k')).toBe(3)
    expect(await redis.mset({ a: 1, b: 'two' })).toBe('OK')
    expect(await redis.mget('a', 'b', 'c')).toEqual([1, 'two', null])
    expect(await redis.del('a', 'b', 'c')).toBe(2)
  })

  it('speaks hashes, lists, sets and sorted sets', async () => {
    await redis.hset('h', { name: 'x', list: [1, 2] })
    expect(await redis.hgetall('h')).toEqual({ name: 'x', list: [1, 2] })
    expect(await redis.hgetall('none')).toBe(null)
    await redis.rpush<unknown>('l', 'a', { b: 1 }, 3)
    expect(await redis.lrange('l', 0, -1)).toEqual(['a', { b: 1 }, 3])
    expect(await redis.lpop('l')).toBe('a')
    await redis.sadd('s', 'a', 'b')
    expect(new Set(await redis.smembers('s'))).toEqual(new Set(['a', 'b']))
    await redis.zadd('z', { score: 1, member: 'a' }, { score: 2.5, member: 'b' }, { score: 3, member: 'c' })
    expect(await redis.zrange('z', 0, -1, { withScores: true })).toEqual(['a', 1, 'b', 2.5, 'c', 3])
    expect(await redis.zrange('z', 0, -1, { offset: 1, count: 1 })).toEqual(['b'])
  })

  it('scans with string cursors', async () => {
    const pipeline = redis.pipeline()
    for (let i = 0; i < 100; i++) pipeline.set(`key:${i}`, i)
    await pipeline.exec()
    const seen = new Set<string>()
    let cursor = '0'
    do {
      const [next, keys] = await redis.scan(cursor, { match: 'key:*', count: 10 })
      for (const key of keys) seen.add(key)
      cursor = next
    } while (cursor !== '0')
    expect(seen.size).toBe(100)
    const [, typed] = await redis.scan('0', { count: 1000, withType: true })
    expect(typed).toHaveLength(100)
    expect(typed[0]).toEqual({ key: expect.stringMatching(/^key:/), type: 'string' })
  })

  it('runs pipelines and transactions', async () => {
    expect(await redis.pipeline().set('a', 1).incr('a').get('a').exec()).toEqual(['OK', 2, 2])
    expect(await redis.multi().set('b', { x: 1 }).get('b').exists('b').exec()).toEqual(['OK', { x: 1 }, 1])
    const kept = await redis.pipeline().lpush('a', 1).get('a').exec({ keepErrors: true })
    expect(kept[0].error).toMatch(/^WRONGTYPE/)
    expect(kept[1]).toMatchObject({ result: 2 })
    await expect(redis.multi().set('c', 1).mset({}).exec()).rejects.toThrow(/EXECABORT/)
    expect(await redis.exists('c')).toBe(0)
  })

  it('speaks arrays', async () => {
    expect(await redis.arset<unknown>('readings', 0, 'a', { b: 1 }, 3)).toBe(3)
    expect(await redis.arget('readings', 1)).toEqual({ b: 1 })
    expect(await redis.armset('readings', { 10: 'b' })).toBe(1)
    expect(
      await redis.armset('readings', [
        [10, 'B'],
        ['18446744073709551614', 'last'],
      ]),
    ).toBe(1)
    expect(await redis.armget('readings', 10, 11)).toEqual(['B', null])
    expect(await redis.argetrange('readings', 1, 3)).toEqual([{ b: 1 }, 3, null])
    expect(await redis.arlen('readings')).toBe('18446744073709551615')
    expect(await redis.arcount('readings')).toBe(5)
    expect(await redis.arscan('readings', 3, '18446744073709551614', { limit: 2 })).toEqual([
      ['10', 'B'],
      ['18446744073709551614', 'last'],
    ])
    const found = await redis.argrep('readings', '-', '+', {
      predicates: [{ match: 'A' }, { glob: 'la*' }],
      noCase: true,
      withValues: true,
    })
    expect(found).toEqual([
      ['0', 'a'],
      ['18446744073709551614', 'last'],
    ])
    expect(await redis.argrep('readings', 0, 99, { predicates: [{ re: '^[bB]$' }] })).toEqual(['10'])
    expect(await redis.ardelrange('readings', [10, 99], [0, 0])).toBe(2)
    expect(await redis.ardel('readings', 1, '18446744073709551614')).toBe(2)
    expect(await redis.arinsert('events', 'boot', 'ready')).toBe('1')
    expect(await redis.arnext('events')).toBe('2')
    expect(await redis.arseek('events', 5)).toBe(1)
    expect(await redis.arinfo('events')).toMatchObject({ len: '2', count: 2, sliceSize: 4096, nextInsertIndex: '5' })
    expect(await redis.arring('recent', 3, 'a', 'b', 'c', 'd')).toBe('0')
    expect(await redis.arlastitems('recent', 3)).toEqual(['b', 'c', 'd'])
    expect(await redis.arlastitems('recent', 2, { rev: true })).toEqual(['d', 'c'])
    expect(await redis.arset<unknown>('scores', 0, 10, 20, 'x')).toBe(3)
    expect(await redis.arop('scores', 0, 2, 'SUM')).toBe(30)
    expect(await redis.arop('scores', 0, 2, { match: 'x' })).toBe(1)
    expect(await redis.arop('scores', 5, 9, 'MAX')).toBe(null)
  })

  it('speaks JSON', async () => {
    const used = new Set<string>()
    const json = recorded(redis.json, used)
    const item = { name: 'earbuds', price: 64.99, colors: ['black'], more: { price: 1, gone: null } }
    expect(await json.set('item', '$', item)).toBe('OK')
    expect(await json.get('item')).toEqual(item)
    expect(await json.get('item', '$.name')).toEqual(['earbuds'])
    // What stands within a value comes before the value.
    expect(await json.get('item', '$..price')).toEqual([1, 64.99])
    expect(await json.get('item', '$.name', '$..price')).toEqual({
      '$.name': ['earbuds'],
      '$..price': [1, 64.99],
    })
    expect(await json.get('item', { indent: ' ', newline: '\n', space: ' ' }, '$.more')).toEqual([item.more])
    expect(await json.set('item', '$.stock', 5, { nx: true })).toBe('OK')
    expect(await json.set('item', '$.stock', 6, { nx: true })).toBe(null)
    expect(await json.numincrby('item', '$.stock', 2)).toEqual([7])
    expect(await json.nummultby('item', '$..price', 2)).toEqual([2, 129.98])
    expect(await json.numincrby('item', '$.name', 2)).toEqual([null])
    expect(await json.arrappend('item', '$.colors', '"white"', { r: 1 })).toEqual([3])
    expect(await json.arrindex('item', '$.colors', '"white"')).toEqual([1])
    expect(await json.arrinsert('item', '$.colors', 0, '"red"')).toEqual([4])
    expect(await json.arrlen('item', '$.colors')).toEqual([4])
    expect(await json.arrpop('item', '$.colors')).toEqual([{ r: 1 }])
    expect(await json.arrtrim('item', '$.colors', 0, 1)).toEqual([2])
    expect(await json.get('item', '$.colors')).toEqual([['red', 'black']])
    expect(await json.strappend('item', '$.name', '"!"')).toEqual([8])
    expect(await json.strlen('item', '$.name')).toEqual([8])
    expect(await json.objkeys('item', '$.more')).toEqual([['price', 'gone']])
    expect(await json.objlen('item', '$.more')).toEqual([2])
    expect(await json.type('item', '$..price')).toEqual(['integer', 'number'])
    expect(await json.merge('item', '$', { more: null, bool: true })).toBe('OK')
    expect(await json.toggle('item', '$.bool')).toEqual([0])
    expect(await json.resp('item', '$.colors')).toEqual([['[', 'red', 'black']])
    expect(await json.clear('item', '$.colors')).toBe(1)
    expect(await json.del('item', '$.colors')).toBe(1)
    expect(await json.mset({ key: 'a', path: '$', value: { v: 1 } }, { key: 'b', path: '$', value: { v: [2] } })).toBe(
      'OK',
    )
    expect(await json.mget(['a', 'none', 'b'], '$.v')).toEqual([[1], null, [[2]]])
    expect(await json.forget('item', '$')).toBe(1)
    expect(await json.get('item')).toBe(null)
    expect(await redis.type('a')).toBe('ReJSON-RL')
    await expect(json.set('none', '$.x', 1)).rejects.toThrow('new objects must be created at the root')
    const pipeline = redis.pipeline()
    pipeline.json.set('p', '$', { n: 1 })
    pipeline.json.numincrby('p', '$.n', 1)
    expect(await pipeline.exec()).toEqual(['OK', [2]])
    expect([...used].sort()).toEqual(Object.keys(pipeline.json).sort())
  })

  it('sees many commands of one turn through', async () => {
    const results = await Promise.all(Array.from({ length: 500 }, () => redis.incr('n')))
    expect(results.sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1))
  })

  it('reports errors', async () => {
    await redis.set('text', 'x')
    await expect(redis.incr('text')).rejects.toThrow(/ERR value is not an integer or out of range/)
    await expect(redis.exec(['NOSUCH'])).rejects.toThrow(/ERR unknown command 'NOSUCH'/)
    const stranger = new Redis({ url: rest.url, token: 'wrong', retry: false, ...mode })
    await expect(stranger.get('k')).rejects.toThrow(/WRONGPASS invalid or missing auth token/)
    const reader = new Redis({ url: rest.url, token: READ_ONLY_TOKEN, retry: false, ...mode })
    expect(await reader.get('text')).toBe('x')
    await expect(reader.set('text', 'y')).rejects.toThrow(/NOPERM/)
  })

  it('reads its own writes', async () => {
    await redis.set('k', 1)
    const first = redis.readYourWritesSyncToken
    await redis.set('k', 2)
    expect(first).toBeTruthy()
    expect(redis.readYourWritesSyncToken).not.toBe(first)
  })
})
