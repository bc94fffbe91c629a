/** The append-only file of the start, loaded beside the doors: clients are told that it is, and time stands still in it. */
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { Config } from '../../lib/config/config.ts'
import { CommandError } from '../../lib/index.ts'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { show } from '../contract/harness/seen.ts'
import { type Client, engineClient } from '../contract/harness/subjects.ts'
import { Folders } from './logs.ts'

const folders = new Folders()
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  folders.removeAll()
})

const LOADING = '-LOADING Redis is loading the dataset in memory'

/** One that has loaded nothing yet. */
function open(dir: string, settings: Record<string, string> = {}, options: ServerOptions = {}): Server {
  const config = new Config({
    dir,
    appendonly: 'yes',
    'rest-token': 'secret',
    'enable-debug-command': 'yes',
    ...settings,
  })
  const server = createServer({ config, log() {}, ...options })
  servers.push(server)
  return server
}

const increment = (dir: string): string => join(dir, 'appendonlydir/appendonly.aof.1.incr.aof')
const ready = async (server: Server): Promise<number> => (await server.fetch(new Request('http://x/readyz'))).status
const ask = async (client: Client, line: string): Promise<string> => show(await client.send(line.split(' ')))

/** A log that takes more than one step to load. */
async function log(settings: Record<string, string> = {}): Promise<string> {
  const dir = folders.make()
  const server = open(dir, settings)
  server.persist()
  for (let i = 0; i < 30_000; i++) server.execute('SET', `k${i}`, 'x'.repeat(50))
  await server.close()
  return dir
}

async function rewritten(dir: string, settings: Record<string, string>): Promise<void> {
  const server = open(dir, settings)
  server.persist()
  server.execute('BGREWRITEAOF')
  const { appending } = server.engine.ports.persistence
  while (appending.isRewriting) await new Promise((resolve) => setTimeout(resolve, 1))
  await server.close()
}

