/** Which keys go, and when: the parts of eviction that clients see are in tests/contract/maxmemory.cases.ts. */
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { Config, type Settings } from '../../lib/config/config.ts'
import { Eviction } from '../../lib/keyspace/eviction.ts'
import { Keyspace } from '../../lib/keyspace/keyspace.ts'
import { createServer } from '../../lib/server.ts'
import { engineClient } from '../contract/harness/subjects.ts'
import { Random, seedOfRun } from '../differential/random.ts'

const seed = seedOfRun()

/** Databases without an engine, a clock that stands still, and a stopwatch that goes on by `stepMs` at each look. */
function setUp(settings: Settings) {
  const { values: config } = new Config({ 'maxmemory-eviction-tenacity': 100, ...settings })
  const clock = new ManualClock()
  const keyspace = new Keyspace(4)
  const random = new Random(seed)
  const evicted: string[] = []
  const delays: string[] = []
  const time = { now: 0, stepMs: 0 }
  keyspace.listener = { ...keyspace.listener, evicted: (db, key) => evicted.push(`${db.index}:${key}`) }
  keyspace.countsFrequency = config['maxmemory-policy'].endsWith('-lfu')
  keyspace.countsWritesOnly = config['maxmemory-policy'].endsWith('-lrm')
  keyspace.setNow(clock.now())
  keyspace.count()
  let rounds = 0
  const eviction = new Eviction({
    keyspace,
    clock,
    config,
    mayEvict: () => true,
    random: () => random.next(),
    stopwatch: () => (time.now += time.stepMs),
  })
  eviction.listener = { onBackground: () => rounds++, onDelay: (event) => delays.push(event) }
  const advance = (ms: number): void => {
    clock.advance(ms)
    keyspace.setNow(clock.now())
  }
  /** Leaves room for a share of what there is. */
  const shrinkTo = (share: number): void => {
    config.maxmemory = Math.floor(keyspace.bytes * share)
    eviction.follow()
  }
  return {
    config,
    clock,
    keyspace,
    db: keyspace.dbs[0],
    eviction,
    evicted,
    delays,
    time,
    advance,
    shrinkTo,
    rounds: () => rounds,
  }
}

/** How many of the keys that went begin with a word. */
const share = (evicted: readonly string[], word: string): number =>
  evicted.filter((name) => name.startsWith(`0:${word}`)).length / evicted.length

