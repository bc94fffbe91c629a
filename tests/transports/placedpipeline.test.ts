/**
 * Pipelines of REST that run from their body answer, change, count and tell what those do that are read into commands first: the same go to
 * two servers, to one of them with an escape in the first word, which makes its body one of the latter.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { httpRest, type RestServer } from '../clients/rest.ts'
import { Random, seedOfRun } from '../differential/random.ts'
import { PlacedWatch } from './placedwatch.ts'

type Pipeline = readonly (readonly (string | number)[])[]

let ours: RestServer
let plain: RestServer
let watch: PlacedWatch
let plainWatch: PlacedWatch

beforeAll(async () => {
  ours = await httpRest({ 'enable-debug-command': 'yes' })
  plain = await httpRest({ 'enable-debug-command': 'yes' })
  watch = new PlacedWatch(ours.server, true)
  plainWatch = new PlacedWatch(plain.server, true)
})
afterAll(() => Promise.all([ours.close(), plain.close()]))

async function both(pipeline: Pipeline): Promise<readonly unknown[]> {
  const body = JSON.stringify(pipeline)
  const escaped = body.replace(/"./, (start) => `"\\u${start.charCodeAt(1).toString(16).padStart(4, '0')}`)
  expect(escaped).not.toBe(body)
  const [answer, other] = await Promise.all([
    ours.call('POST', '/pipeline', { body }),
    plain.call('POST', '/pipeline', { body: escaped }),
  ])
  expect([answer.status, answer.body]).toEqual([other.status, other.body])
  expect(watch.effects.splice(0)).toEqual(plainWatch.effects.splice(0))
  return answer.json as readonly unknown[]
}

describe('a pipeline that runs from its body', () => {
  test('takes places, and answers as the other way does', async () => {
    const pipeline = [
      ['SET', 'k', 'v'],
      ['get', 'k'],
      ['GET', 'none'],
      ['INCR', 'n'],
      ['INCR', 'n'],
      ['SET', 'number', 12],
      ['GET', 'number'],
      ['MGET', 'k', 'none', 'n'],
      ['HSET', 'h', 'f', '1', 'g', '2'],
      ['HGETALL', 'h'],
      ['SADD', 's', 'm'],
      ['SMEMBERS', 's'],
      ['SMEMBERS', 'none'],
      ['RPUSH', 'l', 'a', 'b', 'c'],
      ['LRANGE', 'l', '0', '-1'],
      ['ZADD', 'z', '1.5', 'm'],
      ['ZSCORE', 'z', 'm'],
      ['DEL', 'k', 'n', 's', 'h', 'l', 'z'],
    ]
    await both(pipeline) // loads what is loaded by its first use
    const before = watch.placed
    const answers = await both(pipeline)
    expect(answers.slice(0, 8)).toEqual(
      ['OK', 'v', null, 1, 2, 'OK', '12', ['v', null, '2']].map((result) => ({ result })),
    )
    expect(answers[9]).toEqual({ result: ['f', '1', 'g', '2'] })
    expect(watch.placed - before).toBeGreaterThan(10)
    expect(plainWatch.placed).toBe(0)
  })

  test('runs in order with what is no command of places, refuses what it has to, and goes on behind it', async () => {
    const answers = await both([
      ['SET', 'k', 'v'],
      ['LPUSH', 'k', 'x'],
      ['NOSUCH', 'k'],
      ['GET'],
      ['SET', 'k'],
      ['EXPIREAT', 'k', '4102444800'],
      ['EXPIRETIME', 'k'],
      ['MULTI'],
      ['SELECT', '1'],
      ['GET', 'k'],
      ['SET', 'k', 'of 1'],
      ['GET', 'k'],
      ['EVAL', 'return redis.call("GET", KEYS[1])', '1', 'k'],
      ['GET', 'k'],
      ['CLIENT', 'GETNAME'],
      ['BLPOP', 'none', '0.01'],
      ['GET', 'k'],
    ])
    expect(answers[1]).toEqual({ error: expect.stringMatching(/^WRONGTYPE /) })
    expect(answers[9]).toEqual({ result: null })
    expect(answers[12]).toEqual({ result: 'of 1' })
    expect(answers.at(-1)).toEqual({ result: 'of 1' })
    // Of the next request, that is another database again.
    expect(await both([['GET', 'k']])).toEqual([{ result: 'v' }])
  })

  test('answers values that need care, and long ones, among short ones', async () => {
    for (const server of [ours, plain]) {
      const values = ['"', '\\', '\n', 'é', '\ud83d\ude00', 'x'.repeat(1000), 'x'.repeat(5000), 'y'.repeat(300_000), '']
      for (const [i, value] of values.entries()) server.server.execute('SET', `value:${i}`, value)
      for (let i = 0; i < 500; i++) server.server.execute('RPUSH', 'long', `${i}${'é'.repeat(200)}`)
      server.server.execute('SET', 'bytes', Buffer.from([0xff, 0xfe, 0x80]))
    }
    watch.effects.length = plainWatch.effects.length = 0
    const reads = Array.from({ length: 9 }, (_, i) => ['GET', `value:${i}`])
    await both([...reads, ['GET', 'bytes']])
    await both([...reads.slice(0, 6), ['LRANGE', 'long', '0', '-1'], ...reads])
    await both([['GET', 'value:7']])
    await both([
      ['GET', 'value:7'],
      ['GET', 'value:0'],
      ['BLPOP', 'none', '0.01'],
      ['GET', 'value:1'],
    ])
    await both(Array.from({ length: 900 }, (_, i) => ['GET', `value:${i % 7}`]))
  })

  test('tells watchers, and is held by CLIENT PAUSE as any other', async () => {
    await both([
      ['CLIENT', 'PAUSE', '30', 'WRITE'],
      ['SET', 'k', 'late'],
      ['GET', 'k'],
    ])
    expect(
      await both([
        ['SET', 'k', 'later'],
        ['GET', 'k'],
      ]),
    ).toEqual([{ result: 'OK' }, { result: 'later' }])
  })

  const seed = seedOfRun()
  test(`random pipelines, seed ${seed}`, async () => {
    const random = new Random(seed)
    const key = () => `${random.pick(['s', 'h', 'l', 'z', 'n', 't'])}${random.integer(0, 4 - 1)}`
    const value = () =>
      random.pick([
        '',
        '1',
        '-7',
        'v',
        'é',
        'a"b',
        'x'.repeat(1 + random.integer(0, 1500 - 1)),
        `${random.integer(0, 99 - 1)}`,
      ])
    const one = (): (string | number)[] =>
      random.pick([
        () => ['SET', key(), value()],
        () => ['SET', key(), value(), 'EXAT', '4102444800'],
        () => ['SET', key(), value(), random.pick(['NX', 'XX', 'GET', 'KEEPTTL'])],
        () => ['GET', key()],
        () => ['MGET', key(), key()],
        () => ['MSET', key(), value(), key(), value()],
        () => ['INCR', key()],
        () => ['INCRBY', key(), value()],
        () => ['APPEND', key(), value()],
        () => ['DEL', key(), key()],
        () => ['EXISTS', key(), key()],
        () => ['HSET', key(), value(), value()],
        () => ['HGET', key(), value()],
        () => ['HGETALL', key()],
        () => ['SADD', key(), value(), value()],
        () => ['SMEMBERS', key()],
        () => ['SISMEMBER', key(), value()],
        () => ['LPUSH', key(), value(), value()],
        () => ['RPOP', key()],
        () => ['LRANGE', key(), '0', '-1'],
        () => ['ZADD', key(), random.integer(0, 20 - 1), value()],
        () => ['ZSCORE', key(), value()],
        () => ['ZRANGE', key(), '0', '-1', 'WITHSCORES'],
        () => ['TYPE', key()],
        () => ['COPY', key(), key()],
        () => ['GETRANGE', key(), '0', '5'],
        () => [random.pick(['GET', 'SET', 'NOSUCH', 'LPUSH']), key()],
      ])()
    for (let i = 0; i < 150; i++) await both(Array.from({ length: 1 + random.integer(0, 30 - 1) }, one))
    expect(watch.placed).toBeGreaterThan(500)
    expect(ours.server.execute('DBSIZE')).toBe(plain.server.execute('DBSIZE'))
    const digest = (server: RestServer) => server.server.execute('DEBUG', 'DIGEST')
    expect(digest(ours)).toBe(digest(plain))
    const calls = (server: RestServer) =>
      `${server.server.execute('INFO', 'commandstats')}`.match(/cmdstat_\S+:calls=\d+/g)
    expect(calls(ours)).toEqual(calls(plain))
  })
})
