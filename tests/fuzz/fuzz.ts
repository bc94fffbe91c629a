/**
 * A fuzz over all doors: a server in a process of its own, attackers on each door at once, a well-behaved client beside them,
 * and a watch over what the process takes. It fails where the process ends, an error escapes or is told as internal, a
 * well-behaved client is not served in time, the event loop stops for too long, or memory passes its bound; the last inputs
 * then stand in a file.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bytes } from '../../lib/base/bytes.ts'
import { programOf } from '../clients/program.ts'
import { Random } from '../differential/random.ts'
import { ATTACKERS, type Target } from './attackers.ts'
import { control, type Served } from './control.ts'
import type { Order, Report, Stop } from './server.ts'

export interface FuzzOptions {
  readonly seed: number
  readonly ms: number
  /** Attackers on each door. */
  readonly attackers: number
  /** Doors to attack, `in-process` among them. */
  readonly doors: readonly string[]
  /** Longest time in which a well-behaved client must have its answer. */
  readonly servedWithinMs: number
  /** Longest CPU time for which the event loop may stop. */
  readonly stopMaxMs: number
  readonly rssMaxBytes: number
}

export const ALL_DOORS: readonly string[] = [...Object.keys(ATTACKERS), 'in-process']

export interface FuzzResult {
  readonly inputs: number
  readonly commands: number
  readonly peakRssBytes: number
  readonly peakHeapBytes: number
  /** The longest, by CPU time. */
  readonly stops: readonly Stop[]
  readonly served: Readonly<Record<string, Served>>
  /** What went wrong; none if all went well. */
  readonly failures: readonly string[]
  /** Where the last inputs are written, after a failure. */
  readonly trail: string | undefined
}

const TRAIL_INPUTS = 400
const INPUT_BYTES = 20_000
const STOPS_KEPT = 15

export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const dir = mkdtempSync(join(tmpdir(), 'zerodis-fuzz-'))
  const run = new Run(options)
  try {
    await run.start(dir)
    await run.attack()
  } finally {
    await run.end()
  }
  if (run.failures.length === 0) rmSync(dir, { recursive: true, force: true })
  else writeFileSync(join(dir, 'trail.json'), JSON.stringify(run.trail, undefined, 1))
  return run.result(run.failures.length === 0 ? undefined : dir)
}

class Run {
  readonly failures: string[] = []
  readonly trail: { readonly at: number; readonly door: string; readonly input: Bytes }[] = []
  readonly #options: FuzzOptions
  readonly #token = 'fuzz-token-of-the-tests'
  #child: ChildProcess | undefined
  #target: Target = { port: 0, httpPort: 0, token: '' }
  #served: Readonly<Record<string, Served>> = {}
  #stops: Stop[] = []
  #inputs = 0
  #commands = 0
  #peakRss = 0
  #peakHeap = 0
  #ending = false

  constructor(options: FuzzOptions) {
    this.#options = options
  }

  async start(dir: string): Promise<void> {
    const child = fork(programOf('tests/fuzz/server.ts'), {
      execArgv: ['--max-old-space-size=1024'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    let said = ''
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (chunk) => {
        said = (said + chunk).slice(-4000)
      })
    }
    child.on('exit', (code, signal) => {
      if (!this.#ending) this.failures.push(`the process ended with ${signal ?? code}: ${said}`)
    })
    const { seed, doors } = this.#options
    const opened = new Promise<void>((resolve) => {
      child.on('exit', () => resolve())
      child.on('message', (report: Report) => {
        this.#hear(report)
        if (report.kind === 'open') resolve()
      })
    })
    child.send({ seed, dir, token: this.#token, inProcess: doors.includes('in-process') } satisfies Order)
    await opened
  }

  async attack(): Promise<void> {
    const { seed, ms, attackers, doors, servedWithinMs } = this.#options
    const endsAt = performance.now() + ms
    const isOver = (): boolean => performance.now() >= endsAt || this.failures.length > 0
    const clients = control(this.#target, servedWithinMs, isOver, (door, late) => {
      this.failures.push(`the client on ${door} was not served within ${late} ms`)
    })
    this.#served = clients.served
    const attacks = doors.flatMap((door, d) => {
      const attack = ATTACKERS[door]
      if (attack === undefined) return []
      return Array.from({ length: attackers }, (_, i) =>
        attack({
          target: this.#target,
          random: new Random(seed + 1000 * (d + 1) + i),
          note: (input) => this.#note(door, input),
          isOver,
        }),
      )
    })
    // What waits for a server that is gone would wait for ever.
    await Promise.race([Promise.all([...attacks, clients.done]), this.#lateEnd(isOver)])
  }

  async #lateEnd(isOver: () => boolean): Promise<void> {
    while (!isOver()) await delay(50)
    await delay(this.#options.servedWithinMs)
  }

  async end(): Promise<void> {
    this.#ending = true
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  result(trail: string | undefined): FuzzResult {
    return {
      inputs: this.#inputs,
      commands: this.#commands,
      peakRssBytes: this.#peakRss,
      peakHeapBytes: this.#peakHeap,
      stops: this.#stops,
      served: this.#served,
      failures: this.failures,
      trail,
    }
  }

  #hear(report: Report): void {
    switch (report.kind) {
      case 'open':
        this.#target = { port: report.port, httpPort: report.httpPort, token: this.#token }
        break
      case 'pulse':
        this.#commands = report.calls
        this.#peakRss = Math.max(this.#peakRss, report.rss)
        this.#peakHeap = Math.max(this.#peakHeap, report.heap)
        if (report.rss > this.#options.rssMaxBytes) this.failures.push(`it took ${report.rss} bytes`)
        break
      case 'stop':
        this.#stops = [...this.#stops, report.stop].sort((a, b) => b.cpuMs - a.cpuMs).slice(0, STOPS_KEPT)
        if (Math.min(report.stop.cpuMs, report.stop.ms) > this.#options.stopMaxMs) {
          this.failures.push(`it stopped for ${Math.round(report.stop.ms)} ms, slowest command ${report.stop.command}`)
        }
        break
      case 'fault':
        this.failures.push(report.text)
        break
    }
  }

  #note(door: string, input: Bytes): void {
    this.#inputs++
    this.trail.push({ at: Math.round(performance.now()), door, input: input.slice(0, INPUT_BYTES) })
    if (this.trail.length > 2 * TRAIL_INPUTS) this.trail.splice(0, TRAIL_INPUTS)
  }
}
