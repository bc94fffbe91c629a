/** What a disk can do to a snapshot: any call fails, writes are short. The old file stays, the client and the log are told. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../lib/base/clock.ts'
import { SAVE_FAILED } from '../../../lib/base/errors.ts'
import { OK, ReplyError } from '../../../lib/base/reply.ts'
import { NO_EXPIRY } from '../../../lib/keyspace/db.ts'
import { ListValue } from '../../../lib/keyspace/values/list.ts'
import { Disk } from '../../../lib/persistence/disk.ts'
import { type Files, systemFiles } from '../../../lib/persistence/files/files.ts'
import { Rdb } from '../../../lib/persistence/rdb.ts'
import { createServer, type Server } from '../../../lib/server.ts'
import { show } from '../../contract/harness/seen.ts'
import { type Client, engineClient } from '../../contract/harness/subjects.ts'

const OLD = 'what was there before'

let dir: string
let server: Server
let client: Client
let log: string[]

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'zerodis-'))
  // A snapshot of several pieces.
  server = createServer({
    dir,
    rdbcompression: false,
    clock: new ManualClock(),
    'enable-debug-command': 'yes',
    log() {},
  })
  client = engineClient(server)
  log = []
  await client.send(['SET', 'k', 'v'])
  await client.send(['SET', 'long', 'x'.repeat(2_500_000)])
})
afterEach(async () => {
  await server.close()
  rmSync(dir, { recursive: true, force: true })
})

/** The files of the system, of which the n-th call fails; and how many calls there were. */
function failing(n: number): { files: Files; calls: () => number } {
  let calls = 0
  const count = (): void => {
    if (++calls === n) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })
  }
  const wrap = <A extends unknown[], R>(call: (...args: A) => R) =>
    ((...args: A): R => {
      count()
      return call(...args)
    }) as (...args: A) => R
  const later =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      count()
      return call(...args)
    }
  const files: Files = {
    ...systemFiles,
    openSync: wrap(systemFiles.openSync),
    writeSync: wrap(systemFiles.writeSync),
    readSync: wrap(systemFiles.readSync),
    fsyncSync: wrap(systemFiles.fsyncSync),
    renameSync: wrap(systemFiles.renameSync),
    removeSync: wrap(systemFiles.removeSync),
    rename: later(systemFiles.rename),
    remove: later(systemFiles.remove),
    open: later(async (path) => {
      const file = await systemFiles.open(path)
      return {
        write: later((piece: Uint8Array, at: number) => file.write(piece, at)),
        sync: later(() => file.sync()),
        close: () => file.close(),
      } as unknown as Awaited<ReturnType<Files['open']>>
    }),
  }
  return { files, calls: () => calls }
}

/** A disk whose file was loaded, for all that it knows. */
function open(files: Files): Disk {
  const rdb = new Rdb(server.engine, (_, line) => log.push(line))
  rdb.knownFile = join(dir, 'dump.rdb')
  return new Disk({ engine: server.engine, rdb, files, log: (_, line) => log.push(line) })
}

async function ended(disk: Disk): Promise<void> {
  while (disk.runningSeconds !== -1) await new Promise(setImmediate)
}

describe('a disk that fails', () => {
  test.each(['SAVE', 'BGSAVE'] as const)('at any call of %s leaves the old file and says so', async (command) => {
    const path = join(dir, 'dump.rdb')
    let n = 1
    for (; ; n++) {
      writeFileSync(path, OLD)
      const { files, calls } = failing(n)
      const disk = open(files)
      log = []
      const reply = command === 'SAVE' ? disk.save() : disk.saveInBackground(false, false)
      await ended(disk)
      if (calls() < n) {
        expect(disk.succeeded).toBe(true)
        break
      }
      if (command === 'SAVE') expect(reply).toBe(SAVE_FAILED)
      expect(disk.succeeded).toBe(command === 'SAVE') // the status is that of those in the background
      expect(readFileSync(path, 'latin1')).toBe(OLD)
      expect(log[0]).toMatch(/^Failed opening or writing the RDB file .*dump\.rdb: EIO: i\/o error$/)
      expect(readdirSync(dir).filter((name) => name !== '.zerodis.lock')).toEqual(['dump.rdb'])
      expect(await disk.finish(undefined)).toBe(true) // no save points
    }
    expect(n).toBeGreaterThan(5)
    expect(readFileSync(path, 'latin1')).toMatch(/^REDIS/)
  })

  test('also when its leavings cannot be removed', async () => {
    const { files } = failing(2)
    const stuck: Files = {
      ...files,
      removeSync() {
        throw new Error('EROFS')
      },
      remove: () => Promise.reject(new Error('EROFS')),
    }
    const disk = open(stuck)
    expect(disk.save()).toBeInstanceOf(ReplyError)
    expect(log.pop()).toMatch(/^Failed removing the temporary file .*: EROFS$/)
    const other = open({ ...stuck, open: () => Promise.reject(new Error('EMFILE')) })
    other.saveInBackground(false, false)
    await ended(other)
    expect(log.at(-2)).toMatch(/^Failed removing the temporary file .*-background\.rdb: EROFS$/)
  })

  test('that takes no more than 1000 bytes at a time has them all in the end', async () => {
    const short: Files = {
      ...systemFiles,
      writeSync: (file, array, offset) =>
        systemFiles.writeSync(file, array.subarray(0, Math.min(array.length, offset + 1000)), offset),
    }
    expect(open(short).save()).toBe(OK)
    const loaded = createServer({ dir, save: '3600 1', 'enable-debug-command': 'yes', log() {} })
    loaded.persist()
    const digest = ['DEBUG', 'DIGEST']
    expect(show(await engineClient(loaded).send(digest))).toBe(show(await client.send(digest)))
    rmSync(join(dir, 'dump.rdb'))
    await loaded.close()
  })

  test('that takes nothing is a disk that fails', async () => {
    expect(open({ ...systemFiles, writeSync: () => 0 }).save()).toBeInstanceOf(ReplyError)
    expect(log[0]).toContain('the disk takes nothing')
  })

  test('while a snapshot is loaded has it refused', async () => {
    open(systemFiles).save()
    server.config.set([['save', '3600 1']], true)
    let n = 1
    for (; ; n++) {
      const { files, calls } = failing(n)
      try {
        open(files).persist()
      } catch (error) {
        expect((error as Error).message).not.toBe('')
        if (calls() >= n) continue
      }
      break
    }
    expect(n).toBeGreaterThan(3)
    const shrunk: Files = { ...systemFiles, readSync: () => 0 }
    expect(() => open(shrunk).persist()).toThrow('the file became shorter while it was read')
    server.config.set([['save', '']], true)
  })
})

test('want of memory for a snapshot is a failure of BGSAVE, a line in the log, and not the end of the process', async () => {
  const list = new ListValue(server.config.values)
  list.push('a'.repeat(2000), true) // too long for a record
  Object.defineProperty(list, 'nodeCount', { get: () => new Uint8Array(2 ** 53).length })
  server.engine.keyspace.dbs[0].set('huge', list, NO_EXPIRY)
  const disk = open(systemFiles)
  disk.saveInBackground(false, false)
  await ended(disk)
  expect(log).toEqual([expect.stringContaining('Invalid typed array length')])
  expect([disk.succeeded, disk.runningSeconds]).toEqual([false, -1])
  expect(readdirSync(dir).filter((name) => name !== '.zerodis.lock')).toEqual([])
})
