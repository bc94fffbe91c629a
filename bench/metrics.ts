/**
 * What it costs to be watched: SETs and GETs by redis-benchmark on a store whose page of metrics is read each second, beside one that nobody
 * reads. Beside the rate stands the processor time that the server took, the page's included.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Running, startZerodis, token } from './process.ts'
import { atLeast, atMost, type Row, type Section } from './report.ts'
import { interleaved, medianRow } from './rounds.ts'

const run = promisify(execFile)

const EVERY_MS = 1000
const PIPELINE = 16
/** Some seconds' worth. */
const REQUESTS = 2_000_000

interface Figures {
  readonly rate: number
  /** Microseconds a command. */
  readonly processor: number
}

async function measure(server: Running & { httpPort: number }, isWatched: boolean): Promise<Figures> {
  const page = `http://127.0.0.1:${server.httpPort}/metrics`
  const read = async (): Promise<void> => {
    const answer = await fetch(page, { headers: { authorization: `Bearer ${token}` } })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`the page of metrics: ${answer.status} ${text}`)
  }
  let failure: Error | undefined
  const timer = isWatched
    ? setInterval(() => {
        read().catch((error: Error) => {
          failure = error
        })
      }, EVERY_MS)
    : undefined
  const before = server.processorSeconds()
  const flags = ['-p', server.port, '-t', 'set,get', '-c', 50, '-P', PIPELINE, '-n', REQUESTS / 2, '-r', 100_000]
  const { stdout } = await run('redis-benchmark', [...flags.map(String), '--csv'])
  clearInterval(timer)
  if (failure !== undefined) throw failure
  const rates = [...stdout.matchAll(/^"(?:SET|GET)","([\d.]+)"/gm)].map(([, rate]) => Number(rate))
  const seconds = rates.reduce((sum, rate) => sum + REQUESTS / 2 / rate, 0)
  return { rate: REQUESTS / seconds, processor: ((server.processorSeconds() - before) * 1e6) / REQUESTS }
}

export async function metricsSection(rounds: number): Promise<Section> {
  const [watched, alone] = [await startZerodis(), await startZerodis()]
  try {
    const figures = await interleaved(rounds, (side) => measure(side === 'ours' ? watched : alone, side === 'ours'))
    const name = 'SET and GET, metrics read each second'
    const rows: Row[] = [
      { ...medianRow(figures, name, 'commands/s', ({ rate }) => rate), aim: atLeast(0.99) },
      {
        ...medianRow(figures, '  its processor time', 'us/command', ({ processor }) => processor),
        aim: atMost(1.01),
      },
    ]
    return { title: 'Metrics', reference: 'nobody reads them', rows }
  } finally {
    await Promise.all([watched.stop(), alone.stop()])
  }
}
