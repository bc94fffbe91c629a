/** A shared store on a disk that is full in earnest: a file system of 2 MB in memory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../../lib/server.ts'
import { RespClient } from '../../clients/resp.ts'
import { show } from '../../contract/harness/seen.ts'
import { mayMount, mountSmall, unmount } from '../../smalldisk.ts'

const VALUE = 'x'.repeat(20_000)
const REFUSAL = 'ERR the shared store could not keep this; nothing was changed: database or disk is full'

describe.skipIf(!mayMount('tests/stores/sqlite/fulldisk.test.ts'))('a file system of 2 MB', () => {
  let folder: string
  let server: Server
  let port: number
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'zerodis-full-'))
    expect(mountSmall(folder, '2m')).toBe(true)
    server = createServer({ dir: folder, store: 'sqlite:keys.db', log: () => {} })
    ;({ port } = await server.listen({ port: 0, httpPort: false }))
  })
  afterEach(async () => {
    await server.close()
    unmount(folder)
    rmSync(folder, { recursive: true })
  })

  const connect = () => RespClient.connect({ port, host: '127.0.0.1' })

  test('who writes is told once it is full, others are served, and it goes on with room', async () => {
    writeFileSync(join(folder, 'filler'), Buffer.alloc(1_000_000))
    const filling = await connect()
    let kept = 0
    try {
      for (; kept < 200; kept++) await filling.send(['SET', `k${kept}`, VALUE])
    } catch {
      // The first that is lost costs its connection: replies that were encoded cannot be taken back.
    }
    expect(kept).toBeGreaterThan(5)
    expect(kept).toBeLessThan(200)

    const [reader, writer] = [await connect(), await connect()]
    expect(show(await reader.send(['GET', 'k0']))).toBe(show(await reader.send(['GET', 'k1'])))
    for (let i = 0; i < 20; i++) {
      expect(show(await writer.send(['SET', 'other', VALUE]))).toContain(REFUSAL)
      expect(show(await reader.send(['EXISTS', 'k0', 'other', `k${kept}`]))).toBe('1')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(show(await writer.send(['MULTI']))).toBe('+OK')
    await writer.send(['SET', 'other', VALUE])
    expect(show(await writer.send(['EXEC']))).toContain(
      `EXECABORT Transaction discarded because of: ${REFUSAL.slice(4)}`,
    )

    rmSync(join(folder, 'filler'))
    await expect.poll(async () => show(await writer.send(['SET', 'other', VALUE])), { timeout: 5000 }).toBe('+OK')
    expect(show(await reader.send(['EXISTS', 'k0', 'other', `k${kept}`]))).toBe('2')
    for (const client of [filling, reader, writer]) client.close()
  })
})
