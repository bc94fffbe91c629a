/**
 * A keyspace that several processes share through a log in a database behind a network. What stands in sqlite/shared.ts of batches, rows
 * and what is between them holds here too; what differs is that nothing of it can be waited for by standing still:
 *
 * - Whoever may write waits in a line. One round trip takes the lock for all of it and brings the rows of others; the line runs in one
 *   turn of the event loop; a second round trip appends its effects as one row. Who comes meanwhile is of the next batch, so
 *   that many clients share one commit by themselves.
 * - What was computed since the lock was taken is held back by the gate until the commit is acknowledged: also what others read here.
 * - A read is answered from the copy if that is as new as `store-consistency` asks for (copy/freshness.ts). Else it waits for a question
 *   that is asked after it came (remotecopy.ts).
 * - The database ends the transaction of a process that falls silent, so its late commit fails. What a commit has come to is never
 *   guessed: the lock is taken once more, and the log is read. Only a database that stays away leaves it open, and callers are told so.
 * - What was not kept is undone by reading the copy anew.
 */
import { randomBytes } from 'node:crypto'
import { SHARED_BUSY, SHARED_READ_ONLY, sharedLost, sharedUnknown } from '../../base/errors.ts'
import type { Places } from '../../base/places.ts'
import type { ReplyError } from '../../base/reply.ts'
import { immediately, monotonic } from '../../base/runtime.ts'
import { unawaited } from '../../base/unawaited.ts'
import { Concern } from '../../engine/concerns.ts'
import type { Effect, Engine } from '../../engine/engine.ts'
import type { SharedPort } from '../../engine/sharedport.ts'
import type { Gate, Keeper } from '../../journal/gate.ts'
import type { Session } from '../../session/session.ts'
import { Line } from '../copy/line.ts'
import { type LogRow, RowWriter } from '../log/rows.ts'
import type { DatabaseClock } from './databaseclock.ts'
import { breath, RemoteCopy, turnIsOver } from './remotecopy.ts'
import { RemoteFaults, reasonOf } from './remotefaults.ts'
import type { Begun, RemoteLog } from './remotelog.ts'

/** A copy that is older than this reads what is new before it takes the lock, and not while others wait for that. Unit: ms. */
const LAGGING_MS = 1000

export interface RemoteParts {
  readonly engine: Engine
  readonly log: RemoteLog
  readonly gate: Gate
  /** Set by each answer of the database; absent where a test holds the clock. */
  readonly clock: DatabaseClock | undefined
  /** True if somebody here waits for what others do. */
  readonly listens: () => boolean
  /** Ends the connections of all who may have been told what was not kept. */
  readonly cutAll: () => void
  readonly tell: (level: 'notice' | 'warning', message: string) => void
}

export class Remote implements SharedPort, Keeper {
  readonly isRemote = true
  readonly #parts: RemoteParts
  readonly copy: RemoteCopy
  readonly faults: RemoteFaults
  readonly #writer = new RowWriter()
  readonly #writerId = randomBytes(6).readUIntBE(0, 6)
  readonly #line: Line
  /** What else is to be done when the lock is there. */
  readonly #pending = new Set<() => void>()
  #batches: Promise<void> | undefined
  isLocked = false
  #lockedAt = 0
  #batch = 0
  /** Settles when a row that is on its way has come to its end. */
  #appending: Promise<void> | undefined
  #isListening = false
  #isClosed = false
  commits = 0

