/**
 * The walk of a snapshot beside writes: what it writes is the store as it was when it began, key by key, and with the effects
 * since then it is the store as it is when it ends; whatever is done meanwhile, to values small and large.
 */
/// <reference types="vite/client" />
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../lib/base/clock.ts'
import { valueDigest } from '../../../lib/commands/server/digest.ts'
import type { Effect } from '../../../lib/engine/engine.ts'
import { Elements } from '../../../lib/keyspace/large/elements.ts'
import { HashValue } from '../../../lib/keyspace/values/hash.ts'
import { StreamValue } from '../../../lib/keyspace/values/stream.ts'
import { Walk, type WalkSink } from '../../../lib/persistence/snapshot/walk.ts'
import { createServer, type Server } from '../../../lib/server.ts'
import { show } from '../../contract/harness/seen.ts'
import { type Client, engineClient } from '../../contract/harness/subjects.ts'
import type { Generator } from '../../differential/generator.ts'
import { Random, seedOfRun } from '../../differential/random.ts'

const generators = Object.entries(
  import.meta.glob<{ generator: Generator }>('../../differential/generators/*.ts', { eager: true }),
)
  .filter(([path]) => !path.endsWith('/acl.ts'))
  .map(([, { generator }]) => generator)

/** Gives each piece back at once, as a file does after a while. */
class Sink implements WalkSink {
  readonly pieces: Uint8Array[] = []
  isComplete = false

  write(piece: Uint8Array, written: () => void): void {
    this.pieces.push(piece.slice())
    written()
  }

  end(): void {
    this.isComplete = true
  }

  abandon(error: unknown): void {
    throw error
  }
}

class Store {
  readonly clock = new ManualClock()
  readonly server: Server = createServer({ clock: this.clock, 'enable-debug-command': 'yes', log() {} })
  readonly client: Client = engineClient(this.server)
  #db = -1

  async tell(...argv: string[]): Promise<string> {
    return show(await this.client.send(argv))
  }

  /** Every key with its time and its content. */
  contents(): Map<string, string> {
    const contents = new Map<string, string>()
    const { keyspace, ports } = this.server.engine
    const sha1 = (text: string): string => createHash('sha1').update(text, 'latin1').digest('binary')
    for (const db of keyspace.dbs) {
      for (const key of db.keys()) {
        if (!db.isLive(key)) continue
        const value = db.storedValue(key)!
        const digest = valueDigest(db, key, keyspace.now, sha1)
        const times = value instanceof HashValue ? timesOf(value) : ''
        const groups = value instanceof StreamValue ? ports.persistence.rdb.dump(value) : ''
        contents.set(`${db.index} ${key}`, [db.expireAt(key), digest, times, groups].join(' '))
      }
    }
    return contents
  }

  async digest(): Promise<string> {
    return this.tell('DEBUG', 'DIGEST')
  }

