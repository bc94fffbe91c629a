/**
 * Memory that was released goes back to the system: FLUSHALL, DEL of what is large, eviction, expiry, DEBUG RELOAD. V8 collects
 * when it wants to allocate, which a store that has just been emptied does not.
 *
 * Once a second the heap, with the arrays outside of it, is compared with the account of the data (keyspace/weight.ts). What
 * they hold beside, less what the program itself takes, is garbage: chunks of records that were left are (memory/arena.ts). If
 * that is at least as much as what is kept, and worth the effort, a collection is started: its work is in proportion to what
 * is kept, so it never costs more than it brings. It waits for a quiet second, but not for ever. A few more follow while each
 * brings something: pages that are more empty than full go bit by bit.
 *
 * The account is begun when the heap has grown so far that there may be something to give back: small stores do not pay.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks'
import type { Keyspace } from '../keyspace/keyspace.ts'
import { type Heap, type HeapFigures, ProcessHeap } from './heap.ts'

/** Less is not worth a collection. */
const LEAST_BYTES = 48 * 1024 * 1024
/** Share of the time that the event loop may work in a second that counts as quiet. */
const QUIET_SHARE = 0.5
/** So many seconds a collection waits for a quiet one. */
const MOST_WAIT = 4
/** Collections in a row, and what must at most be left by one for another to follow. */
const MOST_ROUNDS = 5
const WORTH = 0.95

export interface GiveBackParts {
  readonly heap?: Heap
  /** The share of the time since it was asked last that the event loop has worked. */
  readonly load?: () => number
}

export class GiveBack {
  readonly #heap: Heap
  readonly #load: () => number
  /** What the heap holds for the program itself; learned anew whenever it proves to be less. */
  #base: number
  #waited = 0
  /** Collections in a row, and how the heap was before the last one. */
  #rounds = 0
  #last: HeapFigures = { used: 0, committed: 0 }
  /** What was held beside the data when the last one had ended. */
  #left = 0

  /** To be made before the store is filled. */
  constructor({ heap = new ProcessHeap(), load = eventLoopLoad() }: GiveBackParts = {}) {
    this.#heap = heap
    this.#load = load
    this.#base = heap.figures().used
  }

  /** Looks once a second, and does not keep the process alive. */
  start(keyspace: Keyspace): void {
    setInterval(() => this.look(keyspace), 1000).unref()
  }

  look(keyspace: Keyspace): void {
    const isQuiet = this.#load() <= QUIET_SHARE
    if (this.#heap.isCollecting) return
    const { used, committed } = this.#heap.figures()
    if (!keyspace.counts) {
      if (used - this.#base < LEAST_BYTES) return
      keyspace.count()
    }
    const held = heldBy(keyspace)
    this.#base = Math.max(0, Math.min(this.#base, used - held))
    const kept = this.#base + held
    const isDue = this.#rounds === 0 ? isMuch(used - kept, kept) : this.#mayBringMore(used, committed, kept)
    if (!isDue) {
      // What a collection has left is the program's; what has come since may be garbage again.
      if (this.#rounds > 0) this.#base = this.#left
      this.#rounds = 0
      this.#waited = 0
    } else if (isQuiet || this.#waited++ >= MOST_WAIT) {
      this.#rounds++
      this.#waited = 0
      this.#last = { used, committed }
      this.#heap.collect(() => {
        // What went while it was under way, it has kept.
        this.#left = Math.max(0, this.#heap.figures().used - Math.max(held, heldBy(keyspace)))
      })
    }
  }

  /** A round that was under way when data went has kept it; and each empties only so many pages. */
  #mayBringMore(used: number, committed: number, kept: number): boolean {
    const hasWorked = used < this.#last.used * WORTH || committed < this.#last.committed * WORTH
    if (!hasWorked || this.#rounds === MOST_ROUNDS) return false
    return isMuch(used - kept, kept / 4) || isMuch(committed - used, used)
  }
}

/** Bytes that the data takes, with the holes between records. */
function heldBy({ bytes, arenas }: Keyspace): number {
  return bytes + arenas.held - arenas.used
}

function isMuch(bytes: number, than: number): boolean {
  return bytes >= Math.max(LEAST_BYTES, than)
}

/** Since the process began, at first. */
function eventLoopLoad(): () => number {
  let last: EventLoopUtilization | undefined
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = last === undefined ? now : performance.eventLoopUtilization(now, last)
    last = now
    return utilization
  }
}
