import { mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import { RespClient } from '../clients/resp.ts'
import { Genuine, genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'

/** Lines of CLIENT LIST by the client's name, each as its fields. */
async function list(client: RespClient): Promise<Record<string, Record<string, string>>> {
  const text = (await client.send(['CLIENT', 'LIST'])) as string
  const lines = text.trim().split('\n')
  const parsed = lines.map((line) =>
    Object.fromEntries(line.split(' ').map((field) => field.split(/=(.*)/s).slice(0, 2))),
  )
  return Object.fromEntries(parsed.map((fields) => [fields.name, fields]))
}

/** The fields on buffers that are the same for all implementations, after what some clients have done. */
async function seen(connect: () => Promise<RespClient>): Promise<Record<string, Record<string, string>>> {
  const names = ['looks', 'waits', 'queues', 'broken', 'idle']
  const clients: Record<string, RespClient> = {}
  for (const name of names) {
    clients[name] = await connect()
    await clients[name].send(['CLIENT', 'SETNAME', name])
  }
  const { looks, waits, queues, broken } = clients
  await queues.send(['MULTI'])
  await queues.send(['SET', 'key', 'value'])
  waits.write('*3\r\n$5\r\nBLPOP\r\n$5\r\nnokey\r\n$1\r\n0\r\n')
  broken.write('*3\r\n$3\r\nSE')
  for (;;) {
    const all = await list(looks)
    if (all.waits.flags.includes('b') && all.broken.qbuf !== '0') break
  }
  const all = await list(looks)
  for (const client of Object.values(clients)) client.close()
  const chosen = ['multi', 'watch', 'qbuf', 'argv-mem', 'obl', 'oll', 'omem', 'events', 'cmd']
  return Object.fromEntries(
    names.map((name) => [name, Object.fromEntries(chosen.map((field) => [field, all[name][field]]))]),
  )
}

const EXPECTED = {
  looks: { qbuf: '26', 'argv-mem': '10', cmd: 'client|list' },
  waits: { qbuf: '0', 'argv-mem': '11', cmd: 'blpop' },
  queues: { qbuf: '0', 'argv-mem': '0', multi: '1' },
  idle: { qbuf: '0', 'argv-mem': '0', cmd: 'client|setname' },
}

let server: Server
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'buffers-'))
  server = createServer({ unixsocket: join(folder, 'socket') })
  await server.listen({ port: 0, httpPort: false })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const overTcp = (): Promise<RespClient> => RespClient.connect({ port: server.doors.port, host: '127.0.0.1' })

test('CLIENT LIST tells of the command that runs, of those that wait, and of what came of the next', async () => {
  const found = await seen(overTcp)
  expect(found).toMatchObject(EXPECTED)
  // What is decoded of a command is counted as it stands in memory.
  expect(Number(found.broken.qbuf)).toBeGreaterThan(0)
})

describe.skipIf(genuineVersion === undefined)(`beside genuine Redis (${genuineVersion ?? NO_GENUINE})`, () => {
  test('its CLIENT LIST tells the same', async () => {
    const genuine = await Genuine.start()
    try {
      expect(await seen(() => genuine.connect())).toMatchObject(EXPECTED)
    } finally {
      await genuine.stop()
    }
  })
})

test('CLIENT LIST counts the reply buffer: what was gathered, and the most that was', async () => {
  const client = await overTcp()
  await client.send(['SET', 'large', 'x'.repeat(2000)])
  await client.send(['GET', 'large'])
  client.write('PING\r\nPING\r\nCLIENT INFO\r\n')
  await client.reply()
  await client.reply()
  const line = (await client.reply()) as string
  expect(line).toMatch(/ qbuf=25 .* rbs=32768 rbp=2009 obl=14 oll=0 omem=0 /)
  client.close()
})

test.runIf(process.platform === 'linux')('fd is the descriptor of the connection', async () => {
  const client = await overTcp()
  const { fd } = Object.values(await list(client))[0]
  expect(readlinkSync(`/proc/self/fd/${fd}`)).toMatch(/^socket:/)
  client.close()
})

test('a client of the Unix socket has the flag U', async () => {
  const client = await RespClient.connect({ path: join(folder, 'socket') })
  expect((await client.send(['CLIENT', 'INFO'])) as string).toMatch(/ flags=U /)
  client.close()
})
