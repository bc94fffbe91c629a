/**
 * The commands of one connection, in the order in which they were given: one pipeline is under way, what comes meanwhile
 * waits for the next. A store that is not reached is asked again, with growing pauses, for as long as `patienceMs`; limiters
 * are set up, and jobs that ended are told, for as long as it takes.
 *
 * A request that broke off may have been carried out. Its commands are sent again all the same where that does no harm:
 * most of Bottleneck's scripts set what they set, `submit` counts a job as queued twice at worst, `register` is well if what
 * it may have registered is freed before. What must not happen twice (`increment_reservoir`, a message of the application)
 * fails instead.
 *
 * Scripts are run by their digest. A store that has lost them (NOSCRIPT: it began anew) is given them ahead of the next
 * command that needs them.
 */
import scripts from 'bottleneck/lib/Scripts.js'
import { type Argument, backOff, type Outcome, type Wire, type WireError } from './wire.ts'

/** Commands per request: a bound on its size, since those of Bottleneck are short. */
const PIPELINE_LENGTH = 1_000
/** How often one command may find that its script is not there. */
const LOADS_MAX = 3

const ENDED = 'the connection to the store was ended'

/** Since 7.0 Redis puts `ERR ` before what a script says with one word. Bottleneck knows its own words bare. */
const BOTTLENECK_ERROR = /^ERR (?=SETTINGS_KEY_NOT_FOUND$|UNKNOWN_CLIENT$|OVERWEIGHT:)/

/** A script's call: its name, the limiter, and `[now, clientId, …]`. */
interface ScriptCall {
  readonly script: string
  readonly limiterId: string
  readonly args: readonly Argument[]
}

interface Entry {
  readonly call: readonly Argument[] | ScriptCall
  readonly givenAt: number
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
  /** True if a request with it broke off. */
  readonly again: boolean
  loads: number
}

export interface QueueEvents {
  onError(error: Error): void
  /** The store answers again, after a time in which it did not. */
  onRecovered(): void
}

export class CommandQueue {
  readonly #wire: Wire
  readonly #events: QueueEvents
  readonly #patienceMs: number
  readonly #ended = new AbortController()
  readonly #digests = new Map<string, string>()
  /** Scripts that the store does not have. */
  readonly #unloaded = new Set<string>()
  #entries: Entry[] = []
  /** Those under way. */
  #sent: readonly Entry[] = []
  #running: Promise<void> | undefined
  #closing = false
  #failures = 0

  constructor(wire: Wire, patienceMs: number, events: QueueEvents) {
    this.#wire = wire
    this.#patienceMs = patienceMs
    this.#events = events
  }

  /** Gives the store all scripts, which needs it to answer. @throws Error; nothing is tried again */
  async loadScripts(): Promise<void> {
    const loads = scripts.names.map((name) => ['SCRIPT', 'LOAD', scripts.payload(name)])
    const outcomes = await this.#wire.send(loads, this.#ended.signal)
    outcomes.forEach(({ result, error }, i) => {
      if (error !== undefined) throw new Error(error)
      this.#digests.set(scripts.names[i], String(result))
    })
  }

