/**
 * Rows of the log: what a batch changed, as commands one behind the other, each of which is whole by itself with its row. A row
 * begins in database 0. A removal that was nobody's command says why it came, since subscribers to events of keys are told
 * another event then: `#expired key`, `#evicted key`, `#hexpired key field`. `#format n`: see format.ts.
 */
import { type Bytes, MAX_BYTES } from '../base/bytes.ts'
import { ReplyError } from '../base/reply.ts'
import type { Effect, Engine } from '../engine/engine.ts'
import { CommandParts, selectBytes } from '../journal/commandbytes.ts'
import { HashValue } from '../keyspace/values/hash.ts'
import { Decoder, ProtocolError } from '../protocol/decode.ts'
import { type Link, Session } from '../session/session.ts'
import { checkFormat, FORMAT_MARK } from './format.ts'

const CAUSE_LEAD = '#'

/** Gathers the effects of a batch. */
export class RowWriter {
  readonly #parts = new CommandParts()
  #db = 0
  isEmpty = true

  add(effects: readonly Effect[]): void {
    this.isEmpty = false
    for (const { db, argv, cause } of effects) {
      if (db !== this.#db) this.#parts.raw(selectBytes(db))
      this.#db = db
      this.#parts.add(cause === undefined ? argv : [CAUSE_LEAD + cause, ...argv.slice(1)])
    }
  }

  /** The row; what comes next is of another one. */
  take(): Uint8Array {
    this.#parts.end()
    const { parts } = this.#parts
    const row =
      parts.length === 1
        ? Buffer.from(parts[0], 'latin1')
        : Buffer.concat(parts.map((part) => Buffer.from(part, 'latin1')))
    this.clear()
    return row
  }

  clear(): void {
    this.#parts.end()
    this.#parts.clear()
    this.#db = 0
    this.isEmpty = true
  }
}

/** Runs rows of others, past all guards, as a replica runs what its master sends. */
export class RowReader {
  readonly #engine: Engine
  readonly #session: Session
  readonly #decoder = new Decoder(MAX_BYTES)

  constructor(engine: Engine) {
    this.#engine = engine
    const { keyspace, clock, ports } = engine
    this.#session = new Session(0, 'inprocess', NOBODY, keyspace.dbs[0], ports.access.acl.default, clock.now(), '', '')
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
      for (let argv = decoder.next(); argv !== undefined; argv = decoder.next()) {
        if (argv instanceof ProtocolError) throw new Error(`the log holds what is no command: ${argv.text}`)
        this.#run(argv)
      }
      if (decoder.pendingBytes !== 0) throw new Error('the log holds a row that is cut off')
    } finally {
      keyspace.seesExpired = false
    }
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
      if (db.storedValue(key) !== undefined) db.evict(key)
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

/** Nobody is there to be told anything. */
const NOBODY: Link = {
  push() {},
  closeAfterReply() {},
  close() {},
  inputBytes: 0,
  outputBytes: 0,
}
