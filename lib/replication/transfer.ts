/**
 * The sending of a snapshot to one replica, a piece at a time: the next one when the link has sent what it held, so that
 * what waits in the link stays small whatever the length of the snapshot. What is to follow the snapshot waits here.
 */
import { type Bytes, fromArray } from '../base/bytes.ts'
import type { Link } from '../session/session.ts'

export interface TransferEvents {
  /** A piece has been sent. */
  readonly progressed: () => void
  /** All was handed to the link, what waited behind included. */
  readonly ended: () => void
}

export class Transfer {
  readonly #link: Link
  readonly #events: TransferEvents
  /** The last piece first. */
  readonly #pieces: Uint8Array[]
  #behind: Bytes[] = []
  /** Bytes that wait behind the snapshot. */
  waitingBytes = 0

  constructor(link: Link, pieces: readonly Uint8Array[], events: TransferEvents) {
    this.#link = link
    this.#pieces = [...pieces].reverse()
    this.#events = events
    this.#next()
  }

  /** What follows the snapshot. */
  add(part: Bytes): void {
    this.#behind.push(part)
    this.waitingBytes += part.length
  }

  /** The connection is gone. */
  stop(): void {
    this.#pieces.length = 0
    this.#behind = []
  }

  #next(): void {
    const piece = this.#pieces.pop()
    if (piece === undefined) {
      for (const part of this.#behind) this.#link.write!(part)
      this.#events.ended()
      return
    }
    this.#link.write!(fromArray(piece))
    this.#link.onceSent!(() => {
      this.#events.progressed()
      this.#next()
    })
  }
}
