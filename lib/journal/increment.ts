/**
 * The increment that is open: the file to which the stream of effects is added. What comes is gathered, and written at the
 * end of the turn in one go, before the turn's replies are sent. When it is forced to disk, `appendfsync` says:
 *
 * - `always`: at once, one at a time, beside commands; whatever has come while one was under way is written when it is over, as
 *   the system might have a write wait for it, and shares the next, which waits a little for others (groupcommit.ts). The gate lets
 *   nothing leave meanwhile.
 * - `everysec`: once a second, beside commands. A write that would have to wait for that is put off, by two seconds at most.
 * - `no`: when the system likes.
 *
 * A write that fails or is cut short leaves no half command behind: the file is cut back to where it was, and what could not
 * be written stays here for another try.
 */
import { type Bytes, copyInto, sliceOf, toArray } from '../base/bytes.ts'
import { monotonic, pause } from '../base/runtime.ts'
import { systemReason } from '../base/systemreason.ts'
import type { AppendFiles } from './appendfiles.ts'
import { GroupCommit } from './groupcommit.ts'
import type { Log } from './log.ts'

/** What is gathered at the most before it is written, whatever the turn. Unit: bytes. */
const GATHERED_MAX = 2 ** 20
/** Of a block in which it is gathered. */
const BLOCK_BYTES = 2 ** 18
/** Up to so many bytes are copied one by one; more than so many, not before they are written. */
const SHORT_MAX = 256
const LONG_MIN = 2 ** 16
/** A write that waits for the disk is put off so long. Unit: ms. */
const PUT_OFF_MS = 2000
/** Between two lines in the log about writes that fail. Unit: ms. */
const LOG_EVERY_MS = 30_000

export interface IncrementParts {
  readonly files: AppendFiles
  readonly policy: () => 'always' | 'everysec' | 'no'
  /** `no-appendfsync-on-rewrite`, and something is being rewritten or saved. */
  readonly sparesDisk: () => boolean
  readonly now: () => number
  /** For tests: the server stops for so long before a write. */
  readonly sleepMs: () => number
  readonly log: Log
  readonly onDelay: (event: string, delayMs: number) => void
  /** It is safe up to an offset. */
  readonly onSafe: (offset: number) => void
  /** A write or a sync has failed, or works again (undefined). */
  readonly onState: (reason: Bytes | undefined) => void
}

