/** Connections in one turn of the event loop: whose commands run when, and what each is answered. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { RespConnection } from '../../lib/transports/resp.ts'
import type { Wire } from '../../lib/transports/wire.ts'
import { openRaw } from '../clients/raw.ts'
import { encodeCommand } from '../clients/resp.ts'

/** What all connections read into, as over TCP. */
const shared = Buffer.alloc(64 * 1024)

class Client implements Wire {
  readonly unsentBytes = 0
  readonly connection: RespConnection
  answer: Bytes = ''
  isOpen = true

  constructor(server: Server) {
    this.connection = new RespConnection(server, 'tcp', this, '127.0.0.1:1', '127.0.0.1:2')
  }

  write(part: Bytes): boolean {
    this.answer += part
    return true
  }

  pause(): void {}

  resume(): void {}

  end(): void {
    this.isOpen = false
  }

  destroy(): void {
    this.isOpen = false
  }

  /** All of it arrives in one piece. */
  sends(...commands: readonly (readonly Bytes[])[]): void {
    const length = shared.fill('#').write(commands.map(encodeCommand).join(''), 'latin1')
    this.connection.receive(shared, length)
  }
}

/** Takes some milliseconds. */
const SLOW = "for i = 1, 1000000 do end return redis.call('INCR', KEYS[1])"

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

/** What each was answered, in as many turns as it takes: none runs for longer than a slice. */
async function answered(all: readonly Client[]): Promise<Bytes[]> {
  while (all.some(({ answer }) => answer === '')) await turn()
  const answers = all.map(({ answer }) => answer)
  for (const client of all) client.answer = ''
  return answers
}

let server: Server

beforeEach(() => {
  server = createServer({ log() {} })
})
afterEach(() => server.close())

const clients = (count: number): Client[] => Array.from({ length: count }, () => new Client(server))

test('what comes in one piece is one read, and what leaves together one write', async () => {
  const [a, b] = clients(2)
  a.sends(['SET', 'k', '1'], ['GET', 'k'], ['GET', 'k'])
  b.sends(['PING'])
  await turn()
  const { stats } = server.engine
  expect([stats.reads, stats.writes]).toEqual([2, 2])
  stats.reset()
  expect([stats.reads, stats.writes]).toEqual([0, 0])
})

