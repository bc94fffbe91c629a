/**
 * The security log: who was refused, when, and what. What is much the same within a minute counts as one entry, so that a
 * client that tries again and again does not push all others out. Holds `acllog-max-len` entries and never a password.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { Directives } from '../config/config.ts'

/** Equal entries less than so long apart are one. */
const GROUPING_MS = 60_000
/** How many of the latest entries are looked at for an equal one. */
const LOOKED_AT = 10

/** What was refused: a command, a key, a channel, or to be let in. */
export type DenialReason = 'command' | 'key' | 'channel' | 'auth'
/** Where the command came from. */
export type DenialContext = 'toplevel' | 'multi' | 'lua'

export interface AclEvent {
  readonly reason: DenialReason
  readonly context: DenialContext
  /** Name of the command, key or channel; for `auth`, the command that was to let the client in. */
  readonly object: Bytes
  readonly username: Bytes
  /** The client's line in CLIENT LIST. */
  readonly clientInfo: Bytes
}

export interface AclEntry extends AclEvent {
  readonly id: number
  readonly count: number
  /** Unix ms. */
  readonly createdAt: number
  readonly updatedAt: number
}

export class AclLog {
  /** Oldest first. */
  #entries: AclEntry[] = []
  #nextId = 0
  readonly #clock: Clock
  readonly #config: Directives
  /** How often each reason was one, for INFO. */
  readonly figures: Record<DenialReason, number> = { command: 0, key: 0, channel: 0, auth: 0 }

  constructor(clock: Clock, config: Directives) {
    this.#clock = clock
    this.#config = config
  }

  /** Unix ms. */
  get now(): number {
    return this.#clock.now()
  }

  /** The newest entries, newest first. */
  latest(count: number): readonly AclEntry[] {
    return count <= 0 ? [] : this.#entries.slice(-count).reverse()
  }

  reset(): void {
    this.#entries = []
  }

  add(event: AclEvent): void {
    const { now } = this
    this.figures[event.reason]++
    const entries = this.#entries
    const end = Math.max(0, entries.length - LOOKED_AT)
    for (let i = entries.length - 1; i >= end; i--) {
      if (!isAlike(entries[i], event, now)) continue
      const [{ id, count, createdAt }] = entries.splice(i, 1)
      entries.push({ ...event, id, count: count + 1, createdAt, updatedAt: now })
      return
    }
    entries.push({ ...event, id: this.#nextId++, count: 1, createdAt: now, updatedAt: now })
    const surplus = entries.length - this.#config['acllog-max-len']
    if (surplus > 0) entries.splice(0, surplus)
  }
}

function isAlike(entry: AclEntry, event: AclEvent, now: number): boolean {
  return (
    entry.reason === event.reason &&
    entry.context === event.context &&
    Math.abs(now - entry.updatedAt) <= GROUPING_MS &&
    entry.object === event.object &&
    entry.username === event.username
  )
}
