/** What one part of the page has done to keys, for the others that show them. */
import type { Bytes } from '../wire/bytes.ts'

export interface KeyChange {
  /** Keys that are no more. */
  readonly gone: readonly Bytes[]
  /** Keys that are there now, and were not. */
  readonly made: readonly Bytes[]
}

export class KeyChanges {
  readonly #listeners = new Set<(change: KeyChange) => void>()

  /** Calls back at each change, until the function that it gives is called. */
  listen(listener: (change: KeyChange) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  tell({ gone = [], made = [] }: Partial<KeyChange>): void {
    for (const listener of [...this.#listeners]) listener({ gone, made })
  }
}