export class Increment {
  readonly #parts: IncrementParts
  readonly #files: AppendFiles
  #file: number
  /** Bytes of the file. */
  size: number
  /** What was gathered: full blocks and what is long, and behind them so many bytes of the block that is open. */
  #closed: (Uint8Array | Bytes)[] = []
  readonly #block = new Uint8Array(BLOCK_BYTES)
  #used = 0
  /** Bytes that wait to be written. */
  gatheredBytes = 0
  /** Of the whole stream, over all files: what has come, what is written, and what is on disk. */
  offset: number
  #written: number
  synced: number
  /** What is under way, ends here. */
  #syncingTo = -1
  #syncedAt: number
  #putOffSince = -1
  #loggedAt = -Infinity
  #writeReason: Bytes | undefined
  #syncReason: Bytes | undefined
  #isClosed = false
  /** Bytes that the try to write that goes on has written. */
  #tried = 0
  readonly #group = new GroupCommit(() => {
    if (!this.#isClosed) this.flush()
  })
  /** Writes that had to be done although the disk was busy. */
  delayedSyncs = 0

  /** `file` is open, holds `size` bytes and begins or goes on at `offset` of the stream; all before that is on disk. */
  constructor(parts: IncrementParts, file: number, size: number, offset: number) {
    this.#parts = parts
    this.#files = parts.files
    this.#file = file
    this.size = size
    this.offset = this.#written = this.synced = offset
    this.#syncedAt = parts.now()
  }

  get isSyncing(): boolean {
    return this.#syncingTo !== -1
  }

  /** Why nothing more can be written now. */
  get reason(): Bytes | undefined {
    return this.#writeReason ?? this.#syncReason
  }

  /** Takes a part of the stream. */
  add(part: Bytes): void {
    const { length } = part
    if (length > LONG_MIN) {
      this.#closeBlock()
      this.#closed.push(part)
    } else {
      if (length > BLOCK_BYTES - this.#used) this.#closeBlock()
      copyInto(this.#block, this.#used, part)
      this.#used += length
    }
    this.#added(length)
  }

  /** The same of a part that stands in an array. */
  addBytes(array: Uint8Array, start: number, end: number): void {
    const length = end - start
    if (length > SHORT_MAX || length > BLOCK_BYTES - this.#used) {
      this.add(sliceOf(array, start, end))
      return
    }
    const block = this.#block
    const used = this.#used
    for (let i = 0; i < length; i++) block[used + i] = array[start + i]
    this.#used = used + length
    this.#added(length)
  }

  /** What is in the block goes before what will be. */
  #closeBlock(): void {
    if (this.#used !== 0) this.#closed.push(this.#block.slice(0, this.#used))
    this.#used = 0
  }

  #added(length: number): void {
    this.offset += length
    this.gatheredBytes += length
    this.#group.added()
    if (this.gatheredBytes > GATHERED_MAX && this.reason === undefined) this.#write()
  }

  /** Writes what was gathered, and has it forced to disk as `appendfsync` says. */
  flush(): void {
    const policy = this.#parts.policy()
    if (this.gatheredBytes !== 0) {
      if (this.isSyncing && (policy === 'always' || (policy === 'everysec' && this.#putsOff()))) return
      if (policy === 'always' && this.#group.holds()) return
      if (!this.#write()) return
    }
    if (policy === 'always') this.#syncBeside()
    else if (policy === 'everysec') this.#syncEachSecond()
  }

  /** Writes what was gathered, whether or not the disk is busy. @throws what the disk throws */
  writeNow(): void {
    if (this.gatheredBytes !== 0 && !this.#write()) throw new Error(this.reason)
  }

  /** The same, and it is on disk when it returns. @throws what the disk throws */
  flushSync(): void {
    this.writeNow()
    if (this.synced === this.#written) return
    this.#files.syncDataSync(this.#file)
    this.#safe(this.#written)
  }

  /** To be called ten times a second: what was put off, what failed, and the sync of the second. */
  tick(): void {
    if (this.gatheredBytes !== 0 || this.synced !== this.#written || this.reason !== undefined) this.flush()
  }

  /** Ends it, when what is under way is over. All that was written is on disk before `done`. */
  close(done: () => void): void {
    const end = (): void => {
      this.#files.close(this.#file, (error) => {
        if (error) this.#parts.log('warning', `Error closing the append-only file: ${systemReason(error)}`)
        done()
      })
    }
    this.#isClosed = true
    if (this.synced === this.#written && !this.isSyncing) {
      end()
      return
    }
    const target = this.#written
    this.#files.syncData(this.#file, (error) => {
      if (error) this.#parts.log('warning', `Fail to fsync the AOF file: ${systemReason(error)}`)
      else this.#safe(target)
      end()
    })
  }

  /** Ends it now, after all that was gathered is written and on disk. @throws what the disk throws */
  closeSync(): void {
    this.#isClosed = true
    try {
      this.flushSync()
    } finally {
      this.#files.closeSync(this.#file)
    }
  }

  /** True if the write waits for the sync that is under way. */
  #putsOff(): boolean {
    const now = this.#parts.now()
    if (this.#putOffSince === -1) this.#putOffSince = now
    const since = now - this.#putOffSince
    if (since >= 0 && since < PUT_OFF_MS) return true
    this.delayedSyncs++
    this.#parts.log(
      'notice',
      'Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync to ' +
        'complete, this may slow down Redis.',
    )
    return false
  }

  /** True if all is written. */
  #write(): boolean {
    const startedAt = monotonic()
    const total = this.gatheredBytes
    let isWritten = true
    let failure: unknown
    this.#tried = 0
    const sleepMs = this.#parts.sleepMs()
    if (sleepMs > 0) pause(sleepMs)
    try {
      this.#writeAll()
    } catch (error) {
      failure = error
      isWritten = false
    }
    this.#putOffSince = -1
    const delay = monotonic() - startedAt
    const kind = this.isSyncing ? 'pending-fsync' : this.#parts.sparesDisk() ? 'active-child' : 'alone'
    this.#parts.onDelay(`aof-write-${kind}`, delay)
    this.#parts.onDelay('aof-write', delay)
    if (isWritten) {
      this.#closed = []
      this.#used = 0
      this.gatheredBytes = 0
      this.size += total
      this.#written += total
      if (this.#writeReason !== undefined) {
        this.#parts.log('warning', 'AOF write error looks solved, Redis can write again.')
        this.#writeReason = undefined
        this.#parts.onState(this.reason)
      }
      return true
    }
    this.#failedToWrite(failure)
    return false
  }

  /** @throws the system's error */
  #writeAll(): void {
    for (const piece of this.#closed) {
      if (typeof piece !== 'string') this.#writeBlock(piece)
      else
        for (let at = 0; at < piece.length; at += BLOCK_BYTES)
          this.#writeBlock(toArray(piece.slice(at, at + BLOCK_BYTES)))
    }
    this.#writeBlock(this.#block.subarray(0, this.#used))
  }

  #writeBlock(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const count = this.#files.writeSync(this.#file, bytes, at)
      if (count === 0) throw new Error('No space left on device')
      at += count
      this.#tried += count
    }
  }

  /** Nothing of it is to stay in the file: a try that comes later writes all of it again. */
  #failedToWrite(error: unknown): void {
    const { log, now, onState } = this.#parts
    const reason = systemReason(error)
    const says = now() - this.#loggedAt > LOG_EVERY_MS
    if (says) {
      this.#loggedAt = now()
      log('warning', `Error writing to the AOF file: ${reason}`)
    }
    try {
      this.#files.truncateSync(this.#file, this.size)
    } catch (other) {
      log(
        'warning',
        'Could not remove short write from the append-only file.  Redis may refuse to load the AOF the next time it ' +
          `starts.  ftruncate: ${systemReason(other)}`,
      )
      this.#keepTried()
    }
    this.#writeReason = reason
    onState(this.reason)
  }

  /** What was written of the try stays in the file: the next one goes on behind it. */
  #keepTried(): void {
    let left = this.#tried
    this.size += left
    this.#written += left
    this.gatheredBytes -= left
    this.#closeBlock()
    const pieces = this.#closed
    while (left > 0) {
      const piece = pieces[0]
      if (piece.length > left) pieces[0] = piece.slice(left)
      else pieces.shift()
      left -= Math.min(left, piece.length)
    }
  }

  #syncEachSecond(): void {
    const now = this.#parts.now()
    const since = now - this.#syncedAt
    if (this.isSyncing || this.synced === this.#written || (since >= 0 && since < 1000)) return
    this.#syncedAt = now
    this.#syncBeside()
  }

  /** Has what is written forced to disk, unless that is under way: then it is when that is over. */
  #syncBeside(): void {
    if (this.isSyncing || this.synced === this.#written || this.#isClosed) return
    if (this.#parts.sparesDisk()) {
      // As in Redis, who asks for that takes what is written for safe meanwhile.
      if (this.#parts.policy() === 'always') this.#parts.onSafe(this.#written)
      return
    }
    const target = this.#written
    this.#syncingTo = target
    const startedAt = monotonic()
    this.#group.began()
    this.#files.syncData(this.#file, (error) => {
      this.#syncingTo = -1
      if (this.#isClosed) return
      if (error) {
        this.#syncReason = systemReason(error)
        this.#parts.log('warning', `Fail to fsync the AOF file: ${this.#syncReason}`)
        this.#parts.onState(this.reason)
        return
      }
      const policy = this.#parts.policy()
      const endedAt = monotonic()
      if (policy === 'always') this.#parts.onDelay('aof-fsync-always', endedAt - startedAt)
      if (this.#syncReason !== undefined) {
        this.#syncReason = undefined
        this.#parts.onState(this.reason)
      }
      this.#safe(target)
      this.#group.ended(endedAt)
      if (policy === 'always' || this.gatheredBytes !== 0) this.flush()
    })
  }

  #safe(offset: number): void {
    if (offset <= this.synced) return
    this.synced = offset
    this.#parts.onSafe(offset)
  }
}
