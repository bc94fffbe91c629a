/**
 * Two processes that write to one database of SQLite at the same time, each for clients that send pipelines.
 * Usage: node --import tsx tests/stores/sqlite/writers.ts [--seconds 10] [--clients 50] [--pipeline 16]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { orThrow } from '../histories/clients.ts'
import { connect, end, type Running, start } from '../processes.ts'

export interface WritersOptions {
  readonly seconds: number
  /** Of each process. */
  readonly clients: number
  readonly pipeline: number
}

export interface WritersReport {
  /** Writes that were acknowledged, by process. */
  readonly written: readonly number[]
  /** What was answered instead. */
  readonly errors: readonly string[]
  /** The longest that a pipeline has taken. */
  readonly slowestMs: number
}

export async function writeTogether({ seconds, clients, pipeline }: WritersOptions): Promise<WritersReport> {
  const folder = mkdtempSync(join(tmpdir(), 'zerodis-writers-'))
  const settings = { store: `sqlite:${join(folder, 'keys.db')}`, loglevel: 'nothing' } as const
  const both = await Promise.all([start(settings), start(settings)])
  const written = both.map(() => 0)
  const errors: string[] = []
  let slowestMs = 0
  try {
    const endsAt = performance.now() + seconds * 1000
    const write = async (process: Running, place: number, name: string): Promise<void> => {
      const client = await connect(process)
      for (let number = 0; performance.now() < endsAt; ) {
        const from = performance.now()
        const replies = Array.from({ length: pipeline }, () =>
          client.send(['SET', `${name}:${number++ % 100}`, `value ${number}`]).then(orThrow),
        )
        for (const reply of await Promise.allSettled(replies)) {
          if (reply.status === 'fulfilled') written[place]++
          else errors.push(String(reply.reason))
        }
        slowestMs = Math.max(slowestMs, performance.now() - from)
      }
      client.close()
    }
    await Promise.all(
      both.flatMap((process, place) =>
        Array.from({ length: clients }, (_, i) => write(process, place, `${place}:${i}`)),
      ),
    )
    return { written, errors, slowestMs }
  } finally {
    for (const process of both) end(process)
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '10' },
      clients: { type: 'string', default: '50' },
      pipeline: { type: 'string', default: '16' },
    },
  })
  const { seconds, clients, pipeline } = values
  const { written, errors, slowestMs } = await writeTogether({
    seconds: +seconds,
    clients: +clients,
    pipeline: +pipeline,
  })
  console.log(`written ${written.join(' and ')}, ${errors.length} errors, the slowest took ${Math.round(slowestMs)} ms`)
  process.exit(errors.length === 0 ? 0 : 1)
}
