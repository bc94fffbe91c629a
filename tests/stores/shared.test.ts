/** A keyspace that several stores share through a database: here of one process, which is the same to SQLite. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import type { InProcessDoor } from '../../lib/transports/inprocess.ts'

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
