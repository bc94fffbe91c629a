/** A keyspace that several stores share through a database: here of one process, which is the same to SQLite. */
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../lib/base/clock.ts'
import { createServer, type Server, type ServerOptions } from '../../../lib/server.ts'
import { openSqlite } from '../../../lib/stores/sqlite/sqlite.ts'
import type { InProcessDoor } from '../../../lib/transports/inprocess.ts'
import { seedOfRun } from '../../differential/random.ts'
import { lengthOf } from '../../length.ts'
import { runHistories } from '../histories/run.ts'

let folder: string
const opened: Server[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerodis-shared-'))
})

afterEach(async () => {
  for (const server of opened.splice(0)) await server.close()
  rmSync(folder, { recursive: true, force: true })
})

function open(options: ServerOptions = {}): InProcessDoor {
  const server = createServer({ dir: folder, store: 'sqlite:keys.db', log: () => {}, ...options })
  opened.push(server)
  return server.inProcess()
}

describe('two stores on one database', () => {
  test('one sees what the other has written', () => {
    const [a, b] = [open(), open()]
    expect(a.execute('SET', 'k', 'v')).toBe('OK')
    expect(b.execute('GET', 'k')).toBe('v')
    expect(b.execute('INCR', 'n')).toBe(1)
    expect(a.execute('INCR', 'n')).toBe(2)
    expect(b.execute('GET', 'n')).toBe('2')
  })

  test('a store that opens later has all of it', () => {
    const a = open()
    a.execute('RPUSH', 'list', 'x', 'y')
    a.execute('SELECT', '3')
    a.execute('HSET', 'h', 'f', 'v')
    const b = open()
    expect(b.execute('LRANGE', 'list', '0', '-1')).toEqual(['x', 'y'])
    b.execute('SELECT', '3')
    expect(b.execute('HGET', 'h', 'f')).toBe('v')
  })

  test('keyspaces whose names differ by case alone are two', () => {
    const [a, b] = [open({ 'store-name': 'live' }), open({ 'store-name': 'Live' })]
    a.execute('SET', 'k', 'a')
    expect(b.execute('GET', 'k')).toBeNull()
    b.execute('SET', 'k', 'b')
    expect(a.execute('GET', 'k')).toBe('a')
    expect(open({ 'store-name': 'Live' }).execute('GET', 'k')).toBe('b')
  })

  test('what is pushed here wakes who waits there', async () => {
    const [a, b] = [open(), open()]
    const waiting = b.execute('BLPOP', 'queue', '5')
    await new Promise((resolve) => setTimeout(resolve, 30))
    a.execute('RPUSH', 'queue', 'job')
    expect(await waiting).toEqual(['queue', 'job'])
    expect(a.execute('LLEN', 'queue')).toBe(0)
  })

  test('a message reaches subscribers of both', async () => {
    const [a, b] = [open(), open()]
    const messages = b.subscribe('subscribe', ['news'])
    await new Promise((resolve) => setTimeout(resolve, 30))
    a.execute('PUBLISH', 'news', 'hello')
    expect((await messages.next()).value).toEqual({ channel: 'news', message: 'hello' })
    messages.close()
  })

  test('a key that another changes breaks a transaction', () => {
    const [a, b] = [open(), open()]
    a.execute('SET', 'k', '1')
    b.execute('WATCH', 'k')
    b.execute('MULTI')
    b.execute('SET', 'k', '2')
    a.execute('SET', 'k', '3')
    expect(b.execute('EXEC')).toBe(null)
    expect(b.execute('GET', 'k')).toBe('3')
  })
})

