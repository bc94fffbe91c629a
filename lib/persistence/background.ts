/**
 * A snapshot that is written beside commands: a walk into a temporary file, which takes the place of the old one when it is on disk.
 * While it goes on the folder is this process's alone.
 */
import { monotonic } from '../base/runtime.ts'
import type { Engine } from '../engine/engine.ts'
import type { DirectoryLock } from './files/dirlock.ts'
import type { Files } from './files/files.ts'
import { FileSink } from './files/filesink.ts'
import { delayedEnd } from './files/keydelay.ts'
import type { Walk } from './snapshot/walk.ts'
import type { Walks } from './snapshot/walks.ts'

export interface BackgroundParts {
  readonly engine: Engine
  readonly walks: Walks
  readonly files: Files
  readonly lock: DirectoryLock
  readonly path: string
  readonly temporary: string
  /** It has taken its place. */
  readonly onSaved: (save: BackgroundSave) => void
  readonly onFailed: (error: unknown) => void
  /** The temporary file cannot be removed. */
  readonly onLeft: (error: unknown) => void
  /** It is over, whatever came of it. */
  readonly onOver: (save: BackgroundSave) => void
}

export class BackgroundSave {
  readonly #parts: BackgroundParts
  readonly #walk: Walk
  readonly #sink: FileSink
  /** Unix ms. */
  readonly startedAt: number
  /** `engine.dirty` at its begin. */
  readonly dirty: number
  /** Another state is to be saved: nothing comes of it. */
  #isVoid = false
  /** Settled when it is over; never rejects. */
  readonly done: Promise<void>

  /** Begins it; no walk may be under way. */
  constructor(parts: BackgroundParts) {
    const { engine, walks, files, temporary } = parts
    const { clock, config, dirty } = engine
    this.#parts = parts
    this.startedAt = clock.now()
    this.dirty = dirty
    const beganAt = monotonic()
    let keys = 0
    this.#sink = new FileSink(files, temporary, () => delayedEnd(beganAt, keys, config['rdb-key-save-delay']))
    this.#walk = walks.begin([this.#sink])!
    keys = this.#walk.total
    this.done = this.#end()
  }

  /** Bytes that were written early, for a command was about to change them. */
  get earlyBytes(): number {
    return this.#walk.earlyBytes
  }

  /** Gives it up: another state is to be saved. */
  abandon(): void {
    this.#isVoid = true
    const reason = new Error('another snapshot takes its place')
    this.#walk.abandon(reason)
    this.#sink.abandon(reason) // the walk may be over, and the file not
  }

  async #end(): Promise<void> {
    const { files, temporary, path, lock, onSaved, onFailed, onLeft, onOver } = this.#parts
    try {
      await this.#sink.done
      const replaced = await this.#heldOpen(path)
      try {
        if (this.#isVoid) await files.remove(temporary)
        else {
          // At once, lest what FLUSHALL saves meanwhile be replaced.
          files.renameSync(temporary, path)
          onSaved(this)
        }
      } finally {
        await replaced?.close()
      }
    } catch (error) {
      this.#walk.leave(this.#sink)
      await files.remove(temporary).catch(onLeft)
      if (!this.#isVoid) onFailed(error)
    }
    lock.release()
    onOver(this)
  }

  /**
   * A file that is about to be replaced. Who takes the name of a large one waits until its blocks are given back, but not while
   * somebody has it open; and it is closed beside the event loop. Undefined where there is none, or it cannot be opened.
   */
  #heldOpen(path: string): Promise<Awaited<ReturnType<Files['openToRead']>> | undefined> {
    return this.#parts.files.openToRead(path).catch(() => undefined)
  }
}
