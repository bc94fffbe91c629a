/**
 * Synchronisations that are broken off: a replica that is killed in its midst, a master that is, a disk that is full. Nothing is left
 * behind, in memory or on disk; what was there before is there; and the next try comes to its end.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { LinkProxy } from '../clients/linkproxy.ts'
import { fieldOf, linked, type OwnPeer, startOurs, until } from './peers.ts'

const VALUE = 'v'.repeat(400_000)
const VALUES = 50
const AT_ONCE = { rdbcompression: 'no', 'repl-diskless-sync-delay': 0 } as const

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'interrupted-'))
  ends.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function start(options: Parameters<typeof startOurs>[0] = {}): Promise<OwnPeer> {
  const peer = await startOurs({ dir: folder(), ...AT_ONCE, ...options })
  ends.push(() => peer.stop())
  return peer
}

async function filled(options: Parameters<typeof startOurs>[0] = {}): Promise<OwnPeer> {
  const master = await start(options)
  for (let i = 0; i < VALUES; i++) master.server.execute('SET', `key${i}`, VALUE)
  return master
}

/** A replica that asks for everything, and reads no further than the beginning. */
async function asker(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  ends.push(() => socket.destroy())
  socket.write('REPLCONF capa eof\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  socket.write('PSYNC ? -1\r\n')
  await new Promise<void>((resolve) => {
    let bytes = 0
    socket.on('data', (chunk) => {
      bytes += chunk.length
      if (bytes < 1000) return
      socket.pause()
      resolve()
    })
  })
  return socket
}

describe.each(['yes', 'no'] as const)('repl-diskless-sync %s', (diskless) => {
  test('a replica that is killed in its midst costs nothing any more', async () => {
    const master = await filled({ 'repl-diskless-sync': diskless })
    const socket = await asker(master.port)
    for (let i = 0; i < 10; i++) master.server.execute('SET', 'meanwhile', VALUE)
    socket.resetAndDestroy()
    await until(master, 'INFO replication', /connected_slaves:0/)
    await until(master, 'INFO persistence', /rdb_bgsave_in_progress:0/)
    const { engine } = master.server
    const { replication, rdb } = engine.ports.persistence
    const { size, bytes } = replication.history.backlog!
    expect(bytes).toBeLessThan(size + 100_000)
    expect(await master.tell('BGSAVE')).toBe('+Background saving started')
    await until(master, 'INFO persistence', /rdb_bgsave_in_progress:0/)
    expect(readdirSync(master.server.config.values.dir)).toEqual(['dump.rdb'])
    expect(rdb.lastLoad.loaded).toBe(0)
    const replica = await start({ replicaof: `127.0.0.1 ${master.port}` })
    await linked(replica)
    expect(await replica.tell('DBSIZE')).toBe(`${VALUES + 1}`)
  })
})

test('a replica that stops in its midst does not take those with it who wait for it', async () => {
  const master = await filled({ 'repl-timeout': 2, 'repl-diskless-sync-delay': 1 })
  const [slow, replica] = [asker(master.port), start({ replicaof: `127.0.0.1 ${master.port}` })]
  await linked(await replica)
  await slow
  expect(master.log.filter((line) => line.startsWith('Disconnecting timedout replica (full sync)'))).toHaveLength(1)
  expect(await fieldOf(master, 'sync_full', 'stats')).toBe('2')
})

describe.each(['disabled', 'swapdb'] as const)('repl-diskless-load %s', (how) => {
  test('a master that is killed in its midst leaves what was there, and no file', async () => {
    const master = await filled()
    const proxy = await LinkProxy.to(master.port)
    ends.push(() => proxy.stop())
    const replica = await start({ 'repl-diskless-load': how, 'key-load-delay': 1000 })
    await replica.tell('SET mine 1')
    await replica.tell(`REPLICAOF 127.0.0.1 ${proxy.port}`)
    await until(replica, 'INFO replication', /master_sync_in_progress:1/)
    proxy.isClosed = true
    proxy.cut()
    await until(replica, 'INFO replication', /master_sync_in_progress:0/)
    await until(replica, 'INFO persistence', /loading:0\nasync_loading:0/)
    expect(['["mine"]', '[]']).toContain(await replica.tell('KEYS *'))
    while (readdirSync(replica.server.config.values.dir).length > 0) await new Promise(setImmediate)
    proxy.isClosed = false
    await replica.tell('CONFIG SET key-load-delay 0')
    await linked(replica)
    expect(await replica.tell('DBSIZE')).toBe(`${VALUES}`)
  })
})

test('a snapshot on its way has no name on disk that a killed process could leave there', async () => {
  const master = await filled()
  const replica = await start({ 'repl-diskless-load': 'disabled', 'key-load-delay': 1000 })
  await replica.tell(`REPLICAOF 127.0.0.1 ${master.port}`)
  await until(replica, 'INFO persistence', /\nloading:1/)
  expect(readdirSync(replica.server.config.values.dir)).toEqual([])
  await replica.tell('CONFIG SET key-load-delay 0')
  await linked(replica)
})

/** A disk of a megabyte, where this process may have one. */
function tinyDisk(): string | undefined {
  const dir = folder()
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]).status !== 0) return undefined
  ends.push(() => spawnSync('umount', ['-l', dir]))
  return dir
}

