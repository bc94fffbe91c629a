/** RESP over TLS: who is let in, what CONFIG SET changes for the next to come, and what strangers cannot do. */
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { Authority, type Certificate } from '../clients/certificates.ts'
import { freePort, takePort } from '../clients/ports.ts'
import { openRaw } from '../clients/raw.ts'
import { encodeCommand, RespClient } from '../clients/resp.ts'
import { Genuine, genuineVersion, NO_GENUINE } from '../contract/harness/genuine.ts'

const HOST = '127.0.0.1'
const UNUSABLE = 'Unable to update TLS configuration. Check server logs.'

let authority: Authority
let stranger: Authority
let own: Certificate
let other: Certificate
let client: Certificate

beforeAll(() => {
  authority = new Authority()
  stranger = new Authority('Stranger')
  own = authority.sign('own')
  other = authority.sign('other')
  client = authority.sign('client')
})
afterAll(() => {
  authority.remove()
  stranger.remove()
})

const opened: Server[] = []
let logged: string[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()))
  logged = []
})

/** A server that listens for TLS alone, asks clients for nothing, and is certified. */
async function open(options: ServerOptions = {}): Promise<Server> {
  const files = { 'tls-cert-file': own.cert, 'tls-key-file': own.key, 'tls-ca-cert-file': authority.cert }
  const log = (_: string, message: string) => void logged.push(message)
  const server = createServer({ log, 'tls-auth-clients': 'no', ...files, ...options })
  opened.push(server)
  await server.listen({ port: false, tlsPort: 0, httpPort: false })
  return server
}

/** Settles when the server has proven who it is; and rejects where it does not let us in. */
async function handshake(server: Server, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: HOST, port: server.doors.tlsPort, ca: authority.pem, ...options })
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
  return socket
}

/** A connection that has been answered: TLS 1.3 tells a client only then that it was refused. */
async function enter(server: Server, options: ConnectionOptions = {}): Promise<RespClient> {
  const entered = new RespClient(await handshake(server, options))
  expect(await entered.send(['PING'])).toEqual({ kind: 'status', text: 'PONG' })
  return entered
}

async function run(server: Server, ...argv: string[]): Promise<unknown> {
  const session = server.openSession('tcp', NO_LINK, '127.0.0.1:1', '')
  const reply = await server.engine.execute(session, argv)
  server.closeSession(session)
  return (reply as { text?: string }).text ?? reply
}
const NO_LINK = { push() {}, closeAfterReply() {}, close() {}, inputBytes: 0, outputBytes: 0 }

const subjectOf = (entered: RespClient): string =>
  String((entered.socket as TLSSocket).getPeerX509Certificate()!.subject)

/** Of a client that shows a certificate. */
const shown = ({ cert, key }: Certificate): ConnectionOptions => ({ cert: readFileSync(cert), key: readFileSync(key) })

async function closed(socket: Socket): Promise<void> {
  if (!socket.destroyed) await new Promise<void>((resolve) => socket.once('close', () => resolve()))
}

