/**
 * REST in front of a real Redis beside REST on the local store, and pipelines of 100 commands through it beside redis-benchmark, which
 * sends as many at once to that Redis itself: here the client costs as little as that one (pipelines.ts), since all share two processors.
 * Last, the memory of the process over connections that are lost again and again.
 */
import { execFileSync } from 'node:child_process'
import autocannon from 'autocannon'
import { connectClient } from './client.ts'
import { requestsPerSecond } from './pipelines.ts'
import { startRedis, startZerodis, token } from './process.ts'
import { atLeast, atMost, median, type Section } from './report.ts'
import { interleaved } from './rounds.ts'

const SECONDS = 3
const CONNECTIONS = 32
const PIPELINE = 100
const WARM_UPS = 1

/** Lost connections before memory is read for the first time, and how many more there are before the last. */
const RECONNECTS = [500, 3600] as const

async function perSecond(port: number, path: string, body: unknown): Promise<number> {
  const result = await autocannon({
    url: `http://127.0.0.1:${port}${path}`,
    method: 'POST',
    connections: CONNECTIONS,
    duration: SECONDS,
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refusals, ${result.errors} errors`)
  return result.requests.average
}

function pipelinesPerSecond(port: number, commands: readonly (readonly string[])[]): Promise<number> {
  return requestsPerSecond(port, '/pipeline', commands, CONNECTIONS, SECONDS)
}

/** What redis-benchmark does by itself, in pipelines as long as ours. */
function benchmarkPerSecond(port: number): number {
  const text = execFileSync(
    'redis-benchmark',
    ['-p', `${port}`, '-t', 'set', '-n', '1000000', '-P', `${PIPELINE}`, '-c', `${CONNECTIONS}`, '-q', '--csv'],
    { encoding: 'utf8' },
  )
  return Number(/"SET","([\d.]+)"/.exec(text)![1])
}

export async function upstreamSection(rounds: number): Promise<Section> {
  const redis = await startRedis()
  const local = await startZerodis()
  const remote = await startZerodis('--upstream', `redis://127.0.0.1:${redis.port}`)
  try {
    const single = async (command: readonly string[]) => {
      const { ours, reference } = await interleaved(
        rounds,
        (side) => perSecond((side === 'ours' ? remote : local).httpPort, '/', command),
        WARM_UPS,
      )
      return { ours: median(ours), reference: median(reference) }
    }
    const set = await single(['SET', 'key', 'x'.repeat(32)])
    const get = await single(['GET', 'key'])
    const commands = Array.from({ length: PIPELINE }, (_, i) => ['SET', `key:${i}`, 'xxx'])
    const piped = await interleaved(
      rounds,
      async (side) =>
        side === 'ours'
          ? (await pipelinesPerSecond(remote.httpPort, commands)) * PIPELINE
          : benchmarkPerSecond(redis.port),
      WARM_UPS,
    )
    const pipedLocal = await pipelinesPerSecond(local.httpPort, commands)
    const [before, after] = await memoryOverReconnects(redis.port, remote)
    return {
      title: 'REST in front of a Redis',
      reference: 'local store; redis-benchmark',
      rows: [
        { name: 'SET', unit: 'requests/s', ...set, aim: atLeast(0.7) },
        { name: 'GET', unit: 'requests/s', ...get, aim: atLeast(0.7) },
        {
          name: `SET, pipelines of ${PIPELINE}, beside redis-benchmark`,
          unit: 'commands/s',
          ours: median(piped.ours),
          reference: median(piped.reference),
          aim: atLeast(0.6),
        },
        {
          name: `SET, pipelines of ${PIPELINE}, beside the local store`,
          unit: 'commands/s',
          ours: median(piped.ours),
          reference: pipedLocal * PIPELINE,
        },
        {
          name: `memory after ${RECONNECTS[1]} more lost connections`,
          unit: 'MB',
          ours: after / 2 ** 20,
          reference: before / 2 ** 20,
          aim: atMost(1.1),
        },
      ],
    }
  } finally {
    await remote.stop()
    await local.stop()
    await redis.stop()
  }
}

type Measured = Awaited<ReturnType<typeof startZerodis>>

async function memoryOverReconnects(redisPort: number, remote: Measured): Promise<readonly [number, number]> {
  const client = await connectClient(redisPort)
  const lose = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await client.all([['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']])
      const response = await fetch(`http://127.0.0.1:${remote.httpPort}/get/key`, {
        headers: { authorization: `Bearer ${token}` },
      })
      await response.arrayBuffer()
    }
  }
  await lose(RECONNECTS[0])
  const before = remote.residentBytes()
  await lose(RECONNECTS[1])
  client.close()
  return [before, remote.residentBytes()]
}
