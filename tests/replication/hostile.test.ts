/**
 * What hostile peers say, as small as it gets, of that which was once a fault here: see fuzz.ts. And what Redis answers or does
 * where a peer does not keep to the words.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { commandBytes } from '../../lib/journal/commandbytes.ts'
import { MasterStream } from '../../lib/replication/masterstream.ts'
import { NOBODY } from '../../lib/transports/nobody.ts'
import { RespClient } from '../clients/resp.ts'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'
import { fieldOf, linked, type OwnPeer, type Peer, startGenuine, startOurs, until } from './peers.ts'

const EMPTY = Buffer.from('REDIS0010\xff\0\0\0\0\0\0\0\0', 'latin1')
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function ours(options: Parameters<typeof startOurs>[0] = {}): Promise<OwnPeer> {
  const dir = mkdtempSync(join(tmpdir(), 'hostile-'))
  ends.push(() => rmSync(dir, { recursive: true, force: true }))
  const peer = await startOurs({ dir, 'repl-diskless-sync-delay': 0, ...options })
  ends.push(() => peer.stop())
  return peer
}

async function genuine(): Promise<Peer> {
  const peer = await startGenuine()
  ends.push(() => peer.stop())
  return peer
}

/** A connection that says what it likes. */
async function stranger(port: number): Promise<{ socket: Socket; heard: () => string; say(...argv: string[]): void }> {
  const socket = connect({ port, host: '127.0.0.1' })
  ends.push(() => socket.destroy())
  let text = ''
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  return { socket, heard: () => text, say: (...argv) => void socket.write(commandBytes(argv), 'latin1') }
}

/** One that follows, and acknowledges what it likes. */
async function follower(master: Peer): Promise<Awaited<ReturnType<typeof stranger>>> {
  const one = await stranger(master.port)
  one.say('REPLCONF', 'listening-port', '7', 'capa', 'eof', 'capa', 'psync2')
  while (one.heard() === '') await new Promise((resolve) => setTimeout(resolve, 5))
  one.say('PSYNC', '?', '-1')
  while (!/\$EOF:(\w{40})[\s\S]*\1/.test(one.heard())) await new Promise((resolve) => setTimeout(resolve, 5))
  one.say('REPLCONF', 'ACK', '0')
  await until(master, 'INFO replication', /state=online/)
  return one
}

describe.each(genuineVersion === undefined ? ['ours'] : ['ours', 'genuine'])('a replica of %s', (kind) => {
  const start = (): Promise<Peer> => (kind === 'ours' ? ours() : genuine())

  test.each([['PING'], ['GET', 'x'], ['NOSUCH'], ['REPLCONF', 'capa', 'eof'], ['BLPOP', 'list', '0.01']])(
    'that has to be answered (%s) is cut',
    async (...argv) => {
      const master = await start()
      const replica = await follower(master)
      const closed = new Promise((resolve) => replica.socket.once('close', resolve))
      replica.say(...argv)
      await closed
      await until(master, 'INFO replication', /connected_slaves:0/)
    },
  )

  test('that says a long address, or asks for what cannot be, is told so', async () => {
    const { port } = await start()
    const client = await RespClient.connect({ port, host: '127.0.0.1' })
    ends.push(() => client.close())
    const ask = async (...argv: string[]): Promise<string> => show(await client.send(argv))
    expect(await ask('REPLCONF', 'ip-address', 'x'.repeat(255))).toBe('+OK')
    expect(await ask('REPLCONF', 'ip-address', 'x'.repeat(256))).toBe(
      '-ERR REPLCONF ip-address provided by replica instance is too long: 256 bytes',
    )
    expect(await ask('PSYNC', '?', 'x')).toBe('-ERR value is not an integer or out of range')
    expect(await ask('PSYNC', 'x'.repeat(100_000), '1', 'FAILOVER')).toBe(
      "-ERR PSYNC FAILOVER can't be sent to a master.",
    )
    expect(await ask('REPLCONF', 'rdb-only', '2')).toMatch(/^-ERR/)
    expect(await ask('REPLCONF', 'nosuch', 'x')).toBe('-ERR Unrecognized REPLCONF option: nosuch')
    expect(await ask('REPLCONF', 'ack')).toBe('-ERR syntax error')
  })
})

