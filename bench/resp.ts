/**
 * RESP over TCP beside redis-server, driven by redis-benchmark: 50 clients, 32-byte values, 100k random keys (or 3M of 64 bytes
 * that are there). Both servers
 * run all the while and are measured in turn; the median of each is compared.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { connectClient } from './client.ts'
import { type Running, startRedis, startZerodis } from './process.ts'
import { atLeast, median, type Row, type Section } from './report.ts'
import { interleaved, type Side } from './rounds.ts'

const run = promisify(execFile)
const REFERENCE = 'redis-server'

interface Load {
  /** Names of redis-benchmark's tests; none for a `command`. */
  readonly tests?: string
  readonly command?: readonly string[]
  readonly pipeline: number
  readonly requests: number
  /** Number of keys that are drawn from. */
  readonly keys?: number
  /** Bytes of a value. */
  readonly bytes?: number
}

/** Requests per second by name of the test. */
async function benchmark(server: Running, load: Load): Promise<Map<string, number>> {
  const { tests, command = [], pipeline, requests, keys = 100_000, bytes = 32 } = load
  const figuresOf = { p: server.port, c: 50, P: pipeline, n: requests, r: keys, d: bytes }
  const args = Object.entries(figuresOf).flatMap(([flag, figure]) => [`-${flag}`, `${figure}`])
  if (tests !== undefined) args.push('-t', tests)
  const { stdout } = await run('redis-benchmark', [...args, '--csv', ...command], { maxBuffer: 2 ** 24 })
  const figures = new Map<string, number>()
  for (const [, name, rate] of stdout.matchAll(/^"([^"]+)","([\d.]+)"/gm)) if (name !== 'test') figures.set(name, +rate)
  return figures
}

/** Rows of each test, with what comes behind its name. Keys that are not as many as usual are there before. */
async function compare(label: string, load: Load, rounds: number, aim: Row['aim']): Promise<Row[]> {
  const [ours, theirs] = [await startZerodis(), await startRedis()]
  try {
    if (load.keys !== undefined) {
      for (const server of [ours, theirs]) await fill(server, load.keys)
    }
    const figures = await interleaved(rounds, (side) => benchmark(side === 'ours' ? ours : theirs, load))
    const middle = (side: Side, name: string): number => median(figures[side].map((rates) => rates.get(name)!))
    return [...figures.ours[0].keys()].map((name) => ({
      name: `${name.replace(/ \(.*/, '')}${label}`,
      unit: 'requests/s',
      ours: middle('ours', name),
      reference: middle('reference', name),
      aim,
    }))
  } finally {
    await Promise.all([ours.stop(), theirs.stop()])
  }
}

/** Adds the keys that redis-benchmark draws from, with values of 64 bytes. */
async function fill(server: Running, keys: number): Promise<void> {
  const client = await connectClient(server.port)
  const value = 'x'.repeat(MANY_BYTES)
  for (let from = 0; from < keys; from += FILL_BATCH) {
    await client.all(
      Array.from({ length: FILL_BATCH }, (_, i) => ['SET', `key:${`${from + i}`.padStart(12, '0')}`, value]),
    )
  }
  client.close()
}

/** Requests of a slow command in one round: enough that V8 has compiled what serves them after the warm-up. */
const SHORTEST = 40_000

const MANY_KEYS = 3_000_000
const MANY_BYTES = 64
const FILL_BATCH = 1000

/** SET, GET, INCR and MSET at pipelines of 1, 16 and 64; SET and GET among three million keys. */
export async function respSection(rounds: number): Promise<Section> {
  const rows: Row[] = []
  for (const [pipeline, requests, aim] of [
    [1, 60_000, 0.95],
    [16, 400_000, 1.25],
    [64, 1_000_000, 1.4],
  ] as const) {
    const label = `, pipeline ${pipeline}`
    rows.push(...(await compare(label, { tests: 'set,get,incr', pipeline, requests }, rounds, atLeast(aim))))
    const fewer = Math.max(requests / 8, SHORTEST)
    rows.push(...(await compare(label, { tests: 'mset', pipeline, requests: fewer }, rounds, atLeast(aim))))
  }
  for (const [pipeline, requests, aim] of [
    [1, 60_000, 1.15],
    [16, 600_000, 1.5],
  ] as const) {
    const load = { tests: 'set,get', pipeline, requests, keys: MANY_KEYS, bytes: MANY_BYTES }
    rows.push(...(await compare(`, 3M keys, pipeline ${pipeline}`, load, rounds, atLeast(aim))))
  }
  return { title: 'RESP', reference: REFERENCE, rows }
}

/** Commands on arrays, which the redis-server of version 7 does not know, beside those on hashes that do the same there. */
const ARRAY_COMMANDS: Readonly<Record<string, readonly [ours: string, theirs: string]>> = {
  'ARSET, beside HSET': ['ARSET k __rand_int__ value', 'HSET k __rand_int__ value'],
  'ARGET, beside HGET': ['ARGET k __rand_int__', 'HGET k __rand_int__'],
  'ARINSERT, beside RPUSH': ['ARINSERT log value', 'RPUSH log value'],
}

export async function arraysSection(rounds: number): Promise<Section> {
  const [ours, theirs] = [await startZerodis(), await startRedis()]
  try {
    const rows: Row[] = []
    for (const [pipeline, requests, aim] of [
      [1, 50_000, 0.9],
      [16, 200_000, 0.5],
    ] as const) {
      for (const [name, lines] of Object.entries(ARRAY_COMMANDS)) {
        const figures = await interleaved(rounds, async (side) => {
          const [server, line] = side === 'ours' ? [ours, lines[0]] : [theirs, lines[1]]
          return [...(await benchmark(server, { pipeline, requests, command: line.split(' ') })).values()][0]
        })
        rows.push({
          name: `${name}, pipeline ${pipeline}`,
          unit: 'requests/s',
          ours: median(figures.ours),
          reference: median(figures.reference),
          aim: atLeast(aim),
        })
      }
    }
    return { title: 'arrays', reference: REFERENCE, rows }
  } finally {
    await Promise.all([ours.stop(), theirs.stop()])
  }
}

/** The whole default list of redis-benchmark, one test at a time. The LRANGE tests fill their list first, uncounted. */
const DEFAULT_TESTS =
  'ping_inline ping_mbulk set get incr lpush rpush lpop rpop sadd hset spop zadd zpopmin lrange_100 lrange_300 ' +
  'lrange_500 lrange_600 mset'

export async function commandsSection(rounds: number): Promise<Section> {
  const rows: Row[] = []
  for (const [pipeline, requests, aim] of [
    [1, 50_000, 0.95],
    [16, 100_000, 1],
  ] as const) {
    for (const test of DEFAULT_TESTS.split(' ')) {
      const found = await compare(`, pipeline ${pipeline}`, { tests: test, pipeline, requests }, rounds, atLeast(aim))
      rows.push(...found.filter(({ name }) => !test.startsWith('lrange') || name.startsWith('LRANGE')))
    }
  }
  return { title: 'redis-benchmark', reference: REFERENCE, rows }
}
