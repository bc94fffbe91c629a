/**
 * Commands that run by places answer, change, count and tell what they do as text: the same pipelines go to two stores, of
 * which one is not let run anything by places.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Bytes, sliceOf } from '../../lib/base/bytes.ts'
import { ManualClock } from '../../lib/base/clock.ts'
import { Target } from '../../lib/engine/effect.ts'
import { Feed, Journal } from '../../lib/journal/journal.ts'
import { Elements } from '../../lib/keyspace/large/elements.ts'
import { Packable } from '../../lib/keyspace/packed/packable.ts'
import type { Value } from '../../lib/keyspace/value.ts'
import { writePayload } from '../../lib/persistence/snapshot/payload.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { RespConnection } from '../../lib/transports/resp.ts'
import type { Wire } from '../../lib/transports/wire.ts'
import { encodeCommand } from '../clients/resp.ts'
import { Random, seedOfRun } from '../differential/random.ts'
import { checkAccount } from '../keyspace/account.ts'
import { PlacedWatch } from './placedwatch.ts'

const seed = seedOfRun()
/** What all connections read into, as over TCP. */
const shared = Buffer.alloc(64 * 1024)

class Client implements Wire {
  unsentBytes = 0
  reads = true
  readonly connection: RespConnection
  answer: Bytes = ''

  constructor(server: Server) {
    this.connection = new RespConnection(server, 'tcp', this, '127.0.0.1:1', '127.0.0.1:2')
  }

  write(part: Bytes): boolean {
    this.answer += part
    if (!this.reads) this.unsentBytes += part.length
    return this.reads
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}

  receive(bytes: Bytes): void {
    const length = shared.fill('#').write(bytes, 'latin1')
    this.connection.receive(shared, length)
  }
}

/** A store and what is seen of it. */
class Subject {
  readonly clock = new ManualClock()
  readonly server: Server
  readonly clients: Client[]
  readonly watch: PlacedWatch

  constructor(takesPlaces: boolean) {
    this.server = createServer({ clock: this.clock, 'enable-debug-command': 'yes', log() {} })
    this.watch = new PlacedWatch(this.server, takesPlaces)
    this.clients = Array.from({ length: 3 }, () => new Client(this.server))
  }

  async settled(): Promise<void> {
    do await turn()
    while (this.clients.some(({ connection }) => connection.inputBytes !== 0))
  }

  get facts(): unknown {
    const { engine } = this.server
    const { keyspace, stats, config } = engine
    if (keyspace.counts) checkAccount(keyspace, config)
    for (const db of keyspace.dbs) db.table.check()
    const keys = keyspace.dbs.map((db) =>
      db
        .keys()
        .slice()
        .sort()
        .map((key) => [key, contentOf(db.storedValue(key)!), db.expireAt(key), db.accessOf(key)]),
    )
    return {
      answers: this.clients.map(({ answer }) => answer),
      keys,
      effects: this.watch.effects,
      hits: { ...keyspace.stats },
      calls: [...stats.calls],
      failed: [...stats.failed],
      errors: [...stats.errorCodes],
      figures: [stats.commands, engine.dirty, stats.errorReplies],
      sessions: this.clients.map(({ connection: { session } }) => [
        session.commands,
        session.lastCommand,
        session.db.index,
      ]),
    }
  }
}

/** What is packed lies elsewhere in each store. */
const contentOf = (value: Value): unknown => (value instanceof Packable ? writePayload(value) : value)

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))

let subjects: Subject[]
beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(0.4) // SPOP draws the same in both
  subjects = [new Subject(true), new Subject(false)]
})
afterEach(async () => {
  for (const { server } of subjects) await server.close()
  vi.restoreAllMocks()
})

const key = (random: Random): Bytes =>
  random.weighted([
    [20, `k${random.integer(0, 12)}`],
    [3, `key:${random.integer(0, 200)}`],
    [1, 'x'.repeat(random.integer(60, 1100))],
    [1, ''],
  ])
const value = (random: Random): Bytes =>
  random.weighted<() => Bytes>([
    [3, () => `${random.integer(-20, 2000)}`],
    [
      1,
      () => random.pick(['9007199254740990', '9007199254740991', '9007199254740993', '-9007199254740991', '-0', '007']),
    ],
    [1, () => random.pick(['9223372036854775806', '1e3', '3.0', '', ' 1', '+1'])],
    [4, () => random.bytes(0, 70)],
    [1, () => random.bytes(1000, 1050)],
  ])()

