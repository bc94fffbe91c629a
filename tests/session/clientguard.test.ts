/** `client-memory-guard`: what all clients together may hold of what is not the store's. Over sockets: tests/faults/slowreaders.test.ts. */
import { expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import type { Settings } from '../../lib/config/config.ts'
import { createServer } from '../../lib/server.ts'
import type { TextVisitor } from '../../lib/session/longtexts.ts'
import type { DoorName, Link, Session } from '../../lib/session/session.ts'
import { Held } from '../../lib/transports/held.ts'

const MB = 1024 * 1024

/** A connection that waits to send texts, and whose buffers hold what a test says. */
class FakeLink implements Link {
  inputBytes = 0
  texts: string[] = []
  stored: string | undefined
  isClosed = false
  get outputBytes(): number {
    return this.texts.reduce((sum, text) => sum + text.length, 0)
  }
  push(): void {}
  closeAfterReply(): void {}
  close(): void {
    this.isClosed = true
  }
  visitTexts(visit: TextVisitor): void {
    this.texts = this.texts.map((text) => visit(text, text.length, this.stored))
  }
}

interface FakeClient {
  readonly link: FakeLink
  readonly session: Session
  run(...argv: string[]): unknown
}

function setUp(settings: Settings = {}) {
  const clock = new ManualClock()
  const server = createServer({ clock, log: () => {}, 'client-memory-guard': `${10 * MB}`, ...settings })
  const { clientMemory } = server.engine.ports.connections
  const open = (door: DoorName = 'tcp'): FakeClient => {
    const link = new FakeLink()
    const session = server.openSession(door, link, `10.0.0.1:${server.clientCount + 1}`, '')
    return { link, session, run: (...argv) => server.engine.execute(session, argv) }
  }
  const sends = (client: FakeClient, text: string): void => {
    client.link.texts.push(text)
    clientMemory.note(client.session)
  }
  const receives = (client: FakeClient, bytes: number): void => {
    client.link.inputBytes = bytes
    clientMemory.note(client.session)
  }
  const cuts = (): string =>
    /client_memory_guard_disconnections:(\d+)/.exec(server.engine.ports.figures.info.text(['stats']))![1]
  return { clock, server, clientMemory, open, sends, receives, cuts }
}

/** A text that is nobody else's, of a length and of the same beginning as all others. */
function textOf(length: number, end: string): string {
  return Buffer.from('x'.repeat(length - end.length) + end, 'latin1').latin1Slice()
}

const cut = (clients: readonly FakeClient[]): boolean[] => clients.map(({ link }) => link.isClosed)

test('the greediest are cut, and no more of them than needed', () => {
  const { open, sends, cuts } = setUp()
  const clients = [open(), open(), open(), open()]
  sends(clients[0], textOf(MB, 'a'))
  sends(clients[1], textOf(6 * MB, 'b'))
  sends(clients[2], textOf(2 * MB, 'c'))
  expect(cut(clients)).toEqual([false, false, false, false])
  sends(clients[3], textOf(2 * MB, 'd'))
  expect(cut(clients)).toEqual([false, true, false, false])
  expect(cuts()).toBe('1')
})

test('a value that many wait for counts once, also where they were given copies of it, which they let go', () => {
  const { open, sends } = setUp({ 'client-memory-guard': `${2.5 * MB}` })
  const clients = Array.from({ length: 20 }, () => open())
  const copies = clients.map(() => textOf(MB, 'same'))
  for (let i = 0; i < clients.length; i++) sends(clients[i], copies[i])
  expect(cut(clients)).not.toContain(true)
  const other = open()
  sends(other, textOf(MB, 'else'))
  expect(cut([...clients, other])).not.toContain(true)
  sends(open(), textOf(MB, 'third'))
  expect(cut([...clients, other]).filter((isCut) => isCut).length).toBeGreaterThan(0)
})

test('what the store holds itself does not count, until it does so no longer', () => {
  const { open, sends, clock, server } = setUp()
  const value = textOf(20 * MB, 'v')
  const reader = open()
  reader.link.stored = value
  sends(reader, value)
  expect(reader.link.isClosed).toBe(false)
  reader.link.stored = textOf(20 * MB, 'w')
  clock.advance(1000)
  server.cron()
  expect(reader.link.isClosed).toBe(true)
})

test('the longest query on its way does not count; a second one does', () => {
  const { open, receives } = setUp()
  const [first, second] = [open(), open()]
  receives(first, 400 * MB)
  expect(first.link.isClosed).toBe(false)
  receives(second, 11 * MB)
  expect(cut([first, second])).toEqual([true, false])
})

test('who said CLIENT NO-EVICT is cut only when there is nobody else', () => {
  const { open, sends } = setUp()
  const [safe, other] = [open(), open()]
  safe.run('CLIENT', 'NO-EVICT', 'ON')
  sends(other, textOf(2 * MB, 'a'))
  sends(safe, textOf(9 * MB, 'b'))
  expect(cut([safe, other])).toEqual([false, true])
  sends(safe, textOf(2 * MB, 'c'))
  expect(safe.link.isClosed).toBe(true)
})

test('queued commands count, and requests over HTTP that have no session', () => {
  const { open, clientMemory, cuts } = setUp()
  const client = open()
  client.run('MULTI')
  for (let i = 0; i < 30; i++) client.run('SET', `${i}`, 'x'.repeat(100_000))
  clientMemory.note(client.session)
  let isCut = false
  const request = new Held(clientMemory, '10.0.0.2:1', () => {
    isCut = true
  })
  request.set(MB / 2)
  expect([client.link.isClosed, isCut]).toEqual([false, false])
  request.set(9 * MB)
  expect([client.link.isClosed, isCut, cuts()]).toEqual([false, true, '1'])
  request.end()
  expect(client.link.isClosed).toBe(false)
})

test('with 0 there is no guard; a percentage is one of what V8 may take', () => {
  const { open, sends, server } = setUp({ 'client-memory-guard': '0' })
  const client = open()
  sends(client, textOf(50 * MB, 'a'))
  expect(client.link.isClosed).toBe(false)
  const control = open()
  expect(control.run('CONFIG', 'SET', 'client-memory-guard', '1%')).toMatchObject({ text: 'OK' })
  expect(client.link.isClosed).toBe(true)
  expect(server.config.values['client-memory-guard']).toBe(-1)
})

test('clients that hold little are not counted one by one', () => {
  const { open, receives, clientMemory } = setUp()
  const client = open()
  receives(client, 10_000)
  expect([client.session.countedBytes, clientMemory.concerns(client.session, 100)]).toEqual([0, false])
  receives(client, 100_000)
  expect(client.session.countedBytes).toBeGreaterThan(100_000)
  expect(clientMemory.concerns(client.session, 0)).toBe(true)
  receives(client, 0)
  expect(client.session.countedBytes).toBe(0)
})

test('a transaction whose replies are too much is run, answered with none of them, and its client cut', () => {
  const { open, cuts } = setUp({ rdbcompression: false })
  const client = open()
  const other = open()
  for (let i = 0; i < 16; i++) other.run('SET', `k${i}`, textOf(MB, `${i}`))
  const transact = (times: number, command: string, keys: number): unknown => {
    client.run('MULTI')
    for (let i = 0; i < times; i++) client.run(command, `k${i % keys}`)
    client.run('INCR', 'n')
    return client.run('EXEC')
  }
  expect(transact(8, 'DUMP', 8)).toHaveLength(9)
  expect(transact(100, 'GET', 1)).toHaveLength(101) // one text
  expect(transact(24, 'DUMP', 1)).toHaveLength(25) // equal ones
  expect(cut([client, other])).toEqual([false, false])
  expect(transact(16, 'DUMP', 16)).toEqual([])
  expect(cut([client, other])).toEqual([true, false])
  expect(cuts()).toBe('1')
  expect(other.run('GET', 'n')).toBe('4')
})

test('so is one of many short arrays; a transaction in process is nobody else and never is', () => {
  const { open, cuts } = setUp({ 'client-memory-guard': `${MB}` })
  const run = (client: FakeClient): unknown => {
    client.run('RPUSH', 'l', ...new Array(1000).fill('x'.repeat(100)))
    client.run('MULTI')
    for (let i = 0; i < 40; i++) client.run('LRANGE', 'l', '0', '-1')
    return client.run('EXEC')
  }
  const clients = [open(), open('inprocess')]
  expect(run(clients[0])).toEqual([])
  expect(run(clients[1])).toHaveLength(40)
  expect(cut(clients)).toEqual([true, false])
  expect(cuts()).toBe('1')
})
