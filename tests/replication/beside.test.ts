/** A replica of ours beside a genuine one: what each answers while its master is away, and of keys that are past their time. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCommandTable } from '../../lib/commands/index.ts'
import { freePort } from '../clients/ports.ts'
import { RespClient } from '../clients/resp.ts'
import { genuineVersion } from '../contract/harness/genuine.ts'
import { show } from '../contract/harness/seen.ts'
import { caughtUp, linked, type Peer, startGenuine, startOurs } from './peers.ts'

const folder = mkdtempSync(join(tmpdir(), 'beside-'))
let ours: Peer
let theirs: Peer
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function ask(peer: Peer, argv: readonly string[]): Promise<string> {
  const client = await RespClient.connect({ port: peer.port, host: '127.0.0.1' })
  try {
    return show(await client.send(argv))
  } finally {
    client.close()
  }
}

describe.skipIf(genuineVersion === undefined)('replica-serve-stale-data no', () => {
  beforeAll(async () => {
    const nowhere = await freePort()
    const options = { 'replica-serve-stale-data': 'no', replicaof: `127.0.0.1 ${nowhere}` } as const
    ours = await startOurs({ dir: folder, ...options })
    theirs = await startGenuine(
      '--enable-module-command',
      'yes',
      '--replica-serve-stale-data',
      'no',
      '--replicaof',
      '127.0.0.1',
      `${nowhere}`,
    )
  })
  afterAll(async () => {
    await ours?.stop()
    await theirs?.stop()
  })

  test('the same commands are refused', async () => {
    const known = (await theirs.client.send(['COMMAND', 'LIST'])) as string[]
    const table = createCommandTable()
    const differing: string[] = []
    for (const name of known.sort()) {
      if (name === 'shutdown') continue
      const command = table.find(name)
      const names =
        command?.subcommands === undefined ? [[name]] : [...command.subcommands.keys()].map((sub) => [name, sub])
      for (const words of names) {
        for (const length of [words.length, words.length + 1, words.length + 3]) {
          const argv = [...words, ...Array.from({ length: length - words.length }, () => 'x')]
          const answers = [await ask(ours, argv), await ask(theirs, argv)]
          const [mine, genuine] = answers.map((answer) => answer.startsWith('-MASTERDOWN'))
          // Some take more arguments since 7.2.
          const isUnknown = /^-ERR (unknown|wrong number)/.test(answers[1])
          if (mine !== genuine && !isUnknown) differing.push(`${argv.join(' ')}: ${answers.join(', ')}`)
        }
      }
    }
    expect(differing).toEqual([])
  }, 60_000)
})

/** Of each type one, and what asks for it. */
const VALUES = ['SET str 1', 'RPUSH list 1 2', 'SADD set 1 2', 'HSET hash f 1', 'ZADD zset 1 a', 'XADD stream 1-1 f v']
const READS = [
  ...['GET str', 'EXISTS str list set', 'TYPE str', 'TTL str', 'PTTL str', 'EXPIRETIME str', 'PEXPIRETIME list'],
  ...['STRLEN str', 'GETRANGE str 0 -1', 'BITCOUNT str', 'MGET str str', 'OBJECT ENCODING str', 'OBJECT IDLETIME str'],
  ...['DUMP str', 'TOUCH str', 'LLEN list', 'LRANGE list 0 -1', 'LINDEX list 0', 'LPOS list 1', 'SCARD set'],
  ...['SMEMBERS set', 'SISMEMBER set 1', 'SINTER set set', 'SUNION set alive', 'SINTERCARD 1 set', 'SRANDMEMBER set'],
  ...['HGET hash f', 'HGETALL hash', 'HLEN hash', 'HRANDFIELD hash', 'ZSCORE zset a', 'ZCARD zset', 'ZRANGE zset 0 -1'],
  ...['ZUNION 1 zset', 'ZRANDMEMBER zset', 'XLEN stream', 'XRANGE stream - +', 'XINFO STREAM stream', 'SORT_RO list'],
  ...['XREAD STREAMS stream 0', 'KEYS *', 'SCAN 0', 'RANDOMKEY', 'DBSIZE', 'PFCOUNT str'],
  ...['GEOPOS zset a', 'LCS str str', 'SUBSTR str 0 1', 'BITPOS str 1', 'HSCAN hash 0', 'SSCAN set 0', 'ZSCAN zset 0'],
  ...['EVAL_RO return{redis.call("GET","str"),redis.call("EXISTS","list")} 0'],
]
/** Without DEL of such a key, which a genuine replica that is writable counts though it has hidden it. */
const WRITES = [
  ...['SET str new NX GET', 'INCR str', 'APPEND str x', 'GETSET str y', 'SETNX str z', 'GETDEL str', 'PERSIST str'],
  ...['EXPIRE list 100', 'RPUSHX list 3', 'LPUSH list 4', 'LPOP list', 'SADD set 3', 'SREM set 1', 'SMOVE set other 2'],
  ...[
    'HSET hash g 2',
    'HSETNX hash f 2',
    'HINCRBY hash f 5',
    'HDEL hash f',
    'ZADD zset XX 2 a',
    'ZINCRBY zset 1 a',
    'ZPOPMIN zset',
  ],
  ...[
    'XADD stream NOMKSTREAM * f v',
    'XDEL stream 1-1',
    'RENAME hash h2',
    'RENAMENX zset z2',
    'COPY str copy',
    'DEL other',
  ],
  ...['UNLINK other', 'SUNIONSTORE dest set', 'SORT list STORE sorted', 'GETEX str EX 100'],
]

describe.skipIf(genuineVersion === undefined)(
  'keys that are past their time, of which the master has not said that they are gone',
  () => {
    let master: Peer

    beforeAll(async () => {
      master = await startGenuine()
      ours = await startOurs({ dir: folder, replicaof: `127.0.0.1 ${master.port}` })
      theirs = await startGenuine('--replicaof', '127.0.0.1', `${master.port}`)
      for (const peer of [ours, theirs]) await linked(peer)
      await master.tell('DEBUG SET-ACTIVE-EXPIRE 0')
    })
    afterAll(async () => {
      for (const peer of [ours, theirs, master]) await peer?.stop()
    })

    async function refill(): Promise<void> {
      await master.tell('FLUSHALL')
      for (const line of VALUES) await master.tell(line)
      const at = Date.now() + 60
      for (const line of VALUES) await master.tell(`PEXPIREAT ${line.split(' ')[1]} ${at}`)
      await master.tell('SADD alive x')
      for (const peer of [ours, theirs]) await caughtUp(peer, master)
      while (Date.now() <= at + 1) await new Promise((resolve) => setTimeout(resolve, 5))
    }

    test.each([...READS, ...WRITES])('a read-only replica: %s', async (line) => {
      if (line === READS[0]) await refill()
      expect(await ours.tell(line)).toBe(await theirs.tell(line))
    })

    test('a writable replica', async () => {
      for (const peer of [ours, theirs]) await peer.tell('CONFIG SET replica-read-only no')
      for (const line of WRITES) {
        await refill()
        const answers = [await ours.tell(line), await theirs.tell(line)]
        expect(`${line}: ${answers[0]}`).toBe(`${line}: ${answers[1]}`)
        // Whether what is hidden is still counted by DBSIZE does not matter.
        const seen = [ours, theirs].map(async (peer) =>
          (await peer.tell('KEYS *'))
            .match(/"[^"]*"/g)
            ?.sort()
            .join(),
        )
        const [mine, genuine] = await Promise.all(seen)
        expect(`${line}: ${mine}`).toBe(`${line}: ${genuine}`)
      }
    }, 60_000)
  },
)
