/**
 * A keyspace that several processes share through a log in a database. Each holds all of it; what one changes, the others read
 * in the log and run as well. Design:
 *
 * - A batch is what runs until the next commit: all commands of a turn of the event loop, or one that comes alone. The first of it
 *   that may write takes the database's write lock, then runs what others have appended; so there is no conflict, and nothing to
 *   undo. At the end its effects are appended as one row, and committed. The gate (journal/gate.ts) holds back all that was
 *   computed meanwhile until then.
 * - Without the lock a command first asks whether others have appended something, unless this copy is new enough for it
 *   (copy/freshness.ts). One answer serves for one batch of `Engine.beginBatch`, for nothing is received within it: who has sent a command
 *   after that question is asked for anew. An answer that served for a turn would be older than what a client has sent last in that turn.
 * - Between batches nothing goes by itself: keys past their time are hidden, and the next batch removes them.
 * - The lock is waited for by a timer, never by stopping the event loop; a call in process is held a moment at most. Processes that want it
 *   have it in turns (turns.ts).
 * - A copy is read in slices beside other work; who asks it meanwhile waits, and a call in process has all of the rest read at once.
 * - What cannot be committed is as if it had never been: this copy is thrown away and made anew from snapshot and log.
 *   Who was answered by it, or may have been, is cut off or gets an error.
 */
import { randomBytes } from 'node:crypto'
import type { Bytes } from '../../base/bytes.ts'
import { SHARED_BUSY, SHARED_READ_ONLY, sharedLost, sharedUnknown, sharedUnreadable } from '../../base/errors.ts'
import type { Places } from '../../base/places.ts'
import { ReplyError } from '../../base/reply.ts'
import { immediately, monotonic, pause } from '../../base/runtime.ts'
import { Concern } from '../../engine/concerns.ts'
import type { Effect, Engine } from '../../engine/engine.ts'
import type { SharedPort } from '../../engine/sharedport.ts'
import type { Gate, Keeper } from '../../journal/gate.ts'
import type { Session } from '../../session/session.ts'
import { Copy, type Steps } from '../copy/copy.ts'
import { Freshness } from '../copy/freshness.ts'
import { SqlFault } from '../log/driver.ts'
import { RowWriter } from '../log/rows.ts'
import type { Bell } from './bell.ts'
import { Building } from './building.ts'
import { LockWait } from './lockwait.ts'
import { Refusal } from './refusal.ts'
import type { Tables } from './tables.ts'
import type { TurnNote } from './turnnote.ts'
import { Turns } from './turns.ts'
import type { WalHeader } from './walheader.ts'

/** Rows that are read at a time. */
const ROWS = 256
/** How long the lock is tried at once, before the event loop goes on. Unit: ms. */
const SPIN_MS = 2
/** The same for a call in process, which is held meanwhile. */
const CALL_MS = 20
/** Between two tries of what could not be read. Unit: ms. */
const RETRY_MS = 100

export interface SharedParts {
  readonly engine: Engine
  readonly tables: Tables
  readonly gate: Gate
  /** Others hear of a commit. */
  readonly bell: Bell
  /** Others see that this process waits for the lock. */
  readonly turnNote: TurnNote
  /** Tells at a low price that nobody has committed anything. */
  readonly walHeader: WalHeader
  /** True if somebody here waits for what others do. */
  readonly listens: () => boolean
  /** Ends the connections of all who may have been told what was not kept. */
  readonly cutAll: () => void
  readonly log: (level: 'notice' | 'warning', message: string) => void
}

export interface SharedFigures {
  commits: number
  /** Tries for the lock that found it taken. */
  busy: number
  lastError: string
}

