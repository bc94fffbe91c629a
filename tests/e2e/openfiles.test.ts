/** Where few files may be open, clients that come last are refused; the store saves, and loads what of its code it needs. */
import { spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { processMemory, residentBytes } from '../../lib/observability/processmemory.ts'
import { connectionsWithin, limitIn } from '../../lib/transports/openfiles.ts'
import { freePort } from '../clients/ports.ts'
import { cli } from '../clients/program.ts'
import { RespClient } from '../clients/resp.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'openfiles-')))
afterAll(() => rmSync(folder, { recursive: true }))

test.runIf(process.platform === 'linux')('ulimit -n 70 and a hundred clients', async () => {
  const [port, httpPort] = [await freePort(), await freePort()]
  const own = [cli(), '--port', `${port}`, '--http-port', `${httpPort}`, '--rest-token', 't', '--appendonly', 'yes']
  const server = spawn('/bin/sh', ['-c', 'ulimit -n 70; exec "$@"', 'sh', process.execPath, ...own], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  const ended = new Promise<number | null>((resolve) => server.once('exit', resolve))
  const crowd: Socket[] = []
  try {
    let client!: RespClient
    await expect
      .poll(async () => (client = (await RespClient.connect({ port, host: '127.0.0.1' }).catch(() => undefined))!))
      .toBeDefined()
    await expect.poll(() => client.send(['SET', 'key', 'value'])).toMatchObject({ text: 'OK' })
    const refused = await Promise.all(
      Array.from({ length: 100 }, (_, i) => {
        const socket = connect(i % 2 === 0 ? port : httpPort, '127.0.0.1').on('error', () => {})
        crowd.push(socket)
        const answered = new Promise((resolve) => socket.once('data', (data) => resolve(`${data}`)))
        return i % 2 === 0 && i > 50 ? answered : undefined
      }),
    )
    for (const answer of refused)
      if (answer !== undefined) expect(answer).toBe('-ERR max number of clients reached\r\n')
    expect(await client.send(['CONFIG', 'GET', 'maxclients'])).toEqual(['maxclients', '6'])
    expect(await client.send(['CONFIG', 'SET', 'maxclients', '7'])).toMatchObject({
      text: "ERR CONFIG SET failed (possibly related to argument 'maxclients') - The operating system is not able to handle the specified number of clients, try with 6",
    })
    expect(await client.send(['SAVE'])).toMatchObject({ text: 'OK' })
    expect(await client.send(['EVAL', "return redis.call('GET', 'key')", '0'])).toBe('value')
    expect(await client.send(['BGREWRITEAOF'])).toMatchObject({ text: 'Background append only file rewriting started' })
    await new Promise((resolve) => setTimeout(resolve, 1200)) // the process looks at its memory once a second
    expect(await client.send(['GET', 'key'])).toBe('value')
    client.close()
    server.kill('SIGTERM')
    expect(await ended).toBe(0)
  } finally {
    for (const socket of crowd) socket.destroy()
    server.kill('SIGKILL')
  }
})

test('memory is told where the system does not tell it', () => {
  const before = residentBytes()
  const spy = vi.spyOn(process, 'memoryUsage').mockImplementation(() => {
    throw new Error('EMFILE: too many open files, uv_resident_set_memory')
  })
  try {
    expect(residentBytes()).toBeGreaterThanOrEqual(before)
    const { heapUsed, heapTotal, rss } = processMemory()
    expect(heapUsed).toBeGreaterThan(0)
    expect(heapTotal).toBeGreaterThanOrEqual(heapUsed)
    expect(rss).toBeGreaterThanOrEqual(before)
  } finally {
    spy.mockRestore()
  }
})

test('what a limit leaves room for', () => {
  expect(
    limitIn('Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096   files\n'),
  ).toBe(1024)
  expect(limitIn('Max open files            unlimited            unlimited            files')).toBeUndefined()
  expect(connectionsWithin(1024)).toBe(960)
  expect(connectionsWithin(40)).toBe(2)
})
