/**
 * Masters, replicas and replicas of replicas, of ours and genuine, under random writes and links that break: they go on from
 * where they were, and are equal in the end. `tests/replication/soak.ts` does the same for as long as one likes.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { LinkProxy } from '../clients/linkproxy.ts'
import { freePort } from '../clients/ports.ts'
import { RespClient } from '../clients/resp.ts'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { caughtUp, fieldOf, linked, type Peer, startGenuine, startOurs, until } from './peers.ts'
import { type Kind, runChain } from './soak.ts'

const folder = (): string => mkdtempSync(join(tmpdir(), 'peers-'))
const peers: { stop(): Promise<void> }[] = []
const keep = <T extends { stop(): Promise<void> }>(peer: T): T => {
  peers.push(peer)
  return peer
}
const ours = async (options = {}) => keep(await startOurs({ dir: folder(), 'repl-diskless-sync-delay': 0, ...options }))
const genuine = async (...flags: string[]) => keep(await startGenuine(...flags))

afterEach(async () => {
  for (const peer of peers.splice(0).reverse()) await peer.stop()
})

async function equal(...all: readonly Peer[]): Promise<void> {
  const digests = await Promise.all(all.map((peer) => peer.tell('DEBUG DIGEST')))
  expect(new Set(digests).size).toBe(1)
}

describe('ours with ours', () => {
  test('a replica that comes back is sent what it lacks', async () => {
    const master = await ours()
    const proxy = keep(await LinkProxy.to(master.port))
    const replica = await ours({ replicaof: `127.0.0.1 ${proxy.port}` })
    await linked(replica)
    for (let i = 0; i < 5; i++) {
      await master.tell(`SET key${i} ${i}`)
      proxy.cut()
      await master.tell(`RPUSH list ${i}`)
      await until(master, 'INFO replication', /state=online/)
      await caughtUp(replica, master)
      await equal(master, replica)
    }
    expect(await fieldOf(master, 'sync_full', 'stats')).toBe('1')
    expect(await fieldOf(master, 'sync_partial_ok', 'stats')).toBe('5')
  })

  test('one that lacks more than the backlog holds gets everything again', async () => {
    const master = await ours({ 'repl-backlog-size': 16384 })
    const proxy = keep(await LinkProxy.to(master.port))
    const replica = await ours({ replicaof: `127.0.0.1 ${proxy.port}`, 'repl-diskless-load': 'swapdb' })
    await linked(replica)
    proxy.isClosed = true
    proxy.cut()
    await master.client.send(['SET', 'long', 'x'.repeat(100_000)])
    proxy.isClosed = false
    await until(replica, 'EXISTS long', /1/)
    await equal(master, replica)
    expect(await fieldOf(master, 'sync_full', 'stats')).toBe('2')
    expect(await fieldOf(master, 'sync_partial_err', 'stats')).toBe('1')
  })

  test('a snapshot that is loaded in many steps as it comes is followed by the stream', async () => {
    const master = await ours()
    for (let i = 0; i < 10_000; i++) master.server.execute('SET', `key${i}`, `value ${i} ${'x'.repeat(i % 300)}`)
    const replica = await ours({ replicaof: `127.0.0.1 ${master.port}`, 'repl-diskless-load': 'swapdb' })
    await linked(replica)
    await master.tell('SET after 1')
    await until(replica, 'EXISTS after', /1/)
    await equal(master, replica)
  })

  test('replicas that ask within the delay share one walk, on disk and without', async () => {
    for (const diskless of ['yes', 'no']) {
      const master = await ours({ 'repl-diskless-sync-delay': 1, 'repl-diskless-sync': diskless })
      for (let i = 0; i < 1000; i++) master.server.execute('SET', `key${i}`, 'x'.repeat(1000))
      const replicas = await Promise.all([1, 2, 3].map(() => ours({ replicaof: `127.0.0.1 ${master.port}` })))
      await until(master, 'INFO replication', /connected_slaves:3/)
      for (let i = 0; i < 100; i++) await master.tell(`INCR counter`)
      for (const replica of replicas) {
        await linked(replica)
        await caughtUp(replica, master)
      }
      await equal(master, ...replicas)
      const begun = master.log.filter((line) => line.startsWith('Starting BGSAVE for SYNC'))
      if (diskless === 'yes') expect(begun.length).toBe(1)
    }
  })

  test('the stream is passed on byte for byte, and a replica of a replica follows its master to its own', async () => {
    const master = await ours()
    const middle = await ours({ replicaof: `127.0.0.1 ${master.port}` })
    await linked(middle)
    await master.tell('SET before 1')
    const last = await ours({ replicaof: `127.0.0.1 ${middle.port}` })
    await linked(last)
    await master.tell('SELECT 4')
    await master.tell('SET in4 1')
    await master.tell('MULTI')
    await master.tell('SET a 1')
    await master.tell('SET b 2')
    await master.tell('EXEC')
    await caughtUp(middle, master)
    await caughtUp(last, middle)
    await equal(master, middle, last)
    for (const name of ['master_replid', 'master_repl_offset']) {
      expect(await fieldOf(last, name)).toBe(await fieldOf(master, name))
    }
    // The middle one is promoted: who followed it goes on, and so can its master.
    await middle.tell('REPLICAOF NO ONE')
    await middle.tell('SET after 1')
    await linked(last)
    await caughtUp(last, middle)
    expect(await fieldOf(middle, 'sync_full', 'stats')).toBe('1')
    await master.tell(`REPLICAOF 127.0.0.1 ${middle.port}`)
    await linked(master)
    await caughtUp(master, middle)
    await equal(master, middle, last)
    expect(await fieldOf(middle, 'sync_full', 'stats')).toBe('1')
    expect(await fieldOf(middle, 'second_repl_offset')).not.toBe('-1')
  })

  test('a master and a replica that are started anew go on from what they have saved', async () => {
    const [port, dirs] = [await freePort(), [folder(), folder()]]
    const master = await startOurs({ port, dir: dirs[0], save: '3600 1', 'repl-diskless-sync-delay': 0 })
    const follows = { dir: dirs[1], save: '3600 1', replicaof: `127.0.0.1 ${port}` }
    const replica = await startOurs(follows)
    await linked(replica)
    await master.tell('SET a 1')
    await master.tell('SET brief 1 PX 50')
    await caughtUp(replica, master)
    await replica.stop()
    await master.tell('SET b 1')
    const again = await ours(follows)
    await linked(again)
    expect(await fieldOf(master, 'sync_partial_ok', 'stats')).toBe('1')
    await caughtUp(again, master)
    await master.stop()
    const masterAgain = await ours({ port, dir: dirs[0], save: '3600 1' })
    await linked(again)
    await masterAgain.tell('SET c 1')
    await until(again, 'DBSIZE', /3/)
    await equal(masterAgain, again)
    expect(await fieldOf(masterAgain, 'sync_partial_ok', 'stats')).toBe('1')
    expect(await fieldOf(masterAgain, 'sync_full', 'stats')).toBe('0')
  })

  test('a writable replica writes for itself alone', async () => {
    const master = await ours()
    const replica = await ours({ replicaof: `127.0.0.1 ${master.port}`, 'replica-read-only': 'no' })
    await linked(replica)
    expect(await replica.tell('SET own 1')).toBe('+OK')
    const offset = await fieldOf(replica, 'master_repl_offset')
    await master.tell('SET shared 1')
    await caughtUp(replica, master)
    expect(await replica.tell('GET own')).toBe('"1"')
    await replica.tell('SET brief 1 PX 20')
    expect(await fieldOf(replica, 'slave_expires_tracked_keys', 'stats')).toBe('1')
    await until(replica, 'DBSIZE', /2/)
    expect(await fieldOf(replica, 'slave_expires_tracked_keys', 'stats')).toBe('0')
    expect(Number(await fieldOf(replica, 'master_repl_offset'))).toBeGreaterThan(Number(offset))
  })

  test('writes are refused where too few replicas follow', async () => {
    const master = await ours({ 'min-replicas-to-write': 1 })
    expect(await master.tell('SET a 1')).toBe('-NOREPLICAS Not enough good replicas to write.')
    const replica = await ours({ replicaof: `127.0.0.1 ${master.port}` })
    await linked(replica)
    await until(master, 'SET a 1', /OK/)
  })

  test('FAILOVER hands over, and holds writes back meanwhile', async () => {
    const master = await ours()
    const replica = await ours({ replicaof: `127.0.0.1 ${master.port}` })
    await linked(replica)
    await until(master, 'INFO replication', /state=online/)
    for (let i = 0; i < 100; i++) await master.tell(`SET key${i} ${i}`)
    expect(await master.tell('FAILOVER')).toBe('+OK')
    const other = await RespClient.connect({ port: master.port, host: '127.0.0.1' })
    const written = other.send(['SET', 'late', '1'])
    expect(await master.tell('FAILOVER')).toBe('-ERR FAILOVER already in progress.')
    expect(await master.tell(`REPLICAOF 127.0.0.1 1`)).toBe('-ERR REPLICAOF not allowed while failing over.')
    expect(() => master.server.execute('SET', 'lost', '1')).toThrow(/READONLY/)
    await until(replica, 'ROLE', /master/)
    await linked(master)
    expect(await written).toEqual({ kind: 'error', text: "READONLY You can't write against a read only replica." })
    other.close()
    expect(await fieldOf(master, 'master_failover_state')).toBe('no-failover')
    await replica.tell('SET after 1')
    await caughtUp(master, replica)
    await equal(master, replica)
    expect(await fieldOf(replica, 'sync_full', 'stats')).toBe('0')
  })

  test('FAILOVER that comes to nothing leaves all as it was', async () => {
    const master = await ours()
    const proxy = keep(await LinkProxy.to(master.port))
    const replica = await ours({ replicaof: `127.0.0.1 ${proxy.port}` })
    await linked(replica)
    await until(master, 'INFO replication', /state=online/)
    await replica.tell('DEBUG SLEEP 0')
    await master.tell('SET a 1')
    expect(await master.tell(`FAILOVER TO 127.0.0.1 ${replica.port} TIMEOUT 1`)).toBe('+OK')
    await until(master, 'INFO replication', /master_failover_state:no-failover/)
    if ((await fieldOf(master, 'role')) === 'master') expect(await master.tell('SET b 1')).toBe('+OK')
    expect(await master.tell('FAILOVER ABORT')).toBe('-ERR No failover in progress.')
  })
})

describe.skipIf(genuineVersion === undefined)(`with genuine ${genuineVersion}`, () => {
  const CHAINS: readonly (readonly Kind[])[] = [
    ['genuine', 'ours'],
    ['ours', 'genuine'],
    ['genuine', 'ours', 'genuine'],
    ['ours', 'genuine', 'ours'],
  ]
  test.each(CHAINS)(
    '%s, %s, %s: random writes while links break, and equal digests',
    async (...chain) => {
      const { digests, partial, cuts } = await runChain(chain.filter(Boolean) as Kind[], 2500, 20261130)
      expect(new Set(digests).size).toBe(1)
      expect(cuts).toBeGreaterThan(1)
      expect(partial).toBeGreaterThan(0)
    },
    60_000,
  )

  test.each(['ours', 'genuine'])('FAILOVER from genuine to ours and back (begun by %s)', async (begins) => {
    const [master, replica] = begins === 'ours' ? [await ours(), await genuine()] : [await genuine(), await ours()]
    await replica.tell(`REPLICAOF 127.0.0.1 ${master.port}`)
    await linked(replica)
    await until(master, 'INFO replication', /state=online/)
    await master.tell('SET a 1')
    expect(await master.tell('FAILOVER')).toBe('+OK')
    await until(replica, 'ROLE', /"master"/)
    await linked(master)
    await replica.tell('SET b 1')
    await caughtUp(master, replica)
    await equal(master, replica)
    expect(await fieldOf(replica, 'sync_full', 'stats')).toBe('0')
  })
})
