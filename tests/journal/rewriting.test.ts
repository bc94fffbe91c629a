/** What is added while the log is rewritten or the disk fails, what a rewrite that is given up leaves behind, and loading again. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { systemAppendFiles } from '../../lib/journal/appendfiles.ts'
import { show } from '../contract/harness/seen.ts'
import { Folders, filesOf, type Ours, openOurs } from './logs.ts'

const folders = new Folders()
afterEach(() => {
  vi.restoreAllMocks()
  folders.removeAll()
})

const send = (ours: Ours, line: string) => ours.client.send(line.split(' '))
const isRewriting = (ours: Ours) => ours.server.engine.ports.persistence.appending.isRewriting
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('what waits for a sync of everysec is in the increment to which it belongs when another begins', async () => {
  const dir = folders.make()
  const ours = openOurs(dir, { appendfsync: 'always' })
  const syncs: ((error: Error | null) => void)[] = []
  vi.spyOn(systemAppendFiles, 'syncData').mockImplementation((_, done) => void syncs.push(done))
  await send(ours, 'RPUSH l a')
  await turn()
  expect(syncs).toHaveLength(1)
  await send(ours, 'CONFIG SET appendfsync everysec')
  await send(ours, 'RPUSH l put-off')
  await turn()
  await send(ours, 'BGREWRITEAOF')
  const first = readFileSync(join(dir, 'appendonlydir/appendonly.aof.1.incr.aof'), 'latin1')
  expect(first).toContain('put-off')
  await vi.waitFor(() => expect(isRewriting(ours)).toBe(false))
  for (const done of syncs) done(null)
  await ours.close()
})

test('a rewrite does not begin while what came before cannot be written', async () => {
  const dir = folders.make()
  const ours = openOurs(dir, { appendfsync: 'everysec' })
  await send(ours, 'SET a 1')
  await turn()
  const names = [...filesOf(dir).keys()]
  const disk = vi.spyOn(systemAppendFiles, 'writeSync').mockImplementation(() => {
    throw new Error('ENOSPC: no space left on device')
  })
  await send(ours, 'SET b 1')
  const reply = await send(ours, 'BGREWRITEAOF')
  expect(String((reply as { text?: string }).text)).toMatch(/^ERR Can't execute an AOF background rewriting/)
  expect([...filesOf(dir).keys()]).toEqual(names)
  disk.mockRestore()
  ours.server.cron()
  await ours.close()
  const again = openOurs(dir)
  expect(again.server.execute('GET', 'b')).toBe('1')
  await again.close()
})

test('DEBUG LOADAOF loads libraries that are there already', async () => {
  const dir = folders.make()
  const ours = openOurs(dir)
  const code = "#!lua name=l\nredis.register_function('f', function() return 1 end)"
  await ours.client.send(['FUNCTION', 'LOAD', code])
  await send(ours, 'SET a 1')
  expect(ours.server.execute('DEBUG', 'LOADAOF')).toBe('OK')
  expect(ours.server.execute('GET', 'a')).toBe('1')
  expect(await ours.server.execute('FCALL', 'f', '0')).toBe(1)
  await ours.close()
})

test('a write that is cut short and cannot be taken back is gone on with', async () => {
  const dir = folders.make()
  const ours = openOurs(dir, { appendfsync: 'everysec' })
  const { writeSync } = systemAppendFiles
  let calls = 0
  vi.spyOn(systemAppendFiles, 'writeSync').mockImplementation((file, bytes, at) => {
    if (++calls > 1) throw new Error('ENOSPC: no space left on device')
    return writeSync(file, bytes.subarray(0, 7), at)
  })
  vi.spyOn(systemAppendFiles, 'truncateSync').mockImplementation(() => {
    throw new Error('EIO: i/o error')
  })
  await send(ours, 'RPUSH l a')
  await turn()
  vi.restoreAllMocks()
  ours.server.cron()
  await send(ours, 'RPUSH l b')
  await ours.close()
  const again = openOurs(dir)
  expect(again.server.execute('LRANGE', 'l', '0', '-1')).toEqual(['a', 'b'])
  await again.close()
})

test.each(['CONFIG SET appendonly no', 'CONFIG SET appendonly no|CONFIG SET appendonly yes'])(
  'a rewrite of which all is written but not on disk takes the place of nothing after %s',
  async (lines) => {
    const dir = folders.make()
    const ours = openOurs(dir)
    await send(ours, 'SET a 1')
    const systemOpen = systemAppendFiles.open
    let goOn = () => {}
    let isWritten = false
    vi.spyOn(systemAppendFiles, 'open').mockImplementation(async (path) => {
      const file = await systemOpen(path)
      return {
        write: (piece: Uint8Array, at: number) => file.write(piece, at),
        sync() {
          isWritten = true
          return new Promise<void>((resolve) => {
            goOn = resolve
          })
        },
        close: () => file.close(),
      } as Awaited<ReturnType<typeof systemOpen>>
    })
    await send(ours, 'BGREWRITEAOF')
    await vi.waitFor(() => expect(isWritten).toBe(true))
    await send(ours, 'SET b 1')
    for (const line of lines.split('|')) await send(ours, line)
    vi.restoreAllMocks()
    goOn()
    await vi.waitFor(() => expect(isRewriting(ours)).toBe(false))
    await ours.close()
    const again = openOurs(dir)
    expect(again.server.execute('GET', 'b')).toBe('1')
    await again.close()
  },
)

/** A store with values of all kinds, some of which are too large to be written at once. */
function fill(ours: Ours): void {
  const call = (...argv: string[]): unknown => ours.server.execute(...(argv as [string]))
  const numbers = Array.from({ length: 2000 }, (_, i) => `number-${i}-${'x'.repeat(300)}`)
  for (let i = 0; i < 1000; i++) call('SET', `k${i}`, `${i}`)
  call('SET', 'timed', 'v', 'PX', '100000000')
  call('RPUSH', 'list', ...numbers)
  call('SADD', 'set', ...numbers)
  call('HSET', 'hash', ...numbers.flatMap((n) => [n, 'value']))
  call('ZADD', 'zset', ...numbers.flatMap((n, i) => [`${i / 3}`, n]))
  call('XADD', 'stream', '1-1', 'f', 'v')
  call('HSET', 'fields', 'f', 'v', 'g', 'w')
  call('HPEXPIRE', 'fields', '100000000', 'FIELDS', '1', 'f')
  call('JSON.SET', 'json', '$', '{"a":[1,2]}')
  call('ARSET', 'array', '5', 'a')
}

