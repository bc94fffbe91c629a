/**
 * Commands that go through many bytes or elements, beside redis-server: the time of one, sent by one client and read whole.
 * BITOP DIFF and ONE, which redis-server 7 does not know, stand beside its BITOP XOR.
 */
import { connectClient, type RespClient } from './client.ts'
import { type Running, startRedis, startZerodis } from './process.ts'
import { atMost, median, type Row, type Section } from './report.ts'
import { interleaved, type Side } from './rounds.ts'

type Argv = readonly string[]

interface Case {
  /** What has to be there. The first group of rows that names it makes it anew, after FLUSHALL. */
  readonly data: () => Iterable<Argv>
  readonly rows: Readonly<Record<string, Measured>>
}

interface Measured {
  readonly command: Argv
  /** What the reference runs instead. */
  readonly beside?: Argv
  /** How often it is sent in one round, one after the other. */
  readonly times: number
  /** How many of it are sent at once. */
  readonly pipeline?: number
  readonly aim?: number
}

const BITMAP_BYTES = 32 * 2 ** 20
const MANY = 100_000

/** Numbers from 0 up to 1 that are the same in each run. */
function* randoms(): Generator<number> {
  for (let state = 1; ; state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) yield state / 2 ** 32
}

function draw(count: number, element: (random: () => number, i: number) => string): string[] {
  const source = randoms()
  const random = (): number => source.next().value as number
  return Array.from({ length: count }, (_, i) => element(random, i))
}

/** `command key element …`, a thousand elements each. */
function* inThousands(head: Argv, elements: Argv, perElement = 1): Generator<Argv> {
  for (let i = 0; i < elements.length; i += 1000 * perElement)
    yield [...head, ...elements.slice(i, i + 1000 * perElement)]
}

function bitmap(seed: number): string {
  const piece = draw(2 ** 20, (random) => String.fromCharCode(Math.floor((random() * 256 + seed) % 256))).join('')
  return piece.repeat(BITMAP_BYTES / piece.length)
}

const JSON_TEXT = `[${draw(4500, (random, i) =>
  JSON.stringify({
    id: i,
    name: `name ${i}`,
    score: Math.floor(random() * 1e6) / 100,
    tags: ['a', 'b'],
    on: i % 2 === 0,
  }),
).join(',')}]`