test('a disk that is full leaves what was there, and the link is tried again', async (context) => {
  const dir = tinyDisk()
  if (dir === undefined) return context.skip()
  const master = await filled()
  const replica = await start({ dir, 'repl-diskless-load': 'disabled' })
  await replica.tell('SET mine 1')
  await replica.tell(`REPLICAOF 127.0.0.1 ${master.port}`)
  while (!replica.log.some((line) => line.includes('ENOSPC'))) await new Promise(setImmediate)
  expect(await replica.tell('KEYS *')).toBe('["mine"]')
  expect(readdirSync(dir)).toEqual([])
  expect(await fieldOf(replica, 'master_link_status')).toBe('down')
  await replica.tell('CONFIG SET repl-diskless-load swapdb')
  await linked(replica)
  expect(await replica.tell('DBSIZE')).toBe(`${VALUES}`)
})

test('what is here is read while a snapshot of the same history is loaded (swapdb), and not while one of another is', async () => {
  const master = await filled({ 'repl-backlog-size': 16384 })
  const proxy = await LinkProxy.to(master.port)
  ends.push(() => proxy.stop())
  const replica = await start({ 'repl-diskless-load': 'swapdb', 'key-load-delay': 1_000_000 })
  await replica.tell('SET mine 1')
  await replica.tell(`REPLICAOF 127.0.0.1 ${proxy.port}`)
  await until(replica, 'INFO persistence', /\nloading:1\nasync_loading:0/)
  expect(await replica.tell('GET mine')).toMatch(/^-LOADING/)
  expect(await replica.tell('CONFIG SET appendonly no')).toMatch(/^-LOADING/)
  proxy.cut()
  await replica.tell('CONFIG SET key-load-delay 0')
  await linked(replica)
  proxy.isClosed = true
  proxy.cut()
  await until(master, 'INFO replication', /connected_slaves:0/)
  for (let i = 0; i < 100; i++) master.server.execute('SET', 'other', 'x'.repeat(1000))
  await replica.tell('CONFIG SET key-load-delay 1000000')
  proxy.isClosed = false
  await until(replica, 'INFO persistence', /\nloading:0\nasync_loading:1/)
  expect(await replica.tell('STRLEN key0')).toBe(`${VALUE.length}`)
  expect(await replica.tell('CONFIG SET appendonly no')).toMatch(/^-LOADING/)
  expect(await replica.tell('REPLICAOF NO ONE')).toMatch(/^-LOADING/)
  await replica.tell('CONFIG SET key-load-delay 0')
  await linked(replica)
})
