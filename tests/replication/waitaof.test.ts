/**
 * WAITAOF counts the disks of replicas as Redis 7.2 does: replicas of ours tell of theirs, which 7.0 neither sends nor minds. What is
 * expected comes from the documentation of WAITAOF and from the suite of Redis 7.2 (unit/wait.tcl).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { systemAppendFiles } from '../../lib/journal/appendfiles.ts'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { caughtUp, linked, type OwnPeer, type Peer, startGenuine, startOurs } from './peers.ts'

const peers: Peer[] = []
const dirs: string[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const peer of peers.splice(0).reverse()) await peer.stop()
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

async function ours(options: Record<string, string | boolean | number>): Promise<OwnPeer> {
  const dir = mkdtempSync(join(tmpdir(), 'waitaof-'))
  dirs.push(dir)
  const peer = await startOurs({ dir, save: '', 'repl-diskless-sync-delay': 0, ...options })
  peers.push(peer)
  return peer
}

async function pair(master = {}, replica = {}): Promise<readonly [OwnPeer, OwnPeer]> {
  const first = await ours(master)
  const second = await ours({ replicaof: `127.0.0.1 ${first.port}`, ...replica })
  await linked(second)
  return [first, second]
}

const AOF = { appendonly: true, appendfsync: 'always' }

test('the disk of a replica counts once it has synced', async () => {
  const [master] = await pair({}, AOF)
  await master.tell('INCR foo')
  expect(await master.tell('WAITAOF 0 1 10000')).toBe('[0, 1]')
})

test('both disks count, each by itself', async () => {
  const [master] = await pair(AOF, { ...AOF, appendfsync: 'everysec' })
  await master.tell('INCR foo')
  expect(await master.tell('WAITAOF 1 1 10000')).toBe('[1, 1]')
})

test('a replica that has no append-only file never counts', async () => {
  const [master] = await pair(AOF)
  await master.tell('INCR foo')
  expect(await master.tell('WAITAOF 1 0 0')).toBe('[1, 0]')
  expect(await master.tell('WAITAOF 0 1 50')).toBe('[1, 0]')
})

test('a replica whose disk does nothing does not count, and does when it goes on', async () => {
  const [master, replica] = await pair({}, { ...AOF, appendfsync: 'everysec' })
  await master.tell('INCR foo')
  expect(await master.tell('WAITAOF 0 1 10000')).toBe('[0, 1]')
  const syncs: ((error: null) => void)[] = []
  const files = vi.spyOn(systemAppendFiles, 'syncData').mockImplementation((_, done) => void syncs.push(done))
  await master.tell('INCR foo')
  await caughtUp(replica, master)
  expect(await master.tell('WAITAOF 0 1 50')).toBe('[0, 0]')
  const waiting = master.tell('WAITAOF 0 1 10000')
  await vi.waitFor(() => expect(syncs.length).toBeGreaterThan(0), 5000)
  files.mockRestore()
  for (const done of syncs) done(null)
  expect(await waiting).toBe('[0, 1]')
})

test('a file that is switched on counts once its base is on disk', async () => {
  const [master, replica] = await pair()
  await master.tell('INCR foo')
  expect(await master.tell('WAITAOF 0 1 20')).toBe('[0, 0]')
  await master.tell('CONFIG SET appendonly yes')
  await replica.tell('CONFIG SET appendonly yes')
  await master.tell('INCR foo')
  expect(await master.tell('WAITAOF 1 1 10000')).toBe('[1, 1]')
})

test('what waited in vain does not meddle with what its client waits for later', async () => {
  const [master] = await pair(AOF, AOF)
  const syncs: ((error: null) => void)[] = []
  await master.tell('CONFIG SET appendfsync everysec')
  const files = vi.spyOn(systemAppendFiles, 'syncData').mockImplementation((_, done) => void syncs.push(done))
  await master.tell('INCR foo')
  expect(await master.tell('WAITAOF 1 1 20')).toBe('[0, 0]')
  const waiting = master.tell('BLPOP nothing 1')
  files.mockRestore()
  for (const done of syncs) done(null)
  expect(await waiting).toBe('nil array')
})

test.skipIf(genuineVersion === undefined)('a genuine master of 7.0 takes the acknowledgements of ours', async () => {
  const master = await startGenuine()
  peers.push(master)
  const replica = await ours({ ...AOF, replicaof: `127.0.0.1 ${master.port}` })
  await linked(replica)
  await master.tell('SET a 1')
  expect(await master.tell('WAIT 1 10000')).toBe('1')
  await caughtUp(replica, master)
})
