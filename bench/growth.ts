/**
 * How time grows with size: for each structure, the time of a fixed number of operations on n and on 10 n elements. The
 * exponent e in time ~ n^e is 0 for O(1), near 0 for O(log n), 1 for O(n). redis-server's stands beside it.
 */
import { connectClient, type RespClient } from './client.ts'
import { startRedis, startZerodis } from './process.ts'
import { median, type Row, type Section } from './report.ts'

const SMALL = 20_000
const LARGE = 200_000
const OPERATIONS = 4000
const ROUNDS = 5

interface Growth {
  fill(i: number): string[]
  /** One operation on a structure of n elements; `i` counts up. */
  operation(i: number, n: number): string[]
  /** The redis-server beside it, of version 7, does not know it. */
  readonly isOursAlone?: true
}

/** Each element stands in a slice of its own. */
const SPARSE_STEP = 1_000_003

/** A document of so many members, or of so many items. */
const member = (i: number): string[] =>
  i === 0 ? ['JSON.SET', 'k', '$', '{"m0":0}'] : ['JSON.SET', 'k', `$.m${i}`, '0']
const item = (i: number): string[] =>
  i === 0 ? ['JSON.SET', 'k', '$', '[0]'] : ['JSON.ARRAPPEND', 'k', '$', `"v${i}"`]

const any = (i: number, n: number): number => (i * 7919) % n

const STRUCTURES: Readonly<Record<string, Growth>> = {
  'GET among keys': { fill: (i) => ['SET', `key:${i}`, 'value'], operation: (i, n) => ['GET', `key:${any(i, n)}`] },
  'LPUSH and LPOP': {
    fill: (i) => ['RPUSH', 'k', `e${i}`],
    operation: (i) => (i % 2 ? ['LPOP', 'k'] : ['LPUSH', 'k', 'e']),
  },
  'LRANGE of 10 at the end': { fill: (i) => ['RPUSH', 'k', `e${i}`], operation: () => ['LRANGE', 'k', '-10', '-1'] },
  'LINDEX in the middle': { fill: (i) => ['RPUSH', 'k', `e${i}`], operation: (_, n) => ['LINDEX', 'k', `${n >> 1}`] },
  HGET: { fill: (i) => ['HSET', 'k', `f${i}`, 'v'], operation: (i, n) => ['HGET', 'k', `f${any(i, n)}`] },
  HSET: { fill: (i) => ['HSET', 'k', `f${i}`, 'v'], operation: (i, n) => ['HSET', 'k', `f${any(i, n)}`, 'w'] },
  SISMEMBER: { fill: (i) => ['SADD', 'k', `m${i}`], operation: (i, n) => ['SISMEMBER', 'k', `m${any(i, n)}`] },
  SRANDMEMBER: { fill: (i) => ['SADD', 'k', `m${i}`], operation: () => ['SRANDMEMBER', 'k'] },
  ZADD: {
    fill: (i) => ['ZADD', 'k', `${i}`, `m${i}`],
    operation: (i, n) => ['ZADD', 'k', `${any(i * 31, n)}`, `m${any(i, n)}`],
  },
  ZRANK: { fill: (i) => ['ZADD', 'k', `${i}`, `m${i}`], operation: (i, n) => ['ZRANK', 'k', `m${any(i, n)}`] },
  'ZRANGE of 10 in the middle': {
    fill: (i) => ['ZADD', 'k', `${i}`, `m${i}`],
    operation: (_, n) => ['ZRANGE', 'k', `${n >> 1}`, `${(n >> 1) + 9}`],
  },
  XADD: { fill: (i) => ['XADD', 'k', `${i + 1}-0`, 'f', 'v'], operation: () => ['XADD', 'k', '*', 'f', 'v'] },
  'XRANGE of 10 in the middle': {
    fill: (i) => ['XADD', 'k', `${i + 1}-0`, 'f', 'v'],
    operation: (_, n) => ['XRANGE', 'k', `${n >> 1}`, '+', 'COUNT', '10'],
  },
  ARGET: {
    fill: (i) => ['ARINSERT', 'k', `v${i}`],
    operation: (i, n) => ['ARGET', 'k', `${any(i, n)}`],
    isOursAlone: true,
  },
  'ARGET of a sparse array': {
    fill: (i) => ['ARSET', 'k', `${i * SPARSE_STEP}`, 'v'],
    operation: (i, n) => ['ARGET', 'k', `${any(i, n) * SPARSE_STEP}`],
    isOursAlone: true,
  },
  ARSET: {
    fill: (i) => ['ARINSERT', 'k', `v${i}`],
    operation: (i, n) => ['ARSET', 'k', `${any(i, n)}`, 'w'],
    isOursAlone: true,
  },
  'ARSET and ARDEL in a sparse array': {
    fill: (i) => ['ARSET', 'k', `${i * SPARSE_STEP}`, 'v'],
    operation: (i, n) => [
      i % 2 ? 'ARDEL' : 'ARSET',
      'k',
      `${any(i >> 1, n) * SPARSE_STEP + 9000}`,
      ...(i % 2 ? [] : ['w']),
    ],
    isOursAlone: true,
  },
  'ARINSERT and ARDEL': {
    fill: (i) => ['ARINSERT', 'k', `v${i}`],
    operation: (i, n) => (i % 2 ? ['ARDEL', 'k', `${any(i, n)}`] : ['ARINSERT', 'k', 'v']),
    isOursAlone: true,
  },
  'ARLASTITEMS of 10': {
    fill: (i) => ['ARINSERT', 'k', `v${i}`],
    operation: () => ['ARLASTITEMS', 'k', '10'],
    isOursAlone: true,
  },
  'ARSCAN of 10 in a sparse array': {
    fill: (i) => ['ARSET', 'k', `${i * SPARSE_STEP}`, 'v'],
    operation: (_, n) => ['ARSCAN', 'k', `${(n >> 1) * SPARSE_STEP}`, '18446744073709551614', 'LIMIT', '10'],
    isOursAlone: true,
  },
  'JSON.NUMINCRBY of a member': {
    fill: member,
    operation: (i, n) => ['JSON.NUMINCRBY', 'k', `$.m${any(i, n)}`, '1'],
    isOursAlone: true,
  },
  'JSON.SET and JSON.DEL of a member': {
    fill: member,
    operation: (i) => (i % 2 ? ['JSON.DEL', 'k', '$.new'] : ['JSON.SET', 'k', '$.new', '{"a":[1,2,3]}']),
    isOursAlone: true,
  },
  'JSON.MSET of two members': {
    fill: member,
    operation: (i, n) => ['JSON.MSET', 'k', `$.m${any(i, n)}`, '1', 'k', `$.m${any(i + 1, n)}`, '2'],
    isOursAlone: true,
  },
  'JSON.MERGE of a member': {
    fill: member,
    operation: (i, n) => ['JSON.MERGE', 'k', `$.m${any(i, n)}`, '{"a":1}'],
    isOursAlone: true,
  },
  'JSON.GET of an item': {
    fill: item,
    operation: (i, n) => ['JSON.GET', 'k', `$[${any(i, n)}]`],
    isOursAlone: true,
  },
  'JSON.ARRAPPEND and JSON.ARRPOP': {
    fill: item,
    operation: (i) => (i % 2 ? ['JSON.ARRPOP', 'k', '$'] : ['JSON.ARRAPPEND', 'k', '$', '1']),
    isOursAlone: true,
  },
}

