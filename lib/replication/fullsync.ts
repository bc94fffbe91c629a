/**
 * A full synchronisation: one walk over the keys for all replicas that ask at about the same time. Its snapshot goes straight
 * to them (`repl-diskless-sync`), up to a mark that each of them was told, or into a file of `dir` first, whose length they
 * are told, and which then each of them is sent at its own pace. What is changed meanwhile is kept by the backlog, once for all.
 */
import type { FileHandle } from 'node:fs/promises'
import type { Bytes } from '../base/bytes.ts'
import { monotonic } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Engine } from '../engine/engine.ts'
import { FileSink } from '../persistence/files/filesink.ts'
import { delayedEnd } from '../persistence/files/keydelay.ts'
import type { Walk, WalkSink } from '../persistence/snapshot/walk.ts'
import type { Walks } from '../persistence/snapshot/walks.ts'
import type { SnapshotFilter } from '../session/replicationports.ts'
import type { Backlog, BacklogReader } from './backlog.ts'
import type { History } from './history.ts'
import { openNameless } from './namelessfile.ts'
import type { Replica, ReplicaSync } from './replica.ts'
import { ReplicaSink } from './replicasink.ts'

const READ_BYTES = 256 * 1024

export interface FullSyncParts {
  readonly engine: Engine
  readonly walks: Walks
  readonly history: History
  /** What the snapshot says of the history, as of now; the stream behind it begins with the database. */
  readonly facts: () => readonly (readonly [Bytes, Bytes])[]
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
  /** While others may join: what follows the snapshot is kept for them. */
  #held: { readonly backlog: Backlog; readonly reader: BacklogReader } | undefined
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

  /** True while one more can have the same snapshot, and what follows it if it wants that. */
  takes({ rdbOnly }: Replica): boolean {
    if (!this.#hasBegun) return true
    return !this.isDiskless && !this.#isSending && (rdbOnly || this.#held !== undefined)
  }

  /** Its snapshot is being made. */
  get isMaking(): boolean {
    return this.#hasBegun && this.#members.size > 0 && !this.#hasAll && !this.#isSending
  }

  join(replica: Replica): void {
    replica.sync = this
    this.#members.set(replica, undefined)
    if (this.#hasBegun) this.#announce(replica, this.#held?.backlog)
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
    if (!this.isDiskless) this.#hold(history.backlog)
    for (const replica of [...this.#members.keys()]) this.#announce(replica, history.backlog)
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

  finish(replica: Replica): void {
    replica.startsOnAck = false
    this.leave(replica)
    this.#parts.online(replica)
  }

  /** What follows the snapshot is kept for those who may still join. */
  #hold(backlog: Backlog | undefined): void {
    if (backlog === undefined) return
    this.#held = { backlog, reader: { at: this.#offset + 1 } }
    backlog.hold(this.#held.reader)
  }

  #release(): void {
    this.#held?.backlog.release(this.#held.reader)
    this.#held = undefined
  }

  #announce(replica: Replica, backlog: Backlog | undefined): void {
    if (replica.acknowledges) replica.write(`+FULLRESYNC ${this.#parts.history.id} ${this.#offset}\r\n`)
    if (backlog !== undefined && !replica.rdbOnly) replica.stream.hold(backlog, this.#offset + 1)
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
    this.#release()
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

  #end(): void {
    this.#release()
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
