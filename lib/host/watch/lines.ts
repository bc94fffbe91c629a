/** Lines out of the pieces in which they come. What a line has past LINE_MAX is left out, so that nothing is gathered without a bound. */
import type { Bytes } from '../../base/bytes.ts'

const LINE_MAX = 1024 * 1024

export class Lines {
  #rest = ''
  /** The line at hand is too long: what is left of it is passed over. */
  #isCut = false

  /** Hands on the lines that are whole with this piece, without their ends. */
  feed(piece: Uint8Array, take: (line: Bytes) => void): void {
    const parts = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).latin1Slice().split('\n')
    const last = parts.pop()!
    for (const part of parts) {
      this.#add(part)
      const line = this.#rest
      this.#rest = ''
      this.#isCut = false
      take(line.endsWith('\r') ? line.slice(0, -1) : line)
    }
    this.#add(last)
  }

  #add(part: Bytes): void {
    if (this.#isCut) return
    this.#rest += part
    if (this.#rest.length <= LINE_MAX) return
    this.#rest = `${this.#rest.slice(0, LINE_MAX)}...`
    this.#isCut = true
  }
}
