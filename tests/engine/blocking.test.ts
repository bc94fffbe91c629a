import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { NULL_ARRAY, type Reply } from '../../lib/base/reply.ts'
import { createServer } from '../../lib/server.ts'
import type { Link, Session } from '../../lib/session/session.ts'

const link: Link = { push() {}, closeAfterReply() {}, close() {}, inputBytes: 0, outputBytes: 0 }

function setUp() {
  const clock = new ManualClock()
  const server = createServer({ clock })
  const { engine } = server
  const effects: string[] = []
  const events: string[] = []
  engine.effectListeners.push((batch) => {
    for (const { db, argv } of batch) effects.push(`${db} ${argv.join(' ')}`)
  })
  engine.notifier = (_kind, event, key, db) => events.push(`${db.index} ${event} ${key}`)
  const open = () => server.openSession('tcp', link, '127.0.0.1:1', '127.0.0.1:2')
  const run = (session: Session, line: string) => engine.execute(session, line.split(' '))
  /** A client that waits; `replies` gathers its answers with those of the others, in order. */
  const replies: [string, Reply][] = []
  const wait = (name: string, line: string, session = open()): Session => {
    const reply = run(session, line)
    expect(reply, line).toBeInstanceOf(Promise)
    void (reply as Promise<Reply>).then((late) => replies.push([name, late]))
    return session
  }
  return { clock, server, engine, effects, events, open, run, wait, replies, settle: () => Promise.resolve() }
}

describe('clients that wait for a key', () => {
  test('CLIENT UNBLOCK ends a wait as timed out, or with an error', async () => {
    const { engine, open, run, wait, replies, settle } = setUp()
    const a = wait('a', 'blpop l 0')
    const b = wait('b', 'blmove l m LEFT LEFT 0')
    const other = open()
    expect(run(other, `client unblock ${a.id}`)).toBe(1)
    expect(run(other, `client unblock ${b.id} ERROR`)).toBe(1)
    expect(run(other, `client unblock ${a.id}`)).toBe(0)
    await settle()
    expect(replies[0]).toEqual(['a', NULL_ARRAY])
    expect((replies[1][1] as { text: string }).text).toBe('UNBLOCKED client unblocked via CLIENT UNBLOCK')
    expect(engine.blocking.size).toBe(0)
    expect(engine.blocking.keys).toBe(0)
    run(other, 'rpush l x')
    expect(run(other, 'llen l')).toBe(1)
  })

  test('keys are served in the order in which they were changed, across databases', async () => {
    const { open, run, wait, replies, settle } = setUp()
    const inOne = open()
    run(inOne, 'select 1')
    wait('first', 'blpop k 0')
    wait('second', 'blpop l 0', inOne)
    wait('third', 'blpop m 0')
    const writer = open()
    for (const line of ['multi', 'select 1', 'rpush l x', 'select 0', 'rpush m x', 'rpush k x', 'exec'])
      run(writer, line)
    await settle()
    expect(replies.map(([name]) => name)).toEqual(['second', 'third', 'first'])
  })

  test('a session that closes is forgotten, with its timer', () => {
    const { clock, server, engine, open, run, wait } = setUp()
    const session = wait('a', 'blpop k l 5')
    expect(engine.blocking.keys).toBe(2)
    server.closeSession(session)
    expect(engine.blocking.size).toBe(0)
    expect(engine.blocking.keys).toBe(0)
    clock.advance(6000)
    run(open(), 'rpush l x')
    expect(run(open(), 'llen l')).toBe(1)
  })

  test('a client that silenced its replies waits in silence', async () => {
    const { open, run, settle } = setUp()
    const session = open()
    run(session, 'client reply off')
    const reply = run(session, 'blpop l 0') as Promise<Reply>
    run(open(), 'rpush l x')
    await settle()
    expect(await reply).toMatchObject({ kind: 9 })
    expect(run(open(), 'llen l')).toBe(0)
  })

  test('a command that waited counts as one call', async () => {
    const { engine, open, run, wait, settle } = setUp()
    wait('a', 'blpop l 0')
    run(open(), 'rpush l x')
    await settle()
    expect(engine.stats.calls[engine.table.find('blpop')!.id]).toBe(1)
  })
})

describe('the effects of list commands', () => {
  test('a blocking command that was served stands as its plain sister', async () => {
    const { effects, open, run, wait, settle } = setUp()
    const writer = open()
    wait('a', 'blpop k 0')
    wait('b', 'blmove l m LEFT RIGHT 0')
    wait('c', 'blmpop 0 1 n RIGHT COUNT 5')
    wait('d', 'brpoplpush o p 0')
    for (const key of ['k', 'l', 'n', 'o']) run(writer, `rpush ${key} x`)
    await settle()
    expect(effects).toEqual([
      '0 rpush k x',
      '0 LPOP k',
      '0 rpush l x',
      '0 LMOVE l m LEFT RIGHT',
      '0 rpush n x',
      '0 RPOP n 1',
      '0 rpush o x',
      '0 RPOPLPUSH o p',
    ])
  })

  test('what changes nothing has none', () => {
    const { effects, open, run } = setUp()
    const session = open()
    for (const line of ['lpop none', 'lpushx none x', 'lmpop 1 none LEFT', 'lrem none 0 x', 'ltrim none 0 1']) {
      run(session, line)
    }
    run(session, 'rpush l a b')
    for (const line of ['ltrim l 0 -1', 'lrem l 0 x', 'linsert l BEFORE x y', 'lset l 5 x', 'lpop l 0']) {
      run(session, line)
    }
    expect(effects).toEqual(['0 rpush l a b'])
  })

  test('events name what happened, and the end of a key', () => {
    const { events, open, run } = setUp()
    const session = open()
    for (const line of ['rpush l a b', 'lmove l m LEFT LEFT', 'rpop l', 'ltrim m 0 -1', 'ltrim m 1 0'])
      run(session, line)
    expect(events).toEqual([
      '0 rpush l',
      '0 lpush m',
      '0 lpop l',
      '0 rpop l',
      '0 del l',
      '0 ltrim m',
      '0 ltrim m',
      '0 del m',
    ])
  })
})