describe('a replica of ours', () => {
  // Genuine Redis 7.0.15 believes it.
  test('that acknowledges what is not there, or what is no number, counts for nobody', async () => {
    const master = await ours()
    const replica = await follower(master)
    await master.tell('SET a 1')
    for (const offset of ['-1', '999999999999999', '9223372036854775807', 'x', ''])
      replica.say('REPLCONF', 'ACK', offset)
    expect(await master.tell('WAIT 1 100')).toBe('0')
    expect(await master.tell('INFO replication')).toMatch(/slave0:ip=127.0.0.1,port=7,state=online,offset=0,/)
  })

  test('that takes nothing is heard all the same', async () => {
    const master = await ours()
    const replica = await follower(master)
    replica.socket.pause()
    for (let i = 0; i < 64; i++) master.server.execute('SET', 'a', 'x'.repeat(500_000))
    await until(master, 'INFO memory', /mem_clients_slaves:\d{8}/)
    replica.say('REPLCONF', 'ACK', '1000')
    await until(master, 'INFO replication', /offset=1000,/)
  })

  test('may have all of the backlog to wait for', async () => {
    const master = await ours({ 'repl-backlog-size': 8 * 2 ** 20, 'client-output-buffer-limit': 'replica 1mb 0 0' })
    const first = await follower(master)
    const offset = Number(await fieldOf(master, 'master_repl_offset'))
    first.socket.destroy()
    for (let i = 0; i < 12; i++) master.server.execute('SET', 'a', 'x'.repeat(500_000))
    const again = await stranger(master.port)
    again.socket.pause()
    again.say('PSYNC', await fieldOf(master, 'master_replid'), `${offset + 1}`)
    await until(master, 'INFO replication', /state=online/)
    again.socket.resume()
    while (again.heard().length < 6_000_000) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(again.heard()).toMatch(/^\+CONTINUE\r\n/)
  })
})

describe('a master of ours', () => {
  /** Whoever comes is synchronised with nothing, and is told this. */
  async function master(...stream: (string | Buffer)[]): Promise<number> {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        const text = chunk.toString('latin1')
        for (const _ of text.matchAll(/\$\d+\r\n(PING|REPLCONF\r\n\$\d+\r\n(?!ACK))/g)) socket.write('+OK\r\n')
        if (!text.includes('PSYNC')) return
        socket.write(`+FULLRESYNC ${'a'.repeat(40)} 0\r\n$${EMPTY.length}\r\n`)
        socket.write(EMPTY)
        for (const part of stream) socket.write(part)
      })
    })
    ends.push(() => server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as { port: number }).port
  }

  test('that has a client wait, listen, or hear of everything is obeyed as far as that goes, and goes on', async () => {
    const words = [
      'BLPOP nothing 0',
      'XREAD BLOCK 0 STREAMS s $',
      'SUBSCRIBE c',
      'MONITOR',
      'WAIT 1 0',
      'WAITAOF 1 1 0',
    ]
    const more = [
      'CLIENT REPLY OFF',
      'PSYNC ? -1',
      'SYNC',
      'REPLCONF GETACK *',
      'FAILOVER',
      'MIGRATE 127.0.0.1 1 k 0 5',
    ]
    const stream = [...words, ...more, 'SET after 1'].map((line) => commandBytes(line.split(' '))).join('')
    const replica = await ours({ replicaof: `127.0.0.1 ${await master(stream)}` })
    await linked(replica)
    await until(replica, 'GET after', /"1"/)
    expect(await fieldOf(replica, 'slave_repl_offset')).toBe(`${stream.length}`)
  })

  test('that queues without end is left, and what it says together may be longer than a string', async () => {
    const { server } = await ours()
    const { engine } = server
    const session = server.openSession('tcp', NOBODY, '127.0.0.1:1', '127.0.0.1:2')
    engine.ports.access.acl.admitMaster(session)
    const parts: number[] = []
    const reasons: string[] = []
    const stream = new MasterStream(engine, session, {
      applied: (part) => void parts.push(part.length),
      broken: (reason) => void reasons.push(reason),
      warn: () => {},
    })
    const feed = (...words: string[]): void => stream.feed(Buffer.from(commandBytes(words)))
    for (const word of ['MULTI', 'PING', 'EXEC']) feed(word)
    stream.run()
    expect(parts).toEqual([15, 14, 14])
    feed('MULTI')
    stream.run()
    session.transaction!.queue.length = 8_000_000
    feed('PING')
    stream.run()
    expect(reasons).toEqual(['a command or a transaction is too long'])
  })
})

describe('who follows in a circle', () => {
  test('itself: is told that there is no master, and leads again when it is told to', async () => {
    const one = await ours()
    await one.tell('SET a 1')
    await one.tell(`REPLICAOF 127.0.0.1 ${one.port}`)
    while (!one.log.some((line) => line.includes('NOMASTERLINK'))) await new Promise(setImmediate)
    expect(await fieldOf(one, 'master_link_status')).toBe('down')
    expect(await one.tell('GET a')).toBe('"1"')
    await one.tell('REPLICAOF NO ONE')
    expect(await one.tell('SET a 2')).toBe('+OK')
  })

  test('a replica of its replica: nothing goes round', async () => {
    const [one, two] = [await ours(), await ours()]
    await one.tell('SET a 1')
    await two.tell(`REPLICAOF 127.0.0.1 ${one.port}`)
    await linked(two)
    await one.tell(`REPLICAOF 127.0.0.1 ${two.port}`)
    await linked(one)
    const offset = await fieldOf(one, 'master_repl_offset')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(await fieldOf(one, 'master_repl_offset')).toBe(offset)
    expect(await two.tell('SET b 1')).toContain('READONLY')
    await two.tell('REPLICAOF NO ONE')
    await linked(one)
    await two.tell('SET b 1')
    await until(one, 'GET b', /"1"/)
  })
})