  /** Settles with the reply. @throws WireError if the store is not reached, Error if it answers with one */
  run(call: readonly Argument[] | ScriptCall): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const entry = { call, givenAt: Date.now(), resolve, reject, again: false, loads: 0 }
      if (this.#closing) return refuse(entry, new Error(ENDED))
      this.#entries.push(entry)
      // What is given within one turn leaves together.
      this.#running ??= Promise.resolve().then(() => this.#drain())
    })
  }

  /** Ends. With `flush` after a last attempt to carry out what was given, else at once. */
  async close(flush: boolean): Promise<void> {
    this.#closing = true
    if (flush) await this.#running
    this.#ended.abort()
    for (const entry of [...this.#sent, ...this.#entries.splice(0)]) refuse(entry, new Error(ENDED))
  }

  async #drain(): Promise<void> {
    const { signal } = this.#ended
    while (this.#entries.length > 0 && !signal.aborted) {
      const batch = this.#entries.splice(0, PIPELINE_LENGTH)
      this.#sent = batch
      const { commands, positions } = this.#commandsOf(batch)
      try {
        const outcomes = await this.#wire.send(commands, signal)
        if (signal.aborted) return
        this.#settle(batch, (i) => outcomes[positions[i]])
      } catch (error) {
        if (signal.aborted) return
        this.#keep(batch, error as WireError)
        this.#events.onError(error as Error)
        if (!this.#closing) await backOff(this.#failures++, signal)
        continue
      }
      if (this.#failures > 0) {
        this.#failures = 0
        this.#events.onRecovered()
      }
    }
    this.#sent = []
    this.#running = undefined
  }

  /** What is to be sent for these entries, and where in it each of them stands. */
  #commandsOf(batch: readonly Entry[]): { commands: (readonly Argument[])[]; positions: number[] } {
    const commands: (readonly Argument[])[] = []
    const positions = batch.map(({ call, again }) => {
      if (!('script' in call)) return commands.push(call) - 1
      const { script, limiterId, args } = call
      if (again && script === 'register') this.#pushScript(commands, 'free', limiterId, freshened(args).slice(0, 3))
      return this.#pushScript(commands, script, limiterId, again ? freshened(args) : args)
    })
    return { commands, positions }
  }

  #pushScript(commands: (readonly Argument[])[], name: string, limiterId: string, args: readonly Argument[]): number {
    if (this.#unloaded.delete(name)) commands.push(['SCRIPT', 'LOAD', scripts.payload(name)])
    const keys = scripts.keys(name, limiterId)
    return commands.push(['EVALSHA', this.#digests.get(name), keys.length, ...keys, ...args]) - 1
  }

  #settle(batch: readonly Entry[], outcomeOf: (i: number) => Outcome): void {
    const lacking: Entry[] = []
    for (const [i, entry] of batch.entries()) {
      const { result, error } = outcomeOf(i)
      if (error === undefined) entry.resolve(result)
      else if ('script' in entry.call && error.startsWith('NOSCRIPT') && entry.loads++ < LOADS_MAX) {
        this.#unloaded.add(entry.call.script)
        lacking.push(entry)
      } else entry.reject(new Error(error.replace(BOTTLENECK_ERROR, '')))
    }
    this.#entries.unshift(...lacking)
  }

  /** The entries of a request that failed wait for the next, but for those that have to fail too. */
  #keep(batch: readonly Entry[], error: WireError): void {
    const kept: Entry[] = []
    const oldest = Date.now() - this.#patienceMs
    for (const entry of batch) {
      const isLate = error.isRefusal || entry.givenAt < oldest || !isRepeatable(entry.call)
      const isOver = this.#closing || (isLate && !isSetUp(entry.call))
      if (isOver) refuse(entry, error)
      if (isOver && (this.#closing || error.isRefusal || !isOwed(entry.call))) continue
      kept.push({ ...entry, givenAt: isOver ? Infinity : entry.givenAt, again: true })
    }
    this.#entries.unshift(...kept)
  }
}

/** What a limiter begins with. Its failure would be one of `limiter.ready()`, which nobody need look at. */
function isSetUp(call: readonly Argument[] | ScriptCall): boolean {
  return 'script' in call && (call.script === 'init' || call.script === 'register_client')
}

/** What the store is told in any case, though nobody may wait for that: else it would count a job as running for ever. */
function isOwed(call: readonly Argument[] | ScriptCall): boolean {
  return 'script' in call && call.script === 'free'
}

/** Fails a command that is not tried again; a limiter that is being set up just never is. */
function refuse({ call, reject }: Entry, error: Error): void {
  if (!isSetUp(call)) reject(error)
}

function isRepeatable(call: readonly Argument[] | ScriptCall): boolean {
  if ('script' in call) return call.script !== 'increment_reservoir'
  return String(call[0]).toLowerCase() !== 'publish' || !String(call[2]).startsWith('message:')
}

/** The arguments of a script that runs later than it was meant to. */
function freshened([, ...rest]: readonly Argument[]): Argument[] {
  return [Date.now(), ...rest]
}
