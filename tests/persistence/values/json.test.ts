/** Documents as snapshots, payloads and replicas have them: kept bit for bit here, refused by name where they are not known. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bytes } from '../../../lib/base/bytes.ts'
import { Config } from '../../../lib/config/config.ts'
import { JsonValue } from '../../../lib/keyspace/values/json.ts'
import { DOCUMENT_BYTES_MAX, type JsonNode } from '../../../lib/keyspace/values/json-node.ts'
import { parseJson } from '../../../lib/keyspace/values/json-parse.ts'
import { printJson } from '../../../lib/keyspace/values/json-print.ts'
import { readPayload, writePayload } from '../../../lib/persistence/snapshot/payload.ts'
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

const DOCUMENT = '{"b":[1,2.0,18446744073709551615,-0.0,null,true],"a":{"":"\xc3\xa9\\n","deep":[[[{}]]]}}'

async function fill(tell: (line: string) => Promise<string>): Promise<void> {
  for (const line of [`JSON.SET doc $ ${DOCUMENT}`, 'JSON.SET n $ 1.0', 'PEXPIREAT n 4000000000000']) await tell(line)
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

describe('documents that are kept', () => {
  test('are after a restart what they were, bit for bit', async () => {
    const first = open()
    await fill(first.tell)
    expect(await first.tell('SAVE')).toBe('+OK')
    const second = open({ save: '3600 1' })
    second.server.persist()
    expect(await second.tell('DEBUG DIGEST')).toBe(await first.tell('DEBUG DIGEST'))
    for (const key of ['doc', 'n']) expect(await second.tell(`DUMP ${key}`)).toBe(await first.tell(`DUMP ${key}`))
    expect(await second.client.send(['JSON.GET', 'doc'])).toBe(DOCUMENT)
    expect(await second.tell('JSON.GET n')).toBe('"1.0"')
    expect(await second.tell('PEXPIRETIME n')).toBe('4000000000000')
    expect(await second.tell('DEBUG RELOAD')).toBe('+OK')
    expect(await second.client.send(['JSON.GET', 'doc'])).toBe(DOCUMENT)
    expect(await second.tell('MEMORY USAGE doc')).toBe(await first.tell('MEMORY USAGE doc'))
  })

  test('are restored from their payload, and not from a broken one', async () => {
    const { client, tell } = open()
    await fill(tell)
    const payload = (await client.send(['DUMP', 'doc'])) as Bytes
    expect(show(await client.send(['RESTORE', 'b', '0', payload]))).toBe('+OK')
    expect(await tell('DUMP b')).toBe(await tell('DUMP doc'))
    expect(await tell('DEBUG DIGEST-VALUE b')).toBe(await tell('DEBUG DIGEST-VALUE doc'))
    const broken = payload.slice(0, 12) + String.fromCharCode(payload.charCodeAt(12) ^ 1) + payload.slice(13)
    expect(show(await client.send(['RESTORE', 'c', '0', broken]))).toMatch(/^-ERR (DUMP payload|Bad data)/)
    expect(await tell('EXISTS c')).toBe('0')
  })

  test('are refused by RESTORE where no command could have made them', async () => {
    expect(new Config({ 'json-max-document-size': '1gb' }).values['json-max-document-size']).toBe(DOCUMENT_BYTES_MAX)
    const { client, tell } = open()
    const root = parseJson(`[${'[],'.repeat(DOCUMENT_BYTES_MAX / 80)}[]]`) as JsonNode
    const payload = writePayload(new JsonValue(root))
    expect(show(await client.send(['RESTORE', 'doc', '0', payload]))).toBe('-ERR Bad data format')
    expect(await tell('EXISTS doc')).toBe('0')
  })

  test('may be deeper than one text, as deep as edits made them', async () => {
    const { client, tell } = open()
    await client.send(['JSON.SET', 'doc', '$', '{"x":[]}'])
    let path = '$.x'
    let levels = 2
    const deep = '['.repeat(100) + ']'.repeat(100)
    for (;;) {
      const reply = show(await client.send(['JSON.ARRAPPEND', 'doc', path, deep]))
      if (reply.startsWith('-')) break
      path += '[0]'.repeat(100)
      levels += 100
    }
    expect(levels).toBe(1002)
    expect(show(await client.send(['JSON.ARRAPPEND', 'doc', path, '['.repeat(23) + ']'.repeat(23)]))).toMatch(
      /^-ERR recursion/,
    )
    expect(show(await client.send(['JSON.ARRAPPEND', 'doc', path, '['.repeat(22) + ']'.repeat(22)]))).toBe('[1]')
    const payload = (await client.send(['DUMP', 'doc'])) as Bytes
    expect(show(await client.send(['RESTORE', 'b', '0', payload]))).toBe('+OK')
    expect(await tell('JSON.GET b')).toBe(await tell('JSON.GET doc'))
    for (const line of [
      'JSON.RESP doc',
      'JSON.GET doc $..*',
      'COPY doc c',
      'JSON.DEL doc $.x',
      'JSON.CLEAR c',
      'DEL b',
    ]) {
      expect(await tell(line)).not.toMatch(/^-/)
    }
    expect(show(await client.send(['EVAL', "return #redis.call('JSON.RESP', 'c')", '0']))).not.toMatch(/internal/)
  })

  test('are read in the form of RedisJSON 2.0, too', async () => {
    const { client, tell } = open()
    await tell('JSON.SET doc $ [1]')
    const payload = (await client.send(['DUMP', 'doc'])) as Bytes
    // Behind the type come nine bytes of the id, whose last has the version; behind the string, in that form, a 0 for no index.
    const version = String.fromCharCode(payload.charCodeAt(9) - 1)
    const end = payload.indexOf('[1]') + 3
    const older = `${payload.slice(0, 9)}${version}${payload.slice(10, end)}\x02\x00${payload.slice(end)}`
    const value = readPayload(older, new Config({}).values)
    expect(printJson((value as JsonValue).root)).toBe('[1]')
  })
})

describe.skipIf(genuineVersion === undefined)(`a genuine Redis ${genuineVersion}, which knows no JSON`, () => {
  test('refuses the payload of a document, and keeps running', async () => {
    const { client, tell } = open()
    await fill(tell)
    const payload = (await client.send(['DUMP', 'doc'])) as Bytes
    const genuine = await Genuine.start()
    const theirs = await genuine.connect()
    expect(show(await theirs.send(['RESTORE', 'doc', '0', payload]))).toBe('-ERR Bad data format')
    expect(show(await theirs.send(['PING']))).toBe('+PONG')
    theirs.close()
    await genuine.stop()
  })

  test('says by its name what it cannot load of a snapshot', async () => {
    const { tell } = open()
    await fill(tell)
    await tell('SAVE')
    const flags = ['--port', '0', '--unixsocket', join(dir, 's'), '--dir', dir, '--save', '']
    const { stdout, signal } = spawnSync('redis-server', flags, { encoding: 'utf8', timeout: 20_000 })
    expect(stdout).toContain("no matching module type 'ReJSON-RL'")
    expect(signal).toBe(null)
  })

  test('does not become a replica of a master that has one', { timeout: 30_000 }, async () => {
    const { server, tell } = open()
    const listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
    await fill(tell)
    const log = join(dir, 'replica.log')
    const flags = ['--port', '0', '--unixsocket', join(dir, 's'), '--dir', dir, '--save', '', '--logfile', log]
    const refused = await refusal(['--replicaof', '127.0.0.1', `${listener.port}`, ...flags], log)
    expect(refused).toContain("no matching module type 'ReJSON-RL'")
    await listener.close(0)
  })
})