describe(`which keys go, seed ${seed}`, () => {
  test('those that were not used for long go first, once there is a choice', () => {
    const shareOfOld = (samples: number): number => {
      const { db, eviction, evicted, advance, shrinkTo } = setUp({
        'maxmemory-policy': 'allkeys-lru',
        'maxmemory-samples': samples,
      })
      for (let i = 0; i < 4000; i++) {
        db.set(`old:${i}`, 'value', -1)
        db.set(`new:${i}`, 'value', -1)
      }
      for (let i = 0; i < 4000; i++) {
        if (i % 100 === 0) advance(1000)
        db.find(`new:${i}`)
      }
      shrinkTo(0.7)
      expect(eviction.perform()).toBe('ok')
      return share(evicted, 'old')
    }
    const [one, five, ten] = [shareOfOld(1), shareOfOld(5), shareOfOld(10)]
    expect(one).toBeLessThan(0.6) // one draw is no choice
    expect(five).toBeGreaterThan(0.99)
    expect(ten).toBeGreaterThan(0.99)
  })

  test('among keys that are read in turn, the last that were read stay', () => {
    const { db, eviction, advance, shrinkTo } = setUp({ 'maxmemory-policy': 'allkeys-lru' })
    for (let i = 0; i < 5000; i++) {
      if (i % 10 === 0) advance(1000)
      db.set(`k:${i}`, 'value', -1)
    }
    shrinkTo(0.5)
    eviction.perform()
    const kept = (from: number, to: number): number => {
      let found = 0
      for (let i = from; i < to; i++) if (db.storedValue(`k:${i}`) !== undefined) found++
      return found / (to - from)
    }
    expect(kept(0, 500)).toBeLessThan(0.05)
    expect(kept(4500, 5000)).toBeGreaterThan(0.98)
  })

  test('those that were used seldom go first, and frequency fades', () => {
    const { db, eviction, evicted, advance, shrinkTo } = setUp({ 'maxmemory-policy': 'allkeys-lfu' })
    for (let i = 0; i < 1000; i++) {
      db.set(`seldom:${i}`, 'value', -1)
      db.set(`often:${i}`, 'value', -1)
      for (let n = 0; n < 50; n++) db.find(`often:${i}`)
    }
    shrinkTo(0.7)
    eviction.perform()
    expect(share(evicted, 'seldom')).toBeGreaterThan(0.99)

    // An hour later those that are used now are worth more than those that were used then.
    advance(3_600_000)
    for (let i = 0; i < 900; i++) {
      db.set(`fresh:${i}`, 'value', -1)
      for (let n = 0; n < 5; n++) db.find(`fresh:${i}`)
    }
    evicted.length = 0
    shrinkTo(0.5)
    eviction.perform()
    expect(share(evicted, 'fresh')).toBeLessThan(0.06)
  })

  test('those that were not changed for long go first under -lrm, however much they are read', () => {
    for (const policy of ['allkeys-lrm', 'volatile-lrm'] as const) {
      const { clock, db, eviction, evicted, advance, shrinkTo } = setUp({ 'maxmemory-policy': policy })
      for (let i = 0; i < 2000; i++) {
        db.set(`read:${i}`, 'value', clock.now() + 1_000_000_000)
        db.set(`changed:${i}`, 'value', clock.now() + 1_000_000_000)
      }
      for (let i = 0; i < 2000; i++) {
        if (i % 100 === 0) advance(1000)
        db.find(`changed:${i}`)
      }
      advance(1000)
      for (let i = 0; i < 2000; i++) db.read(`read:${i}`)
      shrinkTo(0.7)
      eviction.perform()
      expect(share(evicted, 'read')).toBeGreaterThan(0.99)
    }
  })

  test('those whose time is next go first', () => {
    const { clock, db, eviction, evicted, shrinkTo } = setUp({ 'maxmemory-policy': 'volatile-ttl' })
    for (let i = 0; i < 2000; i++) {
      db.set(`soon:${i}`, 'value', clock.now() + 1000 + i)
      db.set(`late:${i}`, 'value', clock.now() + 1_000_000 + i)
      db.set(`lasting:${i}`, 'value', -1)
    }
    shrinkTo(0.7)
    eviction.perform()
    expect(share(evicted, 'soon')).toBeGreaterThan(0.97)
    expect(share(evicted, 'lasting')).toBe(0)
  })

  test.each(['volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'] as const)(
    '%s leaves lasting keys',
    (policy) => {
      const { clock, db, eviction, evicted, shrinkTo } = setUp({ 'maxmemory-policy': policy })
      for (let i = 0; i < 100; i++) db.set(`k:${i}`, 'value', i % 2 === 0 ? -1 : clock.now() + 1000)
      shrinkTo(0.1)
      expect(eviction.perform()).toBe('failed')
      expect([evicted.length, db.size, db.volatileSize]).toEqual([50, 50, 0])
    },
  )

  test.each(['allkeys-random', 'volatile-random'] as const)('%s takes from each database in turn', (policy) => {
    const { clock, keyspace, eviction, evicted, shrinkTo } = setUp({ 'maxmemory-policy': policy })
    for (let i = 0; i < 100; i++) {
      for (const index of [0, 2, 3]) keyspace.dbs[index].set(`k:${i}`, 'value', clock.now() + 1000)
    }
    shrinkTo(0.9)
    eviction.perform()
    expect(evicted.length).toBeGreaterThanOrEqual(30)
    for (let i = 3; i < evicted.length; i++) expect(evicted[i][0]).toBe(evicted[i - 3][0])
    const keys = evicted.map((name) => Number(name.slice(name.lastIndexOf(':') + 1)))
    expect(new Set(keys).size).toBeGreaterThan(15)
  })

  test('candidates of all databases are compared with each other', () => {
    const { keyspace, eviction, evicted, advance, shrinkTo } = setUp({ 'maxmemory-policy': 'allkeys-lru' })
    for (let i = 0; i < 500; i++) keyspace.dbs[3].set(`k:${i}`, 'value', -1)
    advance(10_000)
    for (let i = 0; i < 500; i++) keyspace.dbs[1].set(`k:${i}`, 'value', -1)
    shrinkTo(0.6)
    eviction.perform()
    expect(evicted.filter((name) => name.startsWith('3:')).length / evicted.length).toBe(1)
  })

  test('a candidate that is gone, or lasts by now, is passed over', () => {
    const { clock, db, eviction, evicted, shrinkTo } = setUp({
      'maxmemory-policy': 'volatile-ttl',
      'maxmemory-samples': 16,
    })
    for (let i = 0; i < 16; i++) db.set(`k:${i}`, 'value', clock.now() + 1000 + i)
    shrinkTo(0.99)
    eviction.perform()
    expect(evicted).toEqual(['0:k:0'])
    db.delete('k:1')
    db.persist('k:2')
    db.set('large', 'x'.repeat(1000), -1)
    eviction.perform()
    expect(evicted[1]).toBe('0:k:3')
    expect(db.has('k:2')).toBe(true)
  })
})

