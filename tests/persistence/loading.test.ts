/** The data of the start, loaded beside the doors: clients are told that it is, and nothing of a bad file is there. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CommandError } from '../../lib/index.ts'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { show } from '../contract/harness/seen.ts'
import { type Client, engineClient } from '../contract/harness/subjects.ts'

let dir: string
const servers: Server[] = []

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'zerodis-'))
  const first = open()
  for (let i = 0; i < 50; i++) first.execute('SET', `k${i}`, 'x'.repeat(100_000))
  first.execute('HSET', 'h', 'f', 'v')
  first.execute('SAVE')
  await first.close()
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  rmSync(dir, { recursive: true, force: true })
})

function open(options: ServerOptions = {}): Server {
  const server = createServer({ dir, 'enable-debug-command': 'yes', 'rest-token': 'secret', log() {}, ...options })
  servers.push(server)
  return server
}

const ready = async (server: Server): Promise<number> => (await server.fetch(new Request('http://x/readyz'))).status

async function about(client: Client): Promise<string> {
  return show(await client.send(['INFO', 'persistence'])).replaceAll('\\x0d\\x0a', '\n')
}

describe('the snapshot of the start', () => {
  test('is loaded beside the doors, and whoever comes meanwhile is told', async () => {
    const server = open()
    const client = engineClient(server)
    const loaded = server.load()
    expect(show(await client.send(['GET', 'k1']))).toBe('-LOADING Redis is loading the dataset in memory')
    expect(show(await client.send(['SAVE']))).toBe('-LOADING Redis is loading the dataset in memory')
    expect(show(await client.send(['PING']))).toMatch(/PONG|LOADING/)
    expect(() => server.execute('GET', 'k1')).toThrow(CommandError)
    expect(await ready(server)).toBe(503)
    const info = await about(client)
    expect(info).toMatch(/loading:1\n.*loading_start_time:\d+\nloading_total_bytes:\d+\n/s)
    expect(info).toMatch(/loading_loaded_bytes:\d+\nloading_loaded_perc:\d+\.\d\d\nloading_eta_seconds:\d+\n/)
    await loaded
    expect(await ready(server)).toBe(200)
    expect(await about(client)).toMatch(/loading:0\n.*rdb_last_load_keys_loaded:51/s)
    expect(server.execute('DBSIZE')).toBe(51)
    expect(server.execute('SAVE')).toBe('OK')
  })

  test('that is bad leaves an empty store, and is not overwritten', async () => {
    const path = join(dir, 'dump.rdb')
    const bytes = readFileSync(path)
    bytes[bytes.length - 1] ^= 1
    writeFileSync(path, bytes)
    const server = open()
    await expect(server.load()).rejects.toThrow('wrong checksum')
    expect(server.execute('DBSIZE')).toBe(0)
    expect(() => server.execute('SAVE')).toThrow('the file of the snapshot is there')
    await server.close()
    expect(readFileSync(path).equals(bytes)).toBe(true)
  })

  test('is given up where the server ends meanwhile, and what is half loaded is not saved', async () => {
    const path = join(dir, 'dump.rdb')
    const before = readFileSync(path)
    const config = open().config
    config.set([['save', '3600 1']], true)
    const server = open({ config })
    const loaded = server.load()
    await server.close()
    await loaded
    expect(server.execute('DBSIZE')).toBe(0)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('is loaded by createServer where it is given save points, which hold from then on', async () => {
    const server = open({ save: '3600 1' })
    expect(server.execute('DBSIZE')).toBe(51)
    server.execute('SET', 'new', '1')
    await server.close()
    expect(open({ save: '3600 1' }).execute('DBSIZE')).toBe(52)
  })
})
