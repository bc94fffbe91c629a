/**
 * The process that is attacked: a server with all its doors, an attacker in process, and a watch that measures how long the
 * event loop stops and what the process takes. It speaks to its parent by messages, and dies of what it does not handle.
 */
import { ftruncateSync, openSync, writeSync } from 'node:fs'
import type { Bytes } from '../../lib/base/bytes.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { Random } from '../differential/random.ts'
import { Hostile } from './hostile.ts'

export interface Order {
  readonly seed: number
  /** Where files go. */
  readonly dir: string
  readonly token: string
  readonly inProcess: boolean
}

/** A time during which nothing else ran. */
export interface Stop {
  readonly ms: number
  /** CPU time of it: little where the machine ran others meanwhile. */
  readonly cpuMs: number
  /** The slowest command of it. */
  readonly command: string
  readonly commandMs: number
}

export type Report =
  | { readonly kind: 'open'; readonly port: number; readonly httpPort: number }
  | {
      readonly kind: 'pulse'
      readonly rss: number
      readonly heap: number
      readonly external: number
      readonly calls: number
    }
  | { readonly kind: 'stop'; readonly stop: Stop }
  | { readonly kind: 'fault'; readonly text: string }

const TICK_MS = 5
const PULSE_MS = 200
const STOP_MS = 50
const LOG_BYTES = 4 * 1024 * 1024

process.once('message', (order: Order) => void attackable(order))
process.on('unhandledRejection', (reason) => die(`unhandled rejection: ${textOf(reason)}`))
process.on('uncaughtException', (error) => die(`uncaught exception: ${textOf(error)}`))
process.on('disconnect', () => process.exit(0))

const send = (report: Report): void => void process.send?.(report)
const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))

function die(text: string): void {
  process.send?.({ kind: 'fault', text } satisfies Report, () => process.exit(70))
}

async function attackable({ seed, dir, token, inProcess }: Order): Promise<void> {
  const server = createServer({
    port: 0,
    dir,
    bind: ['127.0.0.1'],
    'rest-token': token,
    'enable-debug-command': 'yes',
    maxmemory: 128 * 1024 * 1024,
    'maxmemory-policy': 'allkeys-lru',
    'proto-max-bulk-len': 4 * 1024 * 1024,
    'lua-hard-time-limit': 200,
    log: (level, message) => {
      if (level === 'warning' && message.startsWith('Internal error')) send({ kind: 'fault', text: message })
    },
  })
  const slowest = watchCommands(server, openSync(`${dir}/commands.log`, 'a'))
  const { port, httpPort } = await server.listen({ port: 0, httpPort: 0 })
  watchLoop(slowest)
  setInterval(() => {
    const { rss, heapUsed, external } = process.memoryUsage()
    send({ kind: 'pulse', rss, heap: heapUsed, external, calls: slowest.calls })
  }, PULSE_MS)
  if (inProcess) attackInProcess(server, new Random(seed))
  send({ kind: 'open', port, httpPort })
}

interface Slowest {
  calls: number
  command: string
  ms: number
}

/** Writes down each command before it runs, for a crash or a stop leaves no other trace, and remembers the slowest. */
function watchCommands({ engine }: Server, log: number): Slowest {
  const slowest: Slowest = { calls: 0, command: '', ms: 0 }
  let written = 0
  const execute = engine.execute.bind(engine)
  engine.execute = (session, argv) => {
    slowest.calls++
    const command = shortened(argv)
    if (written > LOG_BYTES) ftruncateSync(log)
    if (written > LOG_BYTES) written = 0
    written += writeSync(log, `${session.door} ${command}\n`)
    const startedAt = performance.now()
    try {
      return execute(session, argv)
    } finally {
      const ms = performance.now() - startedAt
      if (ms > slowest.ms) {
        slowest.ms = ms
        slowest.command = command
      }
    }
  }
  return slowest
}

function shortened(argv: readonly Bytes[]): string {
  const words = argv.slice(0, 12).map((word) => JSON.stringify(String(word).slice(0, 120)))
  return words.join(' ') + (argv.length > 12 ? ` … (${argv.length} words)` : '')
}

function watchLoop(slowest: Slowest): void {
  let at = performance.now()
  let cpu = process.cpuUsage()
  setInterval(() => {
    const now = performance.now()
    const used = process.cpuUsage(cpu)
    const ms = now - at - TICK_MS
    if (ms > STOP_MS) {
      const { command, ms: commandMs } = slowest
      send({ kind: 'stop', stop: { ms, cpuMs: (used.user + used.system) / 1000, command, commandMs } })
    }
    at = now
    cpu = process.cpuUsage()
    slowest.command = ''
    slowest.ms = 0
  }, TICK_MS)
}

/** Calls of `execute`, a few at each turn. */
function attackInProcess(server: Server, random: Random): void {
  const hostile = new Hostile(random)
  const door = server.inProcess()
  setInterval(() => {
    for (let i = random.integer(1, 3); i > 0; i--) {
      const argv = random.chance(0.02) ? oddArguments(random) : hostile.command()
      try {
        const reply = door.execute(...(argv as Bytes[]))
        if (reply instanceof Promise) reply.catch(() => {})
      } catch {
        // An error reply is thrown.
      }
    }
  }, 10)
}

/** What JavaScript's callers may pass by mistake. */
function oddArguments(random: Random): unknown[] {
  const odd = [
    undefined,
    null,
    {},
    [],
    Number.NaN,
    -0,
    1n << 70n,
    new Uint8Array(5),
    Buffer.alloc(3),
    true,
    new Date(0),
  ]
  return ['SET', 'a', ...random.times(0, 3, () => random.pick(odd))]
}