const CASES: readonly Case[] = [
  {
    data: () => [
      ['SET', 'ones', '\xff'.repeat(BITMAP_BYTES)],
      ['SET', 'early', `\xff\x00${'\xff'.repeat(BITMAP_BYTES - 2)}`],
      ['SET', 'a', bitmap(1)],
      ['SET', 'b', bitmap(77)],
    ],
    rows: {
      'BITPOS 0 in the second byte of 32 MB': { command: ['BITPOS', 'early', '0'], times: 20, pipeline: 100 },
      'BITPOS 0 through 32 MB of ones': { command: ['BITPOS', 'ones', '0'], times: 5 },
      'BITCOUNT of 32 MB': { command: ['BITCOUNT', 'a'], times: 3 },
      'BITOP AND of two of 32 MB': { command: ['BITOP', 'AND', 'd', 'a', 'b'], times: 2 },
      'BITOP OR': { command: ['BITOP', 'OR', 'd', 'a', 'b'], times: 2 },
      'BITOP XOR': { command: ['BITOP', 'XOR', 'd', 'a', 'b'], times: 2 },
      'BITOP NOT': { command: ['BITOP', 'NOT', 'd', 'a'], times: 2 },
      'BITOP DIFF': { command: ['BITOP', 'DIFF', 'd', 'a', 'b'], beside: ['BITOP', 'XOR', 'd', 'a', 'b'], times: 2 },
      'BITOP ONE': { command: ['BITOP', 'ONE', 'd', 'a', 'b'], beside: ['BITOP', 'XOR', 'd', 'a', 'b'], times: 2 },
    },
  },
  {
    *data() {
      for (let i = 0; i < 10; i++)
        yield* inThousands(
          ['PFADD', `p${i}`],
          draw(20_000, (random) => `e:${random()}`),
        )
    },
    rows: {
      'PFADD of one element': { command: ['PFADD', 'p0', 'element:12345'], times: 20, pipeline: 1000, aim: 1.5 },
      'PFADD of 1000 elements': {
        command: ['PFADD', 'p1', ...draw(1000, (random) => `element:${random()}`)],
        times: 200,
        aim: 1.5,
      },
      'PFCOUNT of ten': { command: ['PFCOUNT', ...ten('p')], times: 50 },
      'PFMERGE of ten': { command: ['PFMERGE', 'merged', ...ten('p')], times: 50 },
    },
  },
  {
    *data() {
      yield* inThousands(
        ['RPUSH', 'l'],
        draw(MANY, (random) => `${Math.floor(random() * 1e9)}`),
      )
      yield* inThousands(
        ['RPUSH', 'words'],
        draw(MANY, (random) => `w${random().toString(36).slice(2)}`),
      )
    },
    rows: {
      'SORT of 100,000 numbers': { command: ['SORT', 'l'], times: 3 },
      'SORT DESC LIMIT 0 10': { command: ['SORT', 'l', 'LIMIT', '0', '10', 'DESC'], times: 3 },
      'SORT ALPHA of 100,000': { command: ['SORT', 'words', 'ALPHA'], times: 2 },
      'LREM of nothing among 100,000': { command: ['LREM', 'words', '0', 'none'], times: 10 },
    },
  },
  {
    data: () =>
      inThousands(
        ['GEOADD', 'g'],
        draw(50_000, (random, i) => `${10 + random() * 10} ${40 + random() * 10} m${i}`).flatMap((line) =>
          line.split(' '),
        ),
        3,
      ),
    rows: {
      'GEOSEARCH of 50,000, all': { command: search('BYRADIUS', '1000', 'km'), times: 3 },
      'GEOSEARCH COUNT 10': { command: [...search('BYRADIUS', '300', 'km'), 'COUNT', '10', 'ASC'], times: 5 },
      'GEOSEARCH BYBOX ASC': { command: [...search('BYBOX', '400', '400', 'km'), 'ASC'], times: 5 },
      'GEOSEARCH WITHDIST': { command: [...search('BYRADIUS', '300', 'km'), 'WITHDIST'], times: 3 },
    },
  },
  {
    data: () => [['SET', 'json', JSON_TEXT]],
    rows: {
      'cjson.decode of 400 KB': {
        command: ['EVAL', "cjson.decode(redis.call('get', KEYS[1])) return 1", '1', 'json'],
        times: 5,
        aim: 1.5,
      },
      'cjson.decode and encode': {
        command: ['EVAL', "return #cjson.encode(cjson.decode(redis.call('get', KEYS[1])))", '1', 'json'],
        times: 5,
        aim: 1.5,
      },
    },
  },
  {
    *data() {
      for (let i = 1; i <= 20_000; i++) yield ['XADD', 's', `${1e12 + i}-0`, 'name', `n${i}`, 'value', `${i * 7}`]
    },
    rows: {
      'XREVRANGE COUNT 1000': { command: ['XREVRANGE', 's', '+', '-', 'COUNT', '1000'], times: 50 },
      'XRANGE COUNT 1000': { command: ['XRANGE', 's', '-', '+', 'COUNT', '1000'], times: 50 },
    },
  },
  {
    *data() {
      for (let i = 0; i < 1000; i++) yield ['HSET', 'h', `field:${i}`, `value number ${i * 7919}`]
      yield [
        'SET',
        'text',
        Array.from({ length: 4000 }, (_, i) => `line ${i % 50} of a text that compresses\n`).join(''),
      ]
      yield ['SET', 'noise', draw(100_000, (random) => String.fromCharCode(Math.floor(random() * 256))).join('')]
    },
    rows: {
      'DUMP of a hash of 1000': { command: ['DUMP', 'h'], times: 100 },
      'DUMP of 160 KB of text': { command: ['DUMP', 'text'], times: 100 },
      'DUMP of 100 KB of noise': { command: ['DUMP', 'noise'], times: 100 },
      'COPY of a hash of 1000': { command: ['COPY', 'h', 'h2', 'REPLACE'], times: 50 },
    },
  },
  {
    *data() {
      yield* inThousands(
        ['SADD', 's1'],
        draw(MANY, (_, i) => `m${i}`),
      )
      yield* inThousands(
        ['SADD', 's2'],
        draw(MANY, (_, i) => `m${i + MANY / 2}`),
      )
      yield* inThousands(
        ['ZADD', 'z1'],
        draw(MANY, (_, i) => `${i} m${i}`).flatMap((line) => line.split(' ')),
        2,
      )
      yield* inThousands(
        ['ZADD', 'z2'],
        draw(MANY, (_, i) => `${i} m${i + MANY / 2}`).flatMap((line) => line.split(' ')),
        2,
      )
      for (let i = 0; i < MANY; i += 100)
        yield ['MSET', ...draw(100, (_, j) => `key:${i + j} v`).flatMap((line) => line.split(' '))]
    },
    rows: {
      'SINTERSTORE of 100,000': { command: ['SINTERSTORE', 'd', 's1', 's2'], times: 2 },
      'SUNIONSTORE of 100,000': { command: ['SUNIONSTORE', 'd', 's1', 's2'], times: 1 },
      'ZINTERSTORE of 100,000': { command: ['ZINTERSTORE', 'd', '2', 'z1', 'z2'], times: 1 },
      'ZUNIONSTORE of 100,000': { command: ['ZUNIONSTORE', 'd', '2', 'z1', 'z2'], times: 1 },
      'ZRANGESTORE of 100,000': { command: ['ZRANGESTORE', 'd', 'z1', '0', '-1'], times: 1 },
      'SCAN COUNT 10000': { command: ['SCAN', '0', 'COUNT', '10000'], times: 10 },
      'KEYS key:*': { command: ['KEYS', 'key:*'], times: 2 },
    },
  },
]

