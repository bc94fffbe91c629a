/**
 * The stream of effects as one replica is sent it: from where it has come to, as fast as its link takes it. What it has not been
 * sent yet stands in the backlog, which keeps it for the slowest of them. So all that a replica costs beside the others is
 * what its link holds.
 */
import type { Link } from '../session/session.ts'
import type { Backlog, BacklogReader } from './backlog.ts'

/** What one is sent before others have their turn. */
const TURN_BYTES = 2 * 2 ** 20

export class ReplicaStream implements BacklogReader {
  readonly #link: Link
  #backlog: Backlog | undefined
  /** Offset of the next byte for it. */
  at = 0
  /** It is sent what comes, and is not in the midst of a synchronisation. */
  #flows = false
  /** Its link has enough to send for now. */
  #waits = false

  constructor(link: Link) {
    this.#link = link
  }

  /** What it has still to be sent. */
  get bytes(): number {
    return this.#backlog === undefined ? 0 : this.#backlog.end + 1 - this.at
  }

  /** What comes from an offset on is kept for it. */
  hold(backlog: Backlog, from: number): void {
    this.#backlog = backlog
    this.at = from
    backlog.hold(this)
    this.#link.behind = this
  }

  /** That is sent, and what comes after it. */
  flow(): void {
    this.#flows = true
    this.advance()
  }

  /** Nothing is kept for it any more. */
  stop(): void {
    const backlog = this.#backlog
    this.#backlog = undefined
    this.#link.behind = undefined
    backlog?.release(this)
  }

  /** Sends what there is, as far as the link takes it. */
  advance(): void {
    if (this.#backlog === undefined) return
    if (!this.#flows || this.#waits) {
      this.#link.limitOutput?.()
      return
    }
    if (this.#send(this.#backlog)) return
    this.#waits = true
    this.#link.onceSent!(() => {
      this.#waits = false
      this.advance()
      this.#backlog?.trim()
    })
  }

  /** False if it is to go on later. */
  #send(backlog: Backlog): boolean {
    for (let left = TURN_BYTES; left > 0; ) {
      const piece = backlog.piece(this.at)
      if (piece === '') return true
      this.at += piece.length
      left -= piece.length
      if (!this.#link.write!(piece)) return false
      if (this.#backlog === undefined) return true
    }
    return false
  }
}
