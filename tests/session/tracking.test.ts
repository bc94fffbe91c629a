import { beforeEach, describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { ManualClock } from '../../lib/base/clock.ts'
import { Push, type Reply } from '../../lib/base/reply.ts'
import { createServer, type Server } from '../../lib/server.ts'
import type { Session } from '../../lib/session/session.ts'

class Client {
  readonly heard: (readonly Reply[])[] = []
  readonly session: Session
  readonly #server: Server

  constructor(server: Server) {
    this.#server = server
    const push = (reply: Reply): void => void (reply instanceof Push && this.heard.push(reply.items))
    const link = { push, closeAfterReply() {}, close() {}, inputBytes: 0, outputBytes: 0 }
    this.session = server.openSession('tcp', link, '', '')
  }

  run(line: string): Reply | Promise<Reply> {
    return this.#server.engine.execute(this.session, line.split(' '))
  }

  close(): void {
    this.#server.closeSession(this.session)
  }
}

let server: Server
let writer: Client
let reader: Client
const figure = (name: Bytes): number =>
  Number(new RegExp(`${name}:(\\d+)`).exec(server.engine.ports.figures.info.text(['everything']))![1])

beforeEach(() => {
  server = createServer({ clock: new ManualClock() })
  writer = new Client(server)
  reader = new Client(server)
})

describe('redirection', () => {
  test('a RESP2 subscriber is told with a message, whoever read the key', () => {
    const listener = new Client(server)
    listener.run('SUBSCRIBE __redis__:invalidate')
    reader.run(`CLIENT TRACKING ON REDIRECT ${listener.session.id}`)
    expect(reader.run('CLIENT GETREDIR')).toBe(listener.session.id)
    reader.run('GET a')
    writer.run('SET a 1')
    writer.run('FLUSHALL')
    expect(listener.heard).toEqual([
      ['message', '__redis__:invalidate', ['a']],
      ['message', '__redis__:invalidate', null],
    ])
    expect(reader.heard).toEqual([])
  })

  test('a RESP2 client that does not subscribe hears nothing', () => {
    const listener = new Client(server)
    reader.run(`CLIENT TRACKING ON REDIRECT ${listener.session.id}`)
    reader.run('GET a')
    writer.run('SET a 1')
    expect(listener.heard).toEqual([])
  })

  test('a client whose target is gone learns of it once it speaks RESP3', () => {
    const listener = new Client(server)
    const { id } = listener.session
    reader.run('HELLO 3')
    reader.run(`CLIENT TRACKING ON REDIRECT ${id}`)
    listener.close()
    reader.run('GET a')
    writer.run('SET a 1')
    expect(reader.heard).toEqual([['tracking-redir-broken', id]])
    expect(reader.session.tracking?.isRedirectBroken).toBe(true)
  })
})

describe('the table', () => {
  beforeEach(() => void reader.run('HELLO 3'))

  test('counts keys and readers, and forgets both with the last client that tracks', () => {
    const second = new Client(server)
    for (const client of [reader, second]) client.run('CLIENT TRACKING ON')
    reader.run('MGET a b')
    second.run('MGET b c')
    expect([figure('tracking_clients'), figure('tracking_total_keys'), figure('tracking_total_items')]).toEqual([
      2, 3, 4,
    ])
    second.close()
    reader.run('CLIENT TRACKING OFF')
    expect([figure('tracking_clients'), figure('tracking_total_keys'), figure('tracking_total_items')]).toEqual([
      0, 0, 0,
    ])
  })

  test('holds no more than tracking-table-max-keys: what was read first counts as changed', () => {
    writer.run('CONFIG SET tracking-table-max-keys 2')
    reader.run('CLIENT TRACKING ON')
    reader.run('GET a')
    reader.run('GET b')
    reader.run('GET c')
    expect(reader.heard).toEqual([['invalidate', ['a']]])
    expect(figure('tracking_total_keys')).toBe(2)
  })

  test('a prefix goes with the last client that registered it', () => {
    reader.run('CLIENT TRACKING ON BCAST PREFIX a PREFIX b')
    expect(figure('tracking_total_prefixes')).toBe(2)
    reader.close()
    expect(figure('tracking_total_prefixes')).toBe(0)
    writer.run('SET a 1')
    expect(reader.heard).toEqual([])
  })

  test('a transaction is one message in broadcast mode', () => {
    reader.run('CLIENT TRACKING ON BCAST')
    for (const line of ['MULTI', 'SET b 1', 'SET a 1', 'EXEC']) writer.run(line)
    expect(reader.heard).toEqual([['invalidate', ['a', 'b']]])
  })

  test('SWAPDB makes all keys invalid', () => {
    reader.run('CLIENT TRACKING ON')
    reader.run('GET a')
    writer.run('SWAPDB 0 1')
    expect(reader.heard).toEqual([['invalidate', null]])
  })
})

test('prefixes are told once of all that a pipeline changed', () => {
  reader.session.proto = 3
  reader.run('CLIENT TRACKING ON BCAST')
  server.engine.beginBatch()
  for (const key of ['b', 'a', 'b', 'c']) writer.run(`SET ${key} 1`)
  expect(reader.heard).toEqual([])
  server.engine.endBatch()
  expect(reader.heard).toEqual([['invalidate', ['a', 'b', 'c']]])
  writer.run('SET d 1')
  expect(reader.heard.slice(1)).toEqual([['invalidate', ['d']]])
})
