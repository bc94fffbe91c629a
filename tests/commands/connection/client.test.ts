import { expect, test } from 'vitest'
import { ManualClock } from '../../../lib/base/clock.ts'
import { NO_REPLY, OK, type Reply, type Verbatim } from '../../../lib/base/reply.ts'
import { createServer } from '../../../lib/server.ts'
import type { Link, Session } from '../../../lib/session/session.ts'

class FakeLink implements Link {
  ended: 'now' | 'after reply' | undefined
  inputBytes = 0
  outputBytes = 0
  push(): void {}
  close(): void {
    this.ended = 'now'
  }
  closeAfterReply(): void {
    this.ended = 'after reply'
  }
}

function setUp(count: number) {
  const clock = new ManualClock()
  const server = createServer({ clock })
  const links = Array.from({ length: count }, () => new FakeLink())
  const sessions = links.map((link, i) => server.openSession('tcp', link, `10.0.0.1:${i + 1}`, `10.0.0.9:${i % 2}`))
  const run = (session: Session, line: string) => server.engine.execute(session, line.split(' '))
  return { clock, server, links, sessions, run }
}

/** Numbers of the links that were ended, from 1, as ids are. */
function ended(links: readonly FakeLink[]): number[] {
  return links.flatMap((link, i) => (link.ended === undefined ? [] : [i + 1]))
}

test('CLIENT KILL by ID takes several, and ends them at once', () => {
  const { links, sessions, run } = setUp(5)
  expect(run(sessions[0], 'CLIENT KILL ID 2 4 99')).toBe(2)
  expect(ended(links)).toEqual([2, 4])
  expect(links[1].ended).toBe('now')
})

test('CLIENT KILL spares this connection unless told otherwise, and then ends it after the reply', () => {
  const { links, sessions, run } = setUp(3)
  expect(run(sessions[0], 'CLIENT KILL ID 1')).toBe(0)
  expect(run(sessions[0], 'CLIENT KILL ID 1 SKIPME yes')).toBe(0)
  expect(ended(links)).toEqual([])
  expect(run(sessions[0], 'CLIENT KILL ID 1 SKIPME no')).toBe(1)
  expect(links[0].ended).toBe('after reply')
})

test('the old form of CLIENT KILL names an address, this one too', () => {
  const { links, sessions, run } = setUp(3)
  expect(run(sessions[0], 'CLIENT KILL 10.0.0.1:2')).toBe(OK)
  expect(run(sessions[0], 'CLIENT KILL 10.0.0.1:1')).toBe(OK)
  expect(ended(links)).toEqual([1, 2])
})

test('the filters of CLIENT KILL must all hold', () => {
  const { links, sessions, run } = setUp(6)
  expect(run(sessions[0], 'CLIENT KILL LADDR 10.0.0.9:1 ADDR 10.0.0.1:4')).toBe(1)
  expect(ended(links)).toEqual([4])
  expect(run(sessions[0], 'CLIENT KILL LADDR 10.0.0.9:1 TYPE pubsub')).toBe(0)
  expect(run(sessions[0], 'CLIENT KILL LADDR 10.0.0.9:1 TYPE normal USER default')).toBe(3)
  expect(ended(links)).toEqual([2, 4, 6])
})

test('CLIENT KILL MAXAGE ends those that are so old', () => {
  const { clock, server, links, sessions, run } = setUp(2)
  clock.advance(10_000)
  const young = new FakeLink()
  server.openSession('tcp', young, '10.0.0.1:9', '')
  expect(run(sessions[0], 'CLIENT KILL MAXAGE 10')).toBe(1)
  expect(ended(links)).toEqual([2])
  expect(young.ended).toBeUndefined()
})

test('CLIENT REPLY OFF silences until ON', () => {
  const { sessions, run } = setUp(1)
  const [session] = sessions
  expect(run(session, 'CLIENT REPLY OFF')).toBe(NO_REPLY)
  expect(run(session, 'SET k v')).toBe(NO_REPLY)
  expect(run(session, 'NOSUCH')).toBe(NO_REPLY)
  expect(run(session, 'CLIENT REPLY SKIP')).toBe(NO_REPLY)
  expect(run(session, 'GET k')).toBe(NO_REPLY)
  expect(run(session, 'GET k')).toBe(NO_REPLY)
  expect(run(session, 'CLIENT REPLY ON')).toBe(OK)
  expect(run(session, 'GET k')).toBe('v')
})

test('CLIENT REPLY SKIP silences the next command only', () => {
  const { sessions, run } = setUp(1)
  expect(run(sessions[0], 'CLIENT REPLY SKIP')).toBe(NO_REPLY)
  expect(run(sessions[0], 'SET k v')).toBe(NO_REPLY)
  expect(run(sessions[0], 'GET k')).toBe('v')
})

test('CLIENT NO-TOUCH leaves the time of the last access as it is', () => {
  const { clock, sessions, run } = setUp(2)
  run(sessions[0], 'SET k v')
  clock.advance(100_000)
  run(sessions[1], 'CLIENT NO-TOUCH ON')
  run(sessions[1], 'GET k')
  expect(run(sessions[0], 'OBJECT IDLETIME k')).toBe(100)
  run(sessions[1], 'TOUCH k')
  expect(run(sessions[0], 'OBJECT IDLETIME k')).toBe(0)
})

test('CLIENT LIST shows age, idle time and what waits in the buffers', () => {
  const { clock, links, sessions, run } = setUp(2)
  run(sessions[1], 'GET k')
  clock.advance(5000)
  links[1].inputBytes = 17
  links[1].outputBytes = 1000
  const text = (run(sessions[0], 'CLIENT LIST ID 2') as Verbatim).text
  expect(text).toMatch(/^id=2 addr=10\.0\.0\.1:2 .* age=5 idle=5 .* qbuf=17 .* omem=1000 .* events=rw cmd=get /)
})

test('CLIENT PAUSE ends by itself', async () => {
  const { clock, sessions, run } = setUp(2)
  run(sessions[0], 'CLIENT PAUSE 50 WRITE')
  let reply: Reply | undefined
  const late = Promise.resolve(run(sessions[1], 'SET k v')).then((settled) => {
    reply = settled
  })
  clock.advance(49)
  await Promise.resolve()
  expect(reply).toBeUndefined()
  clock.advance(1)
  await late
  expect(reply).toBe(OK)
})
