/**
 * A full synchronisation: one walk over the keys for all replicas that ask at about the same time. Its snapshot goes straight
 * to them (`repl-diskless-sync`), up to a mark that each of them was told, or into a file of `dir` first, whose length they
 * are told, and which then each of them is sent at its own pace. What is changed meanwhile is kept once for all of them.
 */
import { randomBytes } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { type Bytes, fromArray } from '../base/bytes.ts'
import { inBackground, monotonic } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Engine } from '../engine/engine.ts'
import { FileSink } from '../persistence/files/filesink.ts'
import { delayedEnd } from '../persistence/files/keydelay.ts'
import type { Walk, WalkSink } from '../persistence/snapshot/walk.ts'
import type { Walks } from '../persistence/snapshot/walks.ts'
import type { SnapshotFilter } from '../session/replicationports.ts'
import type { History } from './history.ts'
import { openNameless } from './namelessfile.ts'
import { MARK_BYTES } from './reception.ts'
import type { Replica, ReplicaSync } from './replica.ts'

const READ_BYTES = 256 * 1024
/** How long the end of one is held at a time (`rdb-key-save-delay`). */
const HOLD_STEP_MS = 100
/** Of the stream, before it is made a piece that waits. */
const GATHERED_BYTES = 32 * 1024

export interface FullSyncParts {
  readonly engine: Engine
  readonly walks: Walks
  readonly history: History
  /** What the snapshot says of the history, as of now; the stream behind it begins with the database. */
  readonly facts: () => readonly (readonly [Bytes, Bytes])[]
  /** What was gathered of the stream is sent to those who follow it. */
  readonly settle: () => void
  /** A replica has all, and is sent the stream from here on. */
  readonly online: (replica: Replica) => void
  readonly log: (level: 'notice' | 'warning', message: string) => void
}

