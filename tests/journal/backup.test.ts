/** BACKUP, from its start to files that another store starts with (preload-file). */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import type { Settings } from '../../lib/config/config.ts'
import { systemAppendFiles } from '../../lib/journal/appendfiles.ts'
import { Folders, type Ours, openOurs } from './logs.ts'

const folders = new Folders()
afterEach(() => {
  vi.restoreAllMocks()
  folders.removeAll()
})

const send = (ours: Ours, line: string) => ours.client.send(line.split(' '))
const errorOf = async (ours: Ours, line: string) => ((await send(ours, line)) as unknown as { text: string }).text
const statusOf = (ours: Ours) => ours.server.engine.ports.persistence.backup.status
const reach = (ours: Ours, state: string) => vi.waitFor(() => expect(statusOf(ours).state).toBe(state))
const namesIn = (dir: string) => readdirSync(join(dir, 'backupdir')).sort()
const MANIFEST = 'appendonly.aof.manifest'

/** Another store that starts with a backup. */
function restore(dir: string, settings: Settings = {}): Ours {
  const path = join(dir, 'backupdir', MANIFEST)
  return openOurs(folders.make(), { appendonly: false, 'preload-file': `aof:${path}`, ...settings })
}

describe.each([
  ['without an append-only file', { appendonly: false }],
  ['beside an append-only file', { appendonly: true }],
  ['of commands', { 'aof-use-rdb-preamble': false }],
] as const)('%s', (_, settings) => {
  test('it holds what there was when it was sealed', async () => {
    const dir = folders.make()
    const ours = openOurs(dir, settings)
    await send(ours, 'SET before 1')
    await send(ours, 'BACKUP START')
    expect(statusOf(ours).state).toBe('snapshotting')
    await send(ours, 'SET meanwhile 1')
    await reach(ours, 'incrementing')
    const base = `appendonly.aof.1.base.${'aof-use-rdb-preamble' in settings ? 'aof' : 'rdb'}`
    expect(await send(ours, 'BACKUP LIST')).toEqual([join(dir, 'backupdir', base)])
    await send(ours, 'INCR before')
    await send(ours, 'BGREWRITEAOF')
    await send(ours, 'SELECT 3')
    await send(ours, 'RPUSH l a b')
    const digest = await ours.digest()
    await send(ours, 'BACKUP SEAL')
    expect(statusOf(ours).state).toBe('sealed')
    const names = [base, 'appendonly.aof.1.incr.aof', MANIFEST]
    expect(await send(ours, 'BACKUP LIST')).toEqual(names.map((name) => join(dir, 'backupdir', name)))
    expect(namesIn(dir)).toEqual(names)
    await send(ours, 'SET after 1')
    const other = restore(dir)
    expect(await other.digest()).toBe(digest)
    await other.close()
    await ours.close()
  })
})

test('a transaction that begins one is in it whole', async () => {
  const dir = folders.make()
  const ours = openOurs(dir)
  for (const line of ['MULTI', 'INCR n', 'BACKUP START', 'INCR n', 'EXEC']) await send(ours, line)
  await reach(ours, 'incrementing')
  await send(ours, 'BACKUP SEAL')
  const other = restore(dir)
  expect(other.server.execute('GET', 'n')).toBe('2')
  await other.close()
  await ours.close()
})

test('one that is given up leaves no file, whenever that is', async () => {
  const dir = folders.make()
  const ours = openOurs(dir)
  for (const state of ['snapshotting', 'incrementing']) {
    await send(ours, 'BACKUP START')
    await reach(ours, state)
    await send(ours, 'BACKUP ABORT')
    expect(statusOf(ours)).toMatchObject({ state: 'failed', error: 'aborted by user' })
    await vi.waitFor(() => expect(namesIn(dir)).toEqual([]))
  }
  await ours.close()
})

