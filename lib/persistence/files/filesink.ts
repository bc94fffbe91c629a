/**
 * Files that a snapshot is written to, by a walk beside commands or at once. Each is forced to disk before it is told to be
 * there; its name is the caller's to change then.
 */
import { inBackground, monotonic } from '../../base/runtime.ts'
import type { WalkSink } from '../snapshot/walk.ts'
import type { Files } from './files.ts'

interface Waiting {
  readonly piece: Uint8Array
  readonly written: () => void
}

/** How long a file is held at a time. */
const HOLD_STEP_MS = 100

/** One that is written beside commands. */
export class FileSink implements WalkSink {
  readonly #files: Pick<Files, 'open'>
  readonly #waiting: Waiting[] = []
  #isComplete = false
  #failure: { readonly error: unknown } | undefined
  #wake: (() => void) | undefined
  readonly #heldUntil: () => number
  /** Settled when the file is closed. @throws what the disk or the walk threw */
  readonly done: Promise<void>

  /** `heldUntil`: by `monotonic`, before which the file is not taken to be written; asked for when all of it is. */
  constructor(files: Pick<Files, 'open'>, path: string, heldUntil: () => number = () => 0) {
    this.#files = files
    this.#heldUntil = heldUntil
    this.done = this.#run(path)
  }

  write(piece: Uint8Array, written: () => void): void {
    if (this.#failure !== undefined) {
      written()
      return
    }
    this.#waiting.push({ piece, written })
    this.#wake?.()
  }

  end(): void {
    this.#isComplete = true
    this.#wake?.()
  }

  abandon(error: unknown): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  async #run(path: string): Promise<void> {
    try {
      const file = await this.#files.open(path)
      try {
        for (let next = await this.#next(); next !== undefined; next = await this.#next()) {
          const { piece, written } = next
          try {
            for (let at = 0; at < piece.length; ) at += taken((await file.write(piece, at)).bytesWritten)
          } finally {
            written()
          }
        }
        await this.#hold()
        await file.sync()
      } finally {
        await file.close()
      }
    } catch (error) {
      this.#failure ??= { error }
      for (const { written } of this.#waiting.splice(0)) written()
      throw error
    }
  }

  /** @throws what it was given up for */
  async #hold(): Promise<void> {
    for (let left = this.#heldUntil() - monotonic(); left > 0; left = this.#heldUntil() - monotonic()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        inBackground(Math.min(left, HOLD_STEP_MS), resolve)
      })
      if (this.#failure !== undefined) throw this.#failure.error
    }
  }

  /** What is to be written next; undefined once that was all. @throws what the walk was given up for */
  async #next(): Promise<Waiting | undefined> {
    while (this.#waiting.length === 0 && !this.#isComplete && this.#failure === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    if (this.#failure !== undefined) throw this.#failure.error
    return this.#waiting.shift()
  }
}

/** One that is written before the walk returns, to a file that is open. It throws what the disk throws. */
export class SynchronousFileSink implements WalkSink {
  readonly #files: Files
  readonly #file: number

  constructor(files: Files, file: number) {
    this.#files = files
    this.#file = file
  }

  write(piece: Uint8Array, written: () => void): void {
    for (let at = 0; at < piece.length; ) at += taken(this.#files.writeSync(this.#file, piece, at))
    written()
  }

  end(): void {
    this.#files.fsyncSync(this.#file)
  }

  abandon(): void {}
}

function taken(count: number): number {
  if (count === 0) throw new Error('the disk takes nothing')
  return count
}

/** Pieces in memory. */
export class MemorySink implements WalkSink {
  readonly pieces: Uint8Array[] = []

  /** Keeps the array, so it is never given back. */
  write(piece: Uint8Array): void {
    this.pieces.push(piece)
  }

  end(): void {}

  abandon(): void {}
}