function ten(prefix: string): string[] {
  return Array.from({ length: 10 }, (_, i) => prefix + i)
}

function search(...shape: Argv): Argv {
  return ['GEOSEARCH', 'g', 'FROMLONLAT', '15', '45', ...shape]
}

/** `npm run bench -- heavy`. */
export async function heavySection(rounds: number): Promise<Section> {
  const [ours, theirs] = [await startZerodis(), await startRedis()]
  const clients = { ours: await connectClient(ours.port), reference: await connectClient(theirs.port) }
  try {
    const rows: Row[] = []
    for (const { data, rows: measured } of CASES) {
      for (const side of [clients.ours, clients.reference]) await fill(side, data())
      for (const [name, each] of Object.entries(measured)) rows.push(await compare(name, each, clients, rounds))
    }
    return { title: 'heavy', reference: 'redis-server', rows }
  } finally {
    for (const client of Object.values(clients)) client.close()
    await Promise.all([ours, theirs].map((server: Running) => server.stop()))
  }
}

async function fill(client: RespClient, data: Iterable<Argv>): Promise<void> {
  await client.all([['FLUSHALL']])
  let batch: Argv[] = []
  for (const argv of data) {
    batch.push(argv)
    if (batch.length < 100) continue
    await client.all(batch)
    batch = []
  }
  if (batch.length > 0) await client.all(batch)
}

async function compare(
  name: string,
  { command, beside = command, times, pipeline = 1, aim = 1 }: Measured,
  clients: Readonly<Record<Side, RespClient>>,
  rounds: number,
): Promise<Row> {
  const figures = await interleaved(rounds, async (side) => {
    const batch = Array<Argv>(pipeline).fill(side === 'ours' ? command : beside)
    const startedAt = performance.now()
    for (let i = 0; i < times; i++) await clients[side].all(batch)
    return (1000 * (performance.now() - startedAt)) / (times * pipeline)
  })
  return { name, unit: 'us', ours: median(figures.ours), reference: median(figures.reference), aim: atMost(aim) }
}