export class FullSync implements ReplicaSync {
  readonly #parts: FullSyncParts
  readonly isDiskless: boolean
  readonly filter: SnapshotFilter | undefined
  readonly #members = new Map<Replica, ReplicaSink | undefined>()
  #walk: Walk | undefined
  #file: FileSink | undefined
  #hasBegun = false
  /** It begins when no other walk goes on. */
  isQueued = false
  /** The file is whole. */
  #isSending = false
  /** All of a snapshot without a file is on its way. */
  #hasAll = false
  #offset = 0
  /** By `monotonic`, when it was begun; and how many keys it has. */
  #beganAt = 0
  #keys = 0
  readonly #heldUntil = (): number =>
    delayedEnd(this.#beganAt, this.#keys, this.#parts.engine.config['rdb-key-save-delay'])
  /** What follows the snapshot: pieces, and the latest of it. The parts are short, and as strings would weigh a multiple of themselves. */
  #behind: Buffer[] = []
  #latest = ''
  #behindBytes = 0
  /** Unix ms since when that is past the soft limit; -1 while it is not. */
  #softExceededAt = -1
  /** Unix ms of when the first has asked. */
  readonly askedAt: number

  constructor(parts: FullSyncParts, isDiskless: boolean, filter: SnapshotFilter | undefined) {
    this.#parts = parts
    this.isDiskless = isDiskless
    this.filter = filter
    this.askedAt = parts.engine.clock.now()
  }

  get size(): number {
    return this.#members.size
  }

  get hasBegun(): boolean {
    return this.#hasBegun
  }

  /** True while one more can have the same snapshot. */
  get isOpen(): boolean {
    return !this.#hasBegun || (!this.isDiskless && !this.#isSending)
  }

  /** Its snapshot is being made. */
  get isMaking(): boolean {
    return this.#hasBegun && this.#members.size > 0 && !this.#hasAll && !this.#isSending
  }

  join(replica: Replica): void {
    replica.sync = this
    this.#members.set(replica, undefined)
    if (this.#hasBegun) this.#announce(replica)
  }

  /** A replica has gone, or needs no more of it. */
  leave(replica: Replica): void {
    const sink = this.#members.get(replica)
    this.#members.delete(replica)
    replica.sync = undefined
    if (sink !== undefined) {
      this.#walk?.leave(sink)
      sink.stop()
    }
    if (this.#members.size > 0) return
    if (this.isDiskless && this.#hasBegun && !this.#hasAll) {
      this.#parts.log('warning', 'Diskless rdb transfer, last replica dropped, killing fork child.')
    }
    this.#end()
  }

  /** Takes the state of this moment. */
  begin(): void {
    if (this.#hasBegun || this.#members.size === 0) return
    this.#hasBegun = true
    this.#beganAt = monotonic()
    const { history, walks, facts, log, engine } = this.#parts
    const aux = facts()
    this.#offset = history.offset
    const sinks: WalkSink[] = []
    for (const replica of [...this.#members.keys()]) this.#announce(replica)
    if (this.isDiskless) {
      for (const replica of this.#members.keys()) {
        const sink = new ReplicaSink(
          replica,
          engine,
          (isWhole) => this.#sent(replica, isWhole),
          () => this.#isMade(),
          this.#heldUntil,
        )
        this.#members.set(replica, sink)
        sinks.push(sink)
      }
      log('notice', `Starting BGSAVE for SYNC with target: replicas sockets`)
    } else {
      const file = openNameless(engine.config.dir)
      this.#file = new FileSink({ open: async () => writableUntilRead(await file) }, '', this.#heldUntil)
      sinks.push(this.#file)
      log('notice', `Starting BGSAVE for SYNC with target: disk`)
      unawaited(this.#sendFile(this.#file, file), engine.config, (message) => log('warning', message))
    }
    engine.keyspace.setNow(engine.clock.now())
    this.#walk = walks.begin(sinks, { aux, filter: this.filter })
    this.#keys = this.#walk?.total ?? 0
  }

  /** The next part of the stream. */
  add(part: Bytes): void {
    if (!this.#hasBegun) return
    this.#latest += part
    this.#behindBytes += part.length
    if (this.#latest.length > GATHERED_BYTES) {
      this.#behind.push(Buffer.from(this.#latest, 'latin1'))
      this.#latest = ''
    }
    this.#limit()
  }

  /** What waits for the last of them. */
  get behindBytes(): number {
    return this.#behindBytes
  }

  /** To be called once a second: who waits is to know that somebody is here. */
  everySecond(): void {
    const now = this.#parts.engine.clock.now()
    if (this.#hasBegun && this.isDiskless) {
      // Who has taken all that there was waits for the others, and is not silent.
      for (const [replica, sink] of this.#members) if (sink?.hasTaken) replica.ackedAt = now
      return
    }
    if (this.#isSending) return
    for (const replica of this.#members.keys()) {
      replica.write('\n')
      replica.ackedAt = now
    }
  }

  /** Sends a replica what follows its snapshot. */
  finish(replica: Replica): void {
    replica.startsOnAck = false
    this.#parts.settle()
    for (const piece of this.#behind) replica.write(piece.toString('latin1'))
    if (this.#latest !== '') replica.write(this.#latest)
    this.leave(replica)
    this.#parts.online(replica)
  }

  #announce(replica: Replica): void {
    if (replica.acknowledges) replica.write(`+FULLRESYNC ${this.#parts.history.id} ${this.#offset}\r\n`)
  }

  /** In the words of Redis, as for all of the log. */
  #isMade(): void {
    if (this.#hasAll) return
    this.#hasAll = true
    const { size } = this.#members
    this.#parts.log('warning', `Diskless rdb transfer, done reading from pipe, ${size} replicas still up.`)
  }

  /** A replica was sent the snapshot up to its end, or will not be. */
  #sent(replica: Replica, isWhole: boolean): void {
    if (!this.#members.has(replica)) return
    if (!isWhole) {
      replica.session.link.close()
      return
    }
    this.#members.set(replica, undefined)
    this.#whole(replica)
  }

  #whole(replica: Replica): void {
    this.#parts.log('notice', `Synchronization with replica ${replica.session.addr} succeeded`)
    if (replica.rdbOnly) {
      replica.session.link.closeAfterReply()
      this.leave(replica)
      return
    }
    replica.ackedAt = this.#parts.engine.clock.now()
    if (!this.isDiskless) {
      this.finish(replica)
      return
    }
    replica.state = 'online'
    replica.startsOnAck = true
  }

  async #sendFile(sink: FileSink, opened: Promise<FileHandle>): Promise<void> {
    const { log } = this.#parts
    try {
      await sink.done
    } catch (error) {
      log('warning', `SYNC failed. BGSAVE child returned an error: ${error instanceof Error ? error.message : error}`)
      for (const replica of [...this.#members.keys()]) replica.session.link.close()
      this.#end()
      await opened.then((file) => file.close()).catch(() => {}) // if it was opened at all
      return
    }
    this.#isSending = true
    const file = await opened
    try {
      const { size } = await file.stat()
      await Promise.all([...this.#members.keys()].map((replica) => this.#sendFileTo(replica, file, size)))
    } finally {
      await file.close()
    }
  }

  async #sendFileTo(replica: Replica, file: FileHandle, size: number): Promise<void> {
    if (!this.#members.has(replica)) return
    const { engine } = this.#parts
    replica.state = 'send_bulk'
    replica.write(`$${size}\r\n`)
    const buffer = Buffer.allocUnsafe(READ_BYTES)
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, at)
      if (!this.#members.has(replica)) return
      if (bytesRead === 0) {
        replica.session.link.close()
        return
      }
      replica.write(buffer.toString('latin1', 0, bytesRead))
      at += bytesRead
      if (!(await this.#taken(replica))) return
      replica.ackedAt = engine.clock.now()
    }
    this.#whole(replica)
  }

  /** Until a replica has taken what it was sent; false if it went before that. */
  #taken(replica: Replica): Promise<boolean> {
    return new Promise((resolve) => {
      const sink = new ReplicaSink(replica, this.#parts.engine, () => {})
      sink.whenTaken(resolve)
      this.#members.set(replica, sink)
    })
  }

  /** `client-output-buffer-limit`, which as in Redis lets nobody wait for less than the backlog. */
  #limit(): void {
    const { config, clock, stats } = this.#parts.engine
    const { hard, soft, softSeconds } = config['client-output-buffer-limit'].replica
    const least = config['repl-backlog-size']
    const now = clock.now()
    if (soft === 0 || this.#behindBytes < Math.max(soft, least)) this.#softExceededAt = -1
    else if (this.#softExceededAt === -1) this.#softExceededAt = now
    const isOverHard = hard !== 0 && this.#behindBytes > Math.max(hard, least)
    const isOverSoft = this.#softExceededAt !== -1 && now - this.#softExceededAt > softSeconds * 1000
    if (!isOverHard && !isOverSoft) return
    for (const { session } of [...this.#members.keys()]) {
      stats.outputBufferDisconnections++
      this.#parts.log(
        'warning',
        `Client id=${session.id} addr=${session.addr} closed for overcoming of output buffer limits.`,
      )
      session.link.close()
    }
  }

  #end(): void {
    this.#behind = []
    this.#latest = ''
    this.#behindBytes = 0
    const file = this.#file
    if (file === undefined || this.#isSending) return
    this.#file = undefined
    this.#walk?.leave(file)
    file.abandon(new Error('no replica waits for it any more'))
  }
}

/** A file that is read when it is written, so need not be on disk, and is closed after that. */
function writableUntilRead(file: FileHandle): Pick<FileHandle, 'write' | 'sync' | 'close'> {
  return { write: file.write.bind(file), sync: async () => {}, close: async () => {} }
}

interface Piece {
  readonly bytes: Uint8Array
  readonly written: () => void
}

/** The snapshot on its way to one replica: the next piece when the link has sent the one before. */
class ReplicaSink implements WalkSink {
  readonly #replica: Replica
  readonly #engine: Engine
  readonly #ended: (isWhole: boolean) => void
  readonly #hasAll: () => void
  readonly #heldUntil: () => number
  readonly #pieces: Piece[] = []
  readonly #mark = randomBytes(MARK_BYTES / 2).toString('hex')
  #hasBegun = false
  #isSending = false
  #isComplete = false
  #isOver = false
  #waits: ((isTaken: boolean) => void) | undefined

  /** `hasAll` is called when nothing more will come, `ended` when all was sent, or will not be. */
  constructor(
    replica: Replica,
    engine: Engine,
    ended: (isWhole: boolean) => void,
    hasAll = (): void => {},
    heldUntil = (): number => 0,
  ) {
    this.#replica = replica
    this.#engine = engine
    this.#ended = ended
    this.#hasAll = hasAll
    this.#heldUntil = heldUntil
  }

  /** Nothing of it waits for the link. */
  get hasTaken(): boolean {
    return !this.#isSending
  }

  write(bytes: Uint8Array, done: () => void): void {
    if (this.#isOver) {
      done()
      return
    }
    this.#pieces.push({ bytes, written: done })
    this.#send()
  }

  end(): void {
    if (this.#isOver) return
    if (this.#heldUntil() > monotonic()) {
      inBackground(HOLD_STEP_MS, () => this.end())
      return
    }
    this.#isComplete = true
    this.#hasAll()
    this.#send()
  }

  abandon(): void {
    this.stop()
    this.#ended(false)
  }

  /** The link is gone. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const { written } of this.#pieces.splice(0)) written()
    this.#waits?.(false)
  }

  /** Calls back when the link has sent what it held. */
  whenTaken(then: (isTaken: boolean) => void): void {
    this.#waits = then
    this.#replica.session.link.onceSent!(() => {
      this.#waits = undefined
      then(true)
    })
  }

  #send(): void {
    if (this.#isSending || this.#isOver) return
    if (!this.#hasBegun) {
      this.#hasBegun = true
      this.#replica.write(`$EOF:${this.#mark}\r\n`)
    }
    const piece = this.#pieces.shift()
    if (piece === undefined) {
      if (!this.#isComplete) return
      this.#isOver = true
      this.#replica.write(this.#mark)
      this.#ended(true)
      return
    }
    this.#isSending = true
    this.#replica.write(fromArray(piece.bytes))
    this.#replica.session.link.onceSent!(() => {
      this.#isSending = false
      this.#replica.ackedAt = this.#engine.clock.now()
      piece.written()
      this.#send()
    })
  }
}
