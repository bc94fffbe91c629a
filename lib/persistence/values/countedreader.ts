/** What reads a value in steps (see readers.ts), and that of values whose elements stand behind their number. */
import type { Value } from '../../keyspace/value.ts'
import type { RdbInput } from '../format/input.ts'

/** About as much is read at once. */
const PART_BYTES = 16 * 1024
/** Room is made for no more keys or elements before they come, whatever is announced. */
export const EXPECTED_MAX = 2 ** 21

export interface ValueReader {
  /** Reads some elements more. True if those were the last. @throws Malformed */
  read(input: RdbInput): boolean
  /** The value, once all is read; to be called once. @throws Malformed */
  finish(): Value
}

/** A number of elements, and then these. */
export abstract class CountedReader implements ValueReader {
  #left = -1

  read(input: RdbInput): boolean {
    if (this.#left === -1) {
      this.#left = this.begin(input)
      input.settle()
    }
    for (const end = input.at + PART_BYTES; this.#left > 0 && input.at < end; input.settle()) {
      this.readElement(input)
      this.#left--
    }
    return this.#left === 0
  }

  /** Reads what stands before the elements, and returns how many they are. */
  protected abstract begin(input: RdbInput): number
  /** Reads all of an element before it changes anything. */
  protected abstract readElement(input: RdbInput): void
  abstract finish(): Value
}
