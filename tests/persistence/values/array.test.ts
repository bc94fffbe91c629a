/** Arrays as snapshots, payloads and replicas have them: kept bit for bit here, refused where they are not known. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bytes } from '../../../lib/base/bytes.ts'
import { createServer, type Server, type ServerOptions } from '../../../lib/server.ts'
import { TcpListener } from '../../../lib/transports/tcp.ts'
import { Genuine, genuineVersion } from '../../contract/harness/genuine.ts'
import { show } from '../../contract/harness/seen.ts'
import { type Client, engineClient } from '../../contract/harness/subjects.ts'

let dir: string
const servers: Server[] = []

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'zerodis-'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  rmSync(dir, { recursive: true, force: true })
})

function open(options: ServerOptions = {}): {
  server: Server
  client: Client
  tell: (line: string) => Promise<string>
} {
  const server = createServer({
    dir,
    'enable-debug-command': 'yes',
    'repl-diskless-sync-delay': 0,
    log() {},
    ...options,
  })
  servers.push(server)
  const client = engineClient(server)
  return { server, client, tell: async (line) => show(await client.send(line.split(' '))) }
}

/** An array that is sparse, dense, far out and at a cursor, and a ring. */
async function fill(tell: (line: string) => Promise<string>): Promise<void> {
  for (const line of [
    'ARINSERT a v0 v1 v2',
    'ARMSET a 100 x 4095 y 4096 z 9007199254740993 far 18446744073709551614 last',
    'ARSEEK a 18446744073709551615',
    'ARRING r 3 v0 v1 v2 v3',
    'PEXPIREAT r 4000000000000',
  ])
    await tell(line)
}

/** What a genuine server wrote to its log until it ended by itself. */
async function refusal(flags: readonly string[], log: string): Promise<string> {
  const child = spawn('redis-server', flags, { stdio: 'ignore' })
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  const [, signal] = await once(child, 'exit')
  clearTimeout(timer)
  expect(signal).toBe(null)
  return readFileSync(log, 'utf8')
}

describe('arrays that are kept', () => {
  test('are after a restart what they were, bit for bit', async () => {
    const first = open()
    await fill(first.tell)
    expect(await first.tell('SAVE')).toBe('+OK')
    const second = open({ save: '3600 1' })
    second.server.persist()
    expect(await second.tell('DEBUG DIGEST')).toBe(await first.tell('DEBUG DIGEST'))
    for (const key of ['a', 'r']) expect(await second.tell(`DUMP ${key}`)).toBe(await first.tell(`DUMP ${key}`))
    expect(await second.tell('PEXPIRETIME r')).toBe('4000000000000')
    expect(await second.tell('ARNEXT a')).toBe('nil')
    expect(await second.tell('ARRING r 4 v4')).toBe('3')
    expect(await second.tell('ARLASTITEMS r 4')).toBe('["v1", "v2", "v3", "v4"]')
    expect(await second.tell('DEBUG RELOAD')).toBe('+OK')
    expect(await second.tell('ARGET a 9007199254740993')).toBe('"far"')
  })

  test('are restored from their payload, and not from a broken one', async () => {
    const { client, tell } = open()
    await fill(tell)
    const payload = (await client.send(['DUMP', 'a'])) as Bytes
    expect(show(await client.send(['RESTORE', 'b', '0', payload]))).toBe('+OK')
    expect(await tell('DUMP b')).toBe(await tell('DUMP a'))
    expect(await tell('DEBUG DIGEST-VALUE b')).toBe(await tell('DEBUG DIGEST-VALUE a'))
    const broken = payload.slice(0, 12) + String.fromCharCode(payload.charCodeAt(12) ^ 1) + payload.slice(13)
    expect(show(await client.send(['RESTORE', 'c', '0', broken]))).toMatch(/^-ERR (DUMP payload|Bad data)/)
    expect(await tell('EXISTS c')).toBe('0')
  })
})

describe.skipIf(genuineVersion === undefined)(`a genuine Redis ${genuineVersion}, which knows no arrays`, () => {
  test('refuses the payload of one, and keeps running', async () => {
    const { client, tell } = open()
    await fill(tell)
    const payload = (await client.send(['DUMP', 'a'])) as Bytes
    const genuine = await Genuine.start()
    const theirs = await genuine.connect()
    expect(show(await theirs.send(['RESTORE', 'a', '0', payload]))).toBe('-ERR Bad data format')
    expect(show(await theirs.send(['PING']))).toBe('+PONG')
    theirs.close()
    await genuine.stop()
  })

  test('says what it cannot load of a snapshot', async () => {
    const { tell } = open()
    await fill(tell)
    await tell('SAVE')
    const flags = ['--port', '0', '--unixsocket', join(dir, 's'), '--dir', dir, '--save', '']
    const { stdout, signal } = spawnSync('redis-server', flags, { encoding: 'utf8', timeout: 20_000 })
    expect(stdout).toContain('Unknown RDB encoding type 28')
    expect(signal).toBe(null)
  })

  test('does not become a replica of a master that has one', { timeout: 30_000 }, async () => {
    const { server, tell } = open()
    const listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
    await fill(tell)
    const log = join(dir, 'replica.log')
    const flags = ['--port', '0', '--unixsocket', join(dir, 's'), '--dir', dir, '--save', '', '--logfile', log]
    const refused = await refusal(['--replicaof', '127.0.0.1', `${listener.port}`, ...flags], log)
    expect(refused).toContain('Unknown RDB encoding type 28')
    await listener.close(0)
  })
})
