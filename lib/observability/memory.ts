/**
 * How much memory is used, by three measures.
 *
 * - `used` is the store's own account, which is what `maxmemory` limits.
 * - `figures` are V8's and the operating system's. They include the program that hosts the store and what is not yet
 *   collected. Asking for them costs more than a command, so they are sampled, and kept for `FRESH_MS`.
 * - `resident` is what of the process's resident memory is on the store's account: what it has grown by since the store was
 *   last seen unused, and what an empty store weighs. Over `used` it is INFO's `mem_fragmentation_ratio`; the resident
 *   memory of the whole process would say that an empty store wastes 300 times what it uses. It is never less than `used`:
 *   a small store fits into what V8 had in hand before.
 */
import { getHeapStatistics } from 'node:v8'
import { monotonic } from '../base/runtime.ts'
import type { ArenaBytes } from '../keyspace/keyspace.ts'
import { processMemory, residentBytes } from './processmemory.ts'

const FRESH_MS = 100
/** How often somebody looks although nobody asks. */
const WATCH_MS = 1000

/** What the store holds, in bytes. */
export interface Account {
  /** Keys and values. */
  readonly data: number
  /** A store without keys and clients. */
  readonly startup: number
  readonly clients: number
  /** What waits to be sent to replicas, and the latest of the stream, kept for those who come back; neither counts against `maxmemory`. */
  readonly replicas: number
  readonly backlog: number
}

export interface MemoryParts {
  readonly account: () => Account
  readonly arenas: () => ArenaBytes
  /** True as long as no key was ever set. */
  readonly isUnused: () => boolean
  /** Unix ms. */
  readonly now: () => number
}

/** What the process holds, in bytes, in the terms of Redis's allocator. */
export interface ProcessFigures {
  /** Objects on V8's heap, the uncollected among them, and what V8 knows of outside; of memory for records those that are there. */
  readonly allocated: number
  /** The same with the free room on the heap's pages, and the holes between records. */
  readonly active: number
  /** What of that is in physical memory. */
  readonly resident: number
  /** All of the process that is: program text, stacks and the memory of Node itself, too. */
  readonly rss: number
}

export class Memory {
  readonly #parts: MemoryParts
  #figures: ProcessFigures | undefined
  #sampledAt = 0
  #peak = 0
  #peakAt = 0
  #watchedAt = 0
  /** Resident memory of the process when the store was last seen unused. */
  #baseline = residentBytes()

  constructor(parts: MemoryParts) {
    this.#parts = parts
  }

  get account(): Account {
    return this.#parts.account()
  }

  get used(): number {
    const { data, startup, clients, replicas, backlog } = this.account
    const used = data + startup + clients + replicas + backlog
    if (used > this.#peak) {
      this.#peak = used
      this.#peakAt = this.#parts.now()
    }
    return used
  }

  /** At most `FRESH_MS` old. */
  get figures(): ProcessFigures {
    if (this.#figures === undefined || monotonic() - this.#sampledAt > FRESH_MS) {
      this.#figures = sample(this.#parts.arenas())
      this.#sampledAt = monotonic()
    }
    if (this.#parts.isUnused()) this.#baseline = this.#figures.rss
    return this.#figures
  }

  /** See the head of this file. */
  get resident(): number {
    return Math.max(this.used, this.figures.rss - this.#baseline + this.account.startup)
  }

  /** Looks now and then although nobody asks, so that the baseline is of just before the first key, and the peak is seen. */
  watch(seesPeak: boolean): void {
    if (monotonic() - this.#watchedAt < WATCH_MS) return
    this.#watchedAt = monotonic()
    if (this.#parts.isUnused()) this.#baseline = residentBytes()
    if (seesPeak) void this.used
  }

  /** Unix ms of when so much was first seen in use as never before or after. */
  get peakAt(): number {
    return this.#peakAt
  }

  /** The most that was ever seen in use. */
  get peak(): number {
    return Math.max(this.#peak, this.used)
  }
}

function sample({ used, touched, held }: ArenaBytes): ProcessFigures {
  const { heapUsed, heapTotal, external, rss } = processMemory()
  const outside = external - held
  return {
    allocated: heapUsed + outside + used,
    active: heapTotal + outside + touched,
    // Other memory outside of the heap may have been asked for and never touched, too.
    resident: Math.min(rss, getHeapStatistics().total_physical_size + outside + touched),
    rss,
  }
}

/** A number of bytes as INFO's `_human` fields print it: `1.06M`. */
export function humanBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`
  let unit = -1
  do {
    bytes /= 1024
    unit++
  } while (bytes >= 1024 && unit < 4)
  return bytes.toFixed(2) + 'KMGTP'[unit]
}
