/**
 * Histories over several processes on one database, some of which are killed or stopped meanwhile, checked for what the level promises.
 * Usage: node --import tsx tests/stores/histories/run.ts [--seconds 30] [--processes 3] [--seed N] [--kill 700] [--stop 0] [--freeze 3000]
 *   [--level strong|session|eventual] [--staleness 200] [--store URL | --postgres]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Settings } from '../../../lib/config/config.ts'
import { Random } from '../../differential/random.ts'
import { Cluster } from '../postgres/cluster.ts'
import { connect, end, type Running, start } from '../processes.ts'
import { HistoryClient, orThrow, RespSession, RestSession } from './clients.ts'
import { type End, faultsOf, type Operation, writeFaultsOf } from './history.ts'
import { boundFaultsOf, sessionFaultsOf } from './levels.ts'

export interface RunOptions {
  readonly seconds: number
  readonly processes: number
  readonly seed: number
  /** About so often a process is killed, or stopped for `freezeMs`; 0: never. Unit: ms. */
  readonly killMs: number
  readonly stopMs?: number
  readonly freezeMs?: number
  readonly level?: 'strong' | 'session' | 'eventual'
  readonly stalenessMs?: number
  /** The database; one of SQLite without it. */
  readonly store?: string
  /** Of each process, besides. */
  readonly settings?: Settings
}

export interface Outcome {
  readonly operations: number
  readonly unknown: number
  readonly kills: number
  readonly stops: number
  readonly faults: readonly string[]
}

/** Clients of each process; and as many that go from one to the other with their token. */
const CLIENTS = 3
const KEYS = 3
/** How old what a client reads may be, over what was asked for: it is the driver's clock that tells. Unit: ms. */
const SLACK_MS = 0
/** Who has no answer by then gets none, unless its process was frozen. */
const ANSWER_MS = 30_000

export async function runHistories(options: RunOptions): Promise<Outcome> {
  const { processes, killMs, stopMs = 0, freezeMs = 3000, level = 'strong', stalenessMs = 200 } = options
  const folder = mkdtempSync(join(tmpdir(), 'zerodis-history-'))
  const random = new Random(options.seed)
  const settings = {
    store: options.store ?? `sqlite:${join(folder, 'keys.db')}`,
    'store-timeout': 20_000,
    'store-consistency': level,
    'store-max-staleness': stalenessMs,
    loglevel: 'nothing',
    ...options.settings,
  } as const
  const places: Promise<Running>[] = Array.from({ length: processes }, () => start(settings))
  const history: Operation[] = []
  const stuck: Operation[] = []
  let kills = 0
  let stops = 0
  let sessions = 0
  await Promise.all(places)
  const endsAt = performance.now() + options.seconds * 1000
  const isOver = (): boolean => performance.now() >= endsAt
  const parts = { random, history, stuck, keys: KEYS, isOver, answerMs: ANSWER_MS + freezeMs }

  const clientOf = async (place: number): Promise<void> => {
    while (!isOver()) {
      try {
        const session = new RespSession(++sessions, await connect(await places[place]))
        await new HistoryClient(session, parts).run()
      } catch {
        // Its process was killed: what it had sent may have happened.
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }
  const wanderer = async (): Promise<void> => {
    const session = new RestSession(++sessions, async () => places[random.integer(0, processes - 1)])
    while (!isOver()) {
      try {
        await new HistoryClient(session, parts).run()
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  }
  const disturber = async (everyMs: number, disturb: (place: number) => Promise<void>): Promise<void> => {
    while (everyMs > 0 && !isOver()) {
      await new Promise((resolve) => setTimeout(resolve, everyMs * (0.5 + random.next())))
      await disturb(random.integer(0, processes - 1))
    }
  }
  const kill = async (place: number): Promise<void> => {
    end(await places[place])
    kills++
    places[place] = start(settings)
    await places[place]
  }
  const stop = async (place: number): Promise<void> => {
    const { child } = await places[place]
    child.kill('SIGSTOP')
    stops++
    await new Promise((resolve) => setTimeout(resolve, freezeMs))
    child.kill('SIGCONT')
  }

  try {
    await Promise.all([
      ...places.flatMap((_, place) => Array.from({ length: CLIENTS }, () => clientOf(place))),
      ...Array.from({ length: CLIENTS }, wanderer),
      disturber(killMs, kill),
      disturber(stopMs, stop),
    ])
    const last = await endOf(await places[0], history)
    const faults = stuck.map(({ kind, key, value }) => `${kind} ${key} ${value} was never answered`)
    if (level === 'strong') faults.push(...faultsOf(history, last))
    else faults.push(...writeFaultsOf(history, last, false))
    if (level !== 'eventual') faults.push(...sessionFaultsOf(history))
    if (level === 'eventual') faults.push(...boundFaultsOf(history, stalenessMs + SLACK_MS))
    const unknown = history.filter(({ to }) => to === Infinity).length
    return { operations: history.length, unknown, kills, stops, faults }
  } finally {
    for (const place of places) end(await place)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Asked again where there is an error or a cut: the database may be about to come back. */
async function askUntilAnswered(place: Running, argv: readonly string[]): Promise<unknown> {
  for (const until = performance.now() + ANSWER_MS; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const client = await connect(place)
    try {
      return orThrow(await client.send(argv))
    } catch (error) {
      if (performance.now() >= until) throw error
    } finally {
      client.close()
    }
  }
}

async function endOf(place: Running, history: readonly Operation[]): Promise<End> {
  const lists = new Map<string, string[]>()
  const counts = new Map<string, number>()
  const claims = new Map<string, string>()
  await askUntilAnswered(place, ['CONFIG', 'SET', 'store-consistency', 'strong'])
  for (const [key, kind] of new Map(history.map((operation) => [operation.key, operation.kind]))) {
    if (key.startsWith('list:')) lists.set(key, (await askUntilAnswered(place, ['LRANGE', key, '0', '-1'])) as string[])
    else if (kind === 'claim') claims.set(key, (await askUntilAnswered(place, ['GET', key])) as string)
    else if (!key.startsWith('register:')) counts.set(key, Number(await askUntilAnswered(place, ['GET', key])))
  }
  return { lists, counts, claims }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '30' },
      processes: { type: 'string', default: '3' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      kill: { type: 'string', default: '700' },
      stop: { type: 'string', default: '0' },
      freeze: { type: 'string', default: '3000' },
      level: { type: 'string', default: 'strong' },
      staleness: { type: 'string', default: '200' },
      store: { type: 'string' },
      postgres: { type: 'boolean', default: false },
    },
  })
  console.log(`seed ${values.seed}`)
  const cluster = values.postgres ? await Cluster.start() : undefined
  const outcome = await runHistories({
    seconds: +values.seconds,
    processes: +values.processes,
    seed: +values.seed,
    killMs: +values.kill,
    stopMs: +values.stop,
    freezeMs: +values.freeze,
    level: values.level as 'strong' | 'session' | 'eventual',
    stalenessMs: +values.staleness,
    store: cluster?.url ?? values.store,
  })
  await cluster?.close()
  const { operations, unknown, kills, stops, faults } = outcome
  console.log(
    `${operations} operations, ${unknown} of unknown fate, ${kills} kills, ${stops} stops, ${faults.length} faults`,
  )
  for (const fault of faults.slice(0, 20)) console.log(fault)
  process.exit(faults.length === 0 ? 0 : 1)
}