export async function growthSection(): Promise<Section> {
  const [ours, theirs] = [await startZerodis(), await startRedis()]
  const clients = [await connectClient(ours.port), await connectClient(theirs.port)]
  try {
    const rows: Row[] = []
    for (const [name, structure] of Object.entries(STRUCTURES)) {
      const mine = await exponent(clients[0], structure)
      const reference = structure.isOursAlone ? undefined : await exponent(clients[1], structure)
      rows.push({ name, unit: 'exponent', ours: mine, reference, hasNoRatio: true })
    }
    return { title: `growth, ${SMALL} to ${LARGE} elements`, reference: 'redis-server', rows }
  } finally {
    for (const client of clients) client.close()
    await Promise.all([ours.stop(), theirs.stop()])
  }
}

async function exponent(client: RespClient, structure: Growth): Promise<number> {
  const small = await time(client, structure, SMALL)
  const large = await time(client, structure, LARGE)
  return Math.log10(large / small) / Math.log10(LARGE / SMALL)
}

/** Median ms for the operations on n elements. */
async function time(client: RespClient, { fill, operation }: Growth, n: number): Promise<number> {
  await client.all([['FLUSHALL']])
  for (let from = 0; from < n; from += 1000) {
    await client.all(Array.from({ length: Math.min(1000, n - from) }, (_, i) => fill(from + i)))
  }
  const batch = Array.from({ length: OPERATIONS }, (_, i) => operation(i, n))
  const times: number[] = []
  for (let round = -2; round < ROUNDS; round++) {
    const startedAt = performance.now()
    await client.all(batch)
    if (round >= 0) times.push(performance.now() - startedAt)
  }
  return median(times)
}