describe('RESP over TLS', () => {
  test('serves as TCP does: pipelines, RESP3, large values both ways, messages', async () => {
    const server = await open()
    const [a, b] = [await enter(server), await enter(server)]
    expect(await a.pipeline(Array.from({ length: 1000 }, () => ['INCR', 'n']))).toHaveLength(1000)
    expect(await a.send(['GET', 'n'])).toBe('1000')
    const large = 'x'.repeat(5_000_000)
    await a.send(['SET', 'large', large])
    expect(await b.send(['GET', 'large'])).toBe(large)
    await b.send(['HELLO', '3'])
    b.tell(['SUBSCRIBE', 'news'])
    await b.push()
    expect(await a.send(['PUBLISH', 'news', 'hello'])).toBe(1)
    expect(await b.push()).toEqual({ kind: 'push', items: ['message', 'news', 'hello'] })
  })

  test('clients have the addresses of both ends', async () => {
    const server = await open()
    const entered = await enter(server)
    const { localPort, remotePort } = entered.socket
    const line = String(await entered.send(['CLIENT', 'LIST']))
    expect(line).toContain(` addr=${HOST}:${localPort} laddr=${HOST}:${remotePort} `)
    expect(await run(server, 'CLIENT', 'KILL', `${HOST}:${localPort}`)).toBe('OK')
    await entered.closed
  })

  test('one who does not read is held back as on TCP, and gets all when he does', async () => {
    const server = await open()
    const good = await enter(server)
    await good.send(['SETRANGE', 'k', '999999', 'x'])
    const slow = await handshake(server)
    slow.pause()
    slow.write(encodeCommand(['GET', 'k']).repeat(50))
    while (server.clientCount < 2 || [...server.engine.ports.connections.clients][1].lastCommand === undefined)
      await good.send(['PING'])
    for (let i = 0; i < 100; i++) await good.send(['PING'])
    expect([...server.engine.ports.connections.clients][1].link.outputBytes).toBeLessThan(4_000_000)
    let missing = 50 * '$1000000\r\n\r\n'.length + 50_000_000
    await new Promise<void>((resolve) => {
      slow.on('data', (chunk) => {
        missing -= chunk.length
        if (missing === 0) resolve()
      })
      slow.resume()
    })
  })

  test('INFO, without a port of plain RESP, names that of TLS', async () => {
    const server = await open()
    expect(await (await enter(server)).send(['INFO', 'server'])).toContain(`tcp_port:${server.doors.tlsPort}\r\n`)
  })

  test('listens on each address of bind', async () => {
    const server = await open({ bind: `${HOST} ::1` })
    const { tlsPort: port } = server.doors
    // Node 22 compares an IPv6 address with the certificate letter by letter, so a name is what it is to look for.
    for (const host of [HOST, '::1']) (await enter(server, { host, port, servername: 'localhost' })).close()
  })

  test('ends in order: what was sent is answered first', async () => {
    const server = await open()
    const [busy, blocked] = [await enter(server), await enter(server)]
    blocked.tell(['BLPOP', 'none', '0'])
    while (server.engine.blocking.size === 0) await busy.send(['PING'])
    const replies = busy.pipeline(Array.from({ length: 100 }, () => ['PING']))
    await replies
    await server.close()
    await Promise.all([busy.closed, blocked.closed])
    expect(server.clientCount).toBe(0)
  })
})