describe('what is read', () => {
  test('is as new as the last acknowledged write, also in the turn in which something was read before', () => {
    const [a, b] = [open(), open()]
    const { engine } = opened[1]
    const read = (): unknown => {
      engine.beginBatch()
      try {
        return b.execute('GET', 'k')
      } finally {
        engine.endBatch()
      }
    }
    a.execute('SET', 'k', '1')
    expect(read()).toBe('1')
    a.execute('SET', 'k', '2')
    expect(read()).toBe('2')
  })

  test('hides what is past its time, which the next batch removes everywhere', () => {
    const clock = new ManualClock()
    const [a, b] = [open({ clock, 'notify-keyspace-events': 'KEA' }), open({ clock, 'notify-keyspace-events': 'KEA' })]
    a.execute('SET', 'k', 'v', 'PX', '100')
    expect(b.execute('GET', 'k')).toBe('v')
    clock.advance(101)
    expect(b.execute('GET', 'k')).toBe(null)
    expect(b.execute('DBSIZE')).toBe(1)
    opened[0].cron()
    expect(b.execute('DBSIZE')).toBe(0)
  })

  test('an expired key is told as expired by both', async () => {
    const clock = new ManualClock()
    const [a, b] = [open({ clock, 'notify-keyspace-events': 'Ex' }), open({ clock, 'notify-keyspace-events': 'Ex' })]
    const messages = b.subscribe('subscribe', ['__keyevent@0__:expired'])
    a.execute('SET', 'k', 'v', 'PX', '100')
    clock.advance(101)
    opened[0].cron()
    b.execute('PING')
    expect((await messages.next()).value).toEqual({ channel: '__keyevent@0__:expired', message: 'k' })
    messages.close()
  })
})

describe('the lock', () => {
  test('that another holds is waited for, while reads go on', async () => {
    const a = open({ 'store-timeout': 60 })
    a.execute('SET', 'k', 'v')
    const other = openSqlite(join(folder, 'keys.db'))
    other.run('BEGIN IMMEDIATE')
    const late = a.execute('SET', 'k', 'w')
    expect(a.execute('GET', 'k')).toBe('v')
    await expect(late).rejects.toThrow(/^TRYAGAIN/)
    const later = a.execute('SET', 'k', 'x')
    other.run('ROLLBACK')
    expect(await later).toBe('OK')
    expect(a.execute('GET', 'k')).toBe('x')
    other.close()
  })

  test('is given back after each batch', () => {
    const a = open()
    a.execute('SET', 'k', 'v')
    const other = openSqlite(join(folder, 'keys.db'))
    other.run('BEGIN IMMEDIATE')
    other.run('ROLLBACK')
    other.close()
  })
})

describe('a commit that fails', () => {
  test('is as if it had never been, and is told', () => {
    const [a, b] = [open(), open()]
    a.execute('SET', 'k', 'v')
    const other = openSqlite(join(folder, 'keys.db'))
    other.run("CREATE TRIGGER full BEFORE INSERT ON zerodis_default_log BEGIN SELECT RAISE(ABORT, 'no space'); END")
    expect(() => a.execute('SET', 'k', 'w')).toThrow(/could not keep this; nothing was changed: no space/)
    expect(a.execute('GET', 'k')).toBe('v')
    other.run('DROP TRIGGER full')
    expect(a.execute('APPEND', 'k', '!')).toBe(2)
    expect(b.execute('GET', 'k')).toBe('v!')
    other.close()
  })
})

describe('compaction', () => {
  test('puts a snapshot in the place of the log, from which a store begins that has lagged behind', async () => {
    const [a, b] = [open(), open()]
    b.execute('GET', 'k')
    a.execute('SELECT', '2')
    for (let i = 0; i < 2000; i++) a.execute('INCR', `n:${i % 7}`)
    a.execute('SET', 'late', 'v', 'EX', '1000')
    expect(await opened[0].compact()).toBe(true)
    a.execute('INCR', 'n:0')
    const c = open()
    for (const store of [b, c]) {
      store.execute('SELECT', '2')
      expect(store.execute('GET', 'n:0')).toBe('287')
      expect(store.execute('TTL', 'late')).toBeGreaterThan(990)
    }
    expect(String(c.execute('INFO', 'store'))).toMatch(/store_snapshot_position:2001\r/)
    expect(await opened[2].compact()).toBe(true)
    expect(await opened[2].compact()).toBe(false)
  })
})

