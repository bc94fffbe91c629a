/** Links of replication that TLS secures (`tls-replication`), both ways with a genuine redis-server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createServer } from '../../lib/server.ts'
import { Authority, type Certificate } from '../clients/certificates.ts'
import { freePort } from '../clients/ports.ts'
import { RespClient } from '../clients/resp.ts'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'
import { linked, type Peer, startGenuine, startOurs } from './peers.ts'

let authority: Authority
let own: Certificate
const ends: (() => unknown)[] = []

beforeAll(() => {
  authority = new Authority()
  own = authority.sign('own')
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
afterAll(() => authority.remove())

const filesOf = (known: Authority): Record<string, string> => ({
  'tls-cert-file': own.cert,
  'tls-key-file': own.key,
  'tls-ca-cert-file': known.cert,
})
const flagsOf = (files: Record<string, string>): string[] =>
  Object.entries(files).flatMap(([name, value]) => [`--${name}`, value])

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'secure-'))
  ends.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function replicaOfOurs(known: Authority): Promise<Awaited<ReturnType<typeof startOurs>>> {
  const replica = await startOurs({ dir: folder(), 'tls-replication': 'yes', ...filesOf(known) })
  ends.push(() => replica.stop())
  return replica
}

/** A server of ours that listens there. */
async function peerAt(port: number): Promise<Peer> {
  const client = await RespClient.connect({ port, host: '127.0.0.1' })
  ends.push(() => client.close())
  return { port, client, tell: async (line) => show(await client.send(line.split(' '))), async stop() {} }
}

/** A replica gets what was there, what comes, and says how far it has come. */
async function follows(master: Peer, replica: Peer, tlsPort: number): Promise<void> {
  await master.tell('SET before 1')
  await replica.tell(`REPLICAOF 127.0.0.1 ${tlsPort}`)
  await linked(replica)
  await master.tell('SET behind 2')
  expect(await master.tell('WAIT 1 5000')).toBe('1')
  expect(await replica.tell('MGET before behind')).toBe('["1", "2"]')
  expect(await replica.tell('DEBUG DIGEST')).toBe(await master.tell('DEBUG DIGEST'))
}

describe.skipIf(genuineVersion === undefined)(`with genuine ${genuineVersion}`, () => {
  test('ours follows a master that asks for a certificate', async () => {
    const tlsPort = await freePort()
    const master = await startGenuine(
      '--tls-port',
      `${tlsPort}`,
      '--tls-auth-clients',
      'yes',
      ...flagsOf(filesOf(authority)),
    )
    ends.push(() => master.stop())
    await follows(master, await replicaOfOurs(authority), tlsPort)
  })

  test('a genuine replica follows ours, which asks for a certificate', async () => {
    const server = createServer({
      ...{ dir: folder(), 'repl-diskless-sync-delay': 0, 'enable-debug-command': 'yes', 'tls-auth-clients': 'yes' },
      ...{ log() {}, ...filesOf(authority) },
    })
    ends.push(() => server.close())
    const { port, tlsPort } = await server.listen({ port: 0, tlsPort: 0, httpPort: false })
    const client = await peerAt(port)
    const replica = await startGenuine('--tls-replication', 'yes', ...flagsOf(filesOf(authority)))
    ends.push(() => replica.stop())
    await follows(client, replica, tlsPort)
  })
})

test('a master whose certificate is not known here is not followed', async () => {
  const server = createServer({ dir: folder(), log() {}, 'tls-auth-clients': 'no', ...filesOf(authority) })
  ends.push(() => server.close())
  const { tlsPort } = await server.listen({ port: 0, tlsPort: 0, httpPort: false })
  const stranger = new Authority('Stranger')
  ends.push(() => stranger.remove())
  const replica = await replicaOfOurs(stranger)
  await replica.tell('SET mine 1')
  await replica.tell(`REPLICAOF 127.0.0.1 ${tlsPort}`)
  while (!replica.log.some((line) => /certificate/.test(line))) await new Promise(setImmediate)
  expect(await replica.tell('GET mine')).toBe('"1"')
})
