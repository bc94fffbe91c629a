/** A log that cannot be written any more stops no server, as it stops none of Redis's. */
import { spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, expect, test, vi } from 'vitest'
import { Config } from '../../lib/config/config.ts'
import { Host } from '../../lib/host/host.ts'
import { freePort } from '../clients/ports.ts'
import { cli } from '../clients/program.ts'
import { RespClient } from '../clients/resp.ts'

const work = realpathSync(mkdtempSync(join(tmpdir(), 'lostlog-')))
afterAll(() => rmSync(work, { recursive: true }))

/** `log`: where standard output goes, a pipe of which the first bytes are read or a file. */
async function survives(log: 'pipe' | number, flags: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(work, 'dir-')) // with nothing to load
  const port = await freePort()
  const args = [cli(), '--port', `${port}`, '--http-port', '0', '--dir', folder, '--loglevel', 'debug', ...flags]
  const server = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', log, 'ignore'] })
  const ended = new Promise<number | null>((resolve) => server.once('exit', resolve))
  try {
    if (server.stdout !== null && flags.length === 0) {
      await new Promise((resolve) => server.stdout!.once('data', resolve))
      server.stdout.destroy()
    }
    let client: RespClient | undefined
    await expect
      .poll(async () => (client = await RespClient.connect({ port, host: '127.0.0.1' }).catch(() => undefined)))
      .toBeDefined()
    for (let i = 0; i < 5; i++) {
      expect(await client!.send(['SET', 'key', `${i}`])).toMatchObject({ text: 'OK' })
      expect(await client!.send(['SAVE'])).toMatchObject({ text: 'OK' }) // logs a line
    }
    client!.close()
    server.kill('SIGTERM')
    expect(await ended).toBe(0)
  } finally {
    server.kill('SIGKILL')
  }
}

test('a pipe that nobody reads any more', () => survives('pipe', []))

test('standard output on a full disk', async () => {
  const full = openSync('/dev/full', 'w')
  try {
    await survives(full, [])
  } finally {
    closeSync(full)
  }
})

test('a log file on a full disk', () => survives('pipe', ['--logfile', '/dev/full']))

test('a pipe whose reader is there and reads nothing takes a bounded part of the memory', async () => {
  const stream = new Writable({ write() {} }) // as a pipe that is full
  const stdout = vi.spyOn(process, 'stdout', 'get').mockReturnValue(stream as typeof process.stdout)
  try {
    const host = new Host(new Config(), true)
    for (let i = 0; i < 5000; i++) host.log('warning', 'x'.repeat(1000))
    expect(stream.writableLength).toBeGreaterThan(1_000_000)
    expect(stream.writableLength).toBeLessThan(1_100_000)
  } finally {
    stdout.mockRestore()
  }
})
