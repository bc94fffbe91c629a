/**
 * A snapshot on its way to one replica, without a file: the next piece when the link has sent the one before. What it holds is
 * the walk's array, which goes back when it is out; so the slowest replica sets the pace of the walk.
 */
import { randomBytes } from 'node:crypto'
import { fromArray } from '../base/bytes.ts'
import { inBackground, monotonic } from '../base/runtime.ts'
import type { Engine } from '../engine/engine.ts'
import type { WalkSink } from '../persistence/snapshot/walk.ts'
import { MARK_BYTES } from './reception.ts'
import type { Replica } from './replica.ts'

/** How long the end of one is held at a time (`rdb-key-save-delay`). */
const HOLD_STEP_MS = 100

interface Piece {
  readonly bytes: Uint8Array
  readonly written: () => void
}

export class ReplicaSink implements WalkSink {
  readonly #replica: Replica
  readonly #engine: Engine
  readonly #ended: (isWhole: boolean) => void
  readonly #hasAll: () => void
  readonly #heldUntil: () => number
  readonly #pieces: Piece[] = []
  readonly #mark = randomBytes(MARK_BYTES / 2).toString('hex')
  #hasBegun = false
  #isSending = false
  #isComplete = false
  #isOver = false
  #waits: ((isTaken: boolean) => void) | undefined

  /** `hasAll` is called when nothing more will come, `ended` when all was sent, or will not be. */
  constructor(
    replica: Replica,
    engine: Engine,
    ended: (isWhole: boolean) => void,
    hasAll = (): void => {},
    heldUntil = (): number => 0,
  ) {
    this.#replica = replica
    this.#engine = engine
    this.#ended = ended
    this.#hasAll = hasAll
    this.#heldUntil = heldUntil
  }

  /** Nothing of it waits for the link. */
  get hasTaken(): boolean {
    return !this.#isSending
  }

  write(bytes: Uint8Array, done: () => void): void {
    if (this.#isOver) {
      done()
      return
    }
    this.#pieces.push({ bytes, written: done })
    this.#send()
  }

  end(): void {
    if (this.#isOver) return
    if (this.#heldUntil() > monotonic()) {
      inBackground(HOLD_STEP_MS, () => this.end())
      return
    }
    this.#isComplete = true
    this.#hasAll()
    this.#send()
  }

  abandon(): void {
    this.stop()
    this.#ended(false)
  }

  /** The link is gone. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const { written } of this.#pieces.splice(0)) written()
    this.#waits?.(false)
  }

  /** Calls back when the link has sent what it held. */
  whenTaken(then: (isTaken: boolean) => void): void {
    this.#waits = then
    this.#replica.session.link.onceSent!(() => {
      this.#waits = undefined
      then(true)
    })
  }

  #send(): void {
    if (this.#isSending || this.#isOver) return
    if (!this.#hasBegun) {
      this.#hasBegun = true
      this.#replica.write(`$EOF:${this.#mark}\r\n`)
    }
    const piece = this.#pieces.shift()
    if (piece === undefined) {
      if (!this.#isComplete) return
      this.#isOver = true
      this.#replica.write(this.#mark)
      this.#ended(true)
      return
    }
    this.#isSending = true
    this.#replica.write(fromArray(piece.bytes))
    this.#replica.session.link.onceSent!(() => {
      this.#isSending = false
      this.#replica.ackedAt = this.#engine.clock.now()
      piece.written()
      this.#send()
    })
  }
}
