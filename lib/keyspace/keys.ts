/**
 * The keys of one database by their addresses in its table: what all that is asked of them comes down to, whether by text
 * (db.ts) or by the place of a key in a read buffer (placedkeys.ts). Here are the rules that hold for both: a key past its time is
 * gone for whoever looks, each change is told before to the walk of a snapshot, and counted, and each access is recorded.
 */
import type { Bytes } from '../base/bytes.ts'
import type { At } from '../memory/arena.ts'
import type { DbWalk } from './dbwalk.ts'
import { isFreedLater } from './lazyfree.ts'
import { type LfuClock, touchFrequency } from './lfu.ts'
import type { OwnExpiry } from './ownexpiry.ts'
import type { SlotKeys } from './slotkeys.ts'
import { aheadHash } from './table/ahead.ts'
import { Table } from './table/table.ts'
import type { Value } from './value.ts'
import { countedWeight, countWeight, keyWeight } from './weight.ts'

export const NO_EXPIRY = -1
export const KEEP_TTL = -2

/** What the databases of a keyspace have in common, which is the keyspace: see there. */
export interface Rules extends LfuClock {
  readonly now: number
  readonly newAccess: number
  readonly keepsExpired: boolean
  readonly seesExpired: boolean
  readonly leavesNoTrace: boolean
  readonly countsFrequency: boolean
  readonly countsWritesOnly: boolean
  readonly freesReplacedLater: boolean
  readonly freesExpiredLater: boolean
  readonly counts: boolean
  readonly ownExpiry: OwnExpiry | undefined
  bytes: number
  readonly stats: { hits: number; misses: number; expired: number; lazyFreed: number }
}

export abstract class Keys {
  protected readonly rules: Rules
  table = new Table()
  /** The key that was looked up last, if it was there, and its address, which holds until records have moved. */
  protected foundKey: Bytes | undefined
  protected foundAt: At = 0
  #foundMoves = 0
  /** What all keys weigh. */
  protected bytes = 0
  /** The walk of a snapshot, which writes what is about to change; undefined while there is none. */
  protected walk: DbWalk | undefined

  /** Hears of each key that comes and goes, in a node of a cluster. */
  slotKeys: SlotKeys | undefined

  constructor(rules: Rules) {
    this.rules = rules
    this.table.owner = this
  }

  /** A key was removed because its time had come. */
  protected abstract tellExpired(key: Bytes): void
  /** A key is about to be given a time, where `ownExpiry` wants to know. */
  protected abstract noteOwn(key: Bytes): void

  /** The address, if the key's time has not come; else the key goes, unless it is kept, or is about `isToSet`. */
  protected live(at: At, isToSet = false): At {
    if (at === 0 || this.table.timedSize === 0) return at
    const time = this.table.timeOf(at)
    if (time === NO_EXPIRY || time > this.rules.now || this.rules.seesExpired) return at
    if (isToSet || !this.rules.keepsExpired) this.removeExpired(at)
    return 0
  }

  /** Where a key is. The last answer is kept: most writes look a key up, then set it. */
  protected addressOf(key: Bytes): At {
    const { table } = this
    if (key === this.foundKey && this.#foundMoves === table.moves) return this.foundAt
    const at = table.find(key, aheadHash(key))
    if (at === 0) return 0
    this.foundKey = key
    this.foundAt = at
    this.#foundMoves = table.moves
    return at
  }

  protected removeExpired(at: At): void {
    const key = this.table.keyOf(at)
    if (this.rules.freesExpiredLater) this.freeLater(at)
    this.remove(at)
    this.rules.stats.expired++
    this.tellExpired(key)
  }

  protected replace(at: At, key: Bytes, value: Value, expireAt: number): void {
    const table = this.table
    if (this.walk !== undefined) this.walk.before(table.positionOf(at))
    const { counts, freesReplacedLater } = this.rules
    if (freesReplacedLater && table.objectOf(at) !== value) this.freeLater(at)
    const before = counts ? this.countedOf(at) : 0
    const now = table.setValue(at, key, value)
    if (now !== at) this.foundKey = undefined
    if (counts) this.counted(now, before)
    this.recordAccess(now)
    if (expireAt >= 0) this.setNamedTime(now, key, expireAt)
    else if (expireAt === NO_EXPIRY && table.timedSize !== 0) this.clearTime(now)
  }

  protected removeLive(at: At, isFreedLater: boolean): boolean {
    if (at === 0) return false
    if (isFreedLater) this.freeLater(at)
    this.remove(at)
    return true
  }

  protected remove(at: At): void {
    const table = this.table
    const position = table.positionOf(at)
    if (this.walk !== undefined) this.walk.before(position)
    if (this.rules.counts) this.grow(-this.countedOf(at))
    if (this.slotKeys !== undefined) this.slotKeys.remove(table.keyOf(at))
    table.remove(at)
    if (this.walk !== undefined) this.walk.removed(position, table.size)
    this.foundKey = undefined
  }

  protected setNamedTime(at: At, key: Bytes, expireAt: number): void {
    if (this.rules.ownExpiry !== undefined) this.noteOwn(key)
    this.setTime(at, expireAt)
  }

  protected setTime(at: At, expireAt: number): void {
    const table = this.table
    if (this.walk !== undefined) this.walk.before(table.positionOf(at))
    const before = this.rules.counts ? this.weightAt(at) : 0
    const now = table.setTime(at, expireAt)
    if (now !== at) this.foundKey = undefined
    if (this.rules.counts) this.grow(this.weightAt(now) - before)
  }

  protected clearTime(at: At): boolean {
    const table = this.table
    if (this.walk !== undefined) this.walk.before(table.positionOf(at))
    const before = this.rules.counts ? this.weightAt(at) : 0
    if (!table.clearTime(at)) return false
    if (this.rules.counts) this.grow(this.weightAt(at) - before)
    return true
  }

  /** What a key weighs without a value that is an object. */
  protected weightAt(at: At): number {
    const table = this.table
    return keyWeight(table.recordBytes(at), table.timeOf(at) !== NO_EXPIRY, table.objectKeyLength(at))
  }

  /** What is counted for a key. */
  protected countedOf(at: At): number {
    const object = this.table.objectOf(at)
    return this.weightAt(at) + (object === undefined ? 0 : countedWeight(object))
  }

  /** Counts a key for which something else was counted before. */
  protected counted(at: At, before: number): void {
    const object = this.table.objectOf(at)
    this.grow(this.weightAt(at) + (object === undefined ? 0 : countWeight(object, 0)) - before)
  }

  protected freeLater(at: At): void {
    const object = this.table.objectOf(at)
    if (object !== undefined && isFreedLater(object)) this.rules.stats.lazyFreed++
  }

  /** For the table. */
  resized(bytes: number): void {
    if (this.rules.counts) this.grow(bytes)
  }

  protected grow(bytes: number): void {
    this.bytes += bytes
    this.rules.bytes += bytes
  }

  protected recordAccess(at: At): void {
    const { newAccess, countsFrequency, leavesNoTrace } = this.rules
    if (leavesNoTrace) return
    const table = this.table
    table.setAccess(at, countsFrequency ? touchFrequency(table.accessOf(at), this.rules) : newAccess)
  }
}
