/**
 * What the connections of a server do together in one turn of the event loop: all input that is ready is read, then the
 * commands run, then all replies are sent.
 *
 * - A command that stands alone waits for those of the other clients, so that their keys are looked up together (see
 *   lookahead.ts): a look-up by itself was measured at 0.5 to 0.9 us, of 6 to 8 that a request takes. They run in the order in
 *   which they came; whoever sent more than one command is served when they have run.
 * - A reply written at once wakes its client, which then waits for the processor that serves the others: writing once per
 *   client and turn, after the reads, was measured at 1.5 times the throughput. Redis does so before it sleeps.
 * - Where what was answered is not safe yet (gate.ts), the short replies of a turn wait together, as one.
 * - Whoever has had its time goes on in a later turn, and so does who is not served before those of a turn have had theirs
 *   together. All that wait for that share one slice a turn, so that it does not
 *   matter how many they are.
 */
import type { Bytes } from '../base/bytes.ts'
import { immediately, monotonic } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Engine } from '../engine/engine.ts'
import { SLICE_MS } from '../engine/stopwatch.ts'
import type { Gate } from '../journal/gate.ts'
import { KeysAhead } from './lookahead.ts'
import type { OutQueue } from './outqueue.ts'
import { PlacedGroup } from './placedgroup.ts'

/** A connection as its turn sees it. */
export interface TurnMember {
  /** Runs the command that was decoded. */
  runReady(): void
  /** Leaves it to a later turn: those before it were slow. */
  putOff(): void
  /** Sends what was answered. */
  flush(): void
}

/** Replies of a turn that wait until they are safe. */
interface HeldReplies {
  readonly queues: OutQueue[]
  readonly parts: Bytes[]
}

const DONE = Promise.resolve()

/** Most commands that wait for each other. */
const READY_MAX = 64

export class Turn {
  readonly #engine: Engine
  readonly #gate: Gate
  #keys: KeysAhead | undefined
  #placed: PlacedGroup | undefined
  #placedReady: PlacedGroup | undefined
  /** In the order in which their commands came. */
  #ready: TurnMember[] = []
  /** With replies to send, in the order in which they were served. */
  #replied: TurnMember[] = []
  /** Those that have got nothing but pushes: whoever waits for a reply comes first, and can go on. */
  #pushed: TurnMember[] = []
  /** Of the turn whose replies are being sent. */
  #held: HeldReplies | undefined
  #isScheduled = false
  #number = 1
  /** What goes on in later turns, in order, and how much of it this turn has come to. */
  #waiting: (() => void)[] = []
  #resumed = 0
  #sliceEndsAt = 0
  readonly #begin = (): void => {
    this.#sliceEndsAt = monotonic() + SLICE_MS
    this.#goOn()
  }
  readonly #step = (): void => this.#goOn()

  constructor(engine: Engine, gate: Gate) {
    this.#engine = engine
    this.#gate = gate
  }

  /** Made for the first connection. */
  get keys(): KeysAhead {
    return (this.#keys ??= new KeysAhead(this.#engine.table))
  }

  /** What one client has sent at once. */
  get placed(): PlacedGroup {
    return (this.#placed ??= new PlacedGroup(this.#engine))
  }

  /** What waits for the end of the turn. */
  get placedReady(): PlacedGroup {
    return (this.#placedReady ??= new PlacedGroup(this.#engine))
  }

  /** That of the turn which is under way. */
  get number(): number {
    this.#schedule()
    return this.#number
  }

  /** Runs `goOn` in a turn to come. */
  later(goOn: () => void): void {
    if (this.#waiting.push(goOn) === 1) immediately(this.#begin)
  }

  /** One at a time, and what it has promised after it, before the clock is asked. */
  #goOn(): void {
    const goOn = this.#waiting[this.#resumed++]
    try {
      goOn()
    } finally {
      const isLast = this.#resumed === this.#waiting.length
      if (!isLast && monotonic() < this.#sliceEndsAt) this.#goOnBehind()
      else {
        this.#waiting = isLast ? [] : this.#waiting.slice(this.#resumed)
        this.#resumed = 0
        if (!isLast) immediately(this.#begin)
      }
    }
  }

  /** Goes on when what was promised is kept. Fake timers take `queueMicrotask` away. */
  #goOnBehind(): void {
    unawaited(DONE.then(this.#step), this.#engine.config, (message) => this.#engine.ports.process.log(message))
  }

  /** A connection has a command to run, whose keys are noted. */
  ready(member: TurnMember): void {
    this.#schedule()
    if (this.#ready.push(member) === READY_MAX) this.run()
  }

  /** Runs the commands that are ready. */
  run(): void {
    const ready = this.#ready
    if (ready.length === 0) return
    this.#ready = []
    this.#keys?.finish()
    this.#placedReady?.begin()
    // Who tracks keys hears of a change before he is answered anything later.
    const isBatch = ready.length > 1 && this.#engine.tracking.size === 0
    if (isBatch) this.#runBatch(ready)
    else if (ready.length === 1) ready[0].runReady()
    else this.#runSingly(ready)
    this.#placedReady?.clear()
  }

  #runBatch(ready: readonly TurnMember[]): void {
    const { stopwatch } = this.#engine
    this.#engine.beginBatch()
    for (const member of ready) {
      if (stopwatch.isSliceOver) member.putOff()
      else member.runReady()
    }
    this.#engine.endBatch()
  }

  #runSingly(ready: readonly TurnMember[]): void {
    const endsAt = monotonic() + SLICE_MS
    for (const member of ready) {
      if (monotonic() >= endsAt) member.putOff()
      else member.runReady()
    }
  }

  /** A connection has replies to send, or, if `isPush`, nothing but pushes. */
  flushSoon(member: TurnMember, isPush: boolean): void {
    this.#schedule()
    if (isPush) this.#pushed.push(member)
    else this.#replied.push(member)
  }

  /** While replies are sent that are not safe: a part is released when it is, before whatever comes later. */
  hold(queue: OutQueue, part: Bytes): void {
    if (this.#held === undefined) {
      const held: HeldReplies = { queues: [], parts: [] }
      this.#held = held
      this.#gate.whenSafe(() => release(held))
    }
    this.#held.queues.push(queue)
    this.#held.parts.push(part)
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    immediately(() => this.run())
    // Not in one: what a command has ended the waiting of is answered in between.
    immediately(() => this.#flush())
  }

  #flush(): void {
    this.run() // of what has become ready since
    if (this.#gate.isPending) this.#gate.commit() // what is answered is written first, and replicas are sent it now
    this.#isScheduled = false
    this.#number++
    const [replied, pushed] = [this.#replied, this.#pushed]
    this.#replied = []
    this.#pushed = []
    for (const member of replied) member.flush()
    for (const member of pushed) member.flush()
    this.#held = undefined
  }
}

function release({ queues, parts }: HeldReplies): void {
  for (let i = 0; i < queues.length; i++) queues[i].release(parts[i])
}

/** The time of one connection in a turn, over all that comes in for it, in however many pieces. */
export class TurnShare {
  readonly #turn: Turn
  #number = 0
  #endsAt = 0

  constructor(turn: Turn) {
    this.#turn = turn
  }

  /** Something has come in. True if it waits for another turn; the first piece of a turn never does, and asks no clock. */
  get isOver(): boolean {
    const { number } = this.#turn
    if (number !== this.#number) {
      this.#number = number
      this.#endsAt = 0
      return false
    }
    const now = monotonic()
    if (this.#endsAt === 0) this.#endsAt = now + SLICE_MS
    return now >= this.#endsAt
  }
}
