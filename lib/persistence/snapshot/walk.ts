/**
 * The walk of a snapshot: all that the store holds, as it was when the walk began, written in Redis's format (RDB) while
 * commands go on. There is no fork here: the walk goes over the keys in slices of a millisecond at most (pace.ts), and who is
 * about to change a key that it has not come to has that key written first (keyspace/dbwalk.ts). SAVE's file, BGSAVE, the
 * rewriting of the append-only file, full synchronisations: all are this walk into another sink.
 *
 * What is written leaves in pieces of one size. A sink takes each piece at once, and gives its array back when the bytes are
 * out; while too many are out, the walk of its own accord goes no further. Only what writers have written early comes all the
 * same. So nothing holds a whole image. Several sinks may share a walk if they begin together; the slowest sets the pace.
 *
 * Keys that lie in records are gathered and written together (recordbatch.ts), so one that is written early costs who changes it a
 * copy. A value that is large is written in parts (parts.ts). As the form of a snapshot allows nothing in the middle of a value,
 * what is written early meanwhile is kept aside until the value ends. A large value that is about to change is detached from
 * what writers see, and waits for its turn.
 */
import type { Bytes } from '../../base/bytes.ts'
import { monotonic } from '../../base/runtime.ts'
import type { DbWalk, KeyWriter } from '../../keyspace/dbwalk.ts'
import type { Keyspace } from '../../keyspace/keyspace.ts'
import type { At } from '../../memory/arena.ts'
import { Crc64 } from '../format/crc64.ts'
import { RdbOutput } from '../format/output.ts'
import { partsOf, type ValueParts } from '../values/parts.ts'
import { typeFor, writeValue } from '../values/write.ts'
import { Pace } from './pace.ts'
import { RecordBatch } from './recordbatch.ts'
import {
  accessFact,
  type SnapshotOptions,
  snapshotVersion,
  writeEnd,
  writeHead,
  writeKeyHead,
  writeSelect,
} from './snapshot.ts'

/** Of a piece. */
export const PIECE_BYTES = 2 ** 18
/** While so many pieces are out, the walk waits. */
const OUT_MAX = 4
/** Arrays that are kept for pieces to come. */
const FREE_MAX = 8
/** Between two looks at the clock: so many keys, or so many bytes of them. */
const KEYS_BETWEEN = 64
const BYTES_BETWEEN = 2 ** 16

/** Where a snapshot goes. Nothing may be thrown here, but in a walk that runs at once. */
export interface WalkSink {
  /**
   * Takes the next bytes, however many wait already. The array is the sink's until it calls `written`, which it must do once for
   * each piece, in whatever order, also after a failure of its own.
   */
  write(piece: Uint8Array, written: () => void): void
  /** All of the snapshot has been given to `write`. */
  end(): void
  /** There will be no more of it: the walk was given up. */
  abandon(error: unknown): void
}

export interface WalkParts {
  readonly keyspace: Keyspace
  /** Number of commands that have run: see Pace. */
  readonly commands: () => number
  readonly options: SnapshotOptions
  readonly sinks: readonly WalkSink[]
  /** Called when it is over, whether or not it came to its end, before the sinks hear of it. */
  readonly onOver: () => void
}

/** A key whose value is written in parts. */
interface OpenKey {
  readonly db: DbWalk
  readonly key: Bytes
  readonly expireAt: number
  readonly access: number
  readonly type: number
  readonly parts: ValueParts
}

export class Walk implements KeyWriter {
  readonly #parts: WalkParts
  readonly #version: number
  /** Unix seconds of its begin, from which idle times count. */
  readonly #seconds: number
  #sinks: WalkSink[]
  readonly #crc = new Crc64()
  readonly #output: RdbOutput
  /** Keys of one database that are to be written next. */
  readonly #batch: RecordBatch
  #batchDb: DbWalk | undefined
  /** What is written early while a value is written in parts. */
  #aside: RdbOutput | undefined
  #asidePieces: Uint8Array[] = []
  /** The database that the next key of either output is taken to be in. */
  #selected: DbWalk | undefined
  #selectedAside: DbWalk | undefined
  readonly #hasSize = new Set<DbWalk>()
  #dbs: DbWalk[] = []
  #nextDb = 0
  #open: OpenKey | undefined
  /** Detached ones that wait. */
  #waiting: OpenKey[] = []
  readonly #pace: Pace
  /** Pieces that the sinks have not given back. */
  #out = 0
  readonly #free: Uint8Array[] = []
  #isOver = false
  /** Keys that are to be written, and those that are. */
  readonly total: number
  processed = 0
  /** Bytes that were written early, for somebody was about to change them. */
  earlyBytes = 0
  readonly startedAt: number