describe('strangers', () => {
  test('one who ends his side gets the replies to what he sent, long ones, too, and is gone with them', async () => {
    const server = await open()
    const socket = await handshake(server)
    const large = 'x'.repeat(5_000_000)
    socket.end(encodeCommand(['SET', 'k', large]) + encodeCommand(['GET', 'k']).repeat(3))
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    const received = Buffer.concat(chunks).toString('latin1')
    expect(received === `+OK\r\n${`$${large.length}\r\n${large}\r\n`.repeat(3)}`).toBe(true)
    expect(await run(server, 'CLIENT', 'LIST')).toMatch(/^id=\d+ addr=127.0.0.1:1 [^\n]*\n$/)
  })

  test('one who ends his side while he waits is not waited for', async () => {
    const server = await open()
    const socket = await handshake(server)
    socket.end(encodeCommand(['PING']) + encodeCommand(['BLPOP', 'k', '0']))
    let received = ''
    for await (const chunk of socket) received += chunk
    expect(received).toBe('+PONG\r\n')
    expect(await run(server, 'RPUSH', 'k', 'kept')).toBe(1)
    expect(await run(server, 'LLEN', 'k')).toBe(1)
  })

  test('plain RESP at the port of TLS ends that connection alone, unanswered', async () => {
    const server = await open()
    const good = await enter(server)
    const plain = await openRaw({ host: HOST, port: server.doors.tlsPort })
    let heard = ''
    plain.on('data', (chunk) => {
      heard += chunk.toString('latin1')
    })
    plain.write(encodeCommand(['PING']))
    await closed(plain)
    expect(heard).not.toMatch(/PONG|ERR/)
    expect(await good.send(['PING'])).toMatchObject({ text: 'PONG' })
    expect(logged.join()).toContain('Error accepting a client connection')
  })

  test('protected mode refuses who comes from elsewhere, and says so over TLS; a password lets him ask', async (context) => {
    const elsewhere = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ internal, family }) => !internal && family === 'IPv4')?.address
    if (elsewhere === undefined) context.skip('this machine has no address but those of the loopback interface')
    const server = await open({ bind: '*' })
    const refused = await handshake(server, { host: elsewhere, checkServerIdentity: () => undefined })
    let heard = ''
    refused.on('data', (chunk) => {
      heard += chunk
    })
    await closed(refused)
    expect(heard).toMatch(/^-DENIED Redis is running in protected mode/)
    expect(server.engine.stats.rejectedConnections).toBe(1)
    await enter(server)
    await run(server, 'CONFIG', 'SET', 'requirepass', 'secret')
    const asked = new RespClient(await handshake(server, { host: elsewhere, checkServerIdentity: () => undefined }))
    expect(await asked.send(['AUTH', 'secret'])).toEqual({ kind: 'status', text: 'OK' })
  })

  test('TLS at a port of plain RESP fails for the client, and the server goes on', async () => {
    const server = createServer({ log() {} })
    opened.push(server)
    const { port } = await server.listen({ port: 0, httpPort: false })
    const socket = connect({ host: HOST, port, rejectUnauthorized: false })
    socket.setTimeout(200, () => socket.destroy())
    socket.on('error', () => {})
    await closed(socket)
    expect(await (await RespClient.connect({ host: HOST, port })).send(['PING'])).toMatchObject({ text: 'PONG' })
  })

  test('a handshake under way counts as a client, and its end gives the place back', async () => {
    const server = await open({ maxclients: 2 })
    const { tlsPort: port } = server.doors
    const idle = await openRaw({ host: HOST, port })
    const good = await enter(server)
    const late = await openRaw({ host: HOST, port })
    await closed(late)
    expect(server.engine.stats.rejectedConnections).toBe(1)
    idle.destroy()
    await closed(idle)
    while ((await enter(server).catch(() => undefined)) === undefined) await good.send(['PING'])
    expect(server.clientCount).toBe(2)
  })

  test('handshakes that are dropped, cut off or nonsense leave nothing behind', async () => {
    const server = await open()
    const good = await enter(server)
    for (let i = 0; i < 60; i++) {
      const raw = await openRaw({ host: HOST, port: server.doors.tlsPort })
      if (i % 3 !== 0)
        raw.write(Buffer.from(i % 3 === 1 ? '\x16\x03\x01\x02\x00\x01' : '\xff\x00garbage'.repeat(i), 'latin1'))
      if (i % 2 === 0) raw.destroy()
      else raw.resetAndDestroy()
    }
    const socket = await handshake(server)
    socket.destroy()
    await closed(socket)
    while (server.clientCount > 1) await good.send(['PING'])
    expect(await good.send(['PING'])).toMatchObject({ text: 'PONG' })
  })

  test('one who stays in the handshake does not hold up the end', async () => {
    const server = await open({ 'shutdown-timeout': 60 })
    const idle = await openRaw({ host: HOST, port: server.doors.tlsPort })
    await (await enter(server)).send(['PING'])
    await Promise.all([server.close(), closed(idle)])
  })
})

