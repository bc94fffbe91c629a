/**
 * Histories over several processes on one database, some of which are killed meanwhile.
 * Usage: node --import tsx tests/stores/run.ts [--seconds 30] [--processes 3] [--seed N] [--kill 700]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { RespClient } from '../clients/resp.ts'
import { faultsOf, type Operation } from './history.ts'

const KEYS = 3
const CLIENTS = 3
/** Who has no answer by then gets none. */
const ANSWER_MS = 30_000

export interface Outcome {
  readonly operations: number
  readonly unknown: number
  readonly kills: number
  readonly faults: readonly string[]
}

interface Running {
  readonly child: ChildProcess
  readonly port: number
}

function start(database: string): Promise<Running> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'process.ts'), database], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)))
    child.stdout!.once('data', (data) => resolve({ child, port: Number(data) }))
  })
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export async function runHistories(seconds: number, processes: number, seed: number, killMs: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'zerodis-history-'))
  const database = join(folder, 'keys.db')
  const random = randomOf(seed)
  const places: Promise<Running>[] = Array.from({ length: processes }, () => start(database))
  const history: Operation[] = []
  const stuck: Operation[] = []
  let kills = 0
  let values = 0
  const running = await Promise.all(places)
  const endsAt = performance.now() + seconds * 1000

  const draw = (): Omit<Operation, 'from' | 'to' | 'answer'> => {
    const kind = random()
    const key = Math.floor(random() * KEYS)
    const value = `v${++values}`
    if (kind < 0.25) return { kind: 'incr', key: `counter:${key}`, value }
    if (kind < 0.45) return { kind: 'push', key: `list:${key}`, value }
    if (kind < 0.6) return { kind: 'set', key: `register:${key}`, value }
    if (kind < 0.85) return { kind: 'get', key: `register:${key}`, value }
    if (kind < 0.98) return { kind: 'count', key: `counter:${key}`, value }
    return { kind: 'list', key: `list:${key}`, value }
  }
  const argvOf = ({ kind, key, value }: Pick<Operation, 'kind' | 'key' | 'value'>): string[] => {
    if (kind === 'incr') return ['INCR', key]
    if (kind === 'push') return ['RPUSH', key, value]
    if (kind === 'set') return ['SET', key, value]
    return kind === 'list' ? ['LRANGE', key, '0', '-1'] : ['GET', key]
  }

  const client = async (place: number): Promise<void> => {
    while (performance.now() < endsAt) {
      try {
        const connection = await RespClient.connect({ port: (await places[place]).port, host: '127.0.0.1' })
        try {
          while (performance.now() < endsAt) {
            // Some alone, some in a pipeline.
            const count = random() < 0.7 ? 1 : 2 + Math.floor(random() * 6)
            const sent = Array.from({ length: count }, () => {
              const operation: Operation = { ...draw(), from: performance.now(), to: Infinity, answer: undefined }
              history.push(operation)
              return { operation, reply: connection.send(argvOf(operation)) }
            })
            let giveUp = (): void => {}
            const givenUp = new Promise<void>((resolve) => {
              giveUp = resolve
            })
            const late = setTimeout(() => {
              for (const { operation } of sent) if (operation.to === Infinity) stuck.push(operation)
              giveUp()
            }, ANSWER_MS)
            const answered = Promise.all(
              sent.map(async ({ operation, reply }) => {
                const answer = (await reply) as { kind?: string } | null
                if (answer?.kind === 'error') return // its fate is told by what follows
                operation.answer = answer
                operation.to = performance.now()
              }),
            )
            await Promise.race([answered, givenUp]).finally(() => clearTimeout(late))
          }
        } finally {
          connection.close()
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }

  const killer = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      await new Promise((resolve) => setTimeout(resolve, killMs * (0.5 + random())))
      const place = Math.floor(random() * processes)
      const { child } = await places[place]
      child.removeAllListeners('exit')
      child.kill('SIGKILL')
      kills++
      places[place] = start(database)
      await places[place]
    }
  }

  try {
    const clients = running.flatMap((_, place) => Array.from({ length: CLIENTS }, () => client(place)))
    await Promise.all([...clients, ...(killMs > 0 ? [killer()] : [])])
    const control = await RespClient.connect({ port: (await places[0]).port, host: '127.0.0.1' })
    const lists = new Map<string, string[]>()
    const counts = new Map<string, number>()
    for (let key = 0; key < KEYS; key++) {
      lists.set(`list:${key}`, (await control.send(['LRANGE', `list:${key}`, '0', '-1'])) as string[])
      counts.set(`counter:${key}`, Number(await control.send(['GET', `counter:${key}`])))
    }
    control.close()
    const unknown = history.filter(({ to }) => to === Infinity).length
    const faults = stuck.map(({ kind, key, value }) => `${kind} ${key} ${value} was never answered`)
    return { operations: history.length, unknown, kills, faults: [...faults, ...faultsOf(history, lists, counts)] }
  } finally {
    for (const place of places) {
      const { child } = await place
      child.removeAllListeners('exit')
      child.kill('SIGKILL')
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '30' },
      processes: { type: 'string', default: '3' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      kill: { type: 'string', default: '700' },
    },
  })
  console.log(`seed ${values.seed}`)
  const outcome = await runHistories(+values.seconds, +values.processes, +values.seed, +values.kill)
  console.log(`${outcome.operations} operations, ${outcome.unknown} of unknown fate, ${outcome.kills} kills`)
  for (const fault of outcome.faults.slice(0, 20)) console.log(fault)
  process.exit(outcome.faults.length === 0 ? 0 : 1)
}