export class Shared implements SharedPort, Keeper {
  readonly isRemote = false
  readonly #parts: SharedParts
  readonly copy: Copy
  readonly #writer = new RowWriter()
  readonly #writerId = randomBytes(6).readUIntBE(0, 6)
  /** Of the database when rows were last read: see Tables.dataVersion. */
  #version = -1
  isLocked = false
  #lockedAt = 0
  /** The batch that is under way, or was last, and the bytes of its row. */
  #batch = 0
  #rowBytes = 0
  readonly #freshness: Freshness
  readonly #turns: Turns
  readonly #waiting: LockWait
  #isListening = false
  /** Why this copy is not to be shown; it is not before it was read. */
  #fault: ReplyError | undefined = sharedUnreadable('it is read anew')
  readonly #building = new Building(
    () => this.#read(),
    () => this.#build(false),
  )
  readonly #refusal: Refusal
  #triedAt = 0
  #isClosed = false
  readonly figures: SharedFigures = { commits: 0, busy: 0, lastError: '' }

  constructor(parts: SharedParts) {
    this.#parts = parts
    this.copy = new Copy(parts.engine)
    this.#refusal = new Refusal(parts.tables.isReadOnly, (bytes) => !this.isBusy && parts.tables.keeps(bytes))
    this.#freshness = new Freshness(parts.engine, 'strong')
    this.#turns = new Turns(parts.turnNote, this.#writerId)
    this.#waiting = new LockWait({
      turns: this.#turns,
      timeoutMs: () => parts.engine.config['store-timeout'],
      attempt: () => this.#attempt(),
      answerOf: (error) => (error instanceof ReplyError ? error : this.#faultOf(error)),
      wantsLock: () => this.#fault === undefined,
    })
  }

  get id(): Bytes {
    return this.#parts.tables.id
  }

  get position(): number {
    return this.copy.position
  }

  /** Begins to read what is there; from here on commands run on it. @throws Error where it cannot be read */
  open(): void {
    const { engine, gate } = this.#parts
    engine.keyspace.keepExpired({ isBetweenBatches: true })
    this.#building.run(false)
    engine.effectListeners.push((effects) => this.#take(effects))
    engine.onPlaced = this.#takePlaced
    engine.blocking.lock = (then) => this.lock(then)
    gate.keptBy(this)
    engine.shared = this
    engine.concerns.set(Concern.Shared, true)
  }

  /** Commits what is under way. */
  close(): void {
    if (this.#isClosed) return
    this.commit()
    this.#isClosed = true
    this.#building.end(SHARED_BUSY)
    this.#waiting.close()
    this.#parts.bell.close()
    this.#turns.close()
    this.#parts.walHeader.close()
    this.#parts.tables.close()
  }

  /** All that is here is in the log, unless a batch is under way. */
  get isWhole(): boolean {
    return this.#fault === undefined
  }

  /** The database is in use by a batch, or by a reading that goes on in later turns. */
  get isBusy(): boolean {
    return this.isLocked || this.#building.isUnderWay
  }

  /** Settles when all is read. @throws Error that says why it cannot be */
  ready(): Promise<void> {
    return this.#building.ready()
  }

  // For the engine.

  ask(session: Session, mayWrite: boolean): ReplyError | Promise<ReplyError | undefined> | undefined {
    if (this.isLocked) return undefined
    const refusal = mayWrite ? this.#refusal.answer : undefined
    if (refusal !== undefined) return refusal
    if (!mayWrite && this.#fault === undefined && this.#freshness.suffices(session, this.position)) return undefined
    // Who calls from within the process would rather be held for a moment than given a promise.
    const isHeld = session.door === 'inprocess'
    if (mayWrite && !isHeld && this.#waiting.size !== 0) return this.#waiting.wait() // behind those who wait already
    try {
      for (;;) {
        if (this.#fault !== undefined && !this.#mend(isHeld)) {
          return this.#building.isUnderWay ? this.#waiting.wait() : this.#fault
        }
        if (mayWrite ? this.#spin(isHeld ? CALL_MS : SPIN_MS) : this.refresh()) return undefined
        if (this.#fault === undefined) return this.#waiting.wait()
      }
    } catch (error) {
      return error instanceof SqlFault && error.isBusy ? this.#waiting.wait() : this.#faultOf(error)
    }
  }

  lets(session: Session, mayWrite: boolean): boolean {
    if (this.isLocked) return true
    if (this.#fault !== undefined) return false
    try {
      if (mayWrite) return this.#waiting.size === 0 && this.#refusal.answer === undefined && this.#tryLock()
      return this.#freshness.suffices(session, this.position) || this.refresh()
    } catch {
      return false // who asks again is told why
    }
  }

  listenSoon(): void {
    if (this.#isListening) return
    this.#isListening = true
    immediately(() => {
      this.#isListening = false
      this.hear()
    })
  }

  /** Hears of what others do, if somebody waits for that, and asks for what they have done. To be called between batches. */
  hear(): void {
    const { bell, listens, tables } = this.#parts
    if (this.isLocked || this.#isClosed) return
    bell.hear(listens())
    if (this.#fault === undefined && !tables.isInPlace) this.#spoil() // what others write is not seen here any more
    try {
      if (this.#fault === undefined) this.refresh()
      if (this.#fault !== undefined) this.#mend(false)
    } catch (error) {
      if (!(error instanceof SqlFault && error.isBusy)) this.#faultOf(error) // else it is asked for again
    }
  }

  lock(then: () => void): boolean {
    if (this.isLocked) return true
    this.#waiting.add(then)
    return false
  }

  /** Runs what others have appended, if they have. False: the copy is to be made anew. @throws SqlFault, or Error for rows that cannot be run */
  refresh(): boolean {
    const { tables, walHeader } = this.#parts
    const at = monotonic()
    // Both are read before the rows: what comes in between is asked for again.
    if (walHeader.hasChanged()) {
      const version = tables.dataVersion()
      const isNew = version !== this.#version
      if (isNew && !this.#catchUp()) return false
      this.#version = version
      walHeader.note()
      if (isNew) this.copy.settle()
    }
    this.#freshness.asked(at)
    return true
  }

  /** Between commands: true if a batch is under way now, which `commit` ends. */
  tryLock(): boolean {
    try {
      return this.isLocked || (this.#fault === undefined && this.#tryLock())
    } catch (error) {
      this.#faultOf(error)
      return false
    }
  }

  // For the gate.

  commit(): ReplyError | undefined {
    if (!this.isLocked) return undefined
    const { tables, engine, gate, bell } = this.#parts
    const hasChanged = !this.#writer.isEmpty
    let fault: unknown
    try {
      if (hasChanged) this.#append()
      else tables.rollback()
    } catch (error) {
      fault = error
    } finally {
      this.isLocked = false
      engine.keyspace.keepExpired({ isBetweenBatches: true })
    }
    const isKept = fault === undefined || this.#isThere()
    if (isKept !== true) return this.#lose(fault, isKept === undefined)
    if (hasChanged) {
      this.copy.appended(this.#rowBytes)
      this.figures.commits++
    }
    gate.open(this.#batch)
    if (hasChanged) bell.ring()
    return undefined
  }

  commitSync(): void {
    const lost = this.commit()
    if (lost !== undefined) throw lost
  }

  #append(): void {
    this.#rowBytes = this.#writer.length
    try {
      this.#parts.tables.appendLast(this.position + 1, this.#lockedAt, this.#writerId, this.#writer)
    } finally {
      this.#writer.clear()
    }
  }

  /** Whether the row of this batch is in the log, whatever the database has said of it; undefined where that cannot be read. */
  #isThere(): boolean | undefined {
    const { tables } = this.#parts
    tables.rollback()
    try {
      const [row] = tables.newer(this.position, 1)
      return row !== undefined && row.seq === this.position + 1 && row.writer === this.#writerId
    } catch {
      return undefined
    }
  }

  /** What this batch has done is no part of the log, or may be none: nobody may see it. */
  #lose(fault: unknown, isUnknown: boolean): ReplyError {
    const { gate, cutAll, log } = this.#parts
    const reason = reasonOf(fault)
    this.figures.lastError = reason
    const fate = isUnknown ? 'has not said whether it kept a batch' : 'could not keep a batch, which is undone'
    log('warning', `The shared store ${fate}: ${reason}`)
    this.#writer.clear()
    const error = isUnknown ? sharedUnknown(reason) : sharedLost(reason)
    this.#fault = error
    if (!isUnknown) this.#refusal.begin(error, this.#rowBytes)
    gate.undone(error)
    cutAll()
    this.#triedAt = 0
    this.#mend(false)
    return error
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
    this.#parts.log('warning', `Internal error: ${effects[0].argv[0]} has changed keys outside of a batch`)
    this.#spoil()
  }

  /** This copy is not to be shown any more, and is made anew. */
  #spoil(): void {
    this.#fault = sharedUnreadable('it is read anew')
    this.#triedAt = 0
  }

  /** Tries for the lock for so long. @throws SqlFault */
  #spin(ms: number): boolean {
    if (this.#tryLock()) return true
    if (this.#fault !== undefined || !this.refresh()) return false // rather now than while others wait for the lock
    for (const endsAt = monotonic() + ms; monotonic() < endsAt; ) {
      this.#turns.wait()
      pause(0.1)
      if (this.#tryLock()) return true
      if (this.#fault !== undefined) return false
    }
    return false
  }

  /** False also where the copy is to be made anew. @throws SqlFault, but where another has it */
  #tryLock(): boolean {
    const { tables, engine, gate } = this.#parts
    const at = monotonic()
    if (!this.#turns.mayTry() || !this.#begins()) {
      this.figures.busy++
      return false
    }
    try {
      const version = tables.dataVersion()
      if (version !== this.#version && !this.#catchUp()) {
        tables.rollback()
        return false
      }
      this.#version = version
    } catch (error) {
      tables.rollback()
      throw error
    }
    this.#turns.entered()
    this.#freshness.asked(at)
    this.isLocked = true
    this.#lockedAt = engine.clock.now()
    engine.keyspace.keepExpired({ isBetweenBatches: false })
    gate.shut(++this.#batch)
    gate.gathers()
    this.#waiting.grantCommands()
    this.copy.settle()
    this.#waiting.grantOthers()
    return true
  }

  /** @throws SqlFault, but where another has the lock */
  #begins(): boolean {
    try {
      this.#parts.tables.begin()
      return true
    } catch (error) {
      if (error instanceof SqlFault && error.isBusy) return false
      throw error
    }
  }

  /** For all who wait: true if they go on. @throws SqlFault, or the answer to them */
  #attempt(): boolean {
    if (this.#fault !== undefined && !this.#mend(false) && !this.#building.isUnderWay) throw this.#fault
    return this.#fault === undefined && this.#goOn()
  }

  /** Those who wait may go on, if that is possible now. @throws SqlFault */
  #goOn(): boolean {
    if (this.isLocked) return true
    if (!this.#parts.tables.isReadOnly) return this.#tryLock() || this.#readsAhead()
    this.#waiting.grantCommands()
    return true
  }

  /** What others have appended is run rather now than while they wait for the lock. False: it is waited for. @throws SqlFault */
  #readsAhead(): false {
    try {
      this.refresh()
    } catch (error) {
      if (!(error instanceof SqlFault && error.isBusy)) throw error
    }
    return false
  }

  /** Runs the rows behind this copy's position. False where the next one was compacted: the copy is to be made anew. */
  #catchUp(): boolean {
    const { tables } = this.#parts
    for (;;) {
      const rows = tables.newer(this.position, ROWS)
      if (!this.copy.apply(rows)) {
        this.#spoil()
        return false
      }
      if (rows.length < ROWS) return true
    }
  }

  /** From the snapshot and the rows behind it, as they are at one moment. */
  *#read(): Steps {
    const { tables } = this.#parts
    tables.beginReading()
    try {
      const at = monotonic()
      const version = tables.dataVersion()
      tables.checkFormat()
      const mark = tables.mark()
      yield* this.copy.rebuild({ mark, pieces: tables.pieces(mark.seq), rows: tables.rowsBehind(mark.seq, ROWS) })
      this.#version = version
      this.#fault = undefined
      this.#freshness.askedBefore(at)
    } finally {
      tables.rollback()
    }
  }

  /** Makes a copy anew that must not be shown, now and then. False if it still must not; it may be under way. */
  #mend(atOnce: boolean): boolean {
    if (this.#building.isUnderWay) return atOnce && this.#build(true)
    const now = monotonic()
    if (this.#isClosed || now - this.#triedAt < RETRY_MS) return false
    this.#triedAt = now
    return this.#build(atOnce)
  }

  #build(atOnce: boolean): boolean {
    try {
      if (!this.#building.run(atOnce)) return false
      this.copy.settle()
      return true
    } catch (error) {
      this.#building.end(this.#faultOf(error))
      return false
    }
  }

  /** What a command is answered that met with a fault. A copy in which a row is missing is not shown any more. */
  #faultOf(error: unknown): ReplyError {
    const reason = reasonOf(error)
    if (error instanceof SqlFault && error.isReadOnly) return SHARED_READ_ONLY
    if (reason !== this.figures.lastError) this.#parts.log('warning', `The shared store: ${reason}`)
    this.figures.lastError = reason
    const answer = sharedUnreadable(reason)
    if (!(error instanceof SqlFault) || this.#fault !== undefined) this.#fault = answer
    return answer
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