describe('how much goes, and how fast', () => {
  test('no more than needed', () => {
    const { config, keyspace, db, eviction, shrinkTo } = setUp({ 'maxmemory-policy': 'allkeys-random' })
    for (let i = 0; i < 1000; i++) db.set(`k:${i}`, 'x'.repeat(i % 100), -1)
    const before = keyspace.bytes
    shrinkTo(0.5)
    eviction.perform()
    expect(keyspace.bytes).toBeLessThanOrEqual(config.maxmemory)
    expect(keyspace.bytes).toBeGreaterThan(before / 2 - 200)
  })

  test('what others hold leaves less room', () => {
    const { config, keyspace, db, eviction } = setUp({ 'maxmemory-policy': 'allkeys-random' })
    for (let i = 0; i < 100; i++) db.set(`k:${i}`, 'value', -1)
    config.maxmemory = keyspace.bytes + 1000
    eviction.otherBytes = 1000
    eviction.follow()
    expect(keyspace.bytes > eviction.watermark).toBe(false)
    eviction.otherBytes = 3000
    expect(keyspace.bytes > eviction.watermark).toBe(true)
    expect(eviction.perform()).toBe('ok')
    expect(keyspace.bytes).toBeLessThanOrEqual(config.maxmemory - 3000)
  })

  test('a round ends with its share of the time, and the clock goes on with it', () => {
    const { clock, db, eviction, evicted, time, shrinkTo, rounds } = setUp({
      'maxmemory-policy': 'allkeys-lru',
      'maxmemory-eviction-tenacity': 10,
    })
    for (let i = 0; i < 100; i++) db.set(`k:${i}`, 'value', -1)
    time.stepMs = 0.3
    shrinkTo(0.1)
    expect(eviction.perform()).toBe('running')
    expect(eviction.outOfMemory).toBe(false)
    expect(evicted.length).toBe(32) // 0.5 ms are over at the second look, after twice sixteen keys
    expect(eviction.currentExceededMs).toBeGreaterThan(0)
    clock.advance(0)
    expect(evicted.length).toBe(90)
    expect(rounds()).toBe(2)
    expect(eviction.currentExceededMs).toBe(0)
    expect(eviction.totalExceededMs).toBeGreaterThan(1)
    eviction.resetStats()
    expect(eviction.totalExceededMs).toBe(0)
  })

  test.each([
    [0, 16],
    [5, 16],
    [10, 32],
    [30, 448],
    [100, 5000],
  ])('tenacity %i removes %i keys at 0.3 ms per sixteen', (tenacity, keys) => {
    const { db, eviction, evicted, time, shrinkTo } = setUp({
      'maxmemory-policy': 'allkeys-random',
      'maxmemory-eviction-tenacity': tenacity,
    })
    for (let i = 0; i < 5000; i++) db.set(`k:${i}`, 'value', -1)
    shrinkTo(1e-5)
    time.stepMs = 0.3
    eviction.perform()
    expect(evicted.length).toBe(keys)
  })

  test('a smaller maxmemory takes effect although no command comes', () => {
    const { clock, keyspace, db, config, shrinkTo } = setUp({ 'maxmemory-policy': 'allkeys-lru' })
    for (let i = 0; i < 100; i++) db.set(`k:${i}`, 'value', -1)
    shrinkTo(0.5)
    expect(db.size).toBe(100)
    clock.advance(0)
    expect(keyspace.bytes).toBeLessThanOrEqual(config.maxmemory)
  })

  test('without room, each command asks again until there is some', () => {
    const { config, keyspace, db, eviction } = setUp({})
    db.set('k', 'value', -1)
    config.maxmemory = keyspace.bytes - 1
    eviction.follow()
    expect(eviction.perform()).toBe('failed')
    expect([eviction.outOfMemory, keyspace.bytes > eviction.watermark]).toEqual([true, true])
    db.delete('k')
    expect(keyspace.bytes > eviction.watermark).toBe(true)
    expect(eviction.perform()).toBe('ok')
    expect([eviction.outOfMemory, keyspace.bytes > eviction.watermark]).toEqual([false, false])
  })

  test('the latency monitor hears of rounds, and of removals while it is on', () => {
    const { config, db, eviction, delays, shrinkTo } = setUp({ 'maxmemory-policy': 'allkeys-lru' })
    for (let i = 0; i < 4; i++) db.set(`k:${i}`, 'value', -1)
    shrinkTo(0.7)
    eviction.perform()
    expect(delays).toEqual(['eviction-cycle'])
    config['latency-monitor-threshold'] = 1
    shrinkTo(0.6)
    eviction.perform()
    expect(delays).toEqual(['eviction-cycle', 'eviction-del', 'eviction-cycle'])
  })
})

