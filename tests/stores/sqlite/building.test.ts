/** A store that opens on a long log: it is read in slices, beside what else the process does. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { ManualClock } from '../../../lib/base/clock.ts'
import { createServer, type Server } from '../../../lib/server.ts'
import { RespClient } from '../../clients/resp.ts'

const KEYS = 30_000

/** Returns the number of rows that were written. */
async function fill(store: string): Promise<number> {
  const server = createServer({ store, log: () => {} })
  await server.load()
  const door = server.inProcess()
  for (let from = 0; from < KEYS; from += 1000) {
    const body = Array.from({ length: 1000 }, (_, i) => ['SET', `key:${from + i}`, `value of ${i}`])
    await door.request({ path: ['pipeline'], body })
  }
  const { position } = server.engine.shared!
  await server.close()
  return position
}

const opened: Server[] = []
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close()
})

function open(store: string, clock?: ManualClock): Server {
  const server = createServer({ store, log: () => {}, ...(clock === undefined ? {} : { clock }) })
  opened.push(server)
  return server
}

/** How many turns of the event loop come until something is so. */
async function turnsUntil(settled: Promise<void>): Promise<number> {
  let turns = 0
  let isOver = false
  void settled.then(() => {
    isOver = true
  })
  while (!isOver) {
    turns++
    await new Promise(setImmediate)
  }
  return turns
}

let folder: string
let store: string
let rows: number
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zerodis-building-'))
  store = `sqlite:${join(folder, 'keys.db')}`
  rows = await fill(store)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the event loop goes on while rows are read', async () => {
  const server = open(store)
  expect(server.engine.shared!.position).toBeLessThan(rows)
  expect(await turnsUntil(server.load())).toBeGreaterThan(2)
  expect(server.engine.shared!.position).toBe(rows)
})

test('a call in process has the rest read at once', () => {
  const server = open(store)
  expect(server.execute('GET', `key:${KEYS - 1}`)).toBe('value of 999')
  expect(server.execute('DBSIZE')).toBe(KEYS)
})

test('clients that ask meanwhile wait, and so do those who write', async () => {
  const server = open(store)
  const { port } = await server.listen({ port: 0, httpPort: false })
  const client = await RespClient.connect({ port: port!, host: '127.0.0.1' })
  const sent = [['PING'], ['GET', `key:${KEYS - 1}`], ['INCR', 'n']].map((argv) => client.send(argv))
  expect(await Promise.all(sent)).toEqual([{ kind: 'status', text: 'PONG' }, 'value of 999', expect.any(Number)])
  client.close()
})

test('so is a snapshot, also by who has lagged behind it', async () => {
  const [late, server] = [open(store, new ManualClock()), open(store)] // in the first nothing goes on by itself
  await late.load()
  await server.load()
  for (const value of ['v', 'w']) server.execute('SET', 'late', value)
  expect(await server.compact()).toBe(true)
  server.execute('DEL', 'late')
  const later = open(store)
  expect(await turnsUntil(later.load())).toBeGreaterThan(2)
  const { port } = await late.listen({ port: 0, httpPort: false })
  const client = await RespClient.connect({ port: port!, host: '127.0.0.1' })
  const reading = client.send(['GET', `key:${KEYS - 1}`])
  expect(await reading).toBe('value of 999')
  expect(await client.send(['EXISTS', 'late'])).toBe(0)
  expect(String(late.execute('INFO', 'store'))).toContain('store_rebuilds:2\r\n')
  client.close()
})

test('who closes it before it is read ends the wait', async () => {
  const server = open(store)
  const loading = server.load()
  await server.close()
  await expect(loading).rejects.toThrow()
})
