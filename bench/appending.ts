/**
 * What the append-only file costs: SET by redis-benchmark under each `appendfsync`, and without a file, beside redis-server on
 * the same disk. Each round begins with new servers and empty folders, so that neither rewrites its file meanwhile; sides are
 * measured in turn.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startRedis, startZerodis } from './process.ts'
import { atLeast, median, type Row, type Section } from './report.ts'
import { interleaved, type Side } from './rounds.ts'

const run = promisify(execFile)

interface Case {
  readonly name: string
  readonly flags: readonly string[]
  readonly clients: number
  readonly requests: number
  readonly aim: number
}

const appending = (policy: string): readonly string[] => ['--appendonly', 'yes', '--appendfsync', policy]

const CASES: readonly Case[] = [
  { name: 'appendfsync always, 50 clients', flags: appending('always'), clients: 50, requests: 60_000, aim: 0.9 },
  { name: 'appendfsync always, 256 clients', flags: appending('always'), clients: 256, requests: 150_000, aim: 0.9 },
  { name: 'appendfsync everysec, 50 clients', flags: appending('everysec'), clients: 50, requests: 150_000, aim: 0.85 },
  { name: 'no append-only file, 50 clients', flags: [], clients: 50, requests: 150_000, aim: 0.9 },
]

/** Requests that do not count: V8 compiles meanwhile. */
const WARM_UP = 60_000

async function rate(port: number, clients: number, requests: number): Promise<number> {
  const load = ['-t', 'set', '-d', '50', '-r', '100000', '-c', `${clients}`, '-n', `${requests}`, '--csv']
  const { stdout } = await run('redis-benchmark', ['-p', `${port}`, ...load])
  return Number(/^"SET","([\d.]+)"/m.exec(stdout)![1])
}

async function measure(side: Side, { flags, clients, requests }: Case): Promise<number> {
  const server = side === 'ours' ? await startZerodis(...flags) : await startRedis(...flags)
  try {
    await rate(server.port, clients, WARM_UP)
    return await rate(server.port, clients, requests)
  } finally {
    await server.stop()
  }
}

export async function appendingSection(rounds: number): Promise<Section> {
  const rows: Row[] = []
  for (const each of CASES) {
    const figures = await interleaved(rounds, (side) => measure(side, each), 0)
    rows.push({
      name: `SET of 50 bytes, ${each.name}`,
      unit: 'requests/s',
      ours: median(figures.ours),
      reference: median(figures.reference),
      aim: atLeast(each.aim),
    })
  }
  return { title: 'Appending', reference: 'redis-server', rows }
}
