/** The stream of effects as bytes: what each of its readers gets. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { Target } from '../../lib/engine/engine.ts'
import { Feed, Journal } from '../../lib/journal/journal.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { type Client, engineClient } from '../contract/harness/subjects.ts'

let clock: ManualClock
let server: Server
let client: Client
let journal: Journal
let file: Reader
let replicas: Reader

class Reader {
  #bytes = ''
  readonly feed: Feed

  constructor(targets: number) {
    this.feed = new Feed({
      targets,
      take: (part) => {
        this.#bytes += part
      },
    })
  }

  /** What came since, as words. */
  take(): string {
    const words = this.#bytes.split('\r\n').filter((line) => line !== '' && !/^[*$]/.test(line))
    this.#bytes = ''
    return words.join(' ')
  }

  get bytes(): string {
    return this.#bytes
  }
}

beforeEach(() => {
  clock = new ManualClock()
  server = createServer({ clock })
  client = engineClient(server)
  journal = new Journal(server.engine)
  file = new Reader(Target.File)
  replicas = new Reader(Target.Replicas)
})
afterEach(() => server.close())

const send = async (...lines: string[]) => {
  for (const line of lines) await client.send(line.split(' '))
}

describe('the journal', () => {
  test('gives each reader SELECT where its own stream begins, and where the database changes', async () => {
    journal.add(file.feed)
    await send('SET a 1', 'SELECT 2', 'SET b 1', 'SET c 1')
    journal.add(replicas.feed)
    await send('SET d 1')
    expect(file.take()).toBe('SELECT 0 SET a 1 SELECT 2 SET b 1 SET c 1 SET d 1')
    expect(replicas.take()).toBe('SELECT 2 SET d 1')
  })

  test('counts the bytes of each reader', async () => {
    journal.add(file.feed)
    await send('SET a 1')
    expect(file.bytes).toBe('*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n')
    expect(file.feed.offset).toBe(file.bytes.length)
    file.feed.add('*1\r\n$4\r\nPING\r\n')
    expect(file.feed.offset).toBe(file.bytes.length)
    expect(file.feed.effectOffset).toBe(file.bytes.length - 14)
  })

  test('puts MULTI and EXEC around what belongs together, and SELECT within', async () => {
    journal.add(file.feed)
    await send('MULTI', 'SET a 1', 'SELECT 1', 'SET b 1', 'EXEC', 'MULTI', 'SET c 1', 'GET c', 'EXEC')
    expect(file.take()).toBe('MULTI SELECT 0 SET a 1 SELECT 1 SET b 1 EXEC SET c 1')
  })

  test('gives messages to replicas alone', async () => {
    journal.add(file.feed)
    journal.add(replicas.feed)
    await send('PUBLISH ch hi', 'MULTI', 'SET a 1', 'PUBLISH ch hi', 'EXEC')
    expect(file.take()).toBe('SELECT 0 SET a 1')
    expect(replicas.take()).toBe('SELECT 0 PUBLISH ch hi MULTI SET a 1 PUBLISH ch hi EXEC')
  })

  test('follows redis.set_repl', async () => {
    journal.add(file.feed)
    journal.add(replicas.feed)
    const script = ['NONE', 'AOF', 'REPLICA', 'ALL']
      .map((targets) => `redis.set_repl(redis.REPL_${targets}) redis.call('SET', KEYS[1], '${targets}')`)
      .join(' ')
    await client.send(['EVAL', script, '1', 'k'])
    expect(file.take()).toBe('MULTI SELECT 0 SET k AOF SET k ALL EXEC')
    expect(replicas.take()).toBe('MULTI SELECT 0 SET k REPLICA SET k ALL EXEC')
    await send('SET k 1')
    expect([file.take(), replicas.take()]).toEqual(['SET k 1', 'SET k 1'])
  })

  test('passes a long argument on as it is', async () => {
    const parts: string[] = []
    journal.add(new Feed({ targets: Target.All, take: (part) => parts.push(part) }))
    const long = 'x'.repeat(100_000)
    await client.send(['SET', 'a', long])
    expect(parts.map((part) => part.length)).toEqual([52, 100_000, 2])
    expect(parts[1]).toBe(long)
  })

  test('has the engine collect nothing while nobody reads', async () => {
    expect(server.engine.propagates).toBe(false)
    journal.add(file.feed)
    journal.add(replicas.feed)
    journal.remove(file.feed)
    expect(server.engine.propagates).toBe(true)
    journal.remove(replicas.feed)
    expect(server.engine.propagates).toBe(false)
    await send('SET a 1')
    expect(file.bytes + replicas.bytes).toBe('')
  })
})
