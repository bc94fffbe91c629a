/**
 * Rows of the log: what a batch changed, as commands one behind the other, each of which is whole by itself with its row. A row
 * begins in database 0. A removal that was nobody's command says why it came, since subscribers to events of keys are told
 * another event then: `#expired key`, `#evicted key`, `#hexpired key field`. `#format n`: see format.ts.
 */
import { type Bytes, copyInto, MAX_BYTES } from '../../base/bytes.ts'
import { Places } from '../../base/places.ts'
import { ReplyError } from '../../base/reply.ts'
import { Flag } from '../../commands/command.ts'
import { fits, hashKeys } from '../../commands/placed.ts'
import { PlacedNames } from '../../commands/placednames.ts'
import type { Effect, Engine } from '../../engine/engine.ts'
import { CommandParts, headerOf, selectBytes } from '../../journal/commandbytes.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import { UNANSWERED } from '../../protocol/answer.ts'
import { Decoder, ProtocolError } from '../../protocol/decode.ts'
import { NO_LINK } from '../../session/nolink.ts'
import { Session } from '../../session/session.ts'
import { checkFormat, FORMAT_MARK } from './format.ts'

const CAUSE_LEAD = '#'

const LINE_END = '\r\n'

/** Room for a row at first; and the most that is kept for the next one. Unit: bytes. */
const ROOM = 4096
const WORD_BYTES = 4
const KEPT_ROOM = 2 ** 20

/** One batch that somebody has committed. */
export interface LogRow {
  readonly seq: number
  /** Unix ms of its begin. */
  readonly at: number
  /** Tells processes apart: after a fault it says whose row it is. */
  readonly writer: number
  readonly effects: Uint8Array
}

/** The snapshot that counts. */
export interface SnapshotMark {
  /** Row of the log up to which it stands for all; also its name. 0: there is none. */
  readonly seq: number
  readonly bytes: number
}

/** Whoever makes a snapshot and has not added a piece for so long makes it no more. Unit: ms. */
export const MAKER_SILENT_MS = 30_000

/** Gathers the effects of a batch. */
export class RowWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(ROOM)
  #view = viewOf(this.#bytes)
  #length = 0
  /** What was added as text and is to go behind that. */
  readonly #parts = new CommandParts()
  #hasText = false
  #db = 0
  isEmpty = true

  add(effects: readonly Effect[]): void {
    this.isEmpty = false
    this.#hasText = true
    for (const { db, argv, cause } of effects) {
      this.#select(db)
      this.#parts.add(cause === undefined ? argv : [CAUSE_LEAD + cause, ...argv.slice(1)])
    }
  }

  /** Adds an effect that is a command by its places. */
  addPlaced(db: number, p: Places): void {
    this.isEmpty = false
    if (db !== this.#db) this.#hasText = true
    this.#select(db)
    if (this.#hasText) this.#addText()
    if (p.isPlain) this.#copy(p, p.commandStart, p.commandEnd)
    else this.#addArguments(p)
  }

  /** Its arguments stand somehow. */
  #addArguments(p: Places): void {
    this.#write('*' + p.count)
    for (let i = 0; i < p.count; i++) {
      this.#write(headerOf(p.length(i)))
      this.#copy(p, p.start(i), p.end(i))
    }
    this.#write(LINE_END)
  }

  /** Word by word: half the time of byte by byte. */
  #copy({ view: from }: Places, start: number, end: number): void {
    this.#reserve(end - start)
    const to = this.#view
    let at = this.#length
    let i = start
    for (; i + WORD_BYTES <= end; i += WORD_BYTES, at += WORD_BYTES) to.setInt32(at, from.getInt32(i, true), true)
    for (; i < end; i++, at++) to.setUint8(at, from.getUint8(i))
    this.#length = at
  }

  #write(text: Bytes): void {
    this.#reserve(text.length)
    copyInto(this.#bytes, this.#length, text)
    this.#length += text.length
  }

  /** The row; what comes next is of another one. */
  take(): Uint8Array {
    const row = Buffer.from(this.view())
    this.clear()
    return row
  }

  /** Bytes of the row. */
  get length(): number {
    if (this.#hasText) this.#addText()
    return this.#length
  }

  /** The row where it stands, until something is added. */
  view(): Buffer {
    const { length } = this
    return this.#bytes.subarray(0, length)
  }

  hex(): string {
    const { length } = this
    return this.#bytes.toString('hex', 0, length)
  }

  clear(): void {
    this.#parts.end()
    this.#parts.clear()
    this.#hasText = false
    this.#length = 0
    if (this.#bytes.length > KEPT_ROOM) this.#use(Buffer.allocUnsafeSlow(ROOM))
    this.#db = 0
    this.isEmpty = true
  }

  #select(db: number): void {
    if (db !== this.#db) this.#parts.raw(selectBytes(db))
    this.#db = db
  }

  #addText(): void {
    this.#parts.end()
    for (const part of this.#parts.parts) this.#write(part)
    this.#parts.clear()
    this.#hasText = false
  }

  #reserve(length: number): void {
    const needed = this.#length + length
    if (needed <= this.#bytes.length) return
    const bytes = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length))
    this.#bytes.copy(bytes, 0, 0, this.#length)
    this.#use(bytes)
  }

  #use(bytes: Buffer): void {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}