test.each(['yes', 'no'] as const)(
  'a base holds what was there when it began, whatever is done meanwhile, with aof-use-rdb-preamble %s',
  async (preamble) => {
    const dir = folders.make()
    const ours = openOurs(dir, { 'aof-use-rdb-preamble': preamble })
    fill(ours)
    await ours.client.send(['SELECT', '3'])
    await send(ours, 'SET in3 1')
    await ours.client.send(['SELECT', '0'])
    const before = await ours.digest()
    await send(ours, 'BGREWRITEAOF')
    let turns = 0
    while (isRewriting(ours)) {
      const n = turns++
      ours.server.execute('LPUSH', 'list', `new-${n}`)
      ours.server.execute('SREM', 'set', `number-${n}-${'x'.repeat(300)}`)
      ours.server.execute('HSET', 'hash', `number-${n}`, 'other')
      ours.server.execute('ZREM', 'zset', `number-${n}-${'x'.repeat(300)}`)
      ours.server.execute('DEL', `k${n}`)
      ours.server.execute('SET', `k${Math.max(0, 999 - n)}`, 'other')
      if (n === 3) ours.server.execute('DEL', 'hash')
      await turn()
    }
    expect(turns).toBeGreaterThan(3)
    const after = await ours.digest()
    const names = [...filesOf(dir).keys()]
    expect(names).toContain(`appendonly.aof.2.base.${preamble === 'yes' ? 'rdb' : 'aof'}`)
    await ours.close()
    const whole = openOurs(dir)
    expect(await whole.digest()).toBe(after)
    await whole.close()
    const copy = folders.copyOf(dir)
    writeFileSync(join(copy, 'appendonlydir/appendonly.aof.2.incr.aof'), '')
    const base = openOurs(copy)
    expect(await base.digest()).toBe(before)
    await base.close()
  },
)

