/**
 * Differential testing: the same seeded commands go to zerodis, over RESP, and to genuine Redis, in large pipelines, and
 * every reply is compared. Commands run in episodes, each from an empty store and ended by comparing the state of all
 * keys; so a difference lies within one episode, which is then shrunk to the few commands that still show it.
 */
import type { Bytes } from '../../lib/base/bytes.ts'
import { createServer, type Server, type ServerOptions } from '../../lib/server.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'
import { RespClient } from '../clients/resp.ts'
import { Genuine } from '../contract/harness/genuine.ts'
import { printable, type Seen, show } from '../contract/harness/seen.ts'
import { sameEncoding, sameReply } from './compare.ts'
import type { Generator } from './generator.ts'
import { Random } from './random.ts'

type Argv = readonly Bytes[]

const EPISODE = 1000
/** Bounds the time that shrinking takes. */
const SHRINK_RUNS = 400

export interface Difference {
  readonly what: string
  readonly ours: string
  readonly genuine: string
}

export class Pair {
  readonly #genuine: Genuine
  readonly #server: Server
  readonly #ours: RespClient
  readonly #theirs: RespClient
  readonly #stop: () => Promise<void>

  private constructor(
    genuine: Genuine,
    server: Server,
    ours: RespClient,
    theirs: RespClient,
    stop: () => Promise<void>,
  ) {
    this.#genuine = genuine
    this.#server = server
    this.#ours = ours
    this.#theirs = theirs
    this.#stop = stop
  }

  static async start(settings: ServerOptions = {}): Promise<Pair> {
    const genuine = await Genuine.start()
    const server = createServer({ 'enable-debug-command': 'yes', ...settings })
    const listener = await TcpListener.listen(server, { host: '127.0.0.1', port: 0 })
    const ours = await RespClient.connect({ port: listener.port, host: '127.0.0.1' })
    return new Pair(genuine, server, ours, await genuine.connect(), async () => {
      ours.close()
      await listener.close()
      await server.close()
    })
  }

  async stop(): Promise<void> {
    this.#theirs.close()
    await this.#stop()
    await this.#genuine.stop()
  }

  /** Commands that both must accept. */
  async prepare(commands: readonly Argv[]): Promise<void> {
    if (commands.length === 0) return
    const [ours, theirs] = await this.#both(commands)
    for (const [i, argv] of commands.entries()) {
      for (const reply of [ours[i], theirs[i]]) {
        if (show(reply).startsWith('-')) throw new Error(`${line(argv)} answered ${show(reply)}`)
      }
    }
  }

  /** Runs commands from an empty store; the first difference in a reply, or else in the state they leave. */
  async play(commands: readonly Argv[], generator: Generator): Promise<Difference | undefined> {
    await this.#both([['FLUSHALL']])
    const [ours, theirs] = await this.#both(commands)
    for (const [i, argv] of commands.entries()) {
      if (generator.ignoresReply?.(argv)) continue
      const a = generator.normalise?.(argv, ours[i]) ?? ours[i]
      const b = generator.normalise?.(argv, theirs[i]) ?? theirs[i]
      if (!sameReply(argv, a, b)) return { what: `reply to ${line(argv)}`, ours: show(a), genuine: show(b) }
    }
    this.#checkTables()
    return this.#compareState(generator.keys)
  }