const hashKey = (random: Random): Bytes => `h${random.integer(0, 4)}`
const setKey = (random: Random): Bytes => `s${random.integer(0, 4)}`

const listKey = (random: Random): Bytes => `l${random.integer(0, 4)}`
const zsetKey = (random: Random): Bytes => `z${random.integer(0, 4)}`
const streamKey = (random: Random): Bytes => `x${random.integer(0, 2)}`
const streamId = (random: Random): Bytes =>
  random.weighted<() => Bytes>([
    [6, () => `${random.integer(0, 40)}-${random.integer(0, 3)}`],
    [2, () => `${1_700_000_000_000 + random.integer(0, 40)}`],
    [1, () => random.pick(['9007199254740993-5', '1000000000000000-12345678901', '99999999-0', '1000000-10'])],
    [4, () => random.pick(['-', '+', '(5', '(5-1', '(-', 'x', '', '(18446744073709551615-18446744073709551615', '*'])],
  ])()
const anyKey = (random: Random): Bytes => random.pick([hashKey, setKey, listKey, zsetKey, streamKey])(random)
const rank = (random: Random): Bytes =>
  random.weighted<() => Bytes>([
    [9, () => `${random.integer(-8, 8)}`],
    [1, () => random.pick(['-100', '100', 'x', '01', '', '-0', '9223372036854775807'])],
  ])()
const SCORES = [
  '1.5',
  '0.001',
  '-0',
  '-0.0',
  '.5',
  '5.',
  '1e3',
  'inf',
  '-inf',
  'nan',
  '',
  '1.2.3',
  '-',
  '0x10',
  '+1',
  ' 1',
]
const score = (random: Random): Bytes =>
  random.weighted<() => Bytes>([
    [4, () => `${random.integer(-20, 20)}`],
    [3, () => `${random.integer(-2000, 2000) / 100}`],
    [1, () => `${random.integer(0, 2 ** 31) / 3}`],
    [1, () => `${random.integer(0, 2 ** 31) / 2 ** 60}`],
    [1, () => random.pick(['1700000000.123456', '9007199254740993', '123456789012345.5', '100000000000000.25'])],
    [1, () => random.pick(SCORES)],
  ])()

const TIMES = ['10', '1', '0', '-5', 'x', '', '9223372036854775807', '100', '1000000000001', '007']
const SET_OPTIONS = [
  ...TIMES.flatMap((time) => [
    ['EX', time],
    ['px', time],
  ]),
  ['PXAT', '4000000000000'],
  ['pxat', '1'],
  ['ExAt', '4000000000'],
  ['EXAT', '0'],
  ['PXAT', '1000000000000001'],
  ['EXAX', '4'],
  ['NX'],
  ['xx'],
  ['KEEPTTL'],
  ['KeepTtl'],
  ['keepttx'],
  ['GET'],
  ['get'],
  ['GXT'],
  ['BAD'],
  ['EX'],
  [''],
]

