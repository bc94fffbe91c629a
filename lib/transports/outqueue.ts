/**
 * Parts of replies that wait for their wire, or for what they speak of to be safe (gate.ts). They wait as they are: a long value is the very string that the store holds, of
 * which a piece is copied when the wire takes one, so a hundred readers that do not read hold a hundred pieces and one value.
 */
import type { Bytes } from '../base/bytes.ts'
import { immediately } from '../base/runtime.ts'
import type { Gate } from '../journal/gate.ts'
import type { TextVisitor } from '../session/longtexts.ts'
import type { Wire } from './wire.ts'

/** What is given to the wire at once; a part of more is long. */
export const PIECE_BYTES = 128 * 1024

/** What is given to a wire that takes all before others have their turn. */
const TURN_BYTES = 2 * 1024 * 1024

/** So much waits with the replies of others until it is safe. */
const HELD_BYTES = 16 * 1024

/** Unsent bytes from which a client is not served further. */
const UNSENT_BYTES = 1024 * 1024

export class OutQueue {
  readonly #wire: Wire
  readonly #gate: Gate
  readonly #goOn: () => void
  readonly #parts: Bytes[] = []
  /** How many of them, from the first, may leave. */
  #safe = 0
  /** Bytes that wait. */
  bytes = 0
  /** Bytes of parts that wait with those of others (turn.ts), before what is in the queue. */
  #heldBytes = 0
  /** Bytes of the first part that are sent, and held until the rest of it is. */
  retainedBytes = 0
  /** All replies are given; the connection ends when they are sent. */
  endsWhenSent = false
  #isOver = false
  #whenSent: (() => void) | undefined

  /**
   * `goOn` is called where `send` has stopped for the others' sake, and where what was held back may leave: it sends on, if
   * there is still somebody to send to. Elsewhere the wire says when it has drained.
   */
  constructor(wire: Wire, gate: Gate, goOn: () => void) {
    this.#wire = wire
    this.#gate = gate
    this.#goOn = goOn
  }

  /** Bytes that were given to it or to the wire, and are not sent. */
  get unsentBytes(): number {
    return this.#wire.unsentBytes + this.bytes + this.#heldBytes
  }

  /** Nothing waits here. */
  get isEmpty(): boolean {
    return this.bytes + this.#heldBytes === 0
  }

  /** So much of it that nothing more should come. */
  get isFull(): boolean {
    return this.unsentBytes >= UNSENT_BYTES
  }

  /** Calls back, never at once, when it is not full; not if the connection ends. */
  onceSent(then: () => void): void {
    this.#whenSent = then
    immediately(() => this.tell())
  }

  /** Tells who waits for it that there is room. */
  tell(): void {
    const then = this.#whenSent
    if (then === undefined || this.isFull) return
    this.#whenSent = undefined
    then()
  }

  /** The connection has ended. */
  stop(): void {
    this.#whenSent = undefined
    this.#isOver = true
  }

  /** Ends the connection if that is all that is left. */
  endIfSent(): void {
    if (this.endsWhenSent && this.isEmpty) this.#wire.end()
  }

  /** Whether a part waits with those of others, as short ones do whose client takes what it is sent; `release` sends it. */
  holds(part: Bytes): boolean {
    const heldBytes = this.#heldBytes + part.length
    if (heldBytes > HELD_BYTES || this.bytes + this.#wire.unsentBytes !== 0) return false
    this.#heldBytes = heldBytes
    return true
  }

  /** Sends it: what is in the queue came later. */
  release(part: Bytes): void {
    this.#heldBytes -= part.length
    if (this.#isOver) return
    this.#wire.write(part)
    this.endIfSent()
  }

  /** Adds a part behind the others. True if the wire has taken it and likes more. */
  add(part: Bytes): boolean {
    this.bytes += part.length
    this.#parts.push(part)
    if (this.#gate.isShut) {
      this.#gate.whenSafe(this.#release)
      return false
    }
    return ++this.#safe === 1 && this.send()
  }

  /** The first part that was held back may leave. */
  readonly #release = (): void => {
    if (++this.#safe === 1) this.#goOn()
  }

  /** Sends as much as the wire takes. False if it is full. */
  send(): boolean {
    let left = TURN_BYTES
    while (this.#safe !== 0) {
      if (left <= 0) {
        immediately(this.#goOn)
        return false
      }
      const part = this.#parts[0]
      const end = this.retainedBytes + PIECE_BYTES
      const piece = part.length <= PIECE_BYTES ? part : part.slice(this.retainedBytes, end)
      if (end < part.length) this.retainedBytes = end
      else {
        this.#parts.shift()
        this.#safe--
        this.retainedBytes = 0
      }
      this.bytes -= piece.length
      left -= piece.length
      if (!this.#wire.write(piece)) return false
    }
    return true
  }

  /** Shows each long part. `stored` is the value of which the last one may be, as the store has it now. */
  visitTexts(visit: TextVisitor, stored: Bytes | undefined): void {
    for (let i = 0; i < this.#parts.length; i++) {
      const part = this.#parts[i]
      if (part.length > PIECE_BYTES) this.#parts[i] = visit(part, part.length, stored)
    }
  }
}
