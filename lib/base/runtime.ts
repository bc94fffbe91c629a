/**
 * What the runtime does by itself, out of reach of fake timers. Those of vitest, jest, sinon and node:test put functions of
 * their own in the place of Date, setTimeout, setImmediate and performance. The time that a store tells is theirs to move
 * (clock.ts); but how long something took, when a turn of the event loop is over, and work that goes on for ever in the
 * background must not stand still with them, nor end when they are taken away, nor keep `runAllTimers` from an end.
 *
 * The runtime's own functions are kept from when this module was loaded. Where it was loaded while fakes were on, other
 * functions that nobody fakes do the same, only slower: the time stamp of an event, the messages of a channel, a signal that
 * aborts by itself.
 */

/** Fakes have another name, or tell of their clock. */
function isOwn(given: unknown, name: string): boolean {
  return typeof given === 'function' && given.name === name && !('clock' in given)
}

/**
 * A clock for hosts where time stands still while code runs, and goes on only with input and output (Cloudflare): whoever works until a
 * moment would work for ever. There each reading counts as some work, and so does what is said to be some; so slices end.
 */
export class WorkClock {
  /**
   * What work is taken to last between two readings: a few looks into a table, a round of expiry, some keys of a snapshot.
   * Unit: ms.
   */
  static readonly STEP_MS = 0.02
  readonly #read: () => number
  #seen = -Infinity
  #counted = 0

  constructor(read: () => number) {
    this.#read = read
  }

  readonly now = (): number => {
    const seen = this.#read()
    if (seen === this.#seen) this.#counted += WorkClock.STEP_MS
    this.#seen = seen
    return seen + this.#counted
  }

  worked(ms: number): void {
    if (this.#read() === this.#seen) this.#counted += ms
  }
}

/** As `navigator.userAgent` says where time stands still. */
const STANDS_STILL = 'Cloudflare-Workers'

const hrtimeNow = hrtimeReading()
const workClock = globalThis.navigator?.userAgent === STANDS_STILL ? new WorkClock(findReading()) : undefined

/** Milliseconds, with fractions, since some moment: a reading that never goes back. */
export const monotonic: () => number = workClock?.now ?? findReading()

/** What it reads, as INFO and the log name it. */
export const MONOTONIC_CLOCK = hrtimeNow === undefined ? 'performance.now' : 'hrtime'

/** Says how long something has taken, about, that no reading would tell. */
export function worked(ms: number): void {
  workClock?.worked(ms)
}

function findReading(): () => number {
  return hrtimeNow ?? performanceReading()
}

/** In Node: reads as fast as `performance`, which Node loads when it is first named, and that takes 2 ms. */
function hrtimeReading(): (() => number) | undefined {
  const { hrtime, release, versions } = globalThis.process ?? {}
  const isNode = release?.name === 'node' && versions?.['bun'] === undefined && versions?.['deno'] === undefined
  if (!isNode || globalThis.navigator?.userAgent === STANDS_STILL || !isOwn(hrtime, 'hrtime')) return undefined
  return () => {
    const time = hrtime()
    return time[0] * 1e3 + time[1] / 1e6
  }
}

function performanceReading(): () => number {
  const { performance, Performance } = globalThis
  if (typeof Performance !== 'function' || !(performance instanceof Performance)) {
    return () => new Event('').timeStamp
  }
  // Some fakes are put onto the object, in front of what its class has; Bun's class has nothing.
  return (Performance.prototype.now ?? performance.now).bind(performance)
}

let ownImmediate: typeof setImmediate | undefined
let channel: ((run: () => void) => void) | undefined

/** Runs a function when what is ready in this turn of the event loop has been dealt with. */
export function immediately(run: () => void): void {
  if (ownImmediate === undefined && isOwn(globalThis.setImmediate, 'setImmediate')) {
    ownImmediate = globalThis.setImmediate
  }
  if (ownImmediate !== undefined) ownImmediate(run)
  else {
    channel ??= openChannel()
    channel(run)
  }
}

/** In Node a port that waits for messages keeps the process alive: only while there is something to run. */
interface Port {
  ref?(): void
  unref?(): void
}

function openChannel(): (run: () => void) => void {
  const { port1, port2 } = new MessageChannel()
  const port: Port = port1 as object
  const waiting: (() => void)[] = []
  port1.onmessage = () => {
    const run = waiting.shift()!
    if (waiting.length === 0) port.unref?.()
    run()
  }
  return (run) => {
    if (waiting.push(run) === 1) port.ref?.()
    port2.postMessage(undefined)
  }
}

interface Timers {
  readonly set: typeof setTimeout
  readonly clear: typeof clearTimeout
}

let ownTimers: Timers | undefined

function findTimers(): Timers | undefined {
  const { setTimeout: set, clearTimeout: clear } = globalThis
  if (ownTimers === undefined && isOwn(set, 'setTimeout') && isOwn(clear, 'clearTimeout')) ownTimers = { set, clear }
  return ownTimers
}
ownImmediate = isOwn(globalThis.setImmediate, 'setImmediate') ? globalThis.setImmediate : undefined
findTimers()

/** Stops this thread for so long: where it may not be stopped, and time is counted, it works. */
export function pause(ms: number): void {
  if (workClock === undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  else for (const until = monotonic() + ms; monotonic() < until; );
}

/** Runs a function once, a few ms of real time from now; the process stays alive for it. */
export function soon(ms: number, run: () => void): void {
  const timers = findTimers()
  if (timers === undefined) immediately(run)
  else timers.set(run, ms)
}

/**
 * Runs a function once, `ms` of real time from now, and returns its cancellation. It does not keep the process alive.
 * `ms` is at most 2 ** 31 - 1.
 */
export function inBackground(ms: number, run: () => void): () => void {
  const timers = findTimers()
  if (timers === undefined) {
    const signal = AbortSignal.timeout(Math.max(Math.ceil(ms), 0))
    signal.addEventListener('abort', run, { once: true })
    return () => signal.removeEventListener('abort', run)
  }
  const { set, clear } = timers
  const timer: unknown = set(run, ms)
  // Timers are objects in Node and plain numbers elsewhere.
  if (typeof timer === 'object') (timer as { unref(): void }).unref()
  return () => clear(timer as number)
}