describe('commands of one turn', () => {
  test('run in the order in which they came, whoever sent one or many', async () => {
    const [a, b, c] = clients(3)
    a.sends(['APPEND', 'k', 'a'])
    b.sends(['APPEND', 'k', 'b'], ['APPEND', 'k', 'b'])
    c.sends(['APPEND', 'k', 'c'])
    a.sends(['APPEND', 'k', 'A'])
    c.sends(['GET', 'k'])
    await turn()
    expect([a.answer, b.answer, c.answer]).toEqual([':1\r\n:5\r\n', ':2\r\n:3\r\n', ':4\r\n$5\r\nabbcA\r\n'])
  })

  test('find their keys, each in the database of its client, however many they are', async () => {
    const all = clients(300)
    for (const [i, client] of all.entries()) client.sends(['SELECT', `${i % 3}`])
    await answered(all)
    for (const [i, client] of all.entries()) client.sends(['SET', `a key: ${i >> 2}`, `of ${i}`, 'EX', '100'])
    await answered(all)
    for (const [i, client] of all.entries())
      client.sends(['MGET', `a key: ${i >> 2}`, `a key: ${(i >> 2) + 1}`, 'none'])
    const answers = await answered(all)
    const last = new Map<string, string>()
    for (let i = 0; i < all.length; i++) last.set(`${i % 3} ${i >> 2}`, `of ${i}`)
    const bulk = (value: string | undefined): string => (value === undefined ? '$-1' : `$${value.length}\r\n${value}`)
    for (const [i, answer] of answers.entries()) {
      const [one, two] = [i >> 2, (i >> 2) + 1].map((key) => bulk(last.get(`${i % 3} ${key}`)))
      expect(answer).toBe(`*3\r\n${one}\r\n${two}\r\n$-1\r\n`)
    }
  })

  test('that come in several pieces are whole', async () => {
    const [a, b] = clients(2)
    const command = encodeCommand(['EVAL', 'return KEYS', '3', 'first key', 'second key', 'third key'])
    for (const [i, part] of [command.slice(0, 30), command.slice(30, 70), command.slice(70)].entries()) {
      a.connection.receive(Buffer.from(part, 'latin1'))
      b.sends(['SET', `second key ${i}`, 'v'])
      if (i === 1) await turn()
    }
    await turn()
    expect(a.answer).toBe('*3\r\n$9\r\nfirst key\r\n$10\r\nsecond key\r\n$9\r\nthird key\r\n')
    expect(b.answer).toBe('+OK\r\n+OK\r\n+OK\r\n')
  })

  test('end the waiting of another client, which is answered in the same turn', async () => {
    const [a, b, c] = clients(3)
    a.sends(['BLPOP', 'list', '0'])
    await turn()
    b.sends(['RPUSH', 'list', 'one', 'two'])
    c.sends(['LLEN', 'list'])
    await new Promise((resolve) => setImmediate(resolve))
    expect(a.answer).toBe('*2\r\n$4\r\nlist\r\n$3\r\none\r\n')
    expect([b.answer, c.answer]).toEqual([':2\r\n', ':1\r\n'])
  })

  test('tell those who track keys of a change before they are answered anything later', async () => {
    const [a, b] = clients(2)
    a.sends(['HELLO', '3'], ['CLIENT', 'TRACKING', 'ON'], ['GET', 'k'])
    do await turn()
    while (a.connection.inputBytes !== 0) // what is loaded by these may take longer than a slice
    a.answer = ''
    b.sends(['SET', 'k', 'v'])
    a.sends(['PING'])
    await turn()
    expect(a.answer).toBe('>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n+PONG\r\n')
  })

  test('of a client that another one kills do not run', async () => {
    const [killer, victim] = clients(2)
    killer.sends(['CLIENT', 'KILL', 'ID', `${victim.connection.session.id}`])
    victim.sends(['SET', 'k', 'v'])
    await turn()
    expect(victim.isOpen).toBe(false)
    killer.answer = ''
    killer.sends(['EXISTS', 'k'])
    await turn()
    expect(killer.answer).toBe(':0\r\n')
  })

  test('run although their client is gone', async () => {
    const [a, b] = clients(2)
    a.sends(['SET', 'k', 'v'])
    a.connection.closed()
    b.sends(['GET', 'k'])
    await turn()
    expect([a.answer, b.answer]).toEqual(['', '$1\r\nv\r\n'])
  })

  test('that wait for each other see the time stand still, and are all counted', async () => {
    const all = clients(10)
    for (const client of all) client.sends(['TIME'])
    await turn()
    expect(new Set(all.map(({ answer }) => answer)).size).toBe(1)
    all[0].answer = ''
    all[0].sends(['INFO', 'commandstats'])
    await turn()
    expect(all[0].answer).toMatch(/cmdstat_time:calls=10,usec=[1-9]/)
  })

  test.each(['nobody', 'somebody'])(
    'that are slow together go on in later turns, in order, if %s tracks keys',
    async (who) => {
      const [tracker, ...all] = clients(21)
      if (who === 'somebody') {
        tracker.sends(['HELLO', '3'], ['CLIENT', 'TRACKING', 'ON', 'BCAST'])
        await turn()
      }
      for (const client of all) client.sends(['EVAL', SLOW, '1', 'k'])
      all[19].connection.closeAfterReply()
      all[18].connection.ended()
      const served = (): number => all.filter(({ answer }) => answer !== '').length
      await turn()
      const first = served()
      expect(first).toBeGreaterThan(0)
      expect(first).toBeLessThan(10)
      while (served() < 20) await turn()
      expect(all.map(({ answer }) => answer)).toEqual(all.map((_, i) => `:${i + 1}\r\n`))
      expect([all[17].isOpen, all[18].isOpen, all[19].isOpen]).toEqual([true, false, false])
    },
  )

  test('run before a connection ends in good order', async () => {
    const [a, b] = clients(2)
    a.sends(['SET', 'k', 'v'])
    b.sends(['GET', 'k'])
    a.connection.closeAfterReply()
    b.connection.closeAfterReply()
    await turn()
    expect([a.answer, b.answer]).toEqual(['+OK\r\n', '$1\r\nv\r\n'])
    expect([a.isOpen, b.isOpen]).toEqual([false, false])
  })
})

test('what was sent before the end of a connection is run and answered', async () => {
  const { port } = await server.listen({ port: 0, httpPort: false })
  for (let i = 0; i < 50; i++) {
    const client = await openRaw({ port, host: '127.0.0.1' })
    let answer = ''
    client.on('data', (data) => {
      answer += data
    })
    client.end(encodeCommand(['INCR', 'n']))
    await new Promise((resolve) => client.once('close', resolve))
    expect(answer).toBe(`:${i + 1}\r\n`)
  }
})
