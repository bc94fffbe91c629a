/**
 * The walk of a base that consists of commands (`aof-use-rdb-preamble no`, for files that a person may want to read): as that
 * of a snapshot (persistence/snapshot/walk.ts), it writes what the store held when it began, in slices beside commands, and a key that
 * is about to change is written first. Commands are whole by themselves, so what is written early may stand between those of a
 * large value.
 */
import { type Bytes, toArray } from '../base/bytes.ts'
import { monotonic } from '../base/runtime.ts'
import type { DbWalk, KeyWriter } from '../keyspace/dbwalk.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { Pace } from '../persistence/snapshot/pace.ts'
import type { WalkSink } from '../persistence/snapshot/walk.ts'
import type { Going } from '../persistence/snapshot/walks.ts'
import { CommandParts, selectBytes } from './commandbytes.ts'
import { commandsOf } from './valuecommands.ts'

/** Text from which on it is passed on; and what may be out before the walk waits. Unit: bytes. */
const PIECE_BYTES = 2 ** 16
const OUT_MAX = 2 ** 20
/** A value that weighs more is not written at once. Unit: bytes. */
const LARGE_BYTES = 2 ** 19
/** Keys between two looks at the clock. */
const KEYS_BETWEEN = 32

export interface CommandWalkParts {
  readonly keyspace: Keyspace
  /** Number of commands that have run: see Pace. */
  readonly commands: () => number
  readonly sink: WalkSink
  /** Texts of libraries of functions. */
  readonly functions: readonly Bytes[]
  /** Unix seconds, for an annotation at the beginning; undefined for none. */
  readonly timestamp: number | undefined
  /** Called when it is over, before the sink hears of it. */
  readonly onOver: () => void
}

/** A large value, of which these commands are left. */
interface Open {
  readonly db: DbWalk
  commands: Iterator<Bytes[], void>
}

export class CommandWalk implements KeyWriter, Going {
  readonly #parts: CommandWalkParts
  readonly #output = new CommandParts()
  /** Bytes in there, and those that the sink has not written. */
  #gathered = 0
  #out = 0
  #selected: DbWalk | undefined
  #dbs: DbWalk[] = []
  #nextDb = 0
  #open: Open | undefined
  /** Large values that were about to change, as they were. */
  readonly #waiting: Open[] = []
  readonly #pace: Pace
  #isOver = false
  readonly total: number
  processed = 0
  earlyBytes = 0

  constructor(parts: CommandWalkParts) {
    this.#parts = parts
    this.total = parts.keyspace.size
    this.#pace = new Pace((endsAt) => this.#slice(endsAt), parts.commands)
  }

  /** Begins; it goes on by itself. What the store holds at this moment is what will be written. */
  run(): void {
    this.#begin(true)
    this.#pace.resume()
  }

  /** Writes all of it now. @throws what the sink throws */
  runAtOnce(): void {
    try {
      this.#begin(false)
      while (!this.#isOver) this.#advance()
    } finally {
      this.#over()
    }
  }

  /** Gives it up. */
  abandon(error: unknown): void {
    if (this.#isOver) return
    this.#over()
    this.#parts.sink.abandon(error)
  }

  // For the database.

  writeEarly(db: DbWalk, position: number): void {
    if (this.#isOver) return
    try {
      const commands = this.#commandsAt(db, position)
      if (isLarge(db, position)) {
        this.#waiting.push({ db, commands: [...commands].values() })
        return
      }
      const before = this.#gathered
      for (const argv of commands) this.#add(db, argv)
      this.earlyBytes += this.#gathered - before
      this.#pass()
    } catch (error) {
      this.abandon(error)
    }
  }

  detachOpen(): void {
    const open = this.#open
    if (this.#isOver || open === undefined) return
    const left: Bytes[][] = []
    for (let next = open.commands.next(); !next.done; next = open.commands.next()) left.push(next.value)
    open.commands = left.values()
  }

  #begin(isFollowed: boolean): void {
    const { keyspace, functions, timestamp } = this.#parts
    if (timestamp !== undefined) this.#output.raw(`#TS:${timestamp}\r\n`)
    for (const code of functions) this.#output.add(['FUNCTION', 'LOAD', code])
    for (const db of keyspace.dbs) if (db.size > 0) this.#dbs.push(db.beginWalk(this, isFollowed))
  }

  /** Goes on until a moment of `monotonic`, or a little longer. False where there is nothing to do now. */
  #slice(endsAt: number): boolean {
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

  /** Some commands of a large value, or some keys. */
  #advance(): void {
    this.#open ??= this.#waiting.shift()
    if (this.#open !== undefined) {
      this.#advanceOpen(this.#open)
      return
    }
    for (let left = KEYS_BETWEEN; left > 0 && this.#gathered < PIECE_BYTES; left--) {
      const db = this.#dbs[this.#nextDb]
      if (db === undefined) {
        this.#finish()
        return
      }
      const position = db.next()
      if (position === -1) {
        this.#nextDb++
        continue
      }
      const commands = this.#commandsAt(db, position)
      if (isLarge(db, position)) {
        db.open(position)
        this.#open = { db, commands }
        return
      }
      for (const argv of commands) this.#add(db, argv)
    }
    this.#pass()
  }

  #advanceOpen(open: Open): void {
    while (this.#gathered < PIECE_BYTES) {
      const next = open.commands.next()
      if (next.done) {
        open.db.closeOpen()
        this.#open = undefined
        break
      }
      this.#add(open.db, next.value)
    }
    this.#pass()
  }

  #commandsAt(db: DbWalk, position: number): Generator<Bytes[], void, undefined> {
    this.processed++
    const key = db.keyAt(position)
    return commandsOf(key, db.valueAt(position), db.expireAt(position))
  }

  #add(db: DbWalk, argv: readonly Bytes[]): void {
    if (db !== this.#selected) this.#output.raw(selectBytes(db.index))
    this.#selected = db
    this.#output.add(argv)
    for (const argument of argv) this.#gathered += argument.length
  }

  /** Hands on what was gathered, if it is enough. */
  #pass(): void {
    if (this.#gathered >= PIECE_BYTES) this.#flush()
  }

  #flush(): void {
    this.#output.end()
    for (const part of this.#output.parts) {
      const { length } = part
      this.#out += length
      this.#parts.sink.write(toArray(part), () => {
        const waited = this.#out >= OUT_MAX
        this.#out -= length
        if (waited && this.#out < OUT_MAX && !this.#isOver) this.#pace.resume()
      })
    }
    this.#output.clear()
    this.#gathered = 0
  }

  #finish(): void {
    this.#flush()
    this.#over()
    this.#parts.sink.end()
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const db of this.#parts.keyspace.dbs) db.endWalk(this)
    this.#dbs = []
    this.#open = undefined
    this.#waiting.length = 0
    this.#parts.onOver()
  }
}

function isLarge(db: DbWalk, position: number): boolean {
  const value = db.valueAt(position)
  return typeof value === 'object' && value.memoryBytes > LARGE_BYTES
}
