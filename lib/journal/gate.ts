/**
 * What holds answers back until what they speak of is safe: `appendfsync always`. From the moment at which a change is in the
 * journal and not on disk, nothing that was computed may leave, whoever asked for it and by whichever door: the writer's reply,
 * another client's read, a message, an event of a key, a line of MONITOR. Each door asks `isShut` before it sends anything, and
 * if it is shut, hands over how the thing is sent. All that waits stands in one line, in the order in which it was computed,
 * each with the offset of the journal at that moment; so a later reply of a client never overtakes an earlier one.
 *
 * It is not used but under `always` and with a shared store, and then costs a door one test of a field.
 */
import type { ReplyError } from '../base/reply.ts'
import { immediately } from '../base/runtime.ts'

/** What waits for the journal to be safe up to an offset. */
interface Waiting {
  readonly offset: number
  readonly leave: () => void
  readonly fail: ((error: ReplyError | undefined) => void) | undefined
}

/** Makes safe what the journal holds: the file under `always`, the database of a shared store. */
export interface Keeper {
  /** Writes what was gathered, and has it forced to disk. Returns the error of who may not be told what was gathered last. */
  commit(): ReplyError | undefined
  /** The same before it returns: for callers that cannot wait. @throws ReplyError, or what the disk throws */
  commitSync(): void
}

export class Gate {
  /** True while nothing may leave. */
  isShut = false
  /** True while something is gathered that was not written: whoever is about to send has it written first. */
  isPending = false
  #keeper: Keeper | undefined
  /** Called before the keeper: they have gathered something to send. */
  readonly #senders: (() => void)[] = []
  /** Offset in the journal behind the last change, and up to which it is safe. */
  #offset = 0
  #safe = 0
  #waiting: Waiting[] = []
  /** How many of them have left already. */
  #left = 0
  #isOpening = false
  #isCommitting = false
  #hasFailed = false

  /** The one who is asked to commit; there is one journal. */
  keptBy(keeper: Keeper | undefined): void {
    this.#keeper = keeper
  }

  /** Has a function called before the replies of a turn in which something was gathered. */
  beforeReplies(send: () => void): void {
    this.#senders.push(send)
  }

  /** Something was gathered that is not written; it is at the latest when this turn of the event loop is over. */
  gathers(): void {
    this.isPending = true
    if (this.#isCommitting) return
    this.#isCommitting = true
    immediately(() => {
      this.#isCommitting = false
      if (this.isPending) this.commit()
    })
  }

  /** A change was made that is not safe before the journal is, up to its offset. */
  shut(offset: number): void {
    this.#offset = offset
    this.isShut = true
  }

  /**
   * Writes what was gathered: to be called at the end of a turn, before its replies are sent. Returns the error that takes their
   * place where it could not be kept.
   */
  commit(): ReplyError | undefined {
    for (const send of this.#senders) send()
    this.isPending = false
    return this.#keeper?.commit()
  }

  /** Has all that was gathered safe before it returns. @throws what the disk throws */
  commitSync(): void {
    for (const send of this.#senders) send()
    this.isPending = false
    this.#keeper?.commitSync()
  }

  /** Calls back when all is safe that was changed until now. `fail`: it never will be. */
  whenSafe(leave: () => void, fail?: (error: ReplyError | undefined) => void): void {
    if (this.#hasFailed) fail?.(undefined)
    else this.#waiting.push({ offset: this.#offset, leave, fail })
  }

  /** The journal is safe up to an offset: what waited for that leaves, in order. */
  open(safe: number): void {
    if (safe > this.#safe) this.#safe = safe
    if (this.#isOpening || this.#hasFailed) return
    this.#isOpening = true
    try {
      // What comes meanwhile stands behind.
      while (this.#left < this.#waiting.length && this.#waiting[this.#left].offset <= this.#safe) {
        this.#waiting[this.#left++].leave()
      }
    } finally {
      this.#isOpening = false
      if (this.#left !== 0) this.#waiting = this.#waiting.slice(this.#left)
      this.#left = 0
      this.isShut = this.#waiting.length !== 0 || this.#offset > this.#safe
    }
  }

  /** The journal can never be made safe any more: nothing that waits may leave, now or later. */
  failed(): void {
    this.isShut = true
    this.#hasFailed = true
    for (const { fail } of this.#waiting.splice(0)) fail?.(undefined)
  }

  /** What was changed and is not safe is undone: nothing that waits for it leaves, and what comes from here on may. */
  undone(error: ReplyError): void {
    this.#safe = this.#offset
    this.isPending = false
    this.isShut = false
    for (const { fail } of this.#waiting.splice(0)) fail?.(error)
  }
}
