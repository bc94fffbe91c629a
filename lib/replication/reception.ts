/**
 * The receiving of a snapshot, as `$<length>` bytes or, from a master without a file, as bytes up to a mark of forty that was told
 * before. It is read into a staging as it comes (`repl-diskless-load swapdb`), or kept in a file of `dir` until it is
 * whole, and read from there. Either goes in steps of some milliseconds; while one is under way the master waits. What is here
 * may be read meanwhile if it is of the same history: another moment of the same data.
 */
import type { FileHandle } from 'node:fs/promises'
import type { Bytes } from '../base/bytes.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Engine } from '../engine/engine.ts'
import { SnapshotArrival } from '../persistence/snapshot/arrival.ts'
import type { LoadLog } from '../persistence/snapshot/figures.ts'
import { LoadPace } from '../persistence/snapshot/loadpace.ts'
import { emptyStore, Staging } from '../persistence/snapshot/staging.ts'
import { openNameless } from './namelessfile.ts'

export const MARK_BYTES = 40
/** Bytes that wait to be written from which the master is not read. */
const WAITING_MAX = 4 * 2 ** 20
const READ_BYTES = 2 ** 20

export interface ReceptionEvents {
  /** It likes more, or it does not for now. */
  readonly flows: (flows: boolean) => void
  /** What the store holds is about to go. */
  readonly replaces: () => void
  /** All is loaded and in its place. */
  readonly loaded: (staging: Staging) => void
  /** It cannot be; nothing of it was seen. */
  readonly failed: (reason: string) => void
  readonly log: LoadLog
}

export class Reception {
  readonly #engine: Engine
  readonly #events: ReceptionEvents
  /** Bytes to come; -1 where a mark ends it. */
  readonly total: number
  readonly #mark: Buffer | undefined
  /** The latest bytes, which may be the mark. */
  #tail: Buffer = Buffer.alloc(0)
  receivedBytes = 0
  #arrival: SnapshotArrival | undefined
  #staging: Staging | undefined
  #file: TemporaryFile | undefined
  #hasAll = false
  #isOver = false
  #isStepping = false
  readonly #pace: LoadPace

  /** `announced` is a length, or the mark. */
  constructor(engine: Engine, announced: number | Bytes, isOfSameHistory: boolean, events: ReceptionEvents) {
    this.#engine = engine
    this.#events = events
    this.#pace = new LoadPace(engine.config)
    this.total = typeof announced === 'number' ? announced : -1
    this.#mark = typeof announced === 'number' ? undefined : Buffer.from(announced, 'latin1')
    const { 'repl-diskless-load': how, dir } = engine.config
    if (how === 'swapdb') this.#begin(isOfSameHistory ? 'async' : 'yes')
    else if (how === 'on-empty-db' && engine.keyspace.size === 0) this.#begin('yes')
    else this.#file = new TemporaryFile(dir, (error) => this.#fail(error.message), events.flows)
  }

  get isLoading(): boolean {
    return this.#staging !== undefined
  }

  /** Takes what came. Returns what stands behind the snapshot; undefined while it is not whole. */
  take(chunk: Buffer): Buffer | undefined {
    const rest = this.#mark === undefined ? this.#takeCounted(chunk) : this.#takeMarked(chunk, this.#mark)
    if (rest !== undefined) this.#complete()
    this.#step()
    return rest
  }

  /** The link is gone, or another master is followed. */
  stop(): void {
    this.#end()
  }

