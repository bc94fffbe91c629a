/** A disk that is full in earnest: a file system of 1 MB in memory. Where nobody may mount one, this is skipped, and says so. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { mayMount, mountSmall, unmount } from '../smalldisk.ts'
import { Folders, openOurs } from './logs.ts'

const folders = new Folders()
const turn = () => new Promise((resolve) => setTimeout(resolve, 1))
const VALUE = 'x'.repeat(4000)

describe.skipIf(!mayMount('tests/journal/fulldisk.test.ts'))('a file system of 1 MB', () => {
  let dir: string
  let filler: string
  beforeAll(() => {
    dir = folders.make()
  })
  afterEach(() => unmount(dir))
  afterAll(() => folders.removeAll())

  /** Half of it is taken. */
  function mountHalf(): void {
    expect(mountSmall(dir, '1m')).toBe(true)
    filler = join(dir, 'filler')
    writeFileSync(filler, Buffer.alloc(500_000))
  }

  /** Sets keys until that is refused. Returns how many were acknowledged, and the refusal. */
  async function fill(ours: ReturnType<typeof openOurs>): Promise<{ count: number; refusal: string }> {
    for (let count = 0; count < 1000; count++) {
      try {
        ours.server.execute('SET', `k${count}`, VALUE)
      } catch (error) {
        return { count, refusal: (error as Error).message }
      }
      await turn()
    }
    throw new Error('it never became full')
  }

  test.each(['everysec', 'no'] as const)(
    'refuses writes while it is full, and goes on with room, under %s',
    async (appendfsync) => {
      mountHalf()
      const ours = openOurs(dir, { appendfsync })
      const { count, refusal } = await fill(ours)
      expect(refusal).toBe('MISCONF Errors writing to the AOF file: No space left on device')
      expect(ours.log).toContain('Error writing to the AOF file: No space left on device')
      expect(ours.server.execute('GET', 'k0')).toBe(VALUE)
      // A rewrite has no room either: the old files stay.
      await ours.client.send(['BGREWRITEAOF'])
      rmSync(filler)
      ours.server.cron()
      await turn()
      expect(ours.server.execute('SET', 'later', '1')).toBe('OK')
      await ours.close()
      const again = openOurs(dir)
      expect(again.server.execute('DBSIZE')).toBe(count + 1)
      await again.close()
    },
  )

  test('loses nothing that was acknowledged under always, and ends the store', async () => {
    mountHalf()
    const ours = openOurs(dir, { appendfsync: 'always' })
    const { count } = await fill(ours)
    expect(ours.log.join('\n')).toContain('No space left on device')
    expect(() => ours.server.execute('SET', 'later', '1')).toThrow()
    await ours.close()
    rmSync(filler)
    const again = openOurs(dir)
    const found = again.server.execute('DBSIZE') as number
    expect(found).toBeGreaterThanOrEqual(count)
    await again.close()
  })

  test('a snapshot for which there is no room leaves the old one', async () => {
    mountHalf()
    const ours = openOurs(dir, { appendonly: false })
    ours.server.execute('SET', 'a', '1')
    expect(ours.server.execute('SAVE')).toBe('OK')
    for (let i = 0; i < 300; i++) ours.server.execute('SET', `k${i}`, `${i}${Math.random()}`.repeat(200))
    ours.server.execute('CONFIG', 'SET', 'rdbcompression', 'no')
    expect(() => ours.server.execute('SAVE')).toThrow()
    expect(ours.log.join('\n')).toMatch(/no space left on device/i)
    await ours.close()
    const again = openOurs(dir, { appendonly: false, save: '3600 1' })
    expect(again.server.execute('DBSIZE')).toBe(1)
    await again.close()
  })
})
