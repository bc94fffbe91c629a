/**
 * RESP over TCP beside redis-server, driven by redis-benchmark: 50 clients, 32-byte values, 100k random keys. Both servers
 * run all the while and are measured in turn; the median of each is compared.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Running, startRedis, startZerodis } from './process.ts'
import { atLeast, median, type Row, type Section } from './report.ts'
import { interleaved, type Side } from './rounds.ts'

const run = promisify(execFile)
const REFERENCE = 'redis-server'

/** Requests per second by name of the test. */
async function benchmark(
  server: Running,
  tests: string,
  pipeline: number,
  requests: number,
  command: readonly string[] = [],
): Promise<Map<string, number>> {
  const args = [
    '-p',
    `${server.port}`,
    '-c',
    '50',
    '-P',
    `${pipeline}`,
    '-n',
    `${requests}`,
    '-r',
    '100000',
    '-d',
    '32',
  ]
  const { stdout } = await run(
    'redis-benchmark',
    [...args, ...(tests === '' ? [] : ['-t', tests]), '--csv', ...command],
    {
      maxBuffer: 2 ** 24,
    },
  )
  const figures = new Map<string, number>()
  for (const [, name, rate] of stdout.matchAll(/^"([^"]+)","([\d.]+)"/gm)) if (name !== 'test') figures.set(name, +rate)
  return figures
}

async function compare(
  label: string,
  tests: string,
  pipeline: number,
  requests: number,
  rounds: number,
  aim: Row['aim'],
): Promise<Row[]> {
  const [ours, theirs] = [await startZerodis(), await startRedis()]
  try {
    const figures = await interleaved(rounds, (side) =>
      benchmark(side === 'ours' ? ours : theirs, tests, pipeline, requests),
    )
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

/** Requests of a slow command in one round: enough that V8 has compiled what serves them after the warm-up. */
const SHORTEST = 40_000

/** SET, GET, INCR and MSET at pipelines of 1, 16 and 64. */
export async function respSection(rounds: number): Promise<Section> {
  const rows: Row[] = []
  for (const [pipeline, requests, aim] of [
    [1, 60_000, 0.95],
    [16, 400_000, 0.6],
    [64, 1_000_000, 0.7],
  ] as const) {
    rows.push(...(await compare(`, pipeline ${pipeline}`, 'set,get,incr', pipeline, requests, rounds, atLeast(aim))))
    rows.push(
      ...(await compare(
        `, pipeline ${pipeline}`,
        'mset',
        pipeline,
        Math.max(requests / 8, SHORTEST),
        rounds,
        atLeast(aim),
      )),
    )
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
          return [...(await benchmark(server, '', pipeline, requests, line.split(' '))).values()][0]
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
    [1, 50_000, 0.9],
    [16, 100_000, 0.5],
  ] as const) {
    for (const test of DEFAULT_TESTS.split(' ')) {
      const found = await compare(`, pipeline ${pipeline}`, test, pipeline, requests, rounds, atLeast(aim))
      rows.push(...found.filter(({ name }) => !test.startsWith('lrange') || name.startsWith('LRANGE')))
    }
  }
  return { title: 'redis-benchmark', reference: REFERENCE, rows }
}
