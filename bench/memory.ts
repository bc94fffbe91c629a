/**
 * Memory beside redis-server: resident bytes, as the kernel counts them, before and after a million elements. A loader
 * fills both alike. Garbage that V8 has not collected yet counts against us; a pause lets it collect what it will.
 */
import { connectClient } from './client.ts'
import { type Running, redisVersion, startRedis, startZerodis } from './process.ts'
import { atMost, type Row, type Section } from './report.ts'

const ELEMENTS = 1_000_000
const BATCH = 1000
const SETTLE_MS = 3000

const pad = (i: number): string => String(i).padStart(12, '0')
const value = (i: number): string => pad(i).padEnd(32, 'x')

const five = (value: (j: number) => string): string[] => [0, 1, 2, 3, 4].map(value)

/** What one element of each structure is; of small collections, one of them. */
const STRUCTURES: Readonly<Record<string, { command(i: number): string[]; aim: number }>> = {
  'key with a 32-byte value': { command: (i) => ['SET', `key:${pad(i)}`, value(i)], aim: 1.5 },
  'hash field': { command: (i) => ['HSET', 'hash', `field:${pad(i)}`, value(i)], aim: 2 },
  'set member': { command: (i) => ['SADD', 'set', `member:${pad(i)}`], aim: 2 },
  'sorted set member': { command: (i) => ['ZADD', 'zset', `${(i * 7919) % ELEMENTS}`, `member:${pad(i)}`], aim: 2 },
  'list element': { command: (i) => ['RPUSH', 'list', value(i)], aim: 2 },
  'hash of five fields': {
    command: (i) => [
      'HSET',
      `hash:${pad(i)}`,
      ...five((j) => `field${j} ${pad(i + j)}`)
        .join(' ')
        .split(' '),
    ],
    aim: 1.2,
  },
  'set of five members': { command: (i) => ['SADD', `set:${pad(i)}`, ...five((j) => `m:${pad(i + j)}`)], aim: 1.2 },
  'set of five integers': { command: (i) => ['SADD', `set:${pad(i)}`, ...five((j) => `${i + j * 1000}`)], aim: 1.2 },
  'sorted set of five members': {
    command: (i) => [
      'ZADD',
      `zset:${pad(i)}`,
      ...five((j) => `${i + j} m:${pad(i + j)}`)
        .join(' ')
        .split(' '),
    ],
    aim: 1.2,
  },
  'list of five elements': { command: (i) => ['RPUSH', `list:${pad(i)}`, ...five((j) => `e:${pad(i + j)}`)], aim: 1.2 },
  'stream entry': { command: (i) => ['XADD', 'stream', `${i + 1}-0`, 'field', value(i)], aim: 2 },
}

export async function memorySection(): Promise<Section> {
  const rows: Row[] = []
  for (const [name, { command, aim }] of Object.entries(STRUCTURES)) {
    const ours = await bytesPerElement(await startZerodis(), command)
    const reference = redisVersion === undefined ? undefined : await bytesPerElement(await startRedis(), command)
    rows.push({ name, unit: 'bytes', ours, reference, aim: atMost(aim) })
  }
  return { title: 'memory per element, one million', reference: 'redis-server', rows }
}

async function bytesPerElement(server: Running, command: (i: number) => string[]): Promise<number> {
  try {
    const before = server.residentBytes()
    const client = await connectClient(server.port)
    for (let from = 0; from < ELEMENTS; from += BATCH) {
      await client.all(Array.from({ length: BATCH }, (_, i) => command(from + i)))
    }
    client.close()
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    return (server.residentBytes() - before) / ELEMENTS
  } finally {
    await server.stop()
  }
}
