/** A store of ours as the replica of a genuine master: what it says, what it refuses, and what it leaves to the master. */
import { mkdtempSync, readdirSync } from 'node:fs'
import { connect, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { LinkProxy } from '../clients/linkproxy.ts'
import { RespClient } from '../clients/resp.ts'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'
import { caughtUp, fieldOf, linked, type OwnPeer, type Peer, startGenuine, startOurs, until } from './peers.ts'

const folder = (): string => mkdtempSync(join(tmpdir(), 'replica-'))

describe.skipIf(genuineVersion === undefined)(`following a genuine master ${genuineVersion}`, () => {
  let master: Peer
  let replica: OwnPeer

  beforeAll(async () => {
    master = await startGenuine('--repl-ping-replica-period', '1')
    for (const line of ['SET a 1', 'RPUSH l a b c', 'SET t 1 PX 100000', 'SELECT 3', 'SET in3 x', 'SELECT 0']) {
      await master.tell(line)
    }
    replica = await startOurs({ dir: folder(), replicaof: `127.0.0.1 ${master.port}` })
    await linked(replica)
  })
  afterAll(async () => {
    await replica?.stop()
    await master?.stop()
  })

  const same = async (): Promise<void> => {
    await caughtUp(replica, master)
    expect(await replica.tell('DEBUG DIGEST')).toBe(await master.tell('DEBUG DIGEST'))
  }

  test('it has what the master had, in all databases, and what follows', async () => {
    await same()
    await master.tell('INCRBY a 41')
    await master.tell('SELECT 5')
    await master.tell('SET in5 1')
    await master.tell('SELECT 0')
    await same()
    expect(await replica.tell('GET a')).toBe('"42"')
  })

  test('INFO, ROLE, HELLO and CLIENT LIST tell of it in the words of Redis', async () => {
    await caughtUp(replica, master)
    const info = await replica.tell('INFO replication')
    expect(info).toMatch(
      new RegExp(
        `role:slave\nmaster_host:127.0.0.1\nmaster_port:${master.port}\nmaster_link_status:up\n` +
          'master_last_io_seconds_ago:\\d+\nmaster_sync_in_progress:0\nslave_read_repl_offset:\\d+\nslave_repl_offset:\\d+\n' +
          'replica_full_sync_buffer_size:0\nreplica_full_sync_buffer_peak:0\nmaster_current_sync_attempts:1\n' +
          'master_total_sync_attempts:1\nmaster_link_up_since_seconds:\\d+\ntotal_disconnect_time_sec:0\n' +
          'slave_priority:100\nslave_read_only:1\nreplica_announced:1\nconnected_slaves:0\nmaster_failover_state:no-failover\n',
      ),
    )
    expect(await fieldOf(replica, 'master_replid')).toBe(await fieldOf(master, 'master_replid'))
    expect(await replica.tell('ROLE')).toMatch(
      new RegExp(`^\\["slave", "127.0.0.1", ${master.port}, "connected", \\d+\\]$`),
    )
    expect(await replica.tell('HELLO')).toContain('"role", "replica"')
    expect(await replica.tell('CLIENT LIST TYPE master')).toMatch(
      new RegExp(`addr=127.0.0.1:${master.port} .*flags=M .*user=\\(superuser\\)`),
    )
    expect(await master.tell('INFO replication')).toContain(`port=${replica.port},state=online`)
  })

  test.each([
    ['SET a 2', "-READONLY You can't write against a read only replica."],
    ['EVAL #!lua\nreturn 0', undefined],
    ['WAIT 1 0', '-ERR WAIT cannot be used with replica instances.'],
    ['WAITAOF 0 0 0', '-ERR WAITAOF cannot be used with replica instances.'],
    ['FUNCTION FLUSH', "-READONLY You can't write against a read only replica."],
    ['REPLICAOF x 99999', '-ERR Invalid master port'],
  ])('%s', async (line, wanted) => {
    if (wanted !== undefined) expect(await replica.tell(line)).toContain(wanted)
  })

  test('scripts may not write, and say so as in Redis', async () => {
    const ask = async (script: string): Promise<string> => show(await replica.client.send(['EVAL', script, '0']))
    expect(await ask("return redis.call('SET', 'a', 'b')")).toMatch(
      /^-READONLY You can't write against a read only replica\. script: \w{40}, on @user_script:1\.$/,
    )
    expect(await ask('#!lua\nreturn 1')).toMatch(/^-READONLY /)
    expect(await ask('#!lua flags=no-writes\nreturn 1')).toBe('1')
  })

  test('a transaction that writes is refused, one that reads runs', async () => {
    expect(await replica.tell('MULTI')).toBe('+OK')
    expect(await replica.tell('SET a b')).toContain('-READONLY')
    expect(await replica.tell('EXEC')).toContain('-EXECABORT')
    await replica.tell('MULTI')
    await replica.tell('GET a')
    expect(await replica.tell('EXEC')).toBe('["42"]')
  })

  test('every door refuses writes', async () => {
    expect(() => replica.server.execute('SET', 'a', 'b')).toThrow(/READONLY/)
    expect(await replica.server.inProcess().execute('GET', 'a')).toBe('42')
  })

  test("a master's transaction is seen whole, and wakes who waits", async () => {
    const waiter = await RespClient.connect({ port: replica.port, host: '127.0.0.1' })
    const reply = waiter.send(['XREAD', 'BLOCK', '0', 'STREAMS', 'events', '$'])
    await until(replica, 'INFO clients', /blocked_clients:1/)
    await master.tell('MULTI')
    await master.tell('SET whole 1')
    await master.tell('XADD events 1-1 f v')
    await master.tell('EXEC')
    expect(show(await reply)).toContain('1-1')
    expect(await replica.tell('GET whole')).toBe('"1"')
    waiter.close()
    await same()
  })

  test('a key past its time is hidden, and stays until the master says so', async () => {
    await master.tell('DEBUG SET-ACTIVE-EXPIRE 0')
    await master.tell('SET soon 1 PX 30')
    await caughtUp(replica, master)
    await until(replica, 'GET soon', /nil|null/)
    const size = await replica.tell('DBSIZE')
    await new Promise((resolve) => setTimeout(resolve, 250)) // two rounds of the cron
    expect(await replica.tell('DBSIZE')).toBe(size)
    expect(await replica.tell('EXISTS soon')).toBe('0')
    await master.tell('GET soon')
    await caughtUp(replica, master)
    expect(Number(await replica.tell('DBSIZE'))).toBe(Number(size) - 1)
    await master.tell('DEBUG SET-ACTIVE-EXPIRE 1')
  })

  test('what the master publishes is heard here', async () => {
    const subscriber = await RespClient.connect({ port: replica.port, host: '127.0.0.1' })
    subscriber.tell(['SUBSCRIBE', 'news'])
    await subscriber.push()
    await master.tell('PUBLISH news hello')
    expect(await subscriber.push()).toEqual(['message', 'news', 'hello'])
    subscriber.close()
  })

  test('events of keys are told', async () => {
    await replica.tell('CONFIG SET notify-keyspace-events KEA')
    const subscriber = await RespClient.connect({ port: replica.port, host: '127.0.0.1' })
    subscriber.tell(['PSUBSCRIBE', '__keyevent@0__:set'])
    await subscriber.push()
    await master.tell('SET told 1')
    expect(await subscriber.push()).toEqual(['pmessage', '__keyevent@0__:set', '__keyevent@0__:set', 'told'])
    subscriber.close()
  })

  test('a link that is cut goes on where it was', async () => {
    const before = await fieldOf(master, 'sync_partial_ok', 'stats')
    await replica.tell('CLIENT KILL TYPE master')
    await master.tell('SET meanwhile 1')
    await linked(replica)
    await same()
    expect(Number(await fieldOf(master, 'sync_partial_ok', 'stats'))).toBe(Number(before) + 1)
  })

  test('WAIT on the master counts it', async () => {
    await master.tell('SET waited 1')
    expect(await master.tell('WAIT 1 5000')).toBe('1')
  })

  test.each(['swapdb', 'disabled', 'on-empty-db'])(
    'a whole synchronisation again, with repl-diskless-load %s',
    async (how) => {
      await replica.tell(`CONFIG SET repl-diskless-load ${how}`)
      for (const diskless of ['yes', 'no']) {
        await master.tell(`CONFIG SET repl-diskless-sync ${diskless}`)
        await replica.tell('REPLICAOF NO ONE')
        await replica.tell('SET only-here 1')
        await master.tell('DEBUG CHANGE-REPL-ID')
        await replica.tell(`REPLICAOF 127.0.0.1 ${master.port}`)
        await linked(replica)
        await same()
        expect(await replica.tell('EXISTS only-here')).toBe('0')
      }
      await replica.tell('CONFIG SET repl-diskless-load disabled')
      await master.tell('CONFIG SET repl-diskless-sync yes')
      const { dir } = replica.server.config.values
      while (readdirSync(dir).length > 0) await new Promise(setImmediate) // it is removed in the background
    },
  )

  test('who waits when a master is followed is told so, and cut', async () => {
    await replica.tell('REPLICAOF NO ONE')
    expect(await fieldOf(replica, 'role')).toBe('master')
    expect(await fieldOf(replica, 'master_replid2')).toBe(await fieldOf(master, 'master_replid'))
    const waiter = await RespClient.connect({ port: replica.port, host: '127.0.0.1' })
    const reply = waiter.send(['BLPOP', 'nothing', '0'])
    await until(replica, 'INFO clients', /blocked_clients:1/)
    await replica.tell(`REPLICAOF 127.0.0.1 ${master.port}`)
    expect(show(await reply)).toBe(
      '-UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
    )
    await waiter.closed
    expect(await replica.tell(`REPLICAOF 127.0.0.1 ${master.port}`)).toBe('+OK Already connected to specified master')
    await linked(replica)
    await same()
  })

  test('with replica-serve-stale-data no it answers MASTERDOWN while the master is away', async () => {
    const proxy = await LinkProxy.to(master.port)
    await replica.tell(`REPLICAOF 127.0.0.1 ${proxy.port}`)
    await linked(replica)
    await replica.tell('CONFIG SET replica-serve-stale-data no')
    expect(await replica.tell('GET a')).toBe('"42"')
    proxy.isClosed = true
    proxy.cut()
    await until(replica, 'INFO replication', /master_link_status:down/)
    expect(await replica.tell('GET a')).toBe(
      "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    )
    expect(await replica.tell('PING')).toContain('-MASTERDOWN')
    expect(Number(await fieldOf(replica, 'master_link_down_since_seconds'))).toBeGreaterThanOrEqual(0)
    expect(await replica.tell('INFO replication')).not.toContain('master_link_up_since_seconds')
    const attempts = Number(await fieldOf(replica, 'master_total_sync_attempts'))
    expect(show(await replica.client.send(['EVAL', "return redis.call('get','a')", '0']))).toContain(
      "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    )
    const allowed = "#!lua flags=allow-stale,no-writes\nreturn redis.call('get','a')"
    expect(show(await replica.client.send(['EVAL', allowed, '0']))).toContain(
      '-ERR Can not execute the command on a stale replica',
    )
    await replica.tell('CONFIG SET replica-serve-stale-data yes')
    expect(await replica.tell('GET a')).toBe('"42"')
    proxy.isClosed = false
    await linked(replica)
    expect(Number(await fieldOf(replica, 'master_current_sync_attempts'))).toBeGreaterThan(0)
    expect(Number(await fieldOf(replica, 'master_total_sync_attempts'))).toBeGreaterThan(attempts)
    expect(Number(await fieldOf(replica, 'total_disconnect_time_sec'))).toBeGreaterThanOrEqual(0)
    await proxy.stop()
    await replica.tell(`REPLICAOF 127.0.0.1 ${master.port}`)
    await linked(replica)
  })

  test('a password is said', async () => {
    await master.tell('CONFIG SET requirepass secret')
    await replica.tell('CONFIG SET masterauth wrong')
    await replica.tell('CLIENT KILL TYPE master')
    await until(replica, 'INFO replication', /master_link_status:down/)
    await replica.tell('CONFIG SET masterauth secret')
    await linked(replica)
    await replica.tell('CONFIG SET masteruser default')
    await replica.tell('CLIENT KILL TYPE master')
    await linked(replica)
    await master.tell('CONFIG SET requirepass ""')
    await same()
  })
})

/** What a master says that is none. */
const LIES: readonly (readonly [string, string | Buffer | readonly (string | Buffer)[]])[] = [
  ['what is no snapshot', '$20\r\nXXXXXXXXXXXXXXXXXXXX'],
  ['a snapshot that ends early', ['$9\r\n', 'REDIS0010']],
  ['a snapshot of a version that nobody knows', '$9\r\nREDIS9999'],
  [
    'a value with an impossible length',
    ['$40\r\nREDIS0010\x00\x01a\x81\xff\xff\xff\xff\xff\xff\xff\xff', Buffer.alloc(40)],
  ],
  ['a string of four gigabytes', ['$4294967296\r\nREDIS0010\x00\x01a\x80\xff\xff\xff\xff', Buffer.alloc(1000)]],
  ['a wrong checksum', ['$18\r\nREDIS0010\xff', '12345678']],
  ['a mark that is too short', '$EOF:abc\r\n'],
  ['a length that is none', '$-5\r\n'],
  ['a length that is too long', '$99999999999999999999\r\n'],
  ['a line without an end', Buffer.alloc(100_000, 'x')],
  ['an error', '-ERR no\r\n'],
  ['commands before anything was asked for', '*1\r\n$4\r\nPING\r\n'],
]

describe('a master that lies', () => {
  let liar: TcpServer
  let port: number
  let replica: OwnPeer
  /** Sent behind +FULLRESYNC, or instead of anything. */
  let lie: readonly (string | Buffer)[]
  let heard: (socket: Socket) => void = () => {}

  beforeAll(async () => {
    liar = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        const text = chunk.toString('latin1')
        for (const _ of text.matchAll(/\*\d+\r\n\$\d+\r\n(PING|REPLCONF)/g)) socket.write('+OK\r\n')
        if (!text.includes('PSYNC')) return
        socket.write(`+FULLRESYNC ${'a'.repeat(40)} 0\r\n`)
        for (const part of lie) socket.write(part as Buffer, 'latin1')
        heard(socket)
      })
    })
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve))
    port = (liar.address() as { port: number }).port
  })
  afterEach(async () => replica?.stop())
  afterAll(() => liar?.close())

  describe.each(['swapdb', 'disabled'] as const)('repl-diskless-load %s', (how) => {
    test.each(LIES)('%s', async (_, what) => {
      lie = Array.isArray(what) ? what : [what as string]
      replica = await startOurs({ dir: folder(), 'repl-diskless-load': how })
      await replica.tell('SET mine 1')
      const ended = new Promise<void>((resolve) => {
        heard = (socket) => {
          socket.on('close', () => resolve())
          if (lie.some((part) => String(part).startsWith('$4294967296'))) socket.end()
        }
      })
      await replica.tell(`REPLICAOF 127.0.0.1 ${port}`)
      await ended
      await until(replica, 'INFO persistence', /loading:0\nasync_loading:0/)
      expect(await replica.tell('PING')).toBe('+PONG')
      const keys = await replica.tell('KEYS *')
      expect(['["mine"]', '[]']).toContain(keys)
      if (how === 'swapdb') expect(keys).toBe('["mine"]')
      heard = () => {}
    })
  })

  test('after a synchronisation that failed nobody goes on with what was here before', async () => {
    lie = ['$5\r\n', 'wrong']
    replica = await startOurs({ dir: folder(), 'repl-diskless-load': 'disabled' })
    await replica.tell('SET mine 1')
    const id = await fieldOf(replica, 'master_replid')
    const offset = Number(await fieldOf(replica, 'master_repl_offset'))
    const ended = new Promise<void>((resolve) => {
      heard = (socket) => socket.on('close', () => resolve())
    })
    await replica.tell(`REPLICAOF 127.0.0.1 ${port}`)
    await ended
    await replica.tell('REPLICAOF NO ONE')
    heard = () => {}
    const other = await RespClient.connect({ port: replica.port, host: '127.0.0.1' })
    expect(show(await other.send(['PSYNC', id, `${offset + 1}`]))).toMatch(/^\+FULLRESYNC /)
    other.close()
  })

  test('a snapshot whose second half never comes shows nothing of the first', async () => {
    const source = await startOurs({ dir: folder(), rdbcompression: 'no' })
    for (let i = 0; i < 1000; i++) source.server.execute('SET', `key${i}`, 'x'.repeat(100))
    const half = await snapshotOf(source)
    await source.stop()
    lie = [`$${half.length}\r\n`, half.subarray(0, half.length / 2)]
    replica = await startOurs({ dir: folder(), 'repl-diskless-load': 'swapdb', 'repl-timeout': 1 })
    await replica.tell('SET mine 1')
    await replica.tell(`REPLICAOF 127.0.0.1 ${port}`)
    await until(replica, 'INFO replication', /master_sync_in_progress:1/)
    expect(await fieldOf(replica, 'master_sync_total_bytes')).toBe(`${half.length}`)
    // What is here is of another history.
    expect(await replica.tell('KEYS *')).toBe('-LOADING Redis is loading the dataset in memory')
    await until(replica, 'INFO replication', /master_sync_in_progress:0/)
    expect(await replica.tell('KEYS *')).toBe('["mine"]')
    expect(replica.log.join()).toContain('Timeout receiving bulk data from MASTER')
  })

  test('a small snapshot is loaded between two turns of the event loop: nobody is told LOADING', async () => {
    const source = await startOurs({ dir: folder(), 'repl-diskless-sync-delay': 0 })
    source.server.execute('SET', 'a', '1')
    replica = await startOurs({ dir: folder() })
    const { availability } = replica.server.engine
    const seen = new Set<string>()
    let isLinked = false
    const turn = (): void => {
      seen.add(availability.loading)
      if (!isLinked) setImmediate(turn)
    }
    turn()
    await replica.tell(`REPLICAOF 127.0.0.1 ${source.port}`)
    await linked(replica)
    isLinked = true
    await source.stop()
    expect(await replica.tell('GET a')).toBe('"1"')
    expect([...seen]).toEqual(['no'])
  })

  test('a stream that breaks off in the midst of a transaction leaves nothing of it', async () => {
    const empty = Buffer.from('REDIS0010\xff\0\0\0\0\0\0\0\0', 'latin1')
    lie = [`$${empty.length}\r\n`, empty, '*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n']
    replica = await startOurs({ dir: folder() })
    let socket!: Socket
    const begun = new Promise<void>((resolve) => {
      heard = (one) => {
        socket = one
        resolve()
      }
    })
    await replica.tell(`REPLICAOF 127.0.0.1 ${port}`)
    await begun
    await linked(replica)
    expect(await fieldOf(replica, 'slave_repl_offset')).toBe('0')
    await until(replica, 'INFO replication', /slave_read_repl_offset:[1-9]/)
    heard = () => {}
    lie = ['-ERR later\r\n']
    socket.destroy()
    await until(replica, 'INFO replication', /master_link_status:down/)
    expect(await replica.tell('EXISTS a')).toBe('0')
  })

  test.each([
    ['a bulk string of no length', '*1\r\n$-1\r\n'],
    ['what is no command', '*x\r\n'],
    ['a bulk string of five gigabytes', '*1\r\n$5368709120\r\n'],
  ])('a stream with %s ends the link, and everything is asked for again', async (_, what) => {
    const empty = Buffer.from('REDIS0010\xff\0\0\0\0\0\0\0\0', 'latin1')
    lie = [`$${empty.length}\r\n`, empty, what]
    replica = await startOurs({ dir: folder() })
    const ended = new Promise<void>((resolve) => {
      heard = (socket) => socket.on('close', () => resolve())
    })
    await replica.tell(`REPLICAOF 127.0.0.1 ${port}`)
    await ended
    await until(
      { ...replica, tell: async () => replica.log.join() },
      '',
      /Protocol error from the master.*no cached master/s,
    )
    heard = () => {}
  })
})

/** What a replica of the store is sent. */
async function snapshotOf(peer: Peer): Promise<Buffer> {
  const socket = connect({ port: peer.port, host: '127.0.0.1' })
  socket.write('SYNC\r\n')
  let all = Buffer.alloc(0)
  for await (const chunk of socket) {
    all = Buffer.concat([all, chunk as Buffer])
    const head = /^\n*\$(\d+)\r\n/.exec(all.toString('latin1', 0, 40))
    if (head !== null && all.length >= head[0].length + Number(head[1])) {
      return all.subarray(head[0].length, head[0].length + Number(head[1]))
    }
  }
  throw new Error('no snapshot')
}
