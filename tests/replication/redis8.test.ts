/**
 * What Redis 8 added writes effects that a Redis of before 8 understands: a genuine one as replica has the same data after
 * every line.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'
import { RespClient } from '../clients/resp.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'

const LINES: Readonly<Record<string, string>> = {
  INCREX: `
    INCREX n
    INCREX n BYINT 5 EX 100
    INCREX n BYINT 9 UBOUND 10 SATURATE
    INCREX n PERSIST
    INCREX n BYFLOAT 0.1
    SET n 1
    INCREX n BYINT 9 UBOUND 5
    INCREX n BYINT 9 UBOUND 5 SATURATE PX 100000`,
  'LMOVEM and BLMOVEM': `
    RPUSH a 1 2 3 4 5 6 7 8
    LMOVEM a b LEFT RIGHT COUNT 3 OBO
    LMOVEM a b RIGHT LEFT COUNT 2 OBO
    LMOVEM a a LEFT RIGHT COUNT 2 OBO
    EXPIRE b 1000
    LMOVEM a b LEFT LEFT COUNT 2 OBO
    BLMOVEM b b LEFT RIGHT 0 COUNT 7 OBO
    BLMOVEM b a LEFT RIGHT 0 COUNT 7 BULK`,
  'XTRIM, XADD, XDELEX and XACKDEL with references': `
    XADD s 1-0 f v
    XADD s 2-0 f v
    XADD s 3-0 f v
    XADD s 4-0 f v
    XADD s 5-0 f v
    XGROUP CREATE s g 0
    XREADGROUP GROUP g a STREAMS s >
    XACK s g 2-0
    XTRIM s ACKED MAXLEN 3
    XTRIM s MAXLEN ~ 3 DELREF
    XADD s KEEPREF MAXLEN ~ 3 LIMIT 5 6-0 f v
    XADD s MAXLEN 3 DELREF 7-* f v
    XDELEX s DELREF IDS 2 5-0 6-0
    XADD s 8-0 f v
    XREADGROUP GROUP g a CLAIM 0 STREAMS s >
    XACKDEL s g ACKED IDS 2 7-0 8-0
    XPENDING s g`,
  HIMPORT: `
    HIMPORT PREPARE u name email age
    HIMPORT SET user:1 u alice a@example.com 30
    EXPIRE user:1 1000
    HIMPORT SET user:1 u bob b@example.com 31
    HIMPORT SET user:2 u carol c@example.com 32`,
  'XADD with marks': `
    XADD s IDMP p m1 * f v
    XADD s IDMP p m1 * f v
    XADD s IDMPAUTO p MAXLEN 1 * f v
    XCFGSET s IDMP-DURATION 10`,
  'AGGREGATE COUNT': `
    ZADD z 5 a 6 b
    ZADD y 7 b 8 c
    ZUNIONSTORE u 2 z y AGGREGATE COUNT
    ZINTERSTORE i 2 z y WEIGHTS 2 3 AGGREGATE COUNT`,
}

/** What a replica of 7.0 may tell of a stream, too: its entries and what is pending. */
function stable(stream: string): string {
  return stream.replace(/^.*("entries", )/s, '$1').replace(/"(seen-time|active-time|lag)", [-0-9nil]+, /g, '')
}

describe.skipIf(genuineVersion === undefined)(`a genuine Redis ${genuineVersion} as replica`, () => {
  let server: Server
  let listener: TcpListener
  let master: RespClient
  let genuine: Genuine
  let replica: RespClient

  const tell = async (client: RespClient, line: string): Promise<string> => show(await client.send(line.split(' ')))
  const offset = async (client: RespClient): Promise<string | undefined> =>
    /master_repl_offset:(\d+)/.exec(await tell(client, 'INFO replication'))?.[1]

  beforeAll(async () => {
    server = createServer({ 'enable-debug-command': 'yes' })
    listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
    master = await RespClient.connect({ port: listener.port, host: '127.0.0.1' })
    genuine = await Genuine.start('--replicaof', '127.0.0.1', `${listener.port}`)
    replica = await genuine.connect()
    while (!(await tell(replica, 'INFO replication')).includes('master_link_status:up')) {
      await new Promise(setImmediate)
    }
  })
  beforeEach(() => tell(master, 'FLUSHALL'))
  afterAll(async () => {
    replica?.close()
    master?.close()
    await genuine?.stop()
    await listener?.close()
    await server?.close()
  })

  test.each(Object.entries(LINES))('stays equal under %s', async (_, lines) => {
    for (const line of lines.trim().split(/\n\s*/)) {
      expect(await tell(master, line), line).not.toMatch(/ERR|WRONGTYPE/)
      const target = await offset(master)
      while ((await offset(replica)) !== target) await new Promise(setImmediate)
      expect(await tell(replica, 'DEBUG DIGEST'), line).toBe(await tell(master, 'DEBUG DIGEST'))
      if (line.startsWith('X')) {
        const groups = await tell(master, 'XINFO STREAM s FULL')
        expect(stable(await tell(replica, 'XINFO STREAM s FULL')), line).toBe(stable(groups))
      }
    }
  })

  test('has what XNACK gives back with its old owner, to be claimed at once', async () => {
    const lines = ['XADD s 1-0 f v', 'XADD s 2-0 f v', 'XGROUP CREATE s g 0', 'XREADGROUP GROUP g a STREAMS s >']
    for (const line of [...lines, 'XNACK s g FAIL IDS 1 2-0 RETRYCOUNT 4']) await tell(master, line)
    const target = await offset(master)
    while ((await offset(replica)) !== target) await new Promise(setImmediate)
    const pending = await replica.send('XPENDING s g IDLE 1000000000 - + 10'.split(' '))
    expect(pending).toEqual([['2-0', 'a', expect.any(Number), 4]])
  })
})
