/** `maxmemory-clients`: which clients are cut, and when. What fills their buffers over a real socket is in tests/redis-suite. */
import { expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import type { Settings } from '../../lib/config/config.ts'
import { createServer } from '../../lib/server.ts'
import type { DoorName, Link, Session } from '../../lib/session/session.ts'

const MB = 1024 * 1024

/** A connection whose buffers hold what a test says. */
class FakeLink implements Link {
  inputBytes = 0
  outputBytes = 0
  isClosed = false
  push(): void {}
  closeAfterReply(): void {}
  close(): void {
    this.isClosed = true
  }
}

interface FakeClient {
  readonly link: FakeLink
  readonly session: Session
  run(...argv: string[]): unknown
  /** Its door has noticed that its buffers hold this. */
  hold(inputBytes: number, outputBytes?: number): void
}

function setUp(settings: Settings = {}) {
  const clock = new ManualClock()
  const notices: string[] = []
  const server = createServer({ clock, log: (_, message) => notices.push(message), ...settings })
  const { clientMemory } = server.engine.ports.connections
  const open = (door: DoorName = 'tcp'): FakeClient => {
    const link = new FakeLink()
    const session = server.openSession(door, link, `10.0.0.1:${server.clientCount + 1}`, '')
    return {
      link,
      session,
      run: (...argv) => server.engine.execute(session, argv),
      hold(inputBytes, outputBytes = 0) {
        link.inputBytes = inputBytes
        link.outputBytes = outputBytes
        clientMemory.note(session)
      },
    }
  }
  const info = (field: string): string =>
    new RegExp(`^${field}:(.*)\r$`, 'm').exec(server.engine.ports.figures.info.text([]))![1]
  return { clock, server, clientMemory, notices, open, info }
}

const cut = (clients: readonly FakeClient[]): boolean[] => clients.map(({ link }) => link.isClosed)

test('the largest clients are cut, and no more of them than needed', () => {
  const { open, notices, info } = setUp({ 'maxmemory-clients': `${7 * MB}` })
  const clients = Array.from({ length: 5 }, () => open())
  clients[0].hold(MB)
  clients[1].hold(0, 2 * MB)
  clients[2].hold(100)
  clients[3].hold(MB / 2, MB / 2)
  expect(cut(clients)).toEqual([false, false, false, false, false])
  clients[4].hold(4 * MB)
  expect(cut(clients)).toEqual([false, false, false, false, true])
  expect(notices).toEqual(['Evicting client: id=5 addr=10.0.0.1:5'])
  expect(info('evicted_clients')).toBe('1')
})

test('what a client was cut for no longer counts, though its connection takes time to end', () => {
  const { server, clientMemory, open } = setUp({ 'maxmemory-clients': `${MB}` })
  const [first, second] = [open(), open()]
  first.hold(2 * MB)
  expect(first.link.isClosed).toBe(true)
  second.hold(MB / 2)
  clientMemory.refresh()
  clientMemory.note(first.session)
  expect([second.link.isClosed, clientMemory.evicted]).toEqual([false, 1])
  server.closeSession(first.session)
  second.hold(MB - 4096)
  expect(second.link.isClosed).toBe(false)
})

test('a smaller limit cuts from the largest down, at once', () => {
  const { open, server } = setUp()
  const control = open()
  const sizes = [128 * 1024, MB, 3 * MB]
  const clients = sizes.flatMap((size) => Array.from({ length: 3 }, () => ({ size, client: open() })))
  for (const { size, client } of clients) client.link.inputBytes = size
  const total = (): number => server.engine.ports.connections.clientMemory.sums().normal
  const left = (): number[] => clients.filter(({ client }) => !client.link.isClosed).map(({ size }) => size)
  for (const size of [3 * MB, MB]) {
    const others = clients.filter((other) => other.size >= size && !other.client.link.isClosed)
    const bytes = others.reduce((sum, { client }) => sum + client.link.inputBytes + 2048, 0)
    control.run('CONFIG', 'SET', 'maxmemory-clients', `${total() - bytes}`)
    for (const { client } of others) server.closeSession(client.session)
    expect(left().every((other) => other < size)).toBe(true)
    expect(left().length).toBe(clients.filter((other) => other.size < size).length)
  }
  expect(control.link.isClosed).toBe(false)
})

test('CLIENT NO-EVICT protects until it is off', () => {
  const { open } = setUp({ 'maxmemory-clients': `${MB}` })
  const [safe, other] = [open(), open()]
  safe.run('CLIENT', 'NO-EVICT', 'ON')
  safe.hold(2 * MB)
  expect(safe.link.isClosed).toBe(false)
  other.hold(100)
  expect(other.link.isClosed).toBe(true)
  safe.run('CLIENT', 'NO-EVICT', 'OFF')
  expect(safe.link.isClosed).toBe(true)
})

test('replicas are not cut and count for nothing here; nor does maxmemory see what waits for them', () => {
  const { open, info, clientMemory, server } = setUp({ 'maxmemory-clients': `${MB}` })
  const [replica, other] = [open(), open()]
  replica.session.replica = true
  replica.hold(0, 5 * MB)
  other.hold(1000)
  expect(cut([replica, other])).toEqual([false, false])
  expect(Number(info('mem_clients_slaves'))).toBeGreaterThan(5 * MB)
  expect(info('mem_not_counted_for_evict')).toBe(info('mem_clients_slaves'))
  expect(clientMemory.sums().normal).toBeLessThan(10_000)
  expect(server.engine.eviction.usedBytes).toBeLessThan(MB)
})

test('a share of maxmemory is a limit only where there is one', () => {
  const { open } = setUp({ maxmemory: '10mb', 'maxmemory-clients': '7%' })
  const client = open()
  client.hold(0.69 * MB)
  expect(client.link.isClosed).toBe(false)
  client.run('CONFIG', 'SET', 'maxmemory', '0')
  client.hold(5 * MB)
  expect(client.link.isClosed).toBe(false)
  client.run('CONFIG', 'SET', 'maxmemory', '100mb')
  expect(client.link.isClosed).toBe(false)
  client.run('CONFIG', 'SET', 'maxmemory', '60mb')
  expect(client.link.isClosed).toBe(true)
})

test('no limit is less than 128 KB', () => {
  const { open } = setUp({ 'maxmemory-clients': '1' })
  const client = open()
  client.hold(120 * 1024)
  expect(client.link.isClosed).toBe(false)
  client.hold(130 * 1024)
  expect(client.link.isClosed).toBe(true)
})

test.each<[string, (client: FakeClient, i: number) => void]>([
  ['commands of a transaction', (client, i) => client.run('SET', `${i}`, 'x'.repeat(1000))],
  ['watched keys', (client, i) => client.run('WATCH', `${i}`)],
  ['channels', (client, i) => client.run('SUBSCRIBE', `${i}`)],
  ['patterns', (client, i) => client.run('PSUBSCRIBE', `${i}`)],
  ['shard channels', (client, i) => client.run('SSUBSCRIBE', `${i}`)],
  [
    'tracked prefixes',
    (client, i) => client.run('CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', `${i}`.padStart(12, '0')),
  ],
])('%s count', (what, grow) => {
  const { open, clientMemory } = setUp({ 'maxmemory-clients': '128kb' })
  const client = open()
  if (what === 'commands of a transaction') client.run('MULTI')
  let i = 0
  for (; i < 3000 && !client.link.isClosed; i++) {
    grow(client, i)
    clientMemory.note(client.session)
  }
  expect(client.link.isClosed).toBe(true)
  expect(i).toBeGreaterThan(100)
})

test('clients that nobody has looked at are seen within a second', () => {
  const { clock, server, open } = setUp({ 'maxmemory-clients': `${MB}` })
  const client = open()
  client.link.outputBytes = 2 * MB
  server.cron()
  clock.advance(1000)
  server.cron()
  expect(client.link.isClosed).toBe(true)
})

test('what clients hold leaves less room for keys', () => {
  const { open, server } = setUp({
    maxmemory: '2mb',
    'maxmemory-policy': 'allkeys-lru',
    'maxmemory-eviction-tenacity': '100',
  })
  const [writer, slow] = [open(), open()]
  for (let i = 0; i < 100; i++) writer.run('SET', `k:${i}`, 'x'.repeat(10_000))
  expect(server.engine.keyspace.stats.evicted).toBe(0)
  slow.hold(0, MB)
  writer.run('PING')
  expect(server.engine.keyspace.stats.evicted).toBeGreaterThan(20)
  expect(server.engine.eviction.usedBytes).toBeLessThanOrEqual(2 * MB)
})

test('CLIENT LIST tells what counts', () => {
  const { open } = setUp()
  const client = open()
  client.hold(1000, 500)
  const line = (client.run('CLIENT', 'INFO') as { text: string }).text
  expect(line).toMatch(/ multi-mem=0 .* tot-mem=3548 /)
})