/** Runs rows of others, past all guards, as a replica runs what its master sends. */
export class RowReader {
  readonly #engine: Engine
  readonly #session: Session
  readonly #decoder = new Decoder(MAX_BYTES)
  readonly #places = new Places()
  #names: PlacedNames | undefined

  constructor(engine: Engine) {
    this.#engine = engine
    const { keyspace, clock, ports } = engine
    this.#session = new Session(0, 'inprocess', NO_LINK, keyspace.dbs[0], ports.access.acl.default, clock.now(), '', '')
    this.#session.mayBlock = false
    this.#session.isMaster = true
  }

  /** What the row removed is there until it says so, whatever time it is. @throws Error where it is no row */
  apply(effects: Uint8Array, at: number): void {
    const { keyspace } = this.#engine
    const decoder = this.#decoder
    this.#session.db = keyspace.dbs[0]
    keyspace.setNow(at)
    keyspace.seesExpired = true
    try {
      decoder.feed(Buffer.from(effects.buffer, effects.byteOffset, effects.byteLength))
      while (this.#runNext());
      if (decoder.pendingBytes !== 0) throw new Error('the log holds a row that is cut off')
    } finally {
      keyspace.seesExpired = false
    }
  }

  /** False if there is no further command. @throws Error */
  #runNext(): boolean {
    const places = this.#places
    places.use(this.#decoder.buffer)
    places.count = this.#decoder.place(places, 0)
    if (places.count !== 0) {
      if (!this.#runPlaced(places)) this.#run(places.argv())
      return true
    }
    const argv = this.#decoder.next()
    if (argv instanceof ProtocolError) throw new Error(`the log holds what is no command: ${argv.text}`)
    if (argv !== undefined) this.#run(argv)
    return argv !== undefined
  }

  /** Runs a command that can be run by its places; false, and nothing is done, if it cannot. */
  #runPlaced(p: Places): boolean {
    const engine = this.#engine
    if (engine.notifier !== undefined || engine.fieldNotifier !== undefined || engine.tracking.size !== 0) return false
    this.#names ??= new PlacedNames(engine.table)
    const command = this.#names.find(p.bytes, p.starts[0], p.ends[0])
    if (command === undefined || (command.flags & Flag.Write) === 0) return false
    if (!fits(p, command) || !command.placed!.suits(p)) return false
    hashKeys(p, command)
    engine.replay(this.#session, command, p, UNANSWERED)
    return true
  }

  #run(argv: readonly Bytes[]): void {
    if (argv[0].startsWith(CAUSE_LEAD)) {
      if (argv[0] === FORMAT_MARK) checkFormat(Number(argv[1]))
      else this.#remove(argv)
      return
    }
    const command = this.#engine.resolve(argv)
    if (command instanceof ReplyError) throw new Error(`the log holds a command that is not known here: ${argv[0]}`)
    this.#engine.replay(this.#session, command, argv)
  }

  /** Its time has come wherever it is found: there, if not yet here. */
  #remove([cause, key, field]: readonly Bytes[]): void {
    const { keyspace } = this.#engine
    const { db } = this.#session
    if (cause === '#evicted') {
      if (db.holds(key)) db.evict(key)
      return
    }
    const { now, keepsExpired } = keyspace
    keyspace.now = Infinity
    keyspace.seesExpired = false
    keyspace.keepsExpired = false
    try {
      if (field === undefined) db.has(key)
      else {
        const hash = db.storedValue(key)
        if (hash instanceof HashValue) db.expireField(key, hash, field, false)
      }
    } finally {
      keyspace.now = now
      keyspace.seesExpired = true
      keyspace.keepsExpired = keepsExpired
    }
  }
}