describe('an append-only file', () => {
  test('holds what was allowed when it was done', async () => {
    const dir = folders.make()
    const text = JSON.stringify(new Array(1000).fill(1.5))
    const first = open(dir)
    first.persist()
    first.execute('JSON.SET', 'doc', '$', text)
    first.execute('JSON.ARRAPPEND', 'doc', '$', '2.5')
    await first.close()
    const second = open(dir, { 'json-max-document-size': '10000' })
    second.persist()
    expect(second.execute('JSON.ARRLEN', 'doc')).toBe(1001)
    expect(() => second.execute('JSON.ARRAPPEND', 'doc', '$', '2.5')).toThrow('json-max-document-size')
  })

  test.each([
    ['that consists of commands', undefined],
    ['whose base is a snapshot', { 'aof-use-rdb-preamble': 'yes' }],
    ['whose base consists of commands', { 'aof-use-rdb-preamble': 'no' }],
  ])('%s is loaded beside the doors, and whoever comes meanwhile is told', async (_, base) => {
    const dir = await log()
    if (base !== undefined) await rewritten(dir, base)
    const server = open(dir)
    const client = engineClient(server)
    const loaded = server.load()
    let turns = 0
    let over = false
    void loaded.then(() => {
      over = true
    })
    expect(await ask(client, 'GET k1')).toBe(LOADING)
    expect(await ask(client, 'CONFIG SET appendonly no')).toBe(LOADING)
    expect(await ask(client, 'CONFIG SET maxmemory 0')).toBe('+OK')
    expect(() => server.execute('SET', 'k1', 'v')).toThrow(CommandError)
    expect(await ready(server)).toBe(503)
    const info = (await ask(client, 'INFO persistence')).replaceAll('\\x0d\\x0a', '\n')
    expect(info).toMatch(/loading:1\n.*aof_enabled:0\n.*loading_start_time:\d+\nloading_total_bytes:[1-9]\d+\n/s)
    while (!over) {
      await new Promise((resolve) => setImmediate(resolve))
      turns++
    }
    expect(turns).toBeGreaterThan(2)
    expect(await ready(server)).toBe(200)
    expect(await ask(client, 'INFO persistence')).toContain('aof_enabled:1')
    expect(server.execute('DBSIZE')).toBe(30_000)
    server.execute('SET', 'new', '1')
    await server.close()
    const again = open(dir)
    await again.load()
    expect(again.execute('DBSIZE')).toBe(30_001)
  })

  test('keeps what its later commands need, whatever the cron does meanwhile', async () => {
    const dir = await log()
    const past = '*3\r\n$9\r\nPEXPIREAT\r\n$2\r\nk1\r\n$3\r\n100\r\n'
    const padding = Array.from(
      { length: 20_000 },
      (_, i) => `*3\r\n$3\r\nSET\r\n$6\r\np${10_000 + i}\r\n$1\r\nx\r\n`,
    ).join('')
    appendFileSync(increment(dir), `${past}${padding}*2\r\n$7\r\nPERSIST\r\n$2\r\nk1\r\n`)
    const server = open(dir)
    const loaded = server.load()
    let over = false
    void loaded.then(() => {
      over = true
    })
    while (!over) {
      server.cron()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(server.execute('GET', 'k1')).toBe('x'.repeat(50))
  })

  test('whose time has come goes once all is loaded', async () => {
    const dir = await log()
    appendFileSync(increment(dir), '*3\r\n$9\r\nPEXPIREAT\r\n$2\r\nk1\r\n$3\r\n100\r\n')
    const server = open(dir)
    await server.load()
    expect(server.execute('GET', 'k1')).toBeNull()
  })

  test('is given up where the server ends meanwhile, and stays as it was', async () => {
    const dir = await log()
    const before = readFileSync(increment(dir))
    const server = open(dir, { save: '3600 1' })
    const loaded = server.load()
    await new Promise((resolve) => setImmediate(resolve))
    await server.close()
    await loaded
    expect(readFileSync(increment(dir)).equals(before)).toBe(true)
    const again = open(dir)
    await again.load()
    expect(again.execute('DBSIZE')).toBe(30_000)
  })

  test('that is torn is cut back while it is loaded beside the doors, too; or ends it', async () => {
    const dir = await log()
    appendFileSync(increment(dir), '*3\r\n$3\r\nSET\r\n$1\r\nz')
    await expect(open(dir, { 'aof-load-truncated': 'no' }).load()).rejects.toThrow('Unexpected end of file')
    const server = open(dir)
    await server.load()
    expect(server.execute('DBSIZE')).toBe(30_000)
  })

  test('begins with the snapshot where there is none', async () => {
    const dir = folders.make()
    const first = open(dir, { appendonly: 'no' })
    first.execute('SET', 'a', '1')
    first.execute('SAVE')
    await first.close()
    const server = open(dir)
    await server.load()
    expect(server.execute('GET', 'a')).toBe('1')
    await server.close()
    const again = open(dir)
    await again.load()
    expect(again.execute('GET', 'a')).toBe('1')
  })

  test('says when a key was last used, as its base does', async () => {
    const dir = folders.make()
    const clock = new ManualClock()
    const settings = { 'maxmemory-policy': 'allkeys-lru' }
    const first = open(dir, settings, { clock })
    first.persist()
    first.execute('SET', 'a', '1')
    clock.advance(100_000)
    first.execute('BGREWRITEAOF')
    const { appending } = first.engine.ports.persistence
    while (appending.isRewriting) await new Promise((resolve) => setTimeout(resolve, 1))
    await first.close()
    const server = open(dir, settings, { clock })
    await server.load()
    expect(server.execute('OBJECT', 'IDLETIME', 'a')).toBe(100)
  })
})

test('scripts in a file run, however long ago anything was timed', async () => {
  const dir = await log({ 'aof-use-rdb-preamble': 'no' })
  const lines = [
    ['SELECT', '0'],
    ['EVAL', 'redis.call("SET", KEYS[1], ARGV[1])', '1', 'scripted', '100'],
    ['EVAL', 'redis.call("INCR", KEYS[1])', '1', 'scripted'],
    ['DEL', 'k1'],
    ['EVAL', 'redis.call("INCR", KEYS[1])', '1', 'scripted'],
  ]
  const text = lines.map(
    (argv) => `*${argv.length}\r\n${argv.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`,
  )
  appendFileSync(increment(dir), text.join(''))
  const server = open(dir, { 'lua-hard-time-limit': '50' })
  server.persist()
  expect(server.execute('GET', 'scripted')).toBe('102')
  expect(server.execute('DBSIZE')).toBe(30_000)
})