  constructor(parts: RemoteParts) {
    this.#parts = parts
    const { engine, log, clock, tell } = parts
    this.faults = new RemoteFaults(tell)
    this.copy = new RemoteCopy({ engine, log, clock, faults: this.faults, held: () => this.#held() })
    this.#line = new Line(
      () => engine.config['store-timeout'],
      () => this.faults.unwritten,
    )
  }

  /** From here on commands run on it; those that need the keys wait until these have been read. */
  open(): void {
    const { engine, gate } = this.#parts
    engine.keyspace.keepExpired({ isBetweenBatches: true })
    engine.effectListeners.push((effects) => this.#take(effects))
    engine.onPlaced = this.#takePlaced
    engine.blocking.lock = (then) => this.lock(then)
    gate.keptBy(this)
    engine.shared = this
    engine.concerns.set(Concern.Shared, true)
    this.copy.askForNews()
  }

  /** Settles when the keys have been read. @throws Error that says why they cannot be */
  async ready(): Promise<void> {
    const refused = await this.copy.wait()
    if (refused !== undefined) throw new Error(refused.text)
  }

  /** Ends when what is under way is committed. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#line.end(SHARED_BUSY)
    await this.#batches
    await this.copy.close(SHARED_BUSY)
    await this.#parts.log.close()
  }

  get id(): string {
    return this.copy.id
  }

  get position(): number {
    return this.copy.position
  }

  /** All that the copy holds is in the log. */
  get isSettled(): boolean {
    return this.copy.isWhole && this.#held() === undefined
  }

  // For the engine.

  ask(session: Session, mayWrite: boolean): ReplyError | Promise<ReplyError | undefined> | undefined {
    if (this.isLocked) return undefined
    if (this.#isClosed) return SHARED_BUSY
    if (mayWrite) return this.copy.isReadOnly ? SHARED_READ_ONLY : this.#line.wait(this.#writeSoon)
    // Calls in process that are not waited for run in their order.
    if (session.door === 'inprocess' && this.#line.size !== 0) return this.#line.wait(this.#writeSoon)
    return this.copy.mayShow(session) ? undefined : this.copy.wait(session)
  }

  lets(session: Session, mayWrite: boolean): boolean {
    return this.isLocked || (!mayWrite && !this.#isClosed && this.copy.mayShow(session))
  }

  listenSoon(): void {
    if (this.#isListening) return
    this.#isListening = true
    immediately(() => {
      this.#isListening = false
      this.hear()
    })
  }

  /** Hears of what others do if somebody waits for that, and asks for what they have done. */
  hear(): void {
    if (this.#isClosed) return
    const { log, listens } = this.#parts
    const isWanted = listens()
    log.hear(isWanted)
    if (isWanted) this.copy.askForNews()
  }

  /** Somebody has committed something: maybe this process. */
  rang(writer: string): void {
    if (writer !== `${this.#writerId}`) this.copy.askForNews()
  }

  lock(then: () => void): boolean {
    if (this.isLocked) return true
    if (this.copy.isReadOnly || this.#isClosed) return false
    this.#pending.add(then)
    this.#writeSoon()
    return false
  }

  // For the gate: what a turn has gathered is on its way by itself.

  commit(): undefined {
    return undefined
  }

  commitSync(): void {
    throw new Error('a remote store cannot be waited for by standing still')
  }

  /** Commands run by places within a batch only: see `lets`. */
  readonly #takePlaced = (db: number, p: Places): boolean => {
    this.#writer.addPlaced(db, p)
    return true
  }

  /** Every effect of this process comes by here. */
  #take(effects: readonly Effect[]): void {
    if (this.copy.isApplying) return
    if (this.isLocked) {
      this.#writer.add(effects)
      return
    }
    // What others do not learn of must not be here either.
    this.#parts.tell('warning', `Internal error: ${effects[0].argv[0]} has changed keys outside of a batch`)
    this.copy.spoil()
  }

  // Batches.

  readonly #writeSoon = (): void => {
    if (this.#batches !== undefined || this.#isClosed) return
    const { engine } = this.#parts
    this.#batches = this.#runBatches()
    unawaited(this.#batches, engine.config, (message) => this.faults.tell(message))
  }

  async #runBatches(): Promise<void> {
    try {
      while ((this.#line.size !== 0 || this.#pending.size !== 0) && !this.#isClosed) {
        try {
          await this.#runBatch()
        } catch (error) {
          this.#failed(error)
          await breath()
          this.#line.sweep()
        }
      }
    } finally {
      this.#batches = undefined
    }
  }

  #failed(error: unknown): void {
    const kind = this.faults.note(error)
    if (kind !== 'read-only' && kind !== 'refused') return // it is worth another try
    this.#pending.clear()
    if (kind === 'read-only') this.copy.noteReadOnly()
    this.#line.end(kind === 'read-only' ? SHARED_READ_ONLY : this.faults.unread)
  }

  async #runBatch(): Promise<void> {
    const { copy } = this
    await copy.whole()
    if (copy.age > LAGGING_MS) await copy.refresh()
    const askedAt = monotonic()
    const begun = await this.#parts.log.begin(copy.position)
    if (!copy.accept(begun, askedAt)) {
      await begun.release()
      return
    }
    await this.#run()
    if (this.#writer.isEmpty) {
      this.#parts.gate.open(this.#batch)
      await begun.release()
      return
    }
    this.#appending = this.#append(begun)
    await this.#appending
  }

  /** The lock is there: all who wait for it run, in this turn of the event loop. */
  #run(): Promise<void> {
    const { engine, gate } = this.#parts
    this.isLocked = true
    this.#lockedAt = engine.clock.now()
    engine.keyspace.keepExpired({ isBetweenBatches: false })
    gate.shut(++this.#batch)
    this.#line.grant()
    this.copy.settle()
    for (const then of this.#pending) {
      this.#pending.delete(then)
      then()
    }
    return new Promise((resolve) => {
      immediately(() => {
        this.isLocked = false
        engine.keyspace.keepExpired({ isBetweenBatches: true })
        resolve()
      })
    })
  }

  /** Undefined where the copy holds nothing but what is in the log; else what settles when it may be so. */
  #held(): Promise<void> | undefined {
    return this.isLocked || !this.#writer.isEmpty ? turnIsOver() : this.#appending
  }

  async #append(begun: Begun): Promise<void> {
    const row = { seq: this.position + 1, at: this.#lockedAt, writer: this.#writerId, effects: this.#writer.take() }
    let isThere: boolean | undefined = true
    let reason = ''
    try {
      await begun.commit(row)
    } catch (error) {
      reason = reasonOf(error)
      isThere = await this.#find(row)
    } finally {
      this.#appending = undefined
    }
    if (isThere !== true) return this.#lose(reason, isThere === undefined)
    this.copy.appended(row.effects.length)
    this.commits++
    this.#parts.gate.open(this.#batch)
  }

  /** Whether a row is in the log: who has the lock knows, as its transaction is over then. Undefined: nobody can tell. */
  async #find({ seq, writer }: LogRow): Promise<boolean | undefined> {
    const { log, engine } = this.#parts
    for (const until = monotonic() + engine.config['store-timeout']; monotonic() < until; ) {
      try {
        const begun = await log.begin(seq - 1)
        await begun.release()
        const [first] = begun.rows
        // One that comes later shows that this one was compacted.
        return first === undefined || first.seq === seq ? first?.writer === writer : undefined
      } catch (error) {
        this.faults.note(error)
        await breath()
      }
    }
    return undefined
  }

  /** What this batch has done is no part of the log, or may be none: nobody may see it. */
  #lose(reason: string, isUnknown: boolean): void {
    const { gate, cutAll, tell } = this.#parts
    const fate = isUnknown ? 'has not said whether it kept a batch' : 'could not keep a batch, which is undone'
    tell('warning', `The shared store ${fate}: ${reason}`)
    this.faults.lastError = reason
    this.copy.spoil()
    gate.undone(isUnknown ? sharedUnknown(reason) : sharedLost(reason))
    cutAll()
    this.copy.askForNews()
  }
}