  #takeCounted(chunk: Buffer): Buffer | undefined {
    const left = this.total - this.receivedBytes
    this.#keep(chunk.subarray(0, left))
    return chunk.length < left ? undefined : chunk.subarray(left)
  }

  /** The mark comes last: the master says nothing more until it is answered. */
  #takeMarked(chunk: Buffer, mark: Buffer): Buffer | undefined {
    const known = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk])
    const tailAt = Math.max(known.length - MARK_BYTES, 0)
    this.#tail = known.subarray(tailAt)
    this.#keep(known.subarray(0, tailAt))
    return this.#tail.equals(mark) ? Buffer.alloc(0) : undefined
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.receivedBytes += bytes.length
    if (this.#file === undefined) this.#arrival?.feed(bytes)
    else this.#file.write(bytes)
  }

  #complete(): void {
    this.#hasAll = true
    if (this.#file === undefined) this.#arrival?.close()
    else unawaited(this.#loadFile(this.#file), this.#engine.config, (message) => this.#fail(message))
  }

  #begin(loading: 'yes' | 'async'): void {
    const { log } = this.#events
    this.#staging = new Staging(this.#engine, { keepsExpired: true, refusesDouble: false, log })
    this.#arrival = new SnapshotArrival(this.#engine.config, this.#staging, {
      length: this.total === -1 ? Infinity : this.total,
    })
    this.#engine.availability.loading = loading
    log('notice', 'MASTER <-> REPLICA sync: Loading DB in memory')
  }

  /** What one piece holds is loaded as soon as that is read: as in Redis nobody is told LOADING for so little. */
  async #loadFile(file: TemporaryFile): Promise<void> {
    let left = this.receivedBytes
    for await (const piece of await file.finish()) {
      if (this.#isOver) return
      if (this.#arrival === undefined) this.#replace()
      this.#arrival!.feed(piece)
      left -= piece.length
      if (left > 0) await this.#untilRead()
      else break
    }
    if (this.#isOver) return
    if (this.#arrival === undefined) this.#replace()
    this.#arrival!.close()
    this.#step()
  }

  #replace(): void {
    this.#events.log('notice', 'MASTER <-> REPLICA sync: Flushing old data')
    this.#events.replaces()
    emptyStore(this.#engine)
    this.#begin('yes')
  }

  /** Until what was read of the file is loaded as far as it goes. */
  async #untilRead(): Promise<void> {
    while (this.#work() === 'later' || this.#isDelayed) await new Promise<void>((resolve) => this.#goOn(resolve))
  }

  get #isDelayed(): boolean {
    return this.#staging !== undefined && this.#pace.isDelayed(this.#staging.figures.loaded)
  }

  #goOn(run: () => void): void {
    this.#pace.goOn(this.#staging?.figures.loaded ?? 0, run)
  }

  /** Loads for a moment, and goes on later if there is more to do; the master waits for that. */
  #step(): void {
    if (this.#isStepping || this.#arrival === undefined || (this.#file !== undefined && !this.#hasAll)) return
    if (this.#work() !== 'later' && !this.#isDelayed) return
    this.#isStepping = true
    this.#events.flows(false)
    this.#goOn(() => {
      this.#isStepping = false
      this.#step()
      if (!this.#isStepping && !this.#isOver) this.#events.flows(true)
    })
  }

  #work(): 'more' | 'later' | 'end' {
    if (this.#isOver) return 'end'
    try {
      const progress = this.#arrival!.read(this.#pace.stepEndsAt)
      if (progress !== 'end') return progress
      if (this.#file === undefined && !this.#hasAll) return 'more' // the mark is still to come
      const staging = this.#staging!
      if (this.#file === undefined) this.#events.replaces()
      staging.replace()
      this.#engine.dirty += staging.figures.loaded
      this.#end()
      this.#events.loaded(staging)
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error))
    }
    return 'end'
  }

  #fail(reason: string): void {
    if (this.#isOver) return
    this.#end()
    this.#events.failed(reason)
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#engine.availability.loading = 'no'
    const file = this.#file
    this.#arrival = undefined
    this.#staging = undefined
    if (file === undefined) return
    unawaited(file.close(), this.#engine.config, (message) => this.#events.log('warning', message))
  }
}

/** What was received, until it is loaded. */
class TemporaryFile {
  readonly #folder: string
  readonly #opened: Promise<FileHandle | undefined>
  readonly #flows: (flows: boolean) => void
  readonly #fail: (error: Error) => void
  #written: Promise<void> = Promise.resolve()
  #waitingBytes = 0
  #hasFailed = false

  constructor(folder: string, fail: (error: Error) => void, flows: (flows: boolean) => void) {
    this.#folder = folder
    this.#flows = flows
    this.#fail = fail
    this.#opened = openNameless(folder).catch((error) => this.#failed(error))
  }

  write(bytes: Buffer): void {
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes > WAITING_MAX) this.#flows(false)
    this.#written = this.#written.then(() => this.#append(bytes))
  }

  async #append(bytes: Buffer): Promise<void> {
    const file = await this.#opened
    if (file === undefined || this.#hasFailed) return
    try {
      for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten
    } catch (error) {
      this.#failed(error as Error)
      return
    }
    const before = this.#waitingBytes
    this.#waitingBytes -= bytes.length
    if (before > WAITING_MAX && this.#waitingBytes <= WAITING_MAX) this.#flows(true)
  }

  #failed(error: Error): undefined {
    this.#hasFailed = true
    this.#fail(new Error(`the temporary file in ${this.#folder}: ${error.message}`))
    return undefined
  }

  /** All is written; gives it in pieces from the beginning. */
  async finish(): Promise<AsyncIterable<Uint8Array>> {
    await this.#written
    const file = await this.#opened
    return file === undefined || this.#hasFailed ? nothing() : piecesOf(file)
  }

  async close(): Promise<void> {
    this.#hasFailed = true
    await this.#written
    await (await this.#opened)?.close()
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* piecesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    const piece = new Uint8Array(READ_BYTES)
    const { bytesRead } = await file.read(piece, 0, READ_BYTES, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield piece.subarray(0, bytesRead)
  }
}
