/**
 * The commands of one connection. Those of a limiter run in the order in which they were given, and so does what is no
 * limiter's with all others. Limiters share nothing, so each has one of two lanes, and a pipeline is under way on either: while the
 * store works on one, we do on the answer to the other. What comes meanwhile waits for the next. A store that is not reached
 * is asked again, with growing pauses, for as long as `patienceMs`; limiters are set up, and jobs that ended are told, for as
 * long as it takes.
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
const LANES = 2
/** The lane of what is no limiter's: it has all of them. */
const ALL_LANES = -1
/** How often one command may find that its script is not there. */
const LOADS_MAX = 3

/** Fake timers take it away. Where there is none, what is given within a turn may leave in two. */
const nextTurn: (run: () => void) => unknown = globalThis.setImmediate ?? queueMicrotask

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
  readonly lane: number
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
  /** Those under way, by lane. */
  readonly #sent = new Map<number, readonly Entry[]>()
  #isScheduled = false
  /** After a failure. */
  #pause: Promise<void> | undefined
  #closing = false
  /** Waits for the end of all that was given. */
  #whenDone: (() => void) | undefined
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
      const entry = { call, lane: laneOf(call), givenAt: Date.now(), resolve, reject, again: false, loads: 0 }
      if (this.#closing) return refuse(entry, new Error(ENDED))
      this.#entries.push(entry)
      this.#schedule()
    })
  }

  /** Ends. With `flush` after a last attempt to carry out what was given, else at once. */
  async close(flush: boolean): Promise<void> {
    this.#closing = true
    const isDone = this.#entries.length === 0 && this.#sent.size === 0
    if (flush && !isDone) await new Promise<void>((resolve) => (this.#whenDone = resolve))
    this.#ended.abort()
    for (const entry of [...this.#sent.values()].flat()) refuse(entry, new Error(ENDED))
    for (const entry of this.#entries.splice(0)) refuse(entry, new Error(ENDED))
  }

  /** What is given within one turn leaves together, and so does all that the answers to a request lead to. */
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    nextTurn(() => {
      this.#isScheduled = false
      this.#send()
    })
  }

  #send(): void {
    if (this.#pause !== undefined || this.#ended.signal.aborted || this.#sent.has(ALL_LANES)) return
    if (this.#entries.some(({ lane }) => lane === ALL_LANES)) {
      if (this.#sent.size === 0) this.#sendOn(ALL_LANES, this.#entries.splice(0, PIPELINE_LENGTH))
      return
    }
    for (let lane = 0; lane < LANES; lane++) {
      const batch = this.#sent.has(lane) ? [] : this.#take(lane)
      if (batch.length > 0) this.#sendOn(lane, batch)
    }
  }

  /** The oldest entries of a lane. */
  #take(lane: number): Entry[] {
    const batch: Entry[] = []
    this.#entries = this.#entries.filter((entry) => {
      if (entry.lane !== lane || batch.length === PIPELINE_LENGTH) return true
      batch.push(entry)
      return false
    })
    return batch
  }

  #sendOn(lane: number, batch: readonly Entry[]): void {
    const { signal } = this.#ended
    this.#sent.set(lane, batch)
    const { commands, positions } = this.#commandsOf(batch)
    this.#wire
      .send(commands, signal)
      .then((outcomes) => {
        if (!signal.aborted) this.#settle(batch, (i) => outcomes[positions[i]])
      })
      .then(
        () => this.#succeeded(lane),
        (error: WireError) => this.#failed(lane, batch, error),
      )
  }

  #succeeded(lane: number): void {
    if (this.#ended.signal.aborted) return
    this.#sent.delete(lane)
    if (this.#failures > 0) {
      this.#failures = 0
      this.#events.onRecovered()
    }
    this.#goOn()
  }

  /** Both lanes wait for one pause: what fails together has one reason. */
  #failed(lane: number, batch: readonly Entry[], error: WireError): void {
    const { signal } = this.#ended
    if (signal.aborted) return
    this.#sent.delete(lane)
    this.#keep(batch, error)
    this.#events.onError(error)
    if (this.#closing) this.#goOn()
    else {
      this.#pause ??= backOff(this.#failures++, signal).then(() => {
        this.#pause = undefined
        this.#goOn()
      })
    }
  }

  #goOn(): void {
    if (this.#entries.length > 0) this.#schedule()
    else if (this.#sent.size === 0) this.#whenDone?.()
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

function laneOf(call: readonly Argument[] | ScriptCall): number {
  const id = 'script' in call ? call.limiterId : speaksAs(call)
  if (id === undefined) return ALL_LANES
  let sum = 0
  for (let i = 0; i < id.length; i++) sum = (sum * 31 + id.charCodeAt(i)) >>> 0
  return sum % LANES
}

/** Whose message it is: a limiter says `PUBLISH b_<id> message` for each job that it has ended. */
function speaksAs([name, channel]: readonly Argument[]): string | undefined {
  return name === 'PUBLISH' && typeof channel === 'string' && channel.startsWith('b_') ? channel.slice(2) : undefined
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