test('INFO tells how far this process is behind the log', () => {
  const a = open({ 'store-consistency': 'eventual', 'store-max-staleness': 1e9 })
  const b = open()
  expect(a.execute('GET', 'k')).toBe(null)
  b.execute('SET', 'k', '1')
  b.execute('SET', 'k', '2')
  expect(String(a.execute('INFO', 'store'))).toContain('store_position:0\r\nstore_lag:2\r\n')
  a.execute('SET', 'n', '1')
  expect(String(a.execute('INFO', 'store'))).toContain('store_position:3\r\nstore_lag:0\r\n')
})

test('MIGRATE ends, also where its keys must be locked once more', async () => {
  const a = open()
  a.execute('SET', 'k', 'v')
  await expect(a.execute('MIGRATE', '127.0.0.1', '1', 'k', '0', '1000')).rejects.toThrow(/^IOERR/)
  expect(a.execute('GET', 'k')).toBe('v')
})

test('what cannot be beside it is refused', async () => {
  for (const rival of [{ appendonly: 'yes' }, { save: '60 1' }] as ServerOptions[]) {
    expect(() => open(rival)).toThrow(/cannot be used with store sqlite/)
  }
  const a = open({ 'enable-debug-command': 'yes' })
  for (const argv of [['REPLICAOF', 'host', '1'], ['FAILOVER'], ['DEBUG', 'RELOAD']]) {
    expect(() => a.execute(...argv)).toThrow('ERR this is not possible where keys are shared with other processes')
  }
  await expect(a.execute('CONFIG', 'SET', 'appendonly', 'yes')).rejects.toThrow(/kept by the shared store/)
})

describe('several processes, some of which are killed and stopped', () => {
  test.each(['strong', 'session', 'eventual'] as const)(
    '%s: no acknowledged write is lost or doubled, and every read is explained',
    async (level) => {
      const seed = seedOfRun()
      console.log(`seed ${seed}`)
      const { operations, faults } = await runHistories({
        seconds: lengthOf(1.5, 10),
        processes: 3,
        seed,
        killMs: 500,
        stopMs: 900,
        freezeMs: 100,
        level,
      })
      expect(faults).toEqual([])
      expect(operations).toBeGreaterThan(0)
    },
    120_000,
  )
})

/** Whoever opens a database that was put in the place of the file sees nothing of what is written to the old one. */
describe('the file of the database', () => {
  const GONE = 'the file of the database was removed or replaced'
  const lost = new RegExp(`the shared store cannot be read: ${GONE}`)
  const move = (from: string, to: string): void => {
    for (const name of readdirSync(from).filter((file) => file.startsWith('keys.db')))
      renameSync(join(from, name), join(to, name))
  }

  /** A store looks for its file once in a few milliseconds. */
  const untilLooked = () => new Promise((resolve) => setTimeout(resolve, 15))

  test('that is removed takes no more writes, and is shown no more', async () => {
    const a = open()
    a.execute('SET', 'k', 'v')
    rmSync(join(folder, 'keys.db'))
    await untilLooked()
    expect(() => a.execute('SET', 'k', 'w')).toThrow(lost)
    opened[0].cron()
    expect(() => a.execute('GET', 'k')).toThrow(lost)
  })

  test('that is replaced takes none, and again when it is back', async () => {
    const away = mkdtempSync(join(tmpdir(), 'zerodis-away-'))
    try {
      const a = open()
      a.execute('SET', 'k', 'v')
      move(folder, away)
      const b = open()
      expect(b.execute('GET', 'k')).toBeNull()
      await untilLooked()
      expect(() => a.execute('SET', 'k', 'w')).toThrow(lost)
      expect(b.execute('GET', 'k')).toBeNull()
      await opened.pop()!.close()
      for (const name of readdirSync(folder)) rmSync(join(folder, name))
      move(away, folder)
      await expect.poll(() => a.execute('APPEND', 'k', '!')).toBe(2)
      expect(open().execute('GET', 'k')).toBe('v!')
    } finally {
      rmSync(away, { recursive: true, force: true })
    }
  })
})