describe('certificates of clients', () => {
  test('yes: only those that the authority has signed', async () => {
    const server = await open({ 'tls-auth-clients': 'yes' })
    await enter(server, shown(client))
    await expect(enter(server)).rejects.toThrow()
    await expect(enter(server, shown(stranger.sign('client')))).rejects.toThrow()
    expect(server.engine.stats.connections).toBe(1)
  })

  test('optional: none will do, but one that is shown must be good', async () => {
    const server = await open({ 'tls-auth-clients': 'optional' })
    await enter(server)
    await enter(server, shown(client))
    await expect(enter(server, shown(stranger.sign('other')))).rejects.toThrow()
  })

  test('no: nobody is asked', async () => {
    const server = await open({ 'tls-auth-clients': 'no', 'tls-ca-cert-file': '' })
    await enter(server)
    await enter(server, shown(stranger.sign('third')))
  })

  test('CONFIG SET holds from the next connection on, and no session from before gets around it', async () => {
    const server = await open()
    const before = await enter(server)
    const { socket } = before
    const session = (socket as TLSSocket).getSession()!
    expect(await run(server, 'CONFIG', 'SET', 'tls-auth-clients', 'yes')).toBe('OK')
    await expect(enter(server, { session })).rejects.toThrow()
    expect(await before.send(['PING'])).toMatchObject({ text: 'PONG' })
    expect(await run(server, 'CONFIG', 'SET', 'tls-auth-clients', 'no')).toBe('OK')
    await enter(server)
  })

  test("without an authority nobody is let in, not even whom the world's authorities have signed", async () => {
    const server = await open({ 'tls-ca-cert-file': '' })
    expect(await run(server, 'CONFIG', 'SET', 'tls-auth-clients', 'yes')).toBe('OK')
    await expect(enter(server, shown(client))).rejects.toThrow()
  })

  test('a folder of authorities, under the names that openssl rehash gives', async () => {
    const folder = new Authority('Folder')
    folder.file('0a1b2c3d.0', authority.pem)
    folder.file('not-hashed.pem', stranger.pem)
    const server = await open({ 'tls-auth-clients': 'yes', 'tls-ca-cert-file': '', 'tls-ca-cert-dir': folder.folder })
    await enter(server, shown(client))
    await expect(enter(server, shown(stranger.sign('fourth')))).rejects.toThrow()
    folder.remove()
  })
})

