/**
 * The file beside a database of SQLite that says who is next to write (turns.ts): two numbers, the writer's, and how often it has said
 * so. Nobody locks it, and nobody watches it.
 */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'

const LENGTH = 16
const READ_AND_WRITE = constants.O_RDWR | constants.O_CREAT

export class TurnNote {
  /** -1 where nobody may write, and so nobody is ever next. */
  readonly #file: number
  readonly #bytes = Buffer.alloc(LENGTH)
  /** As it was read last; 0: nobody is next. */
  writer = 0
  count = 0

  /** @throws the system's error where the file cannot be made */
  constructor(path: string, isReadOnly: boolean) {
    this.#file = isReadOnly ? -1 : openSync(path, READ_AND_WRITE)
  }

  read(): void {
    const isThere = this.#file !== -1 && readSync(this.#file, this.#bytes, 0, LENGTH, 0) === LENGTH
    this.writer = isThere ? this.#bytes.readDoubleLE() : 0
    this.count = isThere ? this.#bytes.readDoubleLE(8) : 0
  }

  write(writer: number, count: number): void {
    if (this.#file === -1) return
    this.#bytes.writeDoubleLE(writer)
    this.#bytes.writeDoubleLE(count, 8)
    writeSync(this.#file, this.#bytes, 0, LENGTH, 0)
  }

  close(): void {
    if (this.#file !== -1) closeSync(this.#file)
  }
}
