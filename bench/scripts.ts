/**
 * Scripts beside redis-server, driven by redis-benchmark with 50 clients: EVALSHA of one INCRBY, a script of 1,000 calls, a
 * loop that calls nothing, and a function. Both servers run all the while and are measured in turn. Beside the rate, which
 * says much of the machine and its load, stands the processor time that the server took per request.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { connectClient } from './client.ts'
import { type Running, startRedis, startZerodis } from './process.ts'
import { atLeast, median, type Row, type Section } from './report.ts'
import { interleaved, type Side } from './rounds.ts'

const run = promisify(execFile)

const INCRBY = "return redis.call('INCRBY', KEYS[1], ARGV[1])"
const CALLS = "for i = 1, 1000 do redis.call('GET', KEYS[1]) end"
const LOOP = 'local x = 0 for i = 1, 100000 do x = x + i end return x'
const LIBRARY = `#!lua name=bench\nredis.register_function('incrby', function(keys, args) return redis.call('INCRBY', keys[1], args[1]) end)`

interface Case {
  readonly name: string
  readonly command: readonly string[]
  readonly pipeline: number
  readonly requests: number
  readonly aim?: number
}

const one = (name: string, body: string, pipeline: number, requests: number, aim?: number): Case => ({
  name,
  command: ['EVAL', body, '1', 'key:__rand_int__', '1'],
  pipeline,
  requests,
  aim,
})

const CASES: readonly Case[] = [
  one('EVALSHA of one INCRBY, pipeline 1', INCRBY, 1, 60_000, 0.9),
  one('EVALSHA of one INCRBY, pipeline 16', INCRBY, 16, 300_000, 0.6),
  one('EVALSHA of 1,000 calls of GET', CALLS, 1, 4000, 0.9),
  one('EVALSHA of a loop of 100,000 additions', LOOP, 1, 2000),
  {
    name: 'FCALL of one INCRBY, pipeline 16',
    command: ['FCALL', 'incrby', '1', 'key:__rand_int__', '1'],
    pipeline: 16,
    requests: 300_000,
  },
]

interface Figures {
  readonly rate: number
  /** Processor time of the server per request, in microseconds. */
  readonly cpu: number
}

/** Clock ticks of the kernel's statistics per second. */
const TICKS = 100

function cpuSeconds({ pid }: Running): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}

async function measure(server: Running, { command, pipeline, requests }: Case): Promise<Figures> {
  const before = cpuSeconds(server)
  const flags = ['-p', server.port, '-c', 50, '-P', pipeline, '-n', requests, '-r', 100_000].map(String)
  const { stdout } = await run('redis-benchmark', [...flags, '--csv', ...command], { maxBuffer: 2 ** 24 })
  const rate = /^"(?!test)[^\n]*?","([\d.]+)"/m.exec(stdout)?.[1]
  if (rate === undefined) throw new Error(`redis-benchmark said ${stdout}`)
  return { rate: Number(rate), cpu: ((cpuSeconds(server) - before) * 1e6) / requests }
}

/** The scripts by their sha1, which both servers know. */
async function loaded(servers: readonly Running[]): Promise<readonly Case[]> {
  for (const server of servers) {
    const client = await connectClient(server.port)
    await client.all([INCRBY, CALLS, LOOP].map((body) => ['SCRIPT', 'LOAD', body]))
    await client.all([['FUNCTION', 'LOAD', LIBRARY]])
    client.close()
  }
  const sha = (body: string): string => createHash('sha1').update(body).digest('hex')
  return CASES.map((each) =>
    each.command[0] === 'EVAL'
      ? { ...each, command: ['EVALSHA', sha(each.command[1]), ...each.command.slice(2)] }
      : each,
  )
}

export async function scriptsSection(rounds: number): Promise<Section> {
  const [ours, theirs] = [await startZerodis(), await startRedis()]
  const rows: Row[] = []
  try {
    for (const each of await loaded([ours, theirs])) {
      const figures = await interleaved(rounds, (side) => measure(side === 'ours' ? ours : theirs, each))
      const middle = (side: Side, of: 'rate' | 'cpu'): number => median(figures[side].map((found) => found[of]))
      const aim = each.aim === undefined ? undefined : atLeast(each.aim)
      const { name } = each
      rows.push({ name, unit: 'requests/s', ours: middle('ours', 'rate'), reference: middle('reference', 'rate'), aim })
      rows.push({
        name: '  its processor time',
        unit: 'us/request',
        ours: middle('ours', 'cpu'),
        reference: middle('reference', 'cpu'),
      })
    }
  } finally {
    await Promise.all([ours.stop(), theirs.stop()])
  }
  return { title: 'Scripts', reference: 'redis-server', rows }
}
