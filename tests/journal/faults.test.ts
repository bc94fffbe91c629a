/**
 * What a disk can do to the append-only file: the n-th call fails, for every n of a run, and writes are short. Nothing that
 * was acknowledged under `always` is lost, the log says what is wrong, and every folder loads again.
 */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type AppendFiles, systemAppendFiles } from '../../lib/journal/appendfiles.ts'
import { lengthOf } from '../length.ts'
import { Folders, openOurs } from './logs.ts'

const folders = new Folders()
afterEach(() => {
  vi.restoreAllMocks()
  folders.removeAll()
})

/** A sample has every second call of a run fail: those with ENOSPC and EIO are the odd ones, those with EMFILE the even ones. */
const STEP = lengthOf(2, 1)

const SYNC = ['openSync', 'openToAppend', 'writeSync', 'fsyncSync', 'syncDataSync', 'renameSync', 'syncFolder'] as const

/** Has the n-th of these calls fail with a code, once or from then on. Returns how many there were. */
function failAt(n: number, code: string, forGood: boolean): () => number {
  let calls = 0
  const fails = (): boolean => {
    calls++
    return calls === n || (forGood && calls > n)
  }
  const error = (): Error => Object.assign(new Error(`${code}: injected`), { code })
  const original = { ...systemAppendFiles } as Record<string, (...args: never[]) => unknown>
  const spy = (name: keyof AppendFiles, instead: (...args: never[]) => unknown): void => {
    vi.spyOn(systemAppendFiles, name).mockImplementation(instead as never)
  }
  for (const name of SYNC) {
    spy(name, (...args) => {
      if (fails()) throw error()
      return original[name](...args)
    })
  }
  spy('syncData', ((file: number, done: (error: Error | null) => void) => {
    if (fails()) setImmediate(() => done(error()))
    else systemAppendFilesSyncData(file, done)
  }) as never)
  spy('open', (async (path: string) => {
    if (fails()) throw error()
    const file = await systemOpen(path)
    return {
      write: async (array: Uint8Array, at: number) => {
        if (fails()) throw error()
        return file.write(array, at)
      },
      sync: async () => {
        if (fails()) throw error()
        await file.sync()
      },
      close: () => file.close(),
    }
  }) as never)
  return () => calls
}
const systemAppendFilesSyncData = systemAppendFiles.syncData
const systemOpen = systemAppendFiles.open

const turns = async (count = 3): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** A run with a rewrite in it. Returns for each key the last value that was acknowledged, and those that were tried later. */
async function run(dir: string, settings: Record<string, string>, log: string[]): Promise<Map<string, string[]>> {
  const acknowledged = new Map<string, string[]>()
  let ours: ReturnType<typeof openOurs>
  try {
    ours = openOurs(dir, settings, log)
  } catch {
    return acknowledged
  }
  const set = (key: string, value: string): void => {
    try {
      if (ours.server.execute('SET', key, value) === 'OK') acknowledged.set(key, [value])
    } catch {
      acknowledged.get(key)?.push(value) // it may have been done, or not
    }
  }
  for (let i = 0; i < 6; i++) {
    set(`a${i % 4}`, `${i}`)
    if (i % 2 === 1) await turns()
  }
  await ours.client.send(['BGREWRITEAOF'])
  set('during', '1')
  const { appending } = ours.server.engine.ports.persistence
  for (let i = 0; i < 200 && appending.isRewriting; i++) await new Promise((resolve) => setTimeout(resolve, 1))
  set('after', '1')
  set('a0', 'last')
  await turns()
  ours.server.cron()
  set('end', '1')
  await ours.server.close()
  return acknowledged
}

async function values(dir: string, keys: Iterable<string>): Promise<Map<string, unknown>> {
  const ours = openOurs(dir)
  const found = new Map<string, unknown>()
  for (const key of keys) found.set(key, await ours.server.execute('GET', key))
  await ours.close()
  return found
}

describe.each(['always', 'everysec'])('with appendfsync %s', (appendfsync) => {
  test.each([
    ['ENOSPC', false, 1],
    ['EIO', true, 1],
    ['EMFILE', false, STEP],
  ])(
    `%s at every call of a run${STEP > 1 ? ', sampled' : ''} (for good: %s) loses nothing that was acknowledged`,
    async (code, forGood, first) => {
      const count = failAt(Infinity, code, false)
      await run(folders.make(), { appendfsync }, [])
      const calls = count()
      vi.restoreAllMocks()
      expect(calls).toBeGreaterThan(20)
      for (let n = first; n <= calls; n += STEP) {
        const dir = folders.make()
        const log: string[] = []
        failAt(n, code, forGood)
        const acknowledged = await run(dir, { appendfsync }, log)
        vi.restoreAllMocks()
        const found = await values(dir, acknowledged.keys())
        // What was acknowledged under everysec may be gone where the disk has failed for good.
        if (appendfsync === 'everysec' && forGood) continue
        for (const [key, allowed] of acknowledged) {
          expect(allowed, `call ${n}, ${key}: ${log.join('; ')}`).toContain(found.get(key))
        }
      }
    },
    120_000,
  )
})

test('a write that is cut short leaves no half command behind, and is made up for', async () => {
  const dir = folders.make()
  const ours = openOurs(dir, { appendfsync: 'no' })
  ours.server.execute('SET', 'a', '1')
  await turns()
  const { writeSync } = systemAppendFiles
  let left = 10
  const spy = vi.spyOn(systemAppendFiles, 'writeSync').mockImplementation((file, array, at) => {
    if (left === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    const part = array.subarray(0, Math.min(array.length, at + Math.min(left, array.length - at)))
    left -= part.length - at
    return writeSync(file, part, at)
  })
  ours.server.execute('SET', 'b', '1')
  await turns()
  expect(ours.log).toContain('Error writing to the AOF file: No space left on device')
  expect(() => ours.server.execute('SET', 'c', '1')).toThrow(
    'MISCONF Errors writing to the AOF file: No space left on device',
  )
  expect(ours.server.execute('GET', 'b')).toBe('1')
  expect(ours.server.execute('INFO', 'persistence')).toContain('aof_last_write_status:err')
  spy.mockRestore()
  ours.server.cron()
  expect(ours.log).toContain('AOF write error looks solved, Redis can write again.')
  ours.server.execute('SET', 'c', '1')
  await ours.close()
  expect(await values(dir, ['a', 'b', 'c'])).toEqual(
    new Map([
      ['a', '1'],
      ['b', '1'],
      ['c', '1'],
    ]),
  )
})
