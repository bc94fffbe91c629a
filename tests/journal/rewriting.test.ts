/** What is added while the log is rewritten or the disk fails, what a rewrite that is given up leaves behind, and loading again. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { systemAppendFiles } from '../../lib/journal/appendfiles.ts'
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
