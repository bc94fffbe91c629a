/** The keys of a Durable Object: what is kept of them, and what its one alarm does. */
import { describe, expect, test } from 'vitest'
import { Config } from '../../../lib/config/config.ts'
import { type DurableStore, openDurable } from '../../../lib/server/durable.ts'
import { buildServer, type Server } from '../../../lib/server/server.ts'
import { AlarmClock } from '../../../lib/stores/object/alarmclock.ts'
import { FakeStorage } from './objectstorage.ts'

class TestObject {
  readonly server: Server
  readonly storage: FakeStorage
  store!: DurableStore
  now: number
  lost = ''

  constructor(storage = new FakeStorage(), now = 1_700_000_000_000) {
    this.storage = storage
    this.now = now
    const clock = new AlarmClock({
      now: () => this.now,
      setAlarm: (at) => void (storage.alarmAt = at),
      onFault(error) {
        throw error
      },
    })
    this.server = buildServer(
      { config: new Config({ 'enable-debug-command': 'yes' }), clock, log: () => {} },
      (kept) => {
        const onLost = (reason: string): void => void (this.lost = reason)
        this.store = openDurable(kept, { storage, clock, id: 'object', onLost })
        return this.store
      },
    )
  }

  run(line: string): unknown {
    return this.server.execute(...line.split(' '))
  }

  /** What the object is after it was put out of memory. */
  again(): TestObject {
    return new TestObject(this.storage, this.now)
  }

  /** Time passes, and the alarms on the way come. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    while (this.storage.alarmAt <= end) {
      this.now = Math.max(this.now, this.storage.alarmAt)
      this.storage.alarmAt = Infinity
      await this.store.alarmed()
    }
    this.now = end
  }
}

describe('what is kept', () => {
  test('is all that was answered, of every type', () => {
    const object = new TestObject()
    const lines = [
      ...['SET s v', 'INCRBYFLOAT f 0.5', 'RPUSH l a b c', 'LPOP l', 'SADD t 1 2 x', 'SPOP t', 'HSET h f v g w'],
      ...['ZADD z 1 a 2 b', 'XADD x * f v', 'PFADD p a b', 'SETBIT b 7 1', 'JSON.SET j $ {"a":[1]}', 'EXPIRE s 100'],
      ...['EVAL return(redis.call("INCR","n")) 0', 'SELECT 0'],
    ]
    for (const line of lines) if (line !== 'SELECT 0') object.run(line)
    const digest = object.run('DEBUG DIGEST')
    expect(object.again().run('DEBUG DIGEST')).toBe(digest)
    expect(object.again().run('TTL s')).toBe(100)
  })

  test('leaves no trace of an object that was only asked', () => {
    const object = new TestObject()
    object.run('GET k')
    object.run('PUBLISH c m')
    expect(object.storage.tables).toBe(0)
    object.run('SET k v')
    expect(object.storage.tables).toBeGreaterThan(0)
  })

  test('is one row a batch, and several for one that is longer than a row may be', () => {
    const object = new TestObject()
    object.server.execute('SET', 'long', 'x'.repeat(2.5 * 2 ** 20))
    object.run('SET k v')
    expect(object.run('INFO store')).toContain('store_position:4\r\n')
    expect(object.again().run('STRLEN long')).toBe(2.5 * 2 ** 20)
    expect(object.again().run('GET k')).toBe('v')
  })

  test('is put together when the log is long, beside commands', async () => {
    const object = new TestObject()
    for (let i = 0; i < 20; i++) object.server.execute('SET', `k${i % 3}`, `${i}`.repeat(40_000))
    expect(object.storage.alarmAt).toBeLessThanOrEqual(object.now)
    await object.pass(0)
    await new Promise((r) => setImmediate(r)) // it has begun
    object.run('SET late v')
    while (!String(object.run('INFO store')).includes('store_compactions:1')) await new Promise((r) => setImmediate(r))
    const digest = object.run('DEBUG DIGEST')
    object.run('SET later v')
    object.run('DEL later')
    const again = object.again()
    expect(again.run('DEBUG DIGEST')).toBe(digest)
    expect(again.run('INFO store')).toMatch(/store_snapshot_position:20\r\n/)
  })

  test('is put together once more where the object ended in the midst of that', async () => {
    const object = new TestObject()
    object.run('SET k v')
    await object.store.compact()
    object.run('SET l w')
    object.storage.sql.exec(
      'INSERT INTO zerodis_snapshot (id, bytes) VALUES (?, ?)',
      2,
      Buffer.from('REDIS0011 and what was behind'),
    )
    expect(await object.again().store.compact()).toBe(true)
    const again = object.again()
    expect(again.run('INFO store')).toMatch(/store_snapshot_position:2\r\n/)
    expect(again.run('MGET k l')).toEqual(['v', 'w'])
  })

  test('ends the object where a batch cannot be kept, which then is as it was', () => {
    const object = new TestObject()
    object.run('SET k old')
    object.storage.isFull = true
    expect(() => object.run('SET k new')).toThrow('could not keep this; nothing was changed: database or disk is full')
    expect(object.lost).toBe('database or disk is full')
    object.storage.isFull = false
    expect(object.again().run('GET k')).toBe('old')
  })
})

describe('the alarm', () => {
  test('removes keys and fields when their time comes, and is set to the next one', async () => {
    const object = new TestObject()
    object.run('SET a 1 PX 500')
    object.run('SET b 1 PX 5000')
    object.run('HSET h f v g w')
    object.run('HPEXPIRE h 2000 FIELDS 1 f')
    expect(object.storage.alarmAt).toBe(object.now + 500)
    await object.pass(500)
    expect(object.server.engine.keyspace.size).toBe(2)
    expect(object.storage.alarmAt).toBe(object.now + 1500)
    await object.pass(1500)
    expect(object.run('INFO stats')).toContain('expired_subkeys:1\r\n')
    expect(object.storage.alarmAt).toBe(object.now + 3000)
    await object.pass(3000)
    expect(object.server.engine.keyspace.size).toBe(1)
    expect(object.storage.alarmAt).toBe(Infinity)
  })

  test('is set again by an object that was put out of memory', async () => {
    const object = new TestObject()
    object.run('SET a 1 PX 500')
    object.storage.alarmAt = Infinity
    const again = object.again()
    expect(again.storage.alarmAt).toBe(object.now + 500)
    await again.pass(500)
    expect(again.server.engine.keyspace.size).toBe(0)
  })

  test('ends waits', async () => {
    const object = new TestObject()
    const waits = object.run('BLPOP none 2')
    await object.pass(1999)
    let isOver = false
    void Promise.resolve(waits).then(() => {
      isOver = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(isOver).toBe(false)
    await object.pass(1)
    expect(await waits).toBe(null)
  })

  test('comes at most ten times a second for keys that go one after the other', async () => {
    const object = new TestObject()
    for (let i = 0; i < 1000; i++) object.run(`SET k${i} v PX ${100 + i}`)
    let alarms = 0
    for (; object.storage.alarmAt !== Infinity; alarms++) await object.pass(object.storage.alarmAt - object.now)
    expect(object.server.engine.keyspace.size).toBe(0)
    expect(alarms).toBeLessThanOrEqual(15)
  })
})
