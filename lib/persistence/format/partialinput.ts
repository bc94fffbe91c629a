/**
 * An input behind whose end there is more, for all that is known. Who reads past the end is cut off by a `Shortage`: when the
 * bytes that were lacking are here, reading goes on from the last mark.
 */
import { RdbInput } from './input.ts'

/** What stands in one piece is never longer: a string, a packed collection. */
const PIECE_MAX = 2 ** 31 - 1

/** So many bytes from the mark on are needed, and are not here. */
export class Shortage extends Error {
  readonly bytes: number
  constructor(bytes: number) {
    super()
    this.bytes = bytes
  }
}

export class PartialInput extends RdbInput {
  /** Bytes that are still to come behind the end; Infinity where nobody knows. */
  ahead = 0
  /** Bytes that came before the array's first. */
  readonly before: number

  constructor(array: Uint8Array, before: number, end = array.length) {
    super(array, 0, end)
    this.before = before
  }

  override get left(): number {
    return this.end - this.at + this.ahead
  }

  override get offset(): number {
    return this.before + this.at
  }

  protected override lack(length: number): never {
    if (length > this.left) super.lack(length)
    this.check(length <= PIECE_MAX, 'a piece that is too long')
    throw new Shortage(this.at - this.mark + length)
  }
}