  /** @throws Error where a table does not hold together, before or after all its records were moved */
  #checkTables(): void {
    for (const db of this.#server.engine.keyspace.dbs) {
      db.table.check()
      db.table.startLeaving(Infinity)
      db.moveRecords(db.size, db.size)
      db.table.endLeaving()
      db.table.check()
    }
  }

  async #compareState(keys: readonly Bytes[]): Promise<Difference | undefined> {
    const probes: Argv[] = [['DBSIZE']]
    for (const key of keys) probes.push(['TYPE', key], ['PTTL', key], ['OBJECT', 'ENCODING', key])
    const [ours, theirs] = await this.#both(probes)
    const contents: Argv[] = []
    for (const [i, argv] of probes.entries()) {
      const same = argv[0] === 'OBJECT' ? sameEncoding(ours[i], theirs[i]) : sameReply(argv, ours[i], theirs[i])
      if (!same) return { what: `state, ${line(argv)}`, ours: show(ours[i]), genuine: show(theirs[i]) }
      if (argv[0] === 'TYPE') contents.push(...readAll((theirs[i] as { text: string }).text, argv[1]))
    }
    if (contents.length === 0) return undefined
    const [a, b] = await this.#both(contents)
    for (const [i, argv] of contents.entries()) {
      if (!sameReply(argv, a[i], b[i])) return { what: `state, ${line(argv)}`, ours: show(a[i]), genuine: show(b[i]) }
    }
    return undefined
  }

  #both(commands: readonly Argv[]): Promise<[Seen[], Seen[]]> {
    return Promise.all([this.#ours.pipeline(commands), this.#theirs.pipeline(commands)])
  }
}

/** Commands that read the whole of a value. */
function readAll(type: string, key: Bytes): Argv[] {
  switch (type) {
    case 'string':
      return [['GET', key]]
    case 'list':
      return [['LRANGE', key, '0', '-1']]
    case 'set':
      return [['SMEMBERS', key]]
    case 'hash':
      return [['HGETALL', key]]
    case 'zset':
      return [['ZRANGE', key, '0', '-1', 'WITHSCORES']]
    case 'stream':
      return [
        ['XRANGE', key, '-', '+'],
        ['XLEN', key],
      ]
    default:
      return []
  }
}

/**
 * Runs `operations` commands of a generator, on a store with such settings; throws with the seed and the shrunk commands at the first
 * difference.
 */
export async function runDifferential(
  generator: Generator,
  seed: number,
  operations: number,
  settings: ServerOptions = {},
): Promise<void> {
  const pair = await Pair.start(settings)
  try {
    await pair.prepare(generator.setup ?? [])
    const random = new Random(seed)
    for (let done = 0; done < operations; done += EPISODE) {
      // The second half speaks RESP3.
      if (done <= operations / 2 && done + EPISODE > operations / 2) await pair.prepare([['HELLO', '3']])
      const commands = Array.from({ length: Math.min(EPISODE, operations - done) }, () => generator.next(random))
      const difference = await pair.play(commands, generator)
      if (difference !== undefined) throw await report(pair, generator, seed, commands, difference)
    }
  } finally {
    await pair.stop()
  }
}

async function report(
  pair: Pair,
  generator: Generator,
  seed: number,
  commands: readonly Argv[],
  first: Difference,
): Promise<Error> {
  let found = first
  const fails = async (fewer: readonly Argv[]): Promise<boolean> => {
    const difference = await pair.play(fewer, generator)
    if (difference !== undefined) found = difference
    return difference !== undefined
  }
  const few = await shrink(commands, fails)
  await fails(few)
  const list = few.map((argv) => `  ${line(argv)}`)
  return new Error(
    [
      `${generator.name} differs from genuine Redis: ${found.what}`,
      `  zerodis  ${found.ours}`,
      `  genuine  ${found.genuine}`,
      `after ${few.length} commands (ZERODIS_FUZZ_SEED=${seed}):`,
      ...list.slice(-60),
    ].join('\n'),
  )
}

/** Delta debugging: leaves out ever smaller pieces for as long as what is left still fails. */
async function shrink(
  commands: readonly Argv[],
  fails: (fewer: readonly Argv[]) => Promise<boolean>,
): Promise<readonly Argv[]> {
  let left = commands
  let runs = 0
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = left.length - size; from > -size; from -= size) {
      const start = Math.max(0, from)
      const fewer = [...left.slice(0, start), ...left.slice(from + size)]
      if (fewer.length === left.length || fewer.length === 0) continue
      if (runs++ >= SHRINK_RUNS) return left
      if (await fails(fewer)) left = fewer
    }
  }
  return left
}

function line(argv: Argv): string {
  return argv.map((word) => (/^[!#-&(-~]+$/.test(word) ? word : printable(word))).join(' ')
}
