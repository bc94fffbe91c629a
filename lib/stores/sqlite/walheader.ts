/**
 * The head of the index of SQLite's log (the file `-shm`): SQLite changes it with each commit, before that is acknowledged. To read it
 * is a fifth of the price of `PRAGMA data_version`, which takes locks of the file; so the latter is asked only where the head is another.
 * See https://www.sqlite.org/walformat.html.
 */
import { closeSync, openSync, readSync } from 'node:fs'

const LENGTH = 48
/** It is compared by words: a comparison by Node takes longer than all of them. */
const WORDS = LENGTH / Int32Array.BYTES_PER_ELEMENT

export class WalHeader {
  /** -1 where it cannot be read: then anything may have been committed at any time. */
  readonly #file: number
  #read = new Int32Array(WORDS)
  #noted = new Int32Array(WORDS)

  /** The database is open, and stays so for as long as this is used. */
  constructor(path: string) {
    this.#file = open(path)
  }

  /** Whether anybody may have committed something since what was noted. */
  hasChanged(): boolean {
    if (this.#file === -1 || readSync(this.#file, this.#read, 0, LENGTH, 0) !== LENGTH) return true
    const [read, noted] = [this.#read, this.#noted]
    for (let i = 0; i < WORDS; i++) if (read[i] !== noted[i]) return true
    return false
  }

  /** All is known that was committed before the last `hasChanged`. */
  note(): void {
    const noted = this.#noted
    this.#noted = this.#read
    this.#read = noted
  }

  close(): void {
    if (this.#file !== -1) closeSync(this.#file)
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'r')
  } catch {
    return -1 // no log is written to where nobody may write
  }
}
