/**
 * DUMP and RESTORE between zerodis and genuine Redis, both ways: what random commands have made on both is dumped on one and
 * restored on the other, and must have the same digest there. Then payloads that are broken in random places.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Bytes } from '../../../lib/base/bytes.ts'
import { ManualClock } from '../../../lib/base/clock.ts'
import type { Value } from '../../../lib/keyspace/value.ts'
import { Malformed } from '../../../lib/persistence/format/input.ts'
import { readPayload, writePayload } from '../../../lib/persistence/snapshot/payload.ts'
import { createServer, type Server } from '../../../lib/server.ts'
import { Genuine, genuineVersion, NO_GENUINE } from '../../contract/harness/genuine.ts'
import { type Seen, show } from '../../contract/harness/seen.ts'
import { type Client, engineClient } from '../../contract/harness/subjects.ts'
import { generator as bitmap } from '../../differential/generators/bitmap.ts'
import { generator as geo } from '../../differential/generators/geo.ts'
import { generator as hash } from '../../differential/generators/hash.ts'
import { generator as hyperloglog } from '../../differential/generators/hyperloglog.ts'
import { generator as list } from '../../differential/generators/list.ts'
import { generator as set } from '../../differential/generators/set.ts'
import { generator as sortedSet } from '../../differential/generators/sorted-set.ts'
import { generator as stream } from '../../differential/generators/stream.ts'
import { generator as string } from '../../differential/generators/string.ts'
import { Random } from '../../differential/random.ts'
import { lengthOf } from '../../length.ts'

const GENERATORS = [bitmap, geo, hash, hyperloglog, list, set, sortedSet, stream, string]

type Argv = readonly Bytes[]

let server: Server
let ours: Client
let genuine: Genuine
let theirs: Client

const run = async (client: Client, line: string | Argv): Promise<Seen> =>
  client.send(typeof line === 'string' ? line.split(' ') : line)

beforeAll(async () => {
  server = createServer({ 'enable-debug-command': 'yes' })
  ours = engineClient(server)
  if (genuineVersion === undefined) return
  genuine = await Genuine.start()
  theirs = await genuine.connect()
})
afterAll(async () => {
  theirs?.close()
  await genuine?.stop()
  await server.close()
})
beforeEach(async () => {
  await run(ours, 'FLUSHALL')
})

/** What both must agree on of a key. */
async function facts(client: Client, key: Bytes): Promise<string> {
  return show(await run(client, ['DEBUG', 'DIGEST-VALUE', key]))
}

async function groups(client: Client, key: Bytes): Promise<string> {
  return show(await run(client, ['XINFO', 'STREAM', key, 'FULL']))
}

