/**
 * Rewrites of the append-only log: a new increment is opened, and what the store holds at that moment is written into a new base.
 * One goes on at a time. Who asks where none may begin has it scheduled; where they fail in a row, the next ones wait longer
 * (rewritefigures.ts).
 */
import { systemReason } from '../base/systemreason.ts'
import type { AppendLog } from './appendlog.ts'
import { type BaseParts, type BaseWriting, beginBase } from './base.ts'
import type { Log } from './log.ts'
import { RewriteFigures } from './rewritefigures.ts'

/** `waiting`: it is to be on, and the first base is not on disk. */
export type AppendState = 'off' | 'waiting' | 'on'

export interface RewritesParts extends BaseParts {
  readonly log: Log
  readonly appendLog: AppendLog
  /** A snapshot is being written: two at a time would be too much. */
  readonly isSaving: () => boolean
  readonly state: () => AppendState
  /** Has what was gathered on disk before it returns. @throws what the disk throws */
  readonly commitSync: () => void
  /** A base has come into force. */
  readonly onBase: () => void
}

/** One that is under way. */
interface Running {
  readonly startedAt: number
  readonly writing: BaseWriting
  readonly done: Promise<void>
  /** What it writes is not to take the place of anything: also where all of it is written already, but not on disk. */
  isGivenUp: boolean
}

export class Rewrites {
  readonly #parts: RewritesParts
  readonly figures: RewriteFigures
  #running: Running | undefined
  isScheduled = false

  constructor(parts: RewritesParts) {
    this.#parts = parts
    this.figures = new RewriteFigures(parts.log)
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** Since the one began that is under way; -1 for none. */
  get seconds(): number {
    return this.#running === undefined ? -1 : this.#secondsSince(this.#running.startedAt)
  }

  /** True if it has begun: a new increment is open, and the base of this moment is being written. */
  begin(): boolean {
    const { engine, log, appendLog, state, commitSync } = this.#parts
    const { folder } = appendLog
    this.isScheduled = false
    this.figures.count++
    const temporary = folder.temporaryBase(true)
    const isSnapshot = engine.config['aof-use-rdb-preamble']
    try {
      folder.make()
      if (engine.config.appendfsync === 'always') commitSync()
      if (state() !== 'off' && !appendLog.beginIncrement(state() === 'waiting')) return this.#failedToBegin()
      const writing = beginBase(this.#parts, temporary)
      if (writing === undefined) throw new Error('the store is being walked')
      const startedAt = engine.clock.now()
      const done = this.#end(writing, temporary, isSnapshot, startedAt)
      this.#running = { startedAt, writing, done, isGivenUp: false }
    } catch (error) {
      log('warning', `Can't rewrite append only file in background: ${systemReason(error)}`)
      return this.#failedToBegin()
    }
    log('notice', `Background append only file rewriting started by pid ${process.pid}`)
    return true
  }

  /** Begins what is scheduled, or is due because the log has grown. */
  beginDue(): void {
    const { engine, log, appendLog, isSaving, state } = this.#parts
    if (this.isRunning || isSaving()) return
    const now = engine.clock.now()
    if (this.isScheduled) {
      if (!this.figures.isPutOff(now)) this.begin()
      return
    }
    const { 'auto-aof-rewrite-percentage': percentage, 'auto-aof-rewrite-min-size': least } = engine.config
    const { currentSize, baseSize } = appendLog
    if (state() !== 'on' || percentage === 0 || currentSize <= least) return
    const growth = Math.floor((currentSize * 100) / (baseSize || 1)) - 100
    if (growth < percentage || this.figures.isPutOff(now)) return
    log('notice', `Starting automatic rewriting of AOF on ${growth}% growth`)
    this.begin()
  }

  giveUp(): void {
    if (this.#running === undefined) return
    this.#running.isGivenUp = true
    this.#running.writing.abandon()
  }

  /** Settled when none is under way. */
  async over(): Promise<void> {
    await this.#running?.done
  }

  #failedToBegin(): false {
    this.figures.failedToBegin()
    this.#tryAgain()
    return false
  }

  /** Without a base, what was gathered is of no use: all begins anew. */
  #tryAgain(): void {
    const { appendLog, state } = this.#parts
    if (state() !== 'waiting') return
    appendLog.close()
    this.isScheduled = true
  }

  /** Never rejects. */
  async #end(writing: BaseWriting, temporary: string, isSnapshot: boolean, startedAt: number): Promise<void> {
    const { log, files, appendLog, onBase } = this.#parts
    let succeeded = true
    try {
      await writing.done
      if (this.#running?.isGivenUp) throw new Error('it was given up')
      log('notice', 'Background AOF rewrite terminated with success')
      appendLog.adoptBase(temporary, isSnapshot)
      log('notice', 'Background AOF rewrite finished successfully')
      onBase()
    } catch (error) {
      succeeded = false
      log('warning', `Background AOF rewrite terminated with error: ${systemReason(error)}`)
      await files.remove(temporary).catch((other) => {
        log('warning', `Failed removing the temporary file ${temporary}: ${systemReason(other)}`)
      })
      this.#tryAgain()
    }
    this.#running = undefined
    this.figures.ended(succeeded, this.#secondsSince(startedAt))
  }

  #secondsSince(time: number): number {
    return Math.floor((this.#parts.engine.clock.now() - time) / 1000)
  }
}
