/**
 * Whose turn it is to write, among the processes that share a database of SQLite. Its lock knows no order: who has just given it back is
 * there to take it again before anybody who looks now and then. So who finds it taken puts its name into a note (turnnote.ts), and
 * counts there for as long as it waits. Who writes looks at the note once a term; while another's name stands there, it leaves the lock
 * alone. Whoever gets the lock takes its own name away, and others may put theirs.
 *
 * It is a courtesy, and no lock: two that write the note at once only wait a little longer, and who has stopped counting, since it is
 * frozen or was killed, is passed by.
 */
import { monotonic } from '../../base/runtime.ts'
import type { TurnNote } from './turnnote.ts'

/** For so long who has the lock may take it again and again while others wait. Unit: ms. */
const TERM_MS = 8
/** Who has not counted for so long waits no more. Unit: ms. */
const SILENT_MS = 50

export class Turns {
  readonly #note: TurnNote
  readonly #writer: number
  #count = 0
  /** Readings of monotonic(): until when nobody else is looked for, and since when the note says what it says. */
  #termEndsAt = 0
  #seenSince = 0
  #seenWriter = 0
  #seenCount = 0
  /** This one has put its name there. */
  #isNext = false

  /** `writer` is any number but 0 that no other process has. */
  constructor(note: TurnNote, writer: number) {
    this.#note = note
    this.#writer = writer
  }

  /** This process is the next, unless another has come before it. */
  get isNext(): boolean {
    return this.#isNext
  }

  /** Whether it may try for the lock: not while another is next. */
  mayTry(): boolean {
    const now = monotonic()
    return now < this.#termEndsAt || !this.#isOthers(now)
  }

  /** It has the lock. */
  entered(): void {
    const now = monotonic()
    if (now >= this.#termEndsAt) this.#termEndsAt = now + TERM_MS
    this.leave()
  }

  /** It waits for the lock, and goes on waiting. */
  wait(): void {
    this.#isNext = !this.#isOthers(monotonic())
    if (this.#isNext) this.#note.write(this.#writer, ++this.#count)
  }

  /** It does not wait any more. */
  leave(): void {
    if (!this.#isNext) return
    this.#isNext = false
    this.#note.read()
    if (this.#note.writer === this.#writer) this.#note.write(0, 0)
  }

  /** True while somebody else is next who still waits. */
  #isOthers(now: number): boolean {
    const note = this.#note
    note.read()
    const { writer, count } = note
    if (writer === 0 || writer === this.#writer) return false
    if (writer !== this.#seenWriter || count !== this.#seenCount) {
      this.#seenWriter = writer
      this.#seenCount = count
      this.#seenSince = now
    }
    if (now - this.#seenSince < SILENT_MS) return true
    note.write(0, 0)
    return false
  }

  close(): void {
    this.leave()
    this.#note.close()
  }
}
