/**
 * The bell of a shared store: a file of one byte beside the database, which is written after a commit: after the first of a turn of the event
 * loop, and where there were others when that is over. Who waits for what others write watches it; whoever only answers commands asks
 * the database before it answers, and needs no bell.
 */
import { closeSync, type FSWatcher, openSync, watch, writeSync } from 'node:fs'
import { immediately } from '../../base/runtime.ts'

const STROKE = Buffer.from('.')

export class Bell {
  readonly #path: string
  readonly #onRing: () => void
  /** -1 where nobody may write, and so nobody rings it. */
  readonly #file: number
  #watcher: FSWatcher | undefined
  #hasFailed = false
  /** It was rung in this turn; and has to be once more. */
  #hasRung = false
  #isOwed = false

  /** @throws the system's error where the file cannot be made */
  constructor(path: string, onRing: () => void, isReadOnly = false) {
    this.#path = path
    this.#onRing = onRing
    this.#file = isReadOnly ? -1 : openSync(path, 'w')
  }

  ring(): void {
    if (this.#file === -1) return
    this.#isOwed = this.#hasRung
    if (this.#isOwed) return
    this.#hasRung = true
    immediately(this.#turnIsOver)
    this.#strike()
  }

  readonly #turnIsOver = (): void => {
    this.#hasRung = false
    if (this.#isOwed) this.#strike()
    this.#isOwed = false
  }

  #strike(): void {
    try {
      writeSync(this.#file, STROKE, 0, 1, 0)
    } catch {
      // Others hear of it all the same, only later: they ask ten times a second.
    }
  }

  get isHeard(): boolean {
    return this.#watcher !== undefined
  }

  /** Hears it from here on, or no more. What was written before must be asked for. */
  hear(isWanted: boolean): void {
    if (isWanted === this.isHeard || (isWanted && this.#hasFailed)) return
    if (!isWanted) {
      this.#watcher?.close()
      this.#watcher = undefined
      return
    }
    try {
      this.#watcher = watch(this.#path, { persistent: false }, () => this.#onRing())
      this.#watcher.on('error', () => this.#fail())
    } catch {
      this.#fail()
    }
  }

  /** Some systems cannot watch files, or no more of them: then asking now and then must do. */
  #fail(): void {
    this.#watcher?.close()
    this.#watcher = undefined
    this.#hasFailed = true
  }

  close(): void {
    this.hear(false)
    if (this.#isOwed) this.#strike()
    this.#isOwed = false
    if (this.#file !== -1) closeSync(this.#file)
  }
}