const COMMANDS: readonly ((random: Random) => Bytes[])[] = [
  (r) => ['GET', key(r)],
  (r) => [r.pick(['get', 'Get', 'gEt']), key(r)],
  (r) => ['SET', key(r), value(r)],
  (r) => ['SET', key(r), value(r)],
  (r) => ['SET', key(r), value(r), ...r.times(0, 4, () => r.pick(SET_OPTIONS)).flat()],
  (r) => ['SET', key(r), value(r), ...r.pick(SET_OPTIONS)],
  (r) => [r.pick(['SETEX', 'PSETEX', 'setex']), key(r), r.pick(TIMES), value(r)],
  (r) => ['INCR', key(r)],
  (r) => ['INCR', key(r)],
  (r) => ['MSET', ...r.times(1, 12, () => [key(r), value(r)]).flat()],
  (r) => ['MGET', ...r.times(1, 12, () => key(r))],
  (r) => [r.pick(['DEL', 'UNLINK', 'EXISTS']), ...r.times(1, 4, () => key(r))],
  (r) => ['EXPIRE', key(r), r.pick(['10', '1', '0', '-5', 'x', '', '9223372036854775807', '100'])],
  (r) => ['EXPIRE', key(r), '10', r.pick(['NX', 'XX', 'GT', 'LT', 'no'])],
  // Others in between, and the same ones with too few or too many arguments.
  (r) => [r.pick(['GET', 'SET', 'INCR', 'MSET', 'MGET', 'DEL', 'EXPIRE', 'SETEX']), ...r.times(0, 4, () => key(r))],
  (r) => ['APPEND', key(r), value(r)],
  (r) => ['LPUSH', `k${r.integer(0, 12)}`, 'element'],
  (r) => ['HSET', key(r), value(r), value(r)],
  (r) => ['HSET', hashKey(r), r.pick(['f', 'field', '1', '-7', value(r)]), value(r)],
  (r) => ['HSET', hashKey(r), ...r.times(0, 4, () => `field${r.integer(0, 30)}`)],
  (r) => ['HGET', hashKey(r), r.pick(['f', 'field', '1', '-7', value(r)])],
  (r) => ['HGET', key(r), value(r)],
  (r) => ['HDEL', hashKey(r), `field${r.integer(0, 30)}`, 'f'],
  (r) => ['HPEXPIRE', hashKey(r), '1000', 'FIELDS', '1', 'f'],
  (r) => ['SADD', r.chance(0.3) ? key(r) : setKey(r), value(r)],
  (r) => ['SADD', setKey(r), `${r.integer(0, 600)}`],
  (r) => ['SISMEMBER', r.chance(0.3) ? key(r) : setKey(r), value(r)],
  (r) => ['SISMEMBER', setKey(r), `${r.integer(0, 600)}`],
  (r) => ['SREM', setKey(r), `${r.integer(0, 600)}`, value(r)],
  (r) => ['HGETALL', r.chance(0.2) ? key(r) : hashKey(r)],
  (r) => ['SMEMBERS', r.chance(0.2) ? key(r) : setKey(r)],
  (r) => [
    r.pick(['SPOP', 'LPOP', 'RPOP', 'ZPOPMIN', 'ZPOPMAX']),
    anyKey(r),
    ...r.times(0, 1, () => r.pick(['0', '1', 'x'])),
  ],
  (r) => [r.pick(['LPUSH', 'RPUSH', 'rpush']), r.chance(0.1) ? key(r) : listKey(r), value(r)],
  (r) => [
    'RPUSH',
    listKey(r),
    ...r.times(1, 6, () => r.pick(['element', '-5000', '128', '70000', '-3000000000', 'x'.repeat(70)])),
  ],
  (r) => [r.pick(['LPOP', 'RPOP']), listKey(r)],
  (r) => ['LRANGE', r.chance(0.1) ? key(r) : listKey(r), rank(r), rank(r)],
  (r) => ['ZADD', r.chance(0.1) ? key(r) : zsetKey(r), score(r), r.pick(['m', 'member', '1', '-7', value(r)])],
  (r) => ['ZADD', zsetKey(r), score(r), `member${r.integer(0, 150)}`],
  (r) => ['ZADD', zsetKey(r), ...r.times(1, 4, () => [score(r), `member${r.integer(0, 30)}`]).flat()],
  (r) => ['ZRANGE', r.chance(0.1) ? key(r) : zsetKey(r), rank(r), rank(r)],
  (r) => [
    r.pick(['ZREVRANGE', 'ZRANGEBYSCORE', 'ZREVRANGEBYSCORE', 'ZRANGE']),
    r.chance(0.1) ? key(r) : zsetKey(r),
    r.pick([rank(r), score(r), '-inf', '(1', 'x', '+inf']),
    r.pick([rank(r), score(r), '+inf', '-inf']),
    ...r.pick([[], [], ['WITHSCORES'], ['REV'], ['BYSCORE', 'WITHSCORES']]),
    ...(r.chance(0.3) ? ['LIMIT', rank(r), rank(r)] : []),
  ],
  (r) => ['ZINCRBY', r.chance(0.1) ? key(r) : zsetKey(r), score(r), `member${r.integer(0, 150)}`],
  (r) => [
    r.pick(['ZSCORE', 'ZRANK', 'ZREVRANK', 'ZREM', 'ZREM']),
    r.chance(0.1) ? key(r) : zsetKey(r),
    r.pick(['m', 'member', '1', value(r), `member${r.integer(0, 150)}`]),
  ],
  (r) => ['ZRANGE', zsetKey(r), rank(r), rank(r), r.pick(['WITHSCORES', 'withscores', 'WITHSCORE', 'REV', 'BYSCORE'])],
  (r) => ['ZSCORE', zsetKey(r), 'm'],
  (r) => [r.pick(['ZPOPMIN', 'ZPOPMAX']), zsetKey(r)],
  (r) => ['ZREM', zsetKey(r), `member${r.integer(0, 30)}`, 'm'],
  (r) => ['XADD', streamKey(r), streamId(r), ...r.times(1, 3, () => [r.pick(['f', 'field', '7']), value(r)]).flat()],
  (r) => [
    'XADD',
    streamKey(r),
    r.pick(['*', `1700000000000-${r.integer(0, 2000)}`]),
    'name',
    value(r),
    'n',
    `${r.integer(0, 70_000)}`,
  ],
  (r) => ['XDEL', streamKey(r), streamId(r)],
  (r) => ['BITPOS', key(r), r.pick(['0', '1', '0', '1', '2', 'x', '01']), ...r.times(0, 2, () => rank(r))],
  (r) => ['SETBIT', key(r), `${r.integer(0, 70)}`, r.pick(['0', '1'])],
  (r) => [r.pick(['XRANGE', 'XREVRANGE']), r.chance(0.1) ? key(r) : streamKey(r), streamId(r), streamId(r)],
  (r) => [
    'XRANGE',
    streamKey(r),
    '-',
    '+',
    ...r.times(0, 2, () => ['COUNT', r.pick(['3', '0', '-1', 'x', '100'])]).flat(),
  ],
  (r) => ['XREVRANGE', streamKey(r), '+', '-', r.pick(['COUNT', 'count', 'LIMIT']), rank(r)],
  (r) => ['CONFIG', 'SET', 'stream-node-max-entries', r.pick(['100', '3', '1'])],
  (r) => ['CONFIG', 'SET', 'zset-max-listpack-entries', r.pick(['128', '128', '4', '0'])],
  (r) => ['CONFIG', 'SET', 'list-max-listpack-size', r.pick(['-2', '128', '4', '1'])],
  (r) => ['PING', ...r.times(0, 2, () => value(r))],
  (r) => ['CONFIG', 'SET', 'hash-max-listpack-entries', r.pick(['128', '128', '4', '0'])],
  (r) => ['CONFIG', 'SET', 'set-max-intset-entries', r.pick(['512', '512', '4', '0'])],
  (r) => ['DEL', anyKey(r)],
  (r) => ['GETRANGE', key(r), '0', '3'],
  (r) => ['PERSIST', key(r)],
  (r) => ['PTTL', key(r)],
  (r) => ['SETRANGE', key(r), '5', 'abc'],
  (r) => ['INCRBYFLOAT', key(r), '0.5'],
  (r) => ['RENAME', key(r), key(r)],
  (r) => ['OBJECT', 'ENCODING', key(r)],
  (r) => ['TYPE', key(r)],
  (r) => ['SELECT', `${r.integer(0, 1)}`],
  () => ['DBSIZE'],
]
const RARE: readonly ((random: Random) => Bytes[])[] = [
  () => ['MULTI'],
  () => ['EXEC'],
  () => ['DISCARD'],
  (r) => ['WATCH', key(r)],
  () => ['HELLO', '3'],
  () => ['HELLO', '2'],
  (r) => ['CLIENT', 'REPLY', r.pick(['SKIP', 'ON'])],
  (r) => ['CLIENT', 'NO-TOUCH', r.pick(['on', 'off'])],
  (r) => ['CONFIG', 'SET', 'lazyfree-lazy-user-del', r.pick(['yes', 'no'])],
  () => ['FLUSHDB'],
  () => ['nosuch', 'x'],
]