describe.skipIf(genuineVersion === undefined)(`between zerodis and Redis ${genuineVersion ?? NO_GENUINE}`, () => {
  beforeEach(async () => {
    await run(theirs, 'FLUSHALL')
  })

  const transfer = async (from: Client, to: Client, key: Bytes): Promise<void> => {
    const payload = await run(from, ['DUMP', key])
    if (payload === null) return
    expect(show(await run(to, ['RESTORE', `copy:${key}`, '0', payload as Bytes, 'REPLACE'])), key).toBe('+OK')
    expect(await facts(to, `copy:${key}`), key).toBe(await facts(from, key))
    if (show(await run(from, ['TYPE', key])) !== '+stream') return
    const seen = [await groups(from, key), await groups(to, `copy:${key}`)]
    expect(withoutActivity(seen[1])).toBe(withoutActivity(seen[0]))
  }

  test.each(GENERATORS.flatMap((generator) => lengthOf([1], [1, 2]).map((seed) => ({ generator, seed }))))(
    'what $generator.name commands made is the same after DUMP and RESTORE (seed $seed)',
    async ({ generator, seed }) => {
      const random = new Random(seed)
      for (let round = 0; round < 4; round++) {
        for (let i = 0; i < 400; i++) {
          const argv = generator.next(random)
          if (/^(?:multi|exec|config|b[lrz].*pop.*|blmove|swapdb|select|xread|xreadgroup)$/i.test(argv[0])) {
            if (!/^xreadgroup$/i.test(argv[0]) || argv.some((word) => word.toUpperCase() === 'BLOCK')) continue
          }
          await Promise.all([run(ours, argv), run(theirs, argv)])
        }
        for (const key of generator.keys) {
          await run(ours, ['PERSIST', key])
          await run(theirs, ['PERSIST', key])
          await transfer(ours, theirs, key)
          await transfer(theirs, ours, key)
        }
      }
    },
    60_000,
  )

  const LONG = 'abcdefgh'.repeat(40)
  const numbered = (count: number, of: (i: number) => Argv): Bytes[] =>
    Array.from({ length: count }, (_, i) => of(i)).flat()

  /** Commands that make the key `k`, in every encoding, small and large. */
  const MADE: Record<string, readonly Argv[]> = {
    'a short string': [['SET', 'k', 'v']],
    'an empty string': [['SET', 'k', '']],
    'a long string': [['SET', 'k', LONG.repeat(100)]],
    'integers of each width': [['RPUSH', 'k', '1', '-1', '127', '-128', '4095', '-4096', '32767', '-32769', '8388607']],
    'integers of 64 bits': [
      ['RPUSH', 'k', '2147483648', '-9223372036854775808', '9223372036854775807', '9223372036854775808', '01', '-0'],
    ],
    'an integer string': [['SET', 'k', '-2147483648']],
    'a large integer string': [['SET', 'k', '9223372036854775807']],
    'a list of many nodes': [['RPUSH', 'k', ...numbered(5000, (i) => [`element:${i}`])]],
    'a list of huge elements': [['RPUSH', 'k', 'a', LONG.repeat(60), 'b', LONG]],
    'a list of binary elements': [
      ['RPUSH', 'k', '\0\xff', '', 'x'.repeat(63), 'x'.repeat(64), 'x'.repeat(4095), 'x'.repeat(4096)],
    ],
    'an intset of 16 bits': [['SADD', 'k', '1', '2', '-3']],
    'an intset of 32 bits': [['SADD', 'k', '1', '70000']],
    'an intset of 64 bits': [['SADD', 'k', '1', '-9223372036854775808', '9007199254740993']],
    'a set of words': [['SADD', 'k', 'a', 'b', '1']],
    'a large set': [['SADD', 'k', ...numbered(2000, (i) => [`m${i}`])]],
    'a small hash': [['HSET', 'k', 'f', 'v', '1', '2']],
    'a large hash': [['HSET', 'k', ...numbered(2000, (i) => [`f${i}`, `${i}`])]],
    'a small sorted set': [
      ['ZADD', 'k', '1', 'a', '-1.5', 'b', 'inf', 'c', '-inf', 'd', '1e300', 'e', '0.1', 'f', '3', '4'],
    ],
    'a large sorted set': [
      ['ZADD', 'k', ...numbered(2000, (i) => [`${i / 7}`, `m${i}`]), 'inf', 'top', '-inf', 'bottom'],
    ],
    'a stream without entries': [['XGROUP', 'CREATE', 'k', 'g', '$', 'MKSTREAM']],
    'a stream of several nodes': [
      ...Array.from({ length: 250 }, (_, i) => ['XADD', 'k', `${i + 1}-1`, 'f', `${i}`, 'g', LONG]),
      ['XADD', 'k', '300-18446744073709551615', 'other', 'fields'],
      ['XDEL', 'k', '3-1', '120-1'],
      ['XGROUP', 'CREATE', 'k', 'g', '0'],
      ['XREADGROUP', 'GROUP', 'g', 'c1', 'COUNT', '7', 'STREAMS', 'k', '>'],
      ['XREADGROUP', 'GROUP', 'g', 'c2', 'COUNT', '5', 'STREAMS', 'k', '>'],
      ['XACK', 'k', 'g', '2-1'],
      ['XGROUP', 'CREATECONSUMER', 'k', 'g', 'idle'],
    ],
    'a stream of the greatest id': [['XADD', 'k', '18446744073709551615-18446744073709551615', 'f', 'v']],
  }

  test.each(Object.keys(MADE))('%s is the same after DUMP and RESTORE', async (name) => {
    for (const argv of MADE[name]) {
      expect(show(await run(ours, argv))).not.toMatch(/^-/)
      expect(show(await run(theirs, argv))).not.toMatch(/^-/)
    }
    await transfer(ours, theirs, 'k')
    await transfer(theirs, ours, 'k')
    const encoding = ['OBJECT', 'ENCODING', 'k']
    const copied = ['OBJECT', 'ENCODING', 'copy:k']
    expect(await run(ours, copied)).toEqual(await run(ours, encoding))
    const digest = await run(ours, 'DEBUG DIGEST')
    await run(ours, 'DEBUG RELOAD')
    expect(await run(ours, 'DEBUG DIGEST')).toEqual(digest)
    expect(await run(ours, copied)).toEqual(await run(ours, encoding))
  })

  test('the time to live is not part of a payload, and comes from RESTORE', async () => {
    await run(theirs, ['SET', 'k', 'v', 'PX', '100000'])
    const payload = (await run(theirs, 'DUMP k')) as Bytes
    await run(ours, ['RESTORE', 'k', '5000', payload])
    expect(await run(ours, 'PTTL k')).toBeGreaterThan(4000)
    await run(ours, ['RESTORE', 'k', '2000000000000', payload, 'ABSTTL', 'REPLACE'])
    expect(await run(ours, 'PEXPIRETIME k')).toBe(2_000_000_000_000)
  })

  test.each(['listpack', 'hashtable'])(
    'payloads of other forms: thresholds make genuine Redis write them (%s)',
    async (form) => {
      const entries = form === 'listpack' ? '100000' : '0'
      for (const of of ['hash', 'zset', 'set']) {
        await run(theirs, ['CONFIG', 'SET', `${of}-max-${of === 'set' ? 'intset' : 'listpack'}-entries`, entries])
      }
      await run(theirs, ['HSET', 'h', ...numbered(300, (i) => [`f${i}`, LONG.slice(0, i % 60)])])
      await run(theirs, ['ZADD', 'z', ...numbered(300, (i) => [`${i * 1.1}`, `m${i}`])])
      await run(theirs, ['SADD', 's', ...numbered(900, (i) => [`${i * 77}`])])
      for (const key of ['h', 'z', 's']) await transfer(theirs, ours, key)
      for (const [name, value] of [
        ['hash-max-listpack-entries', '128'],
        ['zset-max-listpack-entries', '128'],
        ['set-max-intset-entries', '512'],
      ]) {
        await run(theirs, ['CONFIG', 'SET', name, value])
      }
    },
  )
})

