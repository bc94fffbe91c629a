import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../lib/base/clock.ts'
import { createServer } from '../../../lib/server.ts'
import type { Link } from '../../../lib/session/session.ts'

const link: Link = { push() {}, closeAfterReply() {}, close() {}, inputBytes: 0, outputBytes: 0 }
const START = 1_700_000_000_000

function setUp() {
  const clock = new ManualClock(START)
  const server = createServer({ clock })
  const { engine } = server
  const heard: { effects: string[]; events: string[] } = { effects: [], events: [] }
  engine.effectListeners.push((batch) => {
    for (const { argv } of batch) heard.effects.push(argv.join(' '))
  })
  engine.notifier = (_kind, event, key) => heard.events.push(`${event} ${key}`)
  const session = server.openSession('tcp', link, '127.0.0.1:1', '127.0.0.1:2')
  const run = (line: string) => engine.execute(session, line.split(' '))
  /** Effects and events since the last call. */
  const news = () => {
    const { effects, events } = heard
    heard.effects = []
    heard.events = []
    return { effects, events }
  }
  const newsOf = (...lines: string[]) => {
    for (const line of lines) run(line)
    return news()
  }
  const advance = (ms: number) => {
    clock.advance(ms)
    server.cron()
  }
  return { clock, engine, run, news, newsOf, advance }
}

describe('the effects and events of field expiry', () => {
  test('times are absolute, conditions stay, and only what was done is told', () => {
    const { newsOf } = setUp()
    newsOf('hset h a 1 b 2 c 3')
    expect(newsOf('hexpire h 10 NX FIELDS 3 a none b')).toEqual({
      effects: [`HPEXPIREAT h ${START + 10_000} NX FIELDS 2 a b`],
      events: ['hexpire h'],
    })
    expect(newsOf('hexpire h 5 GT FIELDS 1 a', 'hpersist h FIELDS 1 c')).toEqual({ effects: [], events: [] })
    expect(newsOf('hpersist h FIELDS 2 a c')).toEqual({ effects: ['HPERSIST h FIELDS 1 a'], events: ['hpersist h'] })
  })

  test('fields that come with a time in the past, and were not there, leave no trace', () => {
    const { newsOf } = setUp()
    expect(newsOf('hsetex h EX 0 FIELDS 1 f v').effects).toEqual([])
    newsOf('hset h f v')
    expect(newsOf('hsetex h EX 0 FIELDS 2 f v g v').effects).toEqual(['HDEL h f'])
  })

  test('a time in the past stands as the removal that it is', () => {
    const { newsOf } = setUp()
    newsOf('hset h a 1 b 2')
    expect(newsOf('hexpire h 0 FIELDS 1 a')).toEqual({ effects: ['HDEL h a'], events: ['hdel h'] })
    expect(newsOf('hpexpireat h 1 FIELDS 1 b')).toEqual({ effects: ['HDEL h b'], events: ['hdel h', 'del h'] })
  })

  test('HGETDEL, HGETEX and HSETEX', () => {
    const { newsOf } = setUp()
    expect(newsOf('hsetex h FNX EX 10 FIELDS 2 a 1 b 2')).toEqual({
      effects: [`HSETEX h PXAT ${START + 10_000} FIELDS 2 a 1 b 2`],
      events: ['hset h', 'hexpire h'],
    })
    expect(newsOf('hsetex h KEEPTTL FIELDS 1 a 3').effects).toEqual(['HSETEX h KEEPTTL FIELDS 1 a 3'])
    expect(newsOf('hgetex h FIELDS 1 a')).toEqual({ effects: [], events: [] })
    expect(newsOf('hgetex h PX 5 FIELDS 1 a')).toEqual({
      effects: [`HPEXPIREAT h ${START + 5} FIELDS 1 a`],
      events: ['hexpire h'],
    })
    expect(newsOf('hgetex h PERSIST FIELDS 1 a')).toEqual({
      effects: ['HPERSIST h FIELDS 1 a'],
      events: ['hpersist h'],
    })
    expect(newsOf('hgetdel h FIELDS 3 a none b')).toEqual({ effects: ['HDEL h a b'], events: ['hdel h', 'del h'] })
  })

  test('HINCRBYFLOAT carries the sum and the time that stays', () => {
    const { newsOf } = setUp()
    newsOf('hset h a 1', 'hpexpire h 500 FIELDS 1 a')
    expect(newsOf('hincrbyfloat h a 0.5').effects).toEqual(['HSET h a 1.5', `HPEXPIREAT h ${START + 500} FIELDS 1 a`])
  })

  test('a field that a command finds past its time is told as removed before what the command does', () => {
    const { newsOf, run, clock } = setUp()
    run('debug set-active-expire 0')
    newsOf('hset h a 1 b 2', 'hpexpire h 5 FIELDS 2 a b')
    clock.advance(5)
    expect(newsOf('hget h a')).toEqual({ effects: ['HDEL h a'], events: ['hexpired h'] })
    expect(newsOf('hset h b 3')).toEqual({ effects: ['HDEL h b', 'hset h b 3'], events: ['hexpired h', 'hset h'] })
  })

  test('active expiry tells of what it removes', () => {
    const { newsOf, news, advance, engine } = setUp()
    newsOf('hset h a 1 b 2 c 3', 'hpexpire h 5 FIELDS 2 a b', 'hset g a 1', 'hpexpire g 6 FIELDS 1 a')
    advance(10)
    expect(news()).toEqual({
      effects: ['HDEL h a', 'HDEL h b', 'HDEL g a'],
      events: ['hexpired h', 'hexpired g', 'del g'],
    })
    expect(engine.keyspace.stats.expiredFields).toBe(3)
  })

  test('a field whose new time has passed already counts as expired', () => {
    const { newsOf, engine } = setUp()
    newsOf(
      'hset h a 1 b 2 c 3 d 4',
      'hpexpire h 0 FIELDS 2 a x',
      'hexpireat h 1 FIELDS 1 b',
      'hgetex h pxat 1 FIELDS 1 c',
    )
    expect(engine.keyspace.stats.expiredFields).toBe(3)
  })

  test('a transaction whose watched hash loses a field by time is not run', () => {
    const { run, advance } = setUp()
    for (const line of ['hset h a 1 b 2', 'hpexpire h 5 FIELDS 1 a', 'watch h']) run(line)
    advance(10)
    run('multi')
    run('ping')
    expect(run('exec')).toMatchObject({ kind: 8 })
  })
})