test('a sealed one stands in the way of the next until it is removed', async () => {
  const dir = folders.make()
  const clock = new ManualClock()
  const ours = openOurs(dir, { clock, 'backup-sealed-ttl': 10 } as Settings)
  await send(ours, 'BACKUP START')
  await reach(ours, 'incrementing')
  await send(ours, 'BACKUP SEAL')
  expect(await errorOf(ours, 'BACKUP START')).toBe('ERR A sealed backup exists, CLEANUP it first')
  expect(await errorOf(ours, 'BACKUP ABORT')).toBe('ERR No backup in progress')
  await send(ours, 'BACKUP CLEANUP')
  expect(namesIn(dir)).toEqual([])
  await send(ours, 'BACKUP START')
  await reach(ours, 'incrementing')
  await send(ours, 'BACKUP SEAL')
  clock.advance(9000)
  ours.server.cron()
  expect(statusOf(ours).state).toBe('sealed')
  clock.advance(2000)
  for (let i = 0; i < 20; i++) ours.server.cron()
  expect(statusOf(ours).state).toBe('idle')
  expect(namesIn(dir)).toEqual([])
  await ours.close()
})

test('files of another one stand in the way until they are removed', async () => {
  const dir = folders.make()
  mkdirSync(join(dir, 'backupdir'))
  writeFileSync(join(dir, 'backupdir', 'letter'), '')
  const ours = openOurs(dir)
  expect(await errorOf(ours, 'BACKUP START')).toBe('ERR Backup directory backupdir is not empty, CLEANUP it first')
  expect(statusOf(ours).state).toBe('idle')
  await send(ours, 'BACKUP CLEANUP')
  expect(namesIn(dir)).toEqual([])
  await ours.close()
})

test('it waits for a rewrite of the append-only file', async () => {
  const dir = folders.make()
  const clock = new ManualClock()
  const ours = openOurs(dir, { clock } as Settings)
  await send(ours, 'SET a 1')
  await send(ours, 'BGREWRITEAOF')
  await send(ours, 'BACKUP START')
  expect(statusOf(ours).state).toBe('pending')
  await send(ours, 'SET b 1')
  await vi.waitFor(() => {
    clock.advance(1000)
    ours.server.cron()
    expect(statusOf(ours).state).toBe('incrementing')
  }, 15_000)
  await send(ours, 'BACKUP SEAL')
  const other = restore(dir)
  expect(other.server.execute('DBSIZE')).toBe(2)
  await other.close()
  await ours.close()
})

test('it fails with the disk, and the store goes on', async () => {
  const dir = folders.make()
  const ours = openOurs(dir, { appendonly: false })
  await send(ours, 'BACKUP START')
  await reach(ours, 'incrementing')
  await send(ours, 'SET a 1')
  const disk = vi.spyOn(systemAppendFiles, 'writeSync').mockImplementation(() => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
  })
  expect(await errorOf(ours, 'BACKUP SEAL')).toBe("ERR Can't fsync the INCR file for the backup")
  disk.mockRestore()
  expect(statusOf(ours).state).toBe('failed')
  expect(namesIn(dir)).toEqual([])
  expect(ours.server.execute('INCR', 'a')).toBe(2)
  await send(ours, 'BACKUP START')
  await reach(ours, 'incrementing')
  await ours.close()
  expect(namesIn(dir)).toEqual([])
})

describe('preload-file', () => {
  test('takes a snapshot, too, and a new append-only file begins with it', async () => {
    const from = folders.make()
    const first = openOurs(from, { appendonly: false, save: '3600 1' })
    await send(first, 'SET a 1')
    await send(first, 'SAVE')
    await first.close()
    const dir = folders.make()
    const old = openOurs(dir)
    await send(old, 'SET old 1')
    await old.close()
    const preload = { 'preload-file': `rdb:${join(from, 'dump.rdb')}` }
    const second = openOurs(dir, preload)
    expect(second.server.execute('KEYS', '*')).toEqual(['a'])
    await send(second, 'SET b 1')
    await second.close()
    const third = openOurs(dir)
    expect((third.server.execute('KEYS', '*') as string[]).sort()).toEqual(['a', 'b'])
    await third.close()
  })

  test('a file that is not there, or no snapshot, ends the start', () => {
    const dir = folders.make()
    const start = (value: string) => () => openOurs(dir, { appendonly: false, 'preload-file': value })
    expect(start('rdb:none.rdb')).toThrow()
    expect(start(`aof:none.${MANIFEST}`)).toThrow()
    writeFileSync(join(dir, 'bad.rdb'), 'REDIS')
    expect(start('rdb:bad.rdb')).toThrow()
    expect(start('dump.rdb')).toThrow("argument must be in the format 'rdb:<path>' or 'aof:<path>'")
  })
})