/** As RESP, or now and then as a line, where that says the same. */
function encoded(random: Random, argv: readonly Bytes[]): Bytes {
  const isInline = random.chance(0.1) && argv.every((word) => /^[^\0-\x20'"*]+$/.test(word))
  return isInline
    ? argv.join(random.chance(0.9) ? ' ' : '  ') + random.pick(['\r\n', '\r\n', '\n'])
    : encodeCommand(argv)
}

async function compare(random: Random, rounds: number, prepare: (subject: Subject) => void = () => {}): Promise<void> {
  for (const subject of subjects) prepare(subject)
  for (let round = 0; round < rounds; round++) {
    // One after the other what is long, as the clock may cut it into slices; in one turn what is a command of each client.
    const areAlone = random.chance(0.3)
    const sent = Array.from({ length: areAlone ? 30 : random.integer(1, 6) }, (_, i) => ({
      client: areAlone ? i % 3 : random.integer(0, 2),
      stream: random
        .times(1, areAlone ? 1 : 40, () => encoded(random, random.pick(random.chance(0.015) ? RARE : COMMANDS)(random)))
        .join('')
        .slice(0, 60_000),
    }))
    const cut = random.chance(0.3) ? random.integer(0, 5000) : 60_000
    const passes = random.pick([0, 0, 1, 900, 5000])
    for (const subject of subjects) {
      for (const [i, { client, stream }] of sent.entries()) {
        subject.clients[client].receive(stream.slice(0, cut))
        if (stream.length > cut) subject.clients[client].receive(stream.slice(cut))
        if (!areAlone || i % 3 === 2) await subject.settled()
      }
      await subject.settled()
      subject.clock.advance(passes)
    }
    if (round % 10 === 0) expect(subjects[0].facts).toEqual(subjects[1].facts)
  }
  expect(subjects[0].facts).toEqual(subjects[1].facts)
}

describe(`commands by places, seed ${seed}`, () => {
  test('do what they do as text', async () => {
    await compare(new Random(seed), 200)
    expect(subjects[0].watch.placed).toBeGreaterThan(700)
    expect(subjects[1].watch.placed).toBe(0)
  }, 60_000)

  test('do so of large collections', async () => {
    const { least } = Elements
    Elements.least = 3
    try {
      await compare(new Random(seed + 3), 100, ({ clients: [client] }) => {
        for (const type of ['hash', 'set', 'zset'])
          client.receive(encodeCommand(['CONFIG', 'SET', `${type}-max-listpack-value`, '2']))
      })
    } finally {
      Elements.least = least
    }
    expect(subjects[0].watch.placed).toBeGreaterThan(300)
  }, 60_000)

  test('are counted in the account', async () => {
    await compare(new Random(seed + 1), 60, ({ server }) => server.engine.keyspace.count())
    expect(subjects[0].watch.placed).toBeGreaterThan(100)
  }, 60_000)

  /** A journal is the only listener, and its bytes are the effects. */
  const keep = ({ server: { engine }, watch: { effects } }: Subject): void => {
    engine.effectListeners.length = 0
    effects[0] = ''
    const take = (part: Bytes): void => {
      effects[0] = `${effects[0]}${part}`
    }
    const takeBytes = (array: Uint8Array, start: number, end: number): void => take(sliceOf(array, start, end))
    new Journal(engine).add(new Feed({ targets: Target.File, take, takeBytes }))
  }

  test('are kept as what was sent', async () => {
    await compare(new Random(seed + 2), 60, keep)
    expect(subjects[0].watch.placed).toBeGreaterThan(100)
  }, 60_000)

  test('are kept as RESP, also where lines do not end so', async () => {
    const kept = encodeCommand(['SELECT', '0']) + encodeCommand(['SET', 'k', 'v']).repeat(2)
    const ends = [...encodeCommand(['SET', 'k', 'v']).matchAll(/\n|(?<=[a-zT])\r/g)].map(({ index }) => index)
    expect(ends.length).toBe(10)
    for (const index of ends) {
      const [subject] = subjects
      keep(subject)
      const sent = Buffer.from(encodeCommand(['SET', 'k', 'v']))
      sent[index] = 0x58
      subject.clients[0].receive(sent.toString('latin1').repeat(2))
      await subject.settled()
      expect(subject.watch.effects[0], `byte ${index}`).toBe(kept)
    }
    expect(subjects[0].watch.placed).toBe(2 * ends.length)
  })

  test('record accesses under LFU as under LRU', async () => {
    const [subject] = subjects
    const [client] = subject.clients
    subject.server.engine.keyspace.countsFrequency = true
    client.receive(encodeCommand(['SET', 'k', 'v']).repeat(3) + encodeCommand(['GET', 'k']).repeat(300))
    await turn()
    expect(subject.server.engine.keyspace.dbs[0].accessOf('k') & 255).toBeGreaterThan(5)
  })

  test.each([
    ['a monitor', (subject: Subject) => subject.clients[2].receive(encodeCommand(['MONITOR']))],
    [
      'keyspace events',
      ({ clients }: Subject) => clients[0].receive(encodeCommand(['CONFIG', 'SET', 'notify-keyspace-events', 'KEA'])),
    ],
    [
      'tracking',
      ({ clients }: Subject) =>
        clients[0].receive(encodeCommand(['HELLO', '3']) + encodeCommand(['CLIENT', 'TRACKING', 'ON'])),
    ],
    [
      'a slow log of all',
      ({ clients }: Subject) => clients[0].receive(encodeCommand(['CONFIG', 'SET', 'slowlog-log-slower-than', '0'])),
    ],
  ])('leave it to text while there is %s', async (_, prepare) => {
    const [subject] = subjects
    prepare(subject)
    await turn()
    subject.clients[0].receive(encodeCommand(['SET', 'k', 'v']).repeat(3))
    await turn()
    expect(subject.watch.placed).toBe(0)
  })

  test.each(['allkeys-lru', 'volatile-lru', 'volatile-ttl', 'noeviction'])(
    'make room before they run: %s',
    async (policy) => {
      for (const { server, clients } of subjects) {
        const { engine } = server
        // Time stands still in both, or one would have had less of it for its keys.
        engine.config['maxmemory-eviction-tenacity'] = 100
        clients[0].receive(encodeCommand(['CONFIG', 'SET', 'maxmemory-policy', policy]))
        clients[0].receive(encodeCommand(['CONFIG', 'SET', 'maxmemory', `${engine.eviction.usedBytes + 40_000}`]))
        await turn()
        for (let i = 0; i < 60; i++) {
          const sets = Array.from({ length: 16 }, (_, j) => [
            'SET',
            `key:${16 * i + j}`,
            'x'.repeat(100),
            'PX',
            `${1e6 + j}`,
          ])
          clients[i % 3].receive(sets.map((argv) => encodeCommand(argv)).join(''))
          await turn()
        }
        expect(engine.keyspace.bytes).toBeLessThanOrEqual(engine.config.maxmemory)
        expect(engine.keyspace.stats.evicted > 500).toBe(policy !== 'noeviction')
      }
      expect(subjects[0].facts).toEqual(subjects[1].facts)
      expect(subjects[0].watch.placed > 900).toBe(policy !== 'noeviction')
    },
  )

  test('who does not read is not served further, in the midst of a group', async () => {
    for (const { server, clients } of subjects) {
      server.engine.keyspace.dbs[0].set('k', 'x'.repeat(1e6), -1)
      clients[0].reads = false
      clients[0].receive(encodeCommand(['GET', 'k']).repeat(16))
      await turn()
      expect(clients[0].connection.outputBytes).toBeGreaterThan(9e5)
      expect(clients[0].connection.outputBytes).toBeLessThan(4e6)
    }
  })

  test('a watched key is changed by them, and a blocked client is served', async () => {
    const [{ clients, watch }] = subjects
    expect(watch.placed).toBe(0)
    const [a, b, c] = clients
    a.receive(encodeCommand(['WATCH', 'k']))
    c.receive(encodeCommand(['BLPOP', 'list', '0']))
    await turn()
    b.receive(
      encodeCommand(['SET', 'k', '1']) + encodeCommand(['SET', 'list', 'no list']) + encodeCommand(['DEL', 'list']),
    )
    a.receive(encodeCommand(['MULTI']) + encodeCommand(['GET', 'k']) + encodeCommand(['EXEC']))
    b.receive(encodeCommand(['RPUSH', 'list', 'x']) + encodeCommand(['GET', 'k']))
    await turn()
    expect(a.answer).toBe('+OK\r\n+OK\r\n+QUEUED\r\n*-1\r\n')
    expect(c.answer).toBe('*2\r\n$4\r\nlist\r\n$1\r\nx\r\n')
  })
})