test.each(['yes', 'no'] as const)('one is written at a time, with aof-use-rdb-preamble %s', async (preamble) => {
  const ours = openOurs(folders.make(), { 'aof-use-rdb-preamble': preamble })
  fill(ours)
  await send(ours, 'BGREWRITEAOF')
  expect(show(await send(ours, 'BGSAVE'))).toBe(
    "-ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.",
  )
  expect(show(await send(ours, 'BGSAVE SCHEDULE'))).toBe('+Background saving scheduled')
  const { saving } = ours.server.engine.ports.persistence
  await vi.waitFor(() => expect(isRewriting(ours)).toBe(false), 10_000)
  await vi.waitFor(() => {
    ours.server.cron()
    expect(saving.saves + (saving.runningSeconds >= 0 ? 1 : 0)).toBe(1)
  }, 10_000)
  if (saving.runningSeconds >= 0) {
    expect(show(await send(ours, 'BGREWRITEAOF'))).toBe('+Background append only file rewriting scheduled')
  }
  await ours.close()
})

test('under always an increment gives way without harm where closing it fails', async () => {
  const dir = folders.make()
  const ours = openOurs(dir, { appendfsync: 'always' })
  ours.server.execute('SET', 'a', '1')
  const spy = vi.spyOn(systemAppendFiles, 'close').mockImplementation((_, done) => {
    setImmediate(() => done(new Error('EIO: i/o error')))
  })
  await send(ours, 'BGREWRITEAOF')
  ours.server.execute('SET', 'b', '1')
  await vi.waitFor(() => expect(isRewriting(ours)).toBe(false))
  spy.mockRestore()
  ours.server.execute('SET', 'c', '1')
  await ours.close()
  const again = openOurs(dir)
  expect(again.server.execute('MGET', 'a', 'b', 'c')).toEqual(['1', '1', '1'])
  await again.close()
})

test('an increment that the manifest names is the one that is written to, even if its folder cannot be synced', async () => {
  const dir = folders.make()
  const ours = openOurs(dir)
  ours.server.execute('SET', 'a', '1')
  const spy = vi.spyOn(systemAppendFiles, 'syncFolder').mockImplementationOnce(() => {
    throw new Error('EIO: i/o error')
  })
  await send(ours, 'BGREWRITEAOF')
  spy.mockRestore()
  ours.server.execute('SET', 'b', '1')
  await vi.waitFor(() => expect(isRewriting(ours)).toBe(false))
  await ours.close()
  const again = openOurs(dir)
  expect(again.server.execute('MGET', 'a', 'b')).toEqual(['1', '1'])
  await again.close()
})

test('names that are not ASCII are those of the files', async () => {
  const dir = join(folders.make(), 'données')
  mkdirSync(dir)
  const settings = { appenddirname: 'журнал', appendfilename: 'журнал.aof', dbfilename: 'снимок.rdb' }
  const ours = openOurs(dir, settings)
  ours.server.execute('SET', 'a', '1')
  ours.server.execute('SAVE')
  await send(ours, 'BGREWRITEAOF')
  await vi.waitFor(() => expect(isRewriting(ours)).toBe(false))
  await ours.close()
  expect(readdirSync(dir).sort()).toEqual(['журнал', 'снимок.rdb'].sort())
  const names = ['журнал.aof.2.base.rdb', 'журнал.aof.2.incr.aof', 'журнал.aof.manifest']
  await vi.waitFor(() => expect(readdirSync(join(dir, 'журнал')).sort()).toEqual(names))
  const again = openOurs(dir, settings)
  expect(again.server.execute('GET', 'a')).toBe('1')
  await again.close()
})
