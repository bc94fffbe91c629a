/** The stream of effects, which the journal, checkpoints and replicas read: run on another store it must make the same. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { ManualClock } from '../../lib/base/clock.ts'
import type { Effect } from '../../lib/engine/engine.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { show } from '../contract/harness/seen.ts'
import { type Client, engineClient } from '../contract/harness/subjects.ts'
import type { Generator } from '../differential/generator.ts'
import { generator as generic } from '../differential/generators/generic.ts'
import { generator as sort } from '../differential/generators/sort.ts'
import { generator as stream } from '../differential/generators/stream.ts'
import { Random } from '../differential/random.ts'

let server: Server
let client: Client
let batches: (readonly Effect[])[]

beforeEach(() => {
  server = createServer({ clock: new ManualClock() })
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
        { db: 0, argv: ['SET', 'a', '1'] },
        { db: 0, argv: ['INCR', 'a'] },
        { db: 1, argv: ['SET', 'b', '1'] },
      ],
    ])
  })

  test('tells times absolutely', async () => {
    await send('SET a 1')
    await send('EXPIRE a 100')
    await send('EXPIRE a -1')
    expect(effects()).toEqual([['SET a 1'], ['PEXPIREAT a 1700000100000'], ['DEL a']])
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
        { db: 0, argv: ['SET', 'a', '1'] },
        { db: 1, argv: ['SET', 'b', '1'] },
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
  test.each([generic, stream, sort].flatMap((generator) => [1, 2].map((seed) => ({ generator, seed }))))(
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
    for (const name of ['TYPE', 'PEXPIRETIME', 'GET']) probes.push([name, key])
    probes.push(['LRANGE', key, '0', '-1'], ['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'])
  }
  const shown: string[] = []
  for (const probe of probes) shown.push(show(await of.send(probe)))
  return shown
}