/** Without times of activity, which the form that Redis 7.0 reads has not all of, and what is counted by each version's rules. */
function withoutActivity(text: string): string {
  return text
    .replace(/"?active-time"?,? ?:?-?\d+,? ?/g, '')
    .replace(/"?seen-time"?,? ?:?-?\d+,? ?/g, '')
    .replace(/"radix-tree-nodes",? ?:?\d+,? ?/g, '')
    .replace(/"lag",? (?:nil|\d+)/g, '')
    .replace(/\b\d{13}\b/g, 'time')
}

describe('broken payloads', () => {
  test.each(lengthOf([1], [1, 2, 3]))('are refused or make a sound value, and never hang (seed %i)', (seed) => {
    const random = new Random(seed)
    const below = (bound: number): number => random.integer(0, bound - 1)
    const limits = server.engine.config
    const values = samples()
    for (let i = 0; i < 4000; i++) {
      const payload = values[below(values.length)]
      const bytes = [...payload].map((byte) => byte.charCodeAt(0))
      for (let changes = 1 + below(4); changes > 0; changes--) {
        const at = below(bytes.length - 10)
        if (below(4) === 0) bytes.splice(at, 1 + below(4))
        else if (below(3) === 0) bytes[at] = below(2) ? 255 : 0x81
        else bytes[at] = below(256)
        if (bytes.length < 12) break
      }
      let value: Value
      try {
        value = readPayload(String.fromCharCode(...bytes), limits)
      } catch (error) {
        expect(error).toBeInstanceOf(Malformed)
        continue
      }
      const again = writePayload(value)
      expect(readPayload(again, limits), JSON.stringify(payload)).toBeDefined()
    }
  })

  test('are refused by RESTORE with nothing changed', async () => {
    await run(ours, 'SET k v')
    const payload = (await run(ours, 'DUMP k')) as Bytes
    const before = await run(ours, 'DEBUG DIGEST')
    for (let at = 0; at < payload.length; at++) {
      const broken = payload.slice(0, at) + String.fromCharCode(payload.charCodeAt(at) ^ 1) + payload.slice(at + 1)
      expect(show(await run(ours, ['RESTORE', 'k', '0', broken, 'REPLACE']))).toBe(
        '-ERR DUMP payload version or checksum are wrong',
      )
    }
    expect(await run(ours, 'DEBUG DIGEST')).toEqual(before)
  })

  /** A payload of each form, small enough for every byte to be hit. */
  function samples(): Bytes[] {
    const source = createServer({ clock: new ManualClock() })
    const session = engineClient(source)
    const made: Bytes[] = []
    const lines = [
      'SET k hello',
      'SET k 12345',
      'RPUSH k a b 1 -70000 5000000000 ccccccccccccccccccccccccc',
      'SADD k 1 2 3',
      'SADD k 1 70000 5000000000',
      'SADD k a b c',
      'HSET k f v g 1',
      'ZADD k 1 a 2.5 b inf c',
      'XADD k 1-1 f v g w|XADD k 1-2 f v g x|XADD k 2-1 h 1|XDEL k 1-2|XGROUP CREATE k g 0|XREADGROUP GROUP g c STREAMS k >',
      'HSET k f v g 1|HPEXPIRE k 100000 FIELDS 1 f',
    ]
    for (const line of lines) {
      void session.send(['DEL', 'k'])
      for (const part of line.split('|')) void session.send(part.split(' '))
      made.push(writePayload(source.engine.keyspace.dbs[0].peek('k')!))
    }
    void source.close()
    return made
  }
})