  async apply({ db, argv }: Effect): Promise<void> {
    if (db !== this.#db) await this.tell('SELECT', `${(this.#db = db)}`)
    const reply = await this.tell(...argv)
    if (/^-[A-Z]/.test(reply)) throw new Error(`${argv.join(' ')} answered ${reply}`)
  }

  walk(sink: Sink): Walk {
    const { engine } = this.server
    engine.keyspace.setNow(this.clock.now())
    return new Walk({
      keyspace: engine.keyspace,
      commands: () => engine.stats.commands,
      options: { functions: engine.ports.scripting.functions.codes },
      sinks: [sink],
      onOver() {},
    })
  }
}

/** The times of a hash's fields. */
function timesOf(hash: HashValue): string {
  const times: string[] = []
  hash.forEach(-Infinity, (field) => times.push(`${field} ${hash.expireAt(field)}`))
  return times.sort().join(' ')
}

/** Commands that concern databases as a whole, time, and several commands at once. */
const AT_LARGE: readonly (readonly [number, (random: Random) => string[][]])[] = [
  [8, (r) => [['SELECT', `${r.integer(0, 3)}`]]],
  [1, (r) => [['SWAPDB', `${r.integer(0, 3)}`, `${r.integer(0, 3)}`]]],
  [1, (r) => (r.chance(0.15) ? [['FLUSHALL']] : r.chance(0.3) ? [['FLUSHDB', 'ASYNC']] : [])],
  [4, (r) => [['MOVE', `key${r.integer(0, 300)}`, `${r.integer(0, 3)}`]]],
  [4, (r) => [['RENAME', r.pick(LARGE), r.pick(LARGE)]]],
  [4, (r) => [['COPY', r.pick(LARGE), `copy${r.integer(0, 9)}`, 'DB', `${r.integer(0, 3)}`, 'REPLACE']]],
  [20, (r) => [[r.pick(['DEL', 'UNLINK', 'GETDEL']), `key${r.integer(0, 300)}`]]],
  [20, (r) => [['SET', `key${r.integer(0, 400)}`, r.bytes(0, 20)]]],
  [10, (r) => [['PEXPIRE', `key${r.integer(0, 300)}`, `${r.integer(1, 300)}`]]],
  [5, (r) => [['PERSIST', `key${r.integer(0, 300)}`]]],
  [
    5,
    (r) => [
      ['HPEXPIRE', r.pick(['hash', 'large-hash']), `${r.integer(1, 200)}`, 'FIELDS', '1', `f${r.integer(0, 20)}`],
    ],
  ],
  [
    5,
    (r) => [
      ['EVAL', `redis.call('incr', KEYS[1]) redis.call('rpush', KEYS[2], 'x') return 1`, '2', 'counter', r.pick(LARGE)],
    ],
  ],
  [
    5,
    (r) => [
      ['MULTI'],
      ['SET', `key${r.integer(0, 300)}`, 'x'],
      ['HSET', 'large-hash', `f${r.integer(0, 5000)}`, 'y'],
      ['EXEC'],
    ],
  ],
  [15, touchLarge],
]

const PAD = 'x'.repeat(60)

const LARGE = [
  'large-hash',
  'large-set',
  'large-zset',
  'large-list',
  'large-stream',
  'large-string',
  'large-array',
  'large-text',
]

function touchLarge(r: Random): string[][] {
  const n = `${r.integer(0, 5999)}`
  return [
    r.pick([
      ['HSET', 'large-hash', `f${n}`, 'changed'],
      ['HDEL', 'large-hash', `f${n}`],
      ['SADD', 'large-set', `new${n}`],
      ['SREM', 'large-set', `member${n}`],
      ['SPOP', 'large-set'],
      ['ZADD', 'large-zset', n, `member${r.integer(0, 5999)}`],
      ['ZADD', 'large-zset', n, `member${r.integer(0, 5999)}${PAD}`],
      ['ZREM', 'large-zset', `member${n}${PAD}`],
      ['ZREMRANGEBYRANK', 'large-zset', '0', '3'],
      ['ZPOPMAX', 'large-zset', '3'],
      ['LPUSH', 'large-list', 'x'],
      ['RPOP', 'large-list'],
      ['LSET', 'large-list', n, 'changed'],
      ['LREM', 'large-list', '1', `element${n}`],
      ['XADD', 'large-stream', '*', 'f', 'v'],
      ['XDEL', 'large-stream', `${n}-1`],
      ['XTRIM', 'large-stream', 'MAXLEN', '~', '5000'],
      ['XREADGROUP', 'GROUP', 'g', `c${r.integer(0, 3)}`, 'COUNT', '5', 'STREAMS', 'large-stream', '>'],
      ['XACK', 'large-stream', 'g', `${n}-1`],
      ['XCLAIM', 'large-stream', 'g', 'other', '0', `${n}-1`],
      ['XAUTOCLAIM', 'large-stream', 'g', 'third', '0', `${n}-1`, 'COUNT', '3'],
      ['XNACK', 'large-stream', 'g', 'FAIL', 'IDS', '1', `${n}-1`],
      ['SETRANGE', 'large-string', `${r.integer(0, 700_000)}`, 'changed'],
      ['SETBIT', 'large-string', `${r.integer(0, 5_600_000)}`, '1'],
      ['APPEND', 'large-string', 'more'],
      ['APPEND', 'large-text', 'more'],
      ['ARSET', 'large-array', `${r.integer(0, 90000)}`, 'changed'],
      ['ARDEL', 'large-array', `${r.integer(0, 90000)}`],
    ]),
  ]
}

async function fill(store: Store): Promise<void> {
  const numbers = Array.from({ length: 6000 }, (_, i) => i)
  for (const db of ['1', '3', '0']) {
    await store.tell('SELECT', db)
    for (let i = 0; i < 300; i++)
      await store.tell('SET', `key${i}`, `value${i}`, ...(i % 3 === 0 ? ['PX', `${i}`] : []))
  }
  const pad = PAD
  await store.tell('HSET', 'large-hash', ...numbers.flatMap((i) => [`f${i}`, pad + i]))
  await store.tell('SADD', 'large-set', ...numbers.map((i) => `member${i}`), pad.repeat(9000))
  await store.tell('ZADD', 'large-zset', ...numbers.flatMap((i) => [`${i % 77}`, `member${i}${pad}`]))
  await store.tell('RPUSH', 'large-list', ...numbers.map((i) => `element${i}${pad.repeat(2)}`))
  for (const i of numbers) await store.tell('XADD', 'large-stream', `${i + 1}-1`, 'field', pad + pad + i)
  await store.tell('XGROUP', 'CREATE', 'large-stream', 'g', '0')
  await store.tell('XREADGROUP', 'GROUP', 'g', 'c1', 'COUNT', '4000', 'STREAMS', 'large-stream', '>')
  await store.tell('SETRANGE', 'large-string', '700000', 'end')
  await store.tell('SET', 'large-text', pad.repeat(10_000))
  await store.tell('ARMSET', 'large-array', ...numbers.flatMap((i) => [`${i * 15}`, pad + i]))
}

async function trial(seed: number): Promise<{ early: number; parts: number }> {
  const random = new Random(seed)
  const store = new Store()
  const follower = new Store()
  follower.clock.advance(store.clock.now() - follower.clock.now())
  await fill(store)
  const used = Array.from({ length: 4 }, () => random.pick(generators))
  for (const { setup = [] } of used) {
    for (const argv of setup) for (const each of [store, follower]) await each.tell(...argv)
  }
  const command = (): readonly string[][] =>
    random.chance(0.4) ? random.weighted(AT_LARGE)(random) : [random.pick(used).next(random) as string[]]
  for (let i = 0; i < 500; i++) {
    for (const argv of command())
      for (const each of argv[0] === 'CONFIG' ? [store, follower] : [store]) await each.tell(...argv)
  }

  const effects: Effect[] = []
  const before = store.contents()
  const digestBefore = await store.digest()
  const sink = new Sink()
  const walk = store.walk(sink)
  walk.begin()
  store.server.engine.effectListeners.push((all) => effects.push(...all))
  const density = random.pick([0, 0.02, 0.3])
  for (let i = 0; i < 1500; i++) {
    for (const argv of command()) {
      // No effect, but what comes after it depends on it.
      if (argv[0] === 'CONFIG') effects.push({ db: 0, argv, targets: 0 })
      await store.tell(...argv)
    }
    if (random.chance(0.02)) {
      store.clock.advance(random.integer(1, 20))
      store.server.cron()
    }
    if (random.chance(density)) walk.slice(0)
  }
  while (walk.slice(Infinity));
  expect([walk.processed, sink.isComplete]).toEqual([walk.total, true])
  follower.server.engine.ports.persistence.rdb.replaceAll(sink.pieces)
  expect(await follower.digest()).toBe(digestBefore)
  const after = follower.contents()
  for (const [key, content] of before) {
    if (after.get(key) !== content)
      throw new Error(`${key} is another (ZERODIS_FUZZ_SEED=${seed}):\n${content}\n${after.get(key)}`)
  }
  expect(after.size).toBe(before.size)
  for (const effect of effects) await follower.apply(effect)
  follower.clock.advance(store.clock.now() - follower.clock.now())
  expect(await follower.digest()).toBe(await store.digest())
  await store.server.close()
  await follower.server.close()
  return { early: walk.earlyBytes, parts: sink.pieces.length }
}

const { least } = Elements

// So that those named large are.
beforeAll(() => {
  Elements.least = 1000
})
afterAll(() => {
  Elements.least = least
})

describe('a walk beside random writes', () => {
  const trials = Number(process.env.ZERODIS_WALKS ?? 2)
  const seed = seedOfRun()
  test(`writes the store as it was, ${trials} times, seed ${seed}`, { timeout: 60_000 + trials * 20_000 }, async () => {
    for (let i = 0; i < trials; i++) {
      const { early } = await trial(seed + i)
      expect(early).toBeGreaterThan(0)
    }
  })
})