describe('CONFIG SET', () => {
  test('a new certificate is shown to the next who come; who is connected stays', async () => {
    const server = await open()
    const before = await enter(server)
    expect(subjectOf(before)).toBe('CN=own')
    expect(await before.send(['CONFIG', 'SET', 'tls-cert-file', other.cert, 'tls-key-file', other.key])).toMatchObject({
      text: 'OK',
    })
    expect(subjectOf(await enter(server))).toBe('CN=other')
    expect(await before.send(['PING'])).toMatchObject({ text: 'PONG' })
  })

  test('a renewed file is read when the directive is set to the same path', async () => {
    const [cert, key] = [
      authority.file('live.crt', readFileSync(own.cert)),
      authority.file('live.key', readFileSync(own.key)),
    ]
    const server = await open({ 'tls-cert-file': cert, 'tls-key-file': key })
    authority.file('live.crt', readFileSync(other.cert))
    authority.file('live.key', readFileSync(other.key))
    expect(subjectOf(await enter(server))).toBe('CN=own')
    expect(await run(server, 'CONFIG', 'SET', 'tls-cert-file', cert)).toBe('OK')
    expect(subjectOf(await enter(server))).toBe('CN=other')
  })

  test('an encrypted key needs its password', async () => {
    const locked = authority.sign('locked', '1234')
    const server = await open()
    const files = ['tls-cert-file', locked.cert, 'tls-key-file', locked.key]
    expect(await run(server, 'CONFIG', 'SET', ...files)).toContain(UNUSABLE)
    expect(await run(server, 'CONFIG', 'SET', ...files, 'tls-key-file-pass', '12345')).toContain(UNUSABLE)
    expect(await run(server, 'CONFIG', 'SET', ...files, 'tls-key-file-pass', '1234')).toBe('OK')
    expect(subjectOf(await enter(server))).toBe('CN=locked')
  })

  test('tls-protocols, tls-ciphers and tls-ciphersuites say what is spoken', async () => {
    const server = await open()
    const spoken = async (options: ConnectionOptions = {}): Promise<string> => {
      const socket = await handshake(server, options)
      const words = `${socket.getProtocol()} ${socket.getCipher().name}`
      socket.destroy()
      return words
    }
    expect(await spoken()).toMatch(/^TLSv1\.3 /)
    await run(server, 'CONFIG', 'SET', 'tls-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256')
    expect(await spoken()).toBe('TLSv1.3 TLS_CHACHA20_POLY1305_SHA256')
    await run(server, 'CONFIG', 'SET', 'tls-protocols', 'TLSv1.2')
    expect(await spoken()).toMatch(/^TLSv1\.2 /)
    await expect(spoken({ minVersion: 'TLSv1.3' })).rejects.toThrow(/protocol version/)
    const two = ['ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384']
    await run(server, 'CONFIG', 'SET', 'tls-ciphers', two.join(':'))
    await expect(spoken({ ciphers: 'ECDHE-RSA-CHACHA20-POLY1305' })).rejects.toThrow(/handshake failure/)
    expect(await spoken({ ciphers: `${two[1]}:${two[0]}` })).toBe(`TLSv1.2 ${two[1]}`)
    await run(server, 'CONFIG', 'SET', 'tls-prefer-server-ciphers', 'yes')
    expect(await spoken({ ciphers: `${two[1]}:${two[0]}` })).toBe(`TLSv1.2 ${two[0]}`)
    await run(server, 'CONFIG', 'SET', 'tls-protocols', 'TLSv1.3')
    await expect(spoken({ maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/)
  })

  test('sessions are resumed, unless tls-session-caching says no', async () => {
    const server = await open({ 'tls-protocols': 'TLSv1.2' })
    const resumed = async (): Promise<boolean> => {
      const session = ((await enter(server)).socket as TLSSocket).getSession()
      return ((await enter(server, { session })).socket as TLSSocket).isSessionReused()
    }
    expect(await resumed()).toBe(true)
    await run(server, 'CONFIG', 'SET', 'tls-session-caching', 'no')
    expect(await resumed()).toBe(false)
    await run(server, 'CONFIG', 'SET', 'tls-session-caching', 'yes', 'tls-session-cache-timeout', '0')
    expect(await resumed()).toBe(false)
  })

  test('tls-port opens, moves and closes the listener while clients stay', async () => {
    const server = await open({ port: 0 })
    const stays = await enter(server)
    const [first, second] = [await freePort(), await freePort()]
    for (const port of [first, second]) {
      expect(await run(server, 'CONFIG', 'SET', 'tls-port', `${port}`)).toBe('OK')
      expect(server.doors.tlsPort).toBe(port)
    }
    await enter(server)
    expect(await run(server, 'CONFIG', 'SET', 'tls-port', '0')).toBe('OK')
    expect(server.doors.tlsPort).toBe(0)
    expect(await run(server, 'CONFIG', 'SET', 'port', `${first}`)).toBe('OK')
    const plain = await RespClient.connect({ host: HOST, port: first })
    expect(await plain.send(['CONFIG', 'SET', 'port', '0'])).toMatchObject({ text: 'OK' })
    expect(await plain.send(['CONFIG', 'SET', 'tls-port', `${first}`])).toMatchObject({ text: 'OK' })
    await enter(server)
    expect(await stays.send(['PING'])).toMatchObject({ text: 'PONG' })
  })

  test('a port that is taken is refused, and the old one stays', async () => {
    const server = await open({ port: 0 })
    const { port, free } = await takePort()
    await run(server, 'CONFIG', 'SET', 'tls-port', `${server.doors.tlsPort}`)
    expect(await run(server, 'CONFIG', 'SET', 'tls-port', `${port}`)).toBe(
      "ERR CONFIG SET failed (possibly related to argument 'tls-port') - Unable to listen on this port. Check server logs.",
    )
    await free()
    await enter(server)
  })
})

describe('what cannot be used', () => {
  test('is refused at the start', async () => {
    for (const [settings, reason] of [
      [{ 'tls-cert-file': '' }, 'No tls-cert-file configured!'],
      [{ 'tls-key-file': '' }, 'No tls-key-file configured!'],
      [{ 'tls-auth-clients': 'yes', 'tls-ca-cert-file': '' }, 'Either tls-ca-cert-file or tls-ca-cert-dir must be'],
    ] as const) {
      logged = []
      await expect(open(settings)).rejects.toThrow('Failed to configure TLS. Check logs for more info.')
      expect(logged.join()).toContain(reason)
    }
  })

  test('is refused by CONFIG SET as by genuine Redis, and changes nothing', async (context) => {
    if (genuineVersion === undefined) context.skip(NO_GENUINE)
    const attempts: readonly (readonly string[])[] = [
      ['tls-cert-file', '/no/such/file'],
      ['tls-cert-file', own.key],
      ['tls-cert-file', ''],
      ['tls-key-file', '/no/such/file'],
      ['tls-key-file', own.cert],
      ['tls-key-file', other.key],
      ['tls-key-file', ''],
      ['tls-ca-cert-file', '/no/such/file'],
      ['tls-ca-cert-file', own.key],
      ['tls-dh-params-file', '/no/such/file'],
      ['tls-dh-params-file', own.key],
      ['tls-ciphers', 'NOSUCH'],
      ['tls-ciphers', 'DEFAULT'],
      ['tls-ciphersuites', 'NOSUCH'],
      ['tls-ciphersuites', 'TLS_AES_128_GCM_SHA256'],
      ['tls-protocols', 'TLSv1.2 SSLv3'],
      ['tls-protocols', 'TLSV1.2 tlsv1.3'],
      ['tls-protocols', 'TLSv1.2  TLSv1.3'],
      ['tls-session-cache-timeout', '-1'],
      ['tls-session-cache-size', '0'],
      ['tls-auth-clients', 'maybe'],
      ['tls-auth-clients', 'yes'],
      ['tls-ca-cert-file', ''],
      ['tls-auth-clients', 'no'],
      ['tls-ca-cert-file', ''],
      ['tls-auth-clients', 'optional'],
      ['tls-prefer-server-ciphers', 'yes'],
      ['tls-cert-file', other.cert, 'tls-key-file', other.key, 'tls-auth-clients', 'no'],
      ['tls-cert-file', own.cert, 'tls-key-file', '/no/such/file'],
      ['tls-port', '99999'],
    ]
    const names = [
      'tls-cert-file',
      'tls-key-file',
      'tls-ca-cert-file',
      'tls-ciphers',
      'tls-protocols',
      'tls-auth-clients',
    ]
    const files = ['--tls-cert-file', own.cert, '--tls-key-file', own.key, '--tls-ca-cert-file', authority.cert]
    const genuine = await Genuine.start('--tls-port', `${await freePort()}`, ...files, '--tls-auth-clients', 'no')
    const theirs = await genuine.connect()
    const server = await open()
    for (const pairs of attempts) {
      const expected = (await theirs.send(['CONFIG', 'SET', ...pairs])) as { text: string }
      expect([pairs, await run(server, 'CONFIG', 'SET', ...pairs)]).toEqual([pairs, expected.text])
      for (const name of names) {
        const [, value] = (await theirs.send(['CONFIG', 'GET', name])) as string[]
        expect([pairs, name, server.config.text(name as 'tls-ciphers')]).toEqual([pairs, name, value])
      }
    }
    await enter(server)
    theirs.close()
    await genuine.stop()
  })
})