  constructor(parts: WalkParts) {
    const { keyspace, options } = parts
    this.#parts = parts
    this.#output = new RdbOutput(PIECE_BYTES, (piece) => this.#give(piece), undefined, options.compresses)
    this.#sinks = [...parts.sinks]
    this.#version = snapshotVersion(keyspace, options)
    this.#batch = new RecordBatch(this.#version, options.access ?? 'none', options.compresses === true)
    this.#seconds = Math.floor(keyspace.now / 1000)
    this.#pace = new Pace((endsAt) => this.slice(endsAt), parts.commands)
    this.total = options.data === false ? 0 : keyspace.size
    this.startedAt = keyspace.now
  }

  /** Writes all of it now. @throws what a sink throws */
  runAtOnce(): void {
    try {
      this.#begin(false)
      while (!this.#isOver) this.#advance()
    } finally {
      this.#over()
    }
  }

  /** Begins; it goes on by itself. What the store holds at this moment is what will be written. */
  run(): void {
    try {
      this.begin()
      this.#pace.resume()
    } catch (error) {
      this.abandon(error)
    }
  }

  /** What the store holds at this moment is what `slice` will write. */
  begin(): void {
    this.#begin(true)
  }

  /** Goes on until a moment of `monotonic`, or a little longer. False where there is nothing to do now: it is over, or waits. */
  slice(endsAt: number): boolean {
    try {
      while (!this.#isOver && this.#out < OUT_MAX) {
        this.#advance()
        if (monotonic() >= endsAt) break
      }
    } catch (error) {
      this.abandon(error)
    }
    return !this.#isOver && this.#out < OUT_MAX
  }

  /** A sink wants no more of it. Without any the walk is over. */
  leave(sink: WalkSink): void {
    this.#sinks = this.#sinks.filter((other) => other !== sink)
    if (this.#sinks.length === 0) this.#over()
  }

  /** Gives it up. */
  abandon(error: unknown): void {
    if (this.#isOver) return
    const sinks = this.#sinks
    this.#sinks = []
    this.#over()
    for (const sink of sinks) sink.abandon(error)
  }

  // For the database.

  writeEarly(db: DbWalk, position: number): void {
    if (this.#isOver) return
    try {
      const at = db.addressAt(position)
      if (this.#batch.takes(db.table, at)) {
        this.earlyBytes += this.#gather(db, at)
        return
      }
      const open = at > 0 ? undefined : this.#openKey(db, position)
      if (open !== undefined) {
        open.parts.detach()
        this.#waiting.push(open)
        return
      }
      const output = this.#between()
      const before = output.total
      this.#writeKey(output, db, position)
      this.earlyBytes += output.total - before
    } catch (error) {
      this.abandon(error)
    }
  }

  detachOpen(): void {
    if (this.#isOver) return
    try {
      this.#open!.parts.detach()
    } catch (error) {
      this.abandon(error)
    }
  }

  #begin(isFollowed: boolean): void {
    const { keyspace, options } = this.#parts
    writeHead(this.#output, this.#version, keyspace.now, options)
    if (options.data === false) return
    for (const db of keyspace.dbs) if (db.size > 0) this.#dbs.push(db.beginWalk(this, isFollowed))
  }

  /** A part of a value, or some keys. */
  #advance(): void {
    this.#open ??= this.#nextWaiting()
    if (this.#open !== undefined) {
      if (this.#open.parts.write(this.#output)) this.#closeOpen()
      return
    }
    const end = this.#output.total + BYTES_BETWEEN
    for (let left = KEYS_BETWEEN; left > 0 && this.#output.total < end; left--) {
      const db = this.#dbs[this.#nextDb]
      if (db === undefined) {
        if (this.#waiting.length === 0) this.#finish()
        return
      }
      const position = db.next()
      if (position === -1) {
        this.#nextDb++
        continue
      }
      const at = db.addressAt(position)
      if (this.#batch.takes(db.table, at)) {
        this.#gather(db, at)
        continue
      }
      const open = at > 0 ? undefined : this.#openKey(db, position)
      if (open === undefined) {
        this.#writeKey(this.#output, db, position)
        continue
      }
      db.open(position)
      this.#beginOpen(open)
      this.#open = open
      return
    }
  }

  #nextWaiting(): OpenKey | undefined {
    const open = this.#waiting.shift()
    if (open !== undefined) this.#beginOpen(open)
    return open
  }

  #openKey(db: DbWalk, position: number): OpenKey | undefined {
    const value = db.valueAt(position)
    const parts = partsOf(value, this.#version)
    if (parts === undefined) return undefined
    const key = db.keyAt(position)
    const type = typeFor(value, this.#version)
    return { db, key, expireAt: db.expireAt(position), access: db.accessAt(position), type, parts }
  }

  #beginOpen({ db, key, expireAt, access, type }: OpenKey): void {
    this.#select(this.#output, db)
    this.#writeHeadOf(this.#output, expireAt, access, type)
    this.#output.string(key)
  }

  #closeOpen(): void {
    if (this.#open === undefined) return // a sink was the last to leave
    this.#open.db.closeOpen()
    this.#open.parts.end?.()
    this.#open = undefined
    if (this.#aside === undefined) return
    this.#output.flush()
    this.#aside.flush()
    for (const piece of this.#asidePieces) this.#give(piece)
    this.#aside = undefined
    this.#asidePieces = []
    this.#selected = this.#selectedAside
    this.#selectedAside = undefined
  }

  #newAside(): RdbOutput {
    const keep = (piece: Uint8Array): Uint8Array | undefined => {
      this.#asidePieces.push(piece)
      return this.#free.pop()
    }
    return new RdbOutput(PIECE_BYTES, keep, undefined, this.#parts.options.compresses)
  }

  /** Where keys may be written now. */
  #between(): RdbOutput {
    return this.#open === undefined ? this.#output : (this.#aside ??= this.#newAside())
  }

  /** Takes a key whose value is in its record. Returns the bytes that it takes in the batch. */
  #gather(db: DbWalk, at: At): number {
    const batch = this.#batch
    if (db !== this.#batchDb || batch.isFull) this.#writeBatch()
    this.#batchDb = db
    this.processed++
    const { keyspace, options } = this.#parts
    return batch.add(db.table, at, accessFact(db.table.accessOf(at), options.access, this.#seconds, keyspace))
  }

  #writeBatch(): void {
    if (this.#batch.isEmpty) return
    const output = this.#between()
    this.#select(output, this.#batchDb!)
    this.#batch.writeTo(output)
  }

  #writeKey(output: RdbOutput, db: DbWalk, position: number): void {
    this.#select(output, db)
    const value = db.valueAt(position)
    this.#writeHeadOf(output, db.expireAt(position), db.accessAt(position), typeFor(value, this.#version))
    output.string(db.keyAt(position))
    writeValue(output, value, this.#version)
  }

  #writeHeadOf(output: RdbOutput, expireAt: number, access: number, type: number): void {
    const { keyspace, options } = this.#parts
    this.processed++
    writeKeyHead(output, expireAt, access, options.access, this.#seconds, keyspace)
    output.byte(type)
  }

  #select(output: RdbOutput, db: DbWalk): void {
    const isAside = output === this.#aside
    if (db === (isAside ? this.#selectedAside : this.#selected)) return
    if (isAside) this.#selectedAside = db
    else this.#selected = db
    writeSelect(output, db, !this.#hasSize.has(db))
    this.#hasSize.add(db)
  }

  #finish(): void {
    this.#writeBatch()
    writeEnd(this.#output)
    this.#output.flush()
    const { sum } = this.#crc
    this.#out++
    this.#share(sum, undefined)
    const sinks = this.#sinks
    this.#over()
    for (const sink of sinks) sink.end()
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const db of this.#parts.keyspace.dbs) db.endWalk(this)
    this.#dbs = []
    for (const { parts } of this.#waiting) parts.end?.()
    this.#open?.parts.end?.()
    this.#waiting = []
    this.#open = undefined
    this.#parts.onOver()
  }

  #give(piece: Uint8Array): Uint8Array | undefined {
    this.#crc.add(piece)
    this.#out++
    this.#share(piece, new Uint8Array(piece.buffer))
    return this.#free.pop()
  }

  /** `array` is what comes back for pieces to come. */
  #share(piece: Uint8Array, array: Uint8Array | undefined): void {
    let users = this.#sinks.length
    const written = (): void => {
      if (--users > 0) return
      if (array !== undefined && this.#free.length < FREE_MAX) this.#free.push(array)
      if (this.#out-- === OUT_MAX && !this.#isOver) this.#pace.resume()
    }
    for (const sink of this.#sinks) sink.write(piece, written)
  }
}
