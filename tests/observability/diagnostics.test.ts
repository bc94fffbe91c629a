/** What diagnostics_channel hears of a store. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'

const CHANNELS = ['zerodis:command', 'zerodis:slow', 'zerodis:eviction', 'zerodis:error'] as const
let server: Server
let heard: [string, Record<string, unknown>][]
const listen = (message: unknown, name: string | symbol) => {
  heard.push([String(name), message as Record<string, unknown>])
}
const of = (name: string) => heard.filter(([channel]) => channel === name).map(([, event]) => event)

beforeEach(() => {
  heard = []
  for (const name of CHANNELS) subscribe(name, listen)
})
afterEach(async () => {
  for (const name of CHANNELS) unsubscribe(name, listen)
  await server.close()
})

test('a command is told with its name, its time and its error, and with none of its arguments', () => {
  server = createServer({ 'diagnostics-channel': true })
  server.execute('SET', 'key', 'secret')
  expect(() => server.execute('INCR', 'key')).toThrow()
  server.execute('CONFIG', 'GET', 'secret')
  const duration = expect.any(Number)
  const client = expect.any(Number)
  expect(of('zerodis:command')).toEqual([
    { command: 'set', db: 0, client, door: 'inprocess', duration, error: undefined },
    { command: 'incr', db: 0, client, door: 'inprocess', duration, error: 'ERR' },
    { command: 'config|get', db: 0, client, door: 'inprocess', duration, error: undefined },
  ])
  expect(of('zerodis:error')).toEqual([{ error: 'ERR' }])
  expect(JSON.stringify(heard)).not.toContain('secret')
})

test('errors that are answered without running a command are told, too', () => {
  server = createServer({ 'diagnostics-channel': true })
  expect(() => server.execute('NOSUCH', 'a')).toThrow()
  expect(of('zerodis:command')).toEqual([])
  expect(of('zerodis:error')).toEqual([{ error: 'ERR' }])
})

test('what the slow log keeps, and keys that go for want of room', () => {
  server = createServer({ 'diagnostics-channel': true, 'slowlog-log-slower-than': 0 })
  server.execute('PING')
  expect(of('zerodis:slow').map(({ command }) => command)).toEqual(['ping'])
  for (let i = 0; i < 100; i++) server.execute('SET', `key:${i}`, 'x'.repeat(1000))
  server.execute('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru', 'maxmemory', '1')
  server.execute('SET', 'one', 'more')
  server.execute('CONFIG', 'SET', 'maxmemory', '0')
  const gone = of('zerodis:eviction').map(({ db, key }) => `${db} ${key}`)
  expect(gone.length).toBeGreaterThan(0)
  expect(gone).toHaveLength(Number(/evicted_keys:(\d+)/.exec(server.execute('INFO', 'stats') as string)![1]))
  expect(gone.every((key) => /^0 (key:\d+|one)$/.test(key))).toBe(true)
})

test('is switched on and off while the store runs; off, nothing is told', () => {
  server = createServer()
  server.execute('PING')
  expect(heard).toEqual([])
  server.execute('CONFIG', 'SET', 'diagnostics-channel', 'yes')
  server.execute('PING')
  server.execute('CONFIG', 'SET', 'diagnostics-channel', 'no')
  server.execute('PING')
  expect(of('zerodis:command').map(({ command }) => command)).toEqual(['config|set', 'ping'].slice(-2))
})
