/** The stream of effects, which the journal, checkpoints and replicas read: run on another store it must make the same. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { ManualClock } from '../../lib/base/clock.ts'
import { type Effect, Target } from '../../lib/engine/engine.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { show } from '../contract/harness/seen.ts'
import { type Client, engineClient } from '../contract/harness/subjects.ts'
import type { Generator } from '../differential/generator.ts'
import { generator as array } from '../differential/generators/array.ts'
import { generator as generic } from '../differential/generators/generic.ts'
import { generator as json } from '../differential/generators/json.ts'
import { generator as sort } from '../differential/generators/sort.ts'
import { generator as stream } from '../differential/generators/stream.ts'
import { Random } from '../differential/random.ts'

let clock: ManualClock
let server: Server
let client: Client
let batches: (readonly Effect[])[]

beforeEach(() => {
  clock = new ManualClock()
  server = createServer({ clock })
  client = engineClient(server)
  batches = []
  server.engine.effectListeners.push((batch) => batches.push(batch))
})
afterEach(() => server.close())

const send = (line: string) => client.send(line.split(' '))
const effects = (): string[][] => batches.map((batch) => batch.map(({ argv }) => argv.join(' ')))

describe('the stream of effects', () => {
  test('repeats a command that changed something, and no other', async () => {
    for (const line of ['SET a 1', 'GET a', 'DEL b', 'INCR a', 'INCR x y']) await send(line)
    expect(effects()).toEqual([['SET a 1'], ['INCR a']])
  })

  test('holds what a transaction changed in one batch', async () => {
    for (const line of ['MULTI', 'SET a 1', 'GET a', 'INCR a', 'SELECT 1', 'SET b 1', 'EXEC']) await send(line)
    expect(batches).toEqual([
      [
        { db: 0, argv: ['SET', 'a', '1'], targets: Target.All },
        { db: 0, argv: ['INCR', 'a'], targets: Target.All },
        { db: 1, argv: ['SET', 'b', '1'], targets: Target.All },
      ],
    ])
  })

  test('tells times absolutely', async () => {
    await send('SET a 1')
    await send('EXPIRE a 100')
    await send('EXPIRE a -1')
    expect(effects()).toEqual([['SET a 1'], ['PEXPIREAT a 1700000100000'], ['DEL a']])
  })

  test('leaves what is absolute already as it was sent', async () => {
    for (const line of [
      'SET a 1 NX GET PXAT 9223372036854775807',
      'PEXPIREAT a 9007199254740993 LT',
      'SET b 1 EX 100 GET',
      'SET c 1 GET NX',
      'XADD s NOMKSTREAM 1-1 f v',
      'XADD s MINID 1 5 f v',
      'XADD s MAXLEN ~ 1000 LIMIT 5 5-* f v',
    ])
      await send(line)
    expect(effects().flat()).toEqual([
      'SET a 1 NX GET PXAT 9223372036854775807',
      'PEXPIREAT a 9007199254740993 LT',
      'SET b 1 PXAT 1700000100000',
      'SET c 1 NX',
      'XADD s MINID 1 5 f v',
      'XADD s MAXLEN = 2 5-1 f v',
    ])
  })

  test('keeps the condition of an expiry', async () => {
    for (const line of ['SET a 1', 'EXPIRE a 100 NX', 'HSET h f 1 g 2', 'HEXPIRE h 100 NX FIELDS 3 f g none'])
      await send(line)
    expect(effects().flat()).toEqual([
      'SET a 1',
      'PEXPIREAT a 1700000100000 NX',
      'HSET h f 1 g 2',
      'HPEXPIREAT h 1700000100000 NX FIELDS 2 f g',
    ])
  })

  test('has UNLINK where the directives ask for lazy freeing', async () => {
    await send('CONFIG SET lazyfree-lazy-expire yes lazyfree-lazy-user-del yes lazyfree-lazy-server-del yes')
    for (const line of [
      'SET a 1 PX 10',
      'SET b 1',
      'SET c 1',
      'SADD s x',
      'PEXPIRE b 0',
      'GETDEL c',
      'SPOP s 5',
      'SET d 1',
    ])
      await send(line)
    await send('DEL d')
    clock.advance(20)
    await send('GET a')
    expect(effects().flat().slice(4)).toEqual(['UNLINK b', 'UNLINK c', 'UNLINK s', 'SET d 1', 'DEL d', 'UNLINK a'])
  })

  test('tells of each field of a hash whose time has come, all that one command meets in one batch', async () => {
    for (const line of ['HSET h a 1 b 2 c 3', 'HPEXPIRE h 10 FIELDS 2 a b']) await send(line)
    clock.advance(20)
    await send('HRANDFIELD h')
    expect(effects().slice(2)).toEqual([['HDEL h a', 'HDEL h b']])
  })

  test('makes a consumer by what is claimed for it, or by itself where nothing is (NOACK)', async () => {
    for (const line of ['XADD s 1-0 f v', 'XGROUP CREATE s g 0', 'XREADGROUP GROUP g a STREAMS s 0']) await send(line)
    expect(effects().slice(2)).toEqual([])
    await send('XREADGROUP GROUP g a STREAMS s >')
    await send('XREADGROUP GROUP g a STREAMS s 0')
    await send('XADD s 2-0 f v')
    await send('XREADGROUP GROUP g b NOACK STREAMS s >')
    expect(effects().slice(2)).toEqual([
      [
        'XCLAIM s g a 0 1-0 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-0',
        'XGROUP SETID s g 1-0 ENTRIESREAD 1',
      ],
      ['XADD s 2-0 f v'],
      ['XGROUP CREATECONSUMER s g b', 'XGROUP SETID s g 2-0 ENTRIESREAD 2'],
    ])
  })

  test('has no names that only zerodis knows, and passes on what empties nothing', async () => {
    for (const line of ['SET a 1', 'DELETE a', 'FLUSH', 'FLUSHALL', 'SWAPDB 0 0']) await send(line)
    expect(effects().flat()).toEqual(['SET a 1', 'del a', 'flushdb', 'FLUSHALL', 'SWAPDB 0 0'])
  })

  test('has nothing of watched keys whose time has come before a command looks at them', async () => {
    for (const line of ['SELECT 1', 'SET a 1 PX 10', 'SELECT 0', 'WATCH a']) await send(line)
    clock.advance(20)
    for (const line of ['SWAPDB 0 1', 'SET a 4', 'MULTI', 'EXEC']) await send(line)
    expect(effects().slice(1)).toEqual([['SWAPDB 0 1'], ['DEL a', 'SET a 4']])
  })

  test('tells where a key was before SWAPDB, and where it is set after', async () => {
    for (const line of ['SET a 1 PX 10', 'SWAPDB 0 1', 'SELECT 1']) await send(line)
    clock.advance(20)
    await send('SET a 2')
    expect(batches.slice(2).flat()).toEqual([
      { db: 1, argv: ['DEL', 'a'], targets: Target.All, cause: 'expired' },
      { db: 1, argv: ['SET', 'a', '2'], targets: Target.All },
    ])
  })

  test('has an id for each entry, and the length for each trim', async () => {
    await send('XADD s MAXLEN ~ 1 * f v')
    expect(effects()).toEqual([['XADD s MAXLEN = 1 1700000000000-0 f v']])
  })
})

describe('the effects of a script', () => {
  const run = (body: string) => client.send(['EVAL', body, '0'])

  test('come in one batch, each in its database', async () => {
    await run("redis.call('SET', 'a', 1) redis.call('GET', 'a') redis.call('SELECT', 1) redis.call('SET', 'b', 1)")
    expect(batches).toEqual([
      [
        { db: 0, argv: ['SET', 'a', '1'], targets: Target.All },
        { db: 1, argv: ['SET', 'b', '1'], targets: Target.All },
      ],
    ])
  })

  test('are what its commands make of themselves, with the time at which it began', async () => {
    await run("redis.call('SET', 'a', 1, 'EX', 100) redis.call('SADD', 's', 'x') redis.call('SPOP', 's')")
    expect(effects()).toEqual([['SET a 1 PXAT 1700000100000', 'SADD s x', 'SREM s x']])
  })

  test('are passed on though it ends with an error, and nothing is if it only reads', async () => {
    await run("redis.call('SET', 'a', 1) error('x')")
    await run("return redis.call('GET', 'a')")
    expect(effects()).toEqual([['SET a 1']])
  })

  test('inside MULTI join those of the transaction', async () => {
    await send('MULTI')
    await send('SET a 1')
    await run("redis.call('INCR', 'a')")
    await send('EXEC')
    expect(effects()).toEqual([['SET a 1', 'INCR a']])
  })

  test('are kept back from redis.set_repl(redis.REPL_NONE) on, to the end of the script', async () => {
    await run("redis.call('SET', 'a', 1) redis.set_repl(redis.REPL_NONE) redis.call('SET', 'b', 1)")
    await run(
      "redis.set_repl(redis.REPL_NONE) redis.call('SET', 'c', 1) redis.set_repl(redis.REPL_ALL) redis.call('SET', 'd', 1)",
    )
    await send('SET e 1')
    expect(effects()).toEqual([['SET a 1'], ['SET d 1'], ['SET e 1']])
  })

  test('of libraries are the commands that changed them', async () => {
    const code = "#!lua name=lib\nredis.register_function('f', function() return redis.call('SET', 'k', 'v') end)"
    await client.send(['FUNCTION', 'LOAD', code])
    await client.send(['FUNCTION', 'LOAD', code])
    await client.send(['FCALL', 'f', '0'])
    await client.send(['FUNCTION', 'FLUSH'])
    expect(effects()).toEqual([[`FUNCTION LOAD ${code}`], ['SET k v'], ['FUNCTION FLUSH']])
  })
})

describe('replayed on another store, the effects of random commands make the same', () => {
  test.each([array, generic, json, stream, sort].flatMap((generator) => [1, 2].map((seed) => ({ generator, seed }))))(
    '$generator.name (seed $seed)',
    async ({ generator, seed }) => {
      const replica = createServer({ clock: new ManualClock() })
      const replicaClient = engineClient(replica)
      for (const argv of generator.setup ?? []) for (const to of [client, replicaClient]) await to.send(argv)
      const random = new Random(seed)
      for (let round = 0; round < 10; round++) {
        for (let i = 0; i < 300; i++) await client.send(generator.next(random))
        await client.send(['DISCARD'])
        for (const { db, argv } of batches.flat()) {
          await replicaClient.send(['SELECT', '' + db])
          expect(show(await replicaClient.send(argv)), argv.join(' ')).not.toMatch(/^-/)
        }
        batches = []
        for (const db of ['0', '1'])
          expect(await state(replicaClient, db, generator)).toEqual(await state(client, db, generator))
      }
      await replica.close()
    },
  )
})

async function state(of: Client, db: Bytes, { keys }: Generator): Promise<string[]> {
  const probes: Bytes[][] = [['SELECT', db], ['DBSIZE']]
  for (const key of keys) {
    for (const name of ['TYPE', 'PEXPIRETIME', 'GET', 'JSON.GET']) probes.push([name, key])
    probes.push(['LRANGE', key, '0', '-1'], ['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'])
  }
  const shown: string[] = []
  for (const probe of probes) shown.push(asPropagated(show(await of.send(probe))))
  return shown
}

/** As in Redis, replicas do not hear of a consumer that has nothing, nor of pending entries that are read again. */
function asPropagated(text: string): string {
  return text
    .replace(
      /(, )?\["name", "(?:[^"\\]|\\.)*", "seen-time", \d+, "active-time", -?\d+, "pel-count", 0, "pending", \[\]\]/g,
      '',
    )
    .replace(/"consumers", \[, /g, '"consumers", [')
    .replace(/, 1700000000000, \d+\]/g, ', delivered]')
}
