/** What replicas that are behind cost together, and what is kept for them gives to others: as Redis since 7.0. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { caughtUp, fieldOf, linked, type OwnPeer, startOurs, until } from './peers.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function start(options: Parameters<typeof startOurs>[0] = {}): Promise<OwnPeer> {
  const dir = mkdtempSync(join(tmpdir(), 'behind-'))
  ends.push(() => rmSync(dir, { recursive: true, force: true }))
  const peer = await startOurs({ dir, 'repl-diskless-sync-delay': 0, 'repl-backlog-size': 16384, ...options })
  ends.push(() => peer.stop())
  return peer
}

/** A replica that is synchronised, and then takes nothing. */
async function sleeper(master: OwnPeer, name: string): Promise<Socket> {
  const socket = connect({ port: master.port, host: '127.0.0.1' })
  socket.on('error', () => {})
  ends.push(() => socket.destroy())
  socket.write(`CLIENT SETNAME ${name}\r\n`)
  await new Promise((resolve) => socket.once('data', resolve))
  socket.write('SYNC\r\n')
  await until(master, 'CLIENT LIST', new RegExp(`name=${name} .*flags=S `))
  const isOnline = async (): Promise<boolean> =>
    !/state=(wait_bgsave|send_bulk)/.test(await master.tell('INFO replication'))
  while (!(await isOnline())) await new Promise((resolve) => setTimeout(resolve, 5))
  socket.pause()
  return socket
}

const VALUE = 'x'.repeat(500_000)
const figure = async (master: OwnPeer, name: string): Promise<number> => Number(await fieldOf(master, name, 'memory'))

test('two that take nothing cost once what they are behind, and nothing when they are gone', async () => {
  const master = await start()
  const sleepers = [await sleeper(master, 'one'), await sleeper(master, 'two')]
  for (let i = 0; i < 80; i++) master.server.execute('SET', 'a', VALUE)
  await until(master, 'INFO memory', /mem_total_replication_buffers:[23]\d{7}/)
  const kept = await figure(master, 'mem_total_replication_buffers')
  expect(kept).toBeLessThan(80 * (VALUE.length + 100) + 50_000)
  // And what the link of each holds.
  expect(await figure(master, 'mem_clients_slaves')).toBeLessThan(kept + 2 * 2_000_000)
  const waiting = [...(await master.tell('CLIENT LIST TYPE replica')).matchAll(/omem=(\d+)/g)].map(([, bytes]) =>
    Number(bytes),
  )
  expect(waiting.every((bytes) => bytes > 15_000_000)).toBe(true)
  sleepers[0].destroy()
  await until(master, 'INFO replication', /connected_slaves:1/)
  expect(await figure(master, 'mem_total_replication_buffers')).toBeGreaterThan(15_000_000)
  sleepers[1].destroy()
  await until(master, 'INFO memory', /mem_clients_slaves:0\n/)
  expect(await figure(master, 'mem_total_replication_buffers')).toBeLessThan(200_000)
})

test('what is kept for one that waits for its snapshot is good for another that comes back', async () => {
  const master = await start()
  const replica = await start({ replicaof: `127.0.0.1 ${master.port}` })
  await linked(replica)
  await master.tell('SET k v')
  await caughtUp(replica, master)
  await master.tell('CONFIG SET rdb-key-save-delay 100000000')
  await start({ replicaof: `127.0.0.1 ${master.port}` })
  await until(master, 'INFO persistence', /rdb_bgsave_in_progress:1/)
  await replica.tell('REPLICAOF 127.0.0.1 1')
  await until(master, 'INFO replication', /connected_slaves:1/)
  for (let i = 0; i < 80; i++) master.server.execute('SET', `k${i}`, VALUE)
  await replica.tell(`REPLICAOF 127.0.0.1 ${master.port}`)
  await linked(replica)
  await caughtUp(replica, master)
  expect(await replica.tell('DBSIZE')).toBe('81')
  expect(await fieldOf(master, 'sync_partial_ok', 'stats')).toBe('1')
  expect(await fieldOf(master, 'sync_full', 'stats')).toBe('2')
})

test('one that is past its limit is cut, and others are not', async () => {
  const master = await start({ 'client-output-buffer-limit': 'replica 4mb 0 0' })
  const replica = await start({ replicaof: `127.0.0.1 ${master.port}` })
  await linked(replica)
  await sleeper(master, 'slow')
  for (let i = 0; i < 80; i++) {
    master.server.execute('SET', 'a', VALUE)
    await caughtUp(replica, master)
  }
  await until(master, 'INFO replication', /connected_slaves:1/)
  expect(await fieldOf(master, 'client_output_buffer_limit_disconnections', 'stats')).toBe('1')
  expect(await fieldOf(replica, 'master_link_status')).toBe('up')
  expect(await fieldOf(master, 'sync_full', 'stats')).toBe('2')
})

test.each(['yes', 'no'] as const)(
  'one that waits for its snapshot is, too (repl-diskless-sync %s)',
  async (diskless) => {
    const master = await start({ 'client-output-buffer-limit': 'replica 4mb 0 0', 'repl-diskless-sync': diskless })
    await master.tell('SET k v')
    await master.tell('CONFIG SET rdb-key-save-delay 100000000')
    await start({ replicaof: `127.0.0.1 ${master.port}` })
    await until(master, 'INFO persistence', /rdb_bgsave_in_progress:1/)
    for (let i = 0; i < 7; i++) master.server.execute('SET', 'a', VALUE)
    await master.tell('PING')
    expect(await fieldOf(master, 'client_output_buffer_limit_disconnections', 'stats')).toBe('0')
    for (let i = 0; i < 7; i++) master.server.execute('SET', 'a', VALUE)
    await until(master, 'INFO stats', /client_output_buffer_limit_disconnections:1/)
  },
)