describe('in a store', () => {
  const KB = 1024

  /** A store with a limit, and a client of it. */
  function open(settings: Settings) {
    const clock = new ManualClock()
    const messages: string[] = []
    const server = createServer({ clock, log: (_, message) => messages.push(message), ...settings })
    return { clock, server, engine: server.engine, client: engineClient(server), messages }
  }

  /** Commands that make values grow, in place where the type allows it. */
  const GROWTH: Record<string, (i: number) => string[]> = {
    strings: (i) => ['SET', `k:${i}`, 'x'.repeat(i % 200)],
    'strings that are written over': (i) => ['SET', `k:${i % 100}`, 'x'.repeat(i)],
    integers: (i) => ['INCRBY', `k:${i}`, `${i * 1_000_003}`],
    'strings with an expiry': (i) => ['SET', `k:${i}`, 'x', 'EX', '1000'],
    'appended strings': (i) => ['APPEND', `k:${i % 50}`, 'x'.repeat(50)],
    'strings written at an offset': (i) => ['SETRANGE', `k:${i % 50}`, `${i}`, 'x'],
    bitmaps: (i) => ['SETBIT', `k:${i % 50}`, `${i * 20}`, '1'],
    hyperloglogs: (i) => ['PFADD', `k:${i % 500}`, `${i}`],
    'small hashes': (i) => ['HSET', `k:${i % 1000}`, `f:${i}`, 'v'.repeat(20)],
    'large hashes': (i) => ['HSET', `k:${i % 3}`, `f:${i}`, 'v'.repeat(i % 100)],
    'hashes whose fields expire': (i) => ['HSETEX', `k:${i % 100}`, 'EX', '100', 'FIELDS', '1', `f:${i}`, 'v'],
    'lists, at their ends': (i) => [i % 2 ? 'LPUSH' : 'RPUSH', `k:${i % 20}`, 'e'.repeat(150) + i],
    'lists, inside': (i) =>
      i < 20 ? ['RPUSH', `k:${i}`, 'p'] : ['LINSERT', `k:${i % 20}`, 'BEFORE', 'p', 'e'.repeat(150) + i],
    'sets of integers': (i) => ['SADD', `k:${i % 3000}`, `${i}`],
    sets: (i) => ['SADD', `k:${i % 20}`, `member:${i}`],
    'sorted sets': (i) => ['ZADD', `k:${i % 20}`, `${i}.5`, `member:${i}`],
    streams: (i) => ['XADD', `k:${i % 20}`, '*', 'field', 'v'.repeat(i % 100)],
    'consumer groups': (i) => ['XGROUP', 'CREATE', `k:${i % 20}`, `group:${i}`, '$', 'MKSTREAM'],
    copies: (i) => (i === 0 ? ['RPUSH', 'source', 'a', 'b'] : ['COPY', 'source', `k:${i}`]),
  }

  test.each(Object.keys(GROWTH))('%s stay below maxmemory but for what the last command added', async (name) => {
    const { engine, client } = open({
      maxmemory: '400kb',
      'maxmemory-policy': 'allkeys-lru',
      'maxmemory-eviction-tenacity': 100,
    })
    const { eviction, keyspace } = engine
    for (let i = 0; i < 4000; i++) {
      await client.send(GROWTH[name](i))
      if (eviction.usedBytes <= 400 * KB) continue
      await client.send(['PING'])
      expect(eviction.usedBytes).toBeLessThanOrEqual(400 * KB)
    }
    expect(keyspace.stats.evicted).toBeGreaterThan(0)
  })

  test('what is written is still there: the key that was just used is the last to go', async () => {
    const { engine, client } = open({ maxmemory: '400kb', 'maxmemory-policy': 'allkeys-lru' })
    let lost = 0
    for (let i = 0; i < 5000; i++) {
      await client.send(['SET', `k:${i}`, 'value'])
      if ((await client.send(['GET', `k:${i}`])) === null) lost++
    }
    expect(engine.keyspace.stats.evicted).toBeGreaterThan(1000)
    expect(lost).toBe(0)
  })

  test('each key that goes is an effect of its own, before that of the command', async () => {
    const { engine, client } = open({ 'maxmemory-policy': 'allkeys-lru' })
    const effects: string[] = []
    engine.effectListeners.push((batch) =>
      effects.push(batch.map(({ db, argv }) => `${db} ${argv.join(' ')}`).join('; ')),
    )
    await client.send(['SELECT', '2'])
    await client.send(['SET', 'a', '1'])
    await client.send(['CONFIG', 'SET', 'maxmemory', '1'])
    await client.send(['DEL', 'nothing'])
    expect(effects).toEqual(['2 SET a 1', '2 DEL a'])
    await client.send(['CONFIG', 'SET', 'maxmemory', '0'])
  })

  test('in a transaction nothing goes, afterwards it does', async () => {
    const { clock, engine, client } = open({ 'maxmemory-policy': 'allkeys-lru' })
    const effects: string[] = []
    engine.effectListeners.push((batch) => effects.push(batch.map(({ argv }) => argv.join(' ')).join('; ')))
    await client.send(['MULTI'])
    await client.send(['INCR', 'x'])
    await client.send(['CONFIG', 'SET', 'maxmemory', '1'])
    await client.send(['INCR', 'x'])
    expect(await client.send(['EXEC'])).toEqual([1, { kind: 'status', text: 'OK' }, 2])
    clock.advance(0)
    expect(effects).toEqual(['INCR x; INCR x', 'DEL x'])
  })

  test('a client that tracks a key hears that it went before the reply that follows', async () => {
    const { client } = open({ 'maxmemory-policy': 'allkeys-lru' })
    await client.send(['HELLO', '3'])
    await client.send(['CLIENT', 'TRACKING', 'ON'])
    await client.send(['SET', 'k', 'v'])
    await client.send(['GET', 'k'])
    await client.send(['CONFIG', 'SET', 'maxmemory', '1'])
    expect(await client.send(['GET', 'k'])).toBe(null)
    expect(await client.push()).toEqual({ kind: 'push', items: ['invalidate', ['k']] })
  })

  test('a reader in a group that waits at a stream hears that it went', async () => {
    const { clock, server, client } = open({ 'maxmemory-policy': 'allkeys-lru' })
    await client.send(['XGROUP', 'CREATE', 's', 'g', '$', 'MKSTREAM'])
    const reply = engineClient(server).send(['XREADGROUP', 'GROUP', 'g', 'c', 'BLOCK', '0', 'STREAMS', 's', '>'])
    await client.send(['CONFIG', 'SET', 'maxmemory', '1'])
    clock.advance(0)
    expect(await reply).toMatchObject({ kind: 'error', text: expect.stringMatching(/^NOGROUP/) })
  })

  test('what commands that run others must know is how it was when they began', async () => {
    const { engine, client } = open({})
    await client.send(['SET', 'k', 'v'])
    await client.send(['CONFIG', 'SET', 'maxmemory', '1'])
    expect(engine.ports.memory.eviction.outOfMemory).toBe(false)
    await client.send(['GET', 'k'])
    expect(engine.ports.memory.eviction.outOfMemory).toBe(true)
    await client.send(['CONFIG', 'SET', 'maxmemory', '0'])
    await client.send(['GET', 'k'])
    expect(engine.ports.memory.eviction.outOfMemory).toBe(false)
  })

  test('a limit that can hardly be meant is worth a warning', async () => {
    expect(open({ maxmemory: '10mb' }).messages).toEqual([])
    expect(open({ maxmemory: '1000' }).messages).toEqual([
      'WARNING: You specified a maxmemory value that is less than 1MB (current value is 1000 bytes). Are you sure this is what you really want?',
    ])
    const { client, messages } = open({})
    await client.send(['CONFIG', 'SET', 'maxmemory', '100'])
    expect(messages[0]).toMatch(
      /^WARNING: the new maxmemory value set via CONFIG SET \(100\) is smaller than the current memory usage \(\d+\)\./,
    )
  })

  test('LATENCY keeps a round that took long', async () => {
    const { client } = open({
      'maxmemory-policy': 'allkeys-lru',
      'latency-monitor-threshold': 1,
      'maxmemory-eviction-tenacity': 100,
    })
    for (let i = 0; i < 30_000; i++) await client.send(['SET', `k:${i}`, 'value'])
    await client.send(['CONFIG', 'SET', 'maxmemory', '1'])
    await client.send(['PING'])
    const latest = (await client.send(['LATENCY', 'LATEST'])) as [string, ...number[]][]
    expect(latest.map(([event]) => event)).toContain('eviction-cycle')
  })

  test('the policy may change while the store is full', async () => {
    const { client } = open({ maxmemory: '350kb' })
    let i = 0
    const fill = async () => {
      for (let left = 2000; left > 0; left--) {
        const reply = await client.send(['SET', `k:${i++}`, 'x'.repeat(100)])
        const { kind, text } = reply as { kind: string; text: string }
        if (kind === 'error') return text
      }
      return 'all written'
    }
    expect(await fill()).toMatch(/^OOM/)
    await client.send(['CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu'])
    expect(await fill()).toBe('all written')
  })
})
