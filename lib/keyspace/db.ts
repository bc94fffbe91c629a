/**
 * One numbered database: names to values, with expiry. This is the storage seam: commands reach keys only through here.
 *
 * A key past its time is gone the moment anyone looks (lazy expiry), whether or not the active cycle has come by. A key's
 * access word is what eviction and OBJECT IDLETIME/FREQ need: unix seconds of the last access (or change), or the LFU word when the
 * policy counts frequency.
 *
 * Commands ask by a key's text and are given values of JavaScript. A few of the commonest ask by places: see placedkeys.ts.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Places } from '../base/places.ts'
import { DbWalk, type KeyWriter } from './dbwalk.ts'
import { HashTimes } from './hashtimes.ts'
import { KEEP_TTL, NO_EXPIRY } from './keys.ts'
import type { Keyspace } from './keyspace.ts'
import { type DbOverhead, overheadOf } from './overhead.ts'
import { Packable } from './packed/packable.ts'
import { PlacedKeys } from './placedkeys.ts'
import { aheadHash } from './table/ahead.ts'
import { hashOfText } from './table/keyhash.ts'
import { Table } from './table/table.ts'
import { checkString, checkType, type ValueClass } from './typed.ts'
import type { ObjectValue, StringValue, TypeName, Value } from './value.ts'
import type { HashValue } from './values/hash.ts'
import { StringBuffer } from './values/string.ts'
import { countWeight, keysWeight, nameWeight, valueWeight } from './weight.ts'

export { KEEP_TTL, NO_EXPIRY }

export class Db extends PlacedKeys {
  readonly index: number
  readonly #keyspace: Keyspace
  /** Undefined while no hash had fields that expire. */
  #hashes: HashTimes | undefined
  /** Index among the keys with an expiry, behind the next one that active expiry looks at. */
  #expireCursor = 0

  constructor(index: number, keyspace: Keyspace) {
    super(keyspace)
    this.index = index
    this.#keyspace = keyspace
  }

  /** Number of keys, those counted that are past their time but not yet removed (as DBSIZE does). */
  get size(): number {
    return this.table.size
  }

  /** Number of keys with an expiry. */
  get volatileSize(): number {
    return this.table.timedSize
  }

  /** As all that goes by positions, for eviction, which does not mind whether a key's time is past. */
  keyAt(position: number): Bytes {
    return this.table.keyOf(this.table.atPosition(position))
  }

  accessAt(position: number): number {
    return this.table.accessOf(this.table.atPosition(position))
  }

  /** Of the keys with an expiry, by an index from 0 to `volatileSize` - 1. */
  volatileAccessAt(index: number): number {
    return this.table.accessOf(this.table.timedRecord(index))
  }

  /** Unix ms. */
  volatileExpireAt(index: number): number {
    return this.table.timeAt(index)
  }

  volatileKeyAt(index: number): Bytes {
    return this.table.keyOf(this.table.timedRecord(index))
  }

  evict(key: Bytes): void {
    const at = this.addressOf(key)
    if (this.#keyspace.freesEvictedLater) this.freeLater(at)
    this.remove(at)
    this.#keyspace.stats.evicted++
    this.#keyspace.listener.evicted(this, key)
  }

  /** The live value, for a command that is about to write. Counts as an access, not as a hit or a miss. */
  find(key: Bytes): Value | undefined {
    const at = this.live(this.addressOf(key))
    if (at === 0) return undefined
    if (this.walk !== undefined) this.walk.before(this.table.positionOf(at))
    this.recordAccess(at)
    return this.table.valueOf(at, key)
  }

  /** What a reader gave is about to be changed in place. `find` says so by itself, and so do all others that change keys. */
  beforeChange(key: Bytes): void {
    if (this.walk === undefined) return
    const at = this.addressOf(key)
    if (at !== 0) this.walk.before(this.table.positionOf(at))
  }

  /** The live value, for a command that reads: also counts a keyspace hit or miss. */
  read(key: Bytes): Value | undefined {
    const at = this.live(this.addressOf(key))
    if (at === 0) {
      this.#missed(key)
      return undefined
    }
    this.#keyspace.stats.hits++
    if (!this.#keyspace.countsWritesOnly) this.recordAccess(at)
    return this.table.valueOf(at, key)
  }

  /** The live value for a look at the key that is no access to it (TTL, EXISTS, TYPE): counts a hit or miss only. */
  readUntouched(key: Bytes): Value | undefined {
    const value = this.peek(key)
    if (value === undefined) this.#missed(key)
    else this.#keyspace.stats.hits++
    return value
  }

  /** `readUntouched` of which nobody hears: for OBJECT. */
  inspect(key: Bytes): Value | undefined {
    const value = this.peek(key)
    if (value === undefined) this.#keyspace.stats.misses++
    else this.#keyspace.stats.hits++
    return value
  }

  /** The live value without a trace: for TYPE, SCAN and introspection. */
  peek(key: Bytes): Value | undefined {
    const at = this.live(this.addressOf(key))
    return at === 0 ? undefined : this.table.valueOf(at, key)
  }

  has(key: Bytes): boolean {
    return this.live(this.addressOf(key)) !== 0
  }

  /** `has` that leaves a key where it is whose time has come: for WATCH. */
  isLive(key: Bytes): boolean {
    const at = this.addressOf(key)
    if (at === 0) return false
    const time = this.table.timeOf(at)
    return time === NO_EXPIRY || time > this.#keyspace.now
  }

  /** `read` for one type of object. @throws WRONG_TYPE */
  readTyped<T extends ObjectValue>(key: Bytes, type: ValueClass<T>): T | undefined {
    return checkType(this.read(key), type)
  }

  /** `find` for one type of object. @throws WRONG_TYPE */
  findTyped<T extends ObjectValue>(key: Bytes, type: ValueClass<T>): T | undefined {
    return checkType(this.find(key), type)
  }

  /** `read` for strings. @throws WRONG_TYPE */
  readString(key: Bytes): StringValue | undefined {
    return checkString(this.read(key))
  }

  /** `find` for strings. @throws WRONG_TYPE */
  findString(key: Bytes): StringValue | undefined {
    return checkString(this.find(key))
  }

  /** The type's name, or undefined for no key. */
  typeOf(key: Bytes): TypeName | undefined {
    const at = this.live(this.addressOf(key))
    return at === 0 ? undefined : this.table.typeAt(at)
  }

  /** Adds or replaces. `expireAt` in unix ms; NO_EXPIRY drops an old expiry, KEEP_TTL leaves it. */
  set(key: Bytes, value: Value, expireAt: number): void {
    const at = this.live(this.addressOf(key), true)
    if (at === 0) {
      const added = this.table.add(key, value, this.#keyspace.newAccess, aheadHash(key), expireAt >= 0)
      if (this.#keyspace.counts) this.counted(added, 0)
      if (this.slotKeys !== undefined) this.slotKeys.add(key)
      if (this.#keyspace.onNew !== undefined) this.#keyspace.onNew(this, key)
      if (expireAt >= 0) this.setNamedTime(added, key, expireAt)
    } else this.replace(at, key, value, expireAt)
    const hash = typeof value === 'object' ? hashOf(value) : undefined
    if (hash?.expiry !== undefined) {
      hash.expiry.notedAt = Infinity // under this name it is not noted yet
      this.noteFieldExpiry(key, hash)
    }
  }

  /** Makes room for so many keys, and for those of them with an expiry, if there are none yet. */
  expect(keys: number, volatileKeys: number): void {
    this.table.expect(keys, volatileKeys)
  }

  /** Adds a key of a snapshot, past its time or not. False, and nothing is changed, if there is one of that name. */
  load(key: Bytes, value: Value, expireAt: number): boolean {
    const hash = hashOfText(key)
    if (this.table.find(key, hash) !== 0) return false
    const at = this.table.add(key, value, this.#keyspace.newAccess, hash, expireAt >= 0)
    if (this.#keyspace.counts) this.counted(at, 0)
    if (this.slotKeys !== undefined) this.slotKeys.add(key)
    if (this.#keyspace.onNew !== undefined) this.#keyspace.onNew(this, key)
    if (expireAt >= 0) this.setNamedTime(at, key, expireAt)
    const loaded = typeof value === 'object' ? hashOf(value) : undefined
    if (loaded?.expiry !== undefined) this.noteFieldExpiry(key, loaded)
    return true
  }

  /** Removes a key. True if it was there and not past its time. `isFreedLater`: as UNLINK does, see lazyfree.ts. */
  delete(key: Bytes, isFreedLater = this.#keyspace.freesReplacedLater): boolean {
    return this.removeLive(this.live(this.addressOf(key)), isFreedLater)
  }

  /** Unix ms, or NO_EXPIRY. Says nothing about whether the key exists. */
  expireAt(key: Bytes): number {
    if (this.table.timedSize === 0) return NO_EXPIRY
    const at = this.addressOf(key)
    return at === 0 ? NO_EXPIRY : this.table.timeOf(at)
  }

  /** Sets the expiry of an existing key, in unix ms. */
  setExpireAt(key: Bytes, expireAt: number): void {
    this.setNamedTime(this.addressOf(key), key, expireAt)
  }

  /** Makes a key lasting. True if it had an expiry. */
  persist(key: Bytes): boolean {
    const at = this.table.timedSize === 0 ? 0 : this.addressOf(key)
    return at !== 0 && this.clearTime(at)
  }

  /** Bytes that a key takes with all that it holds; undefined for no key. O(1). */
  weightOf(key: Bytes): number | undefined {
    const at = this.live(this.addressOf(key))
    if (at === 0) return undefined
    const object = this.table.objectOf(at)
    return this.weightAt(at) + (object === undefined ? 0 : valueWeight(object))
  }

  /** What its keys cost beside their names and values. O(1). */
  get overhead(): DbOverhead {
    return overheadOf(this.table)
  }

  /** Counts all keys, as the keyspace begins to. O(1) for those with records. */
  count(): void {
    const { table } = this
    this.grow(keysWeight(table.size, table.timedSize, table.recordsBytes))
    for (let i = 0; i < table.objects; i++) {
      const at = table.objectAt(i)
      this.grow(nameWeight(table.objectKeyLength(at)) + countWeight(table.valueOf(at), 0))
    }
  }

  /** A value was changed in place: it may be packed, and for a keyspace that counts, what it has come to weigh is counted. O(1). */
  changed(key: Bytes): void {
    if (this.table.isUnsettled) this.table.settle()
    if (this.#keyspace.counts) this.recount(key)
  }

  /** Counts what a value has come to weigh that was changed in place; for a keyspace that counts. */
  recount(key: Bytes): void {
    const at = this.addressOf(key)
    const value = at === 0 ? undefined : this.table.objectOf(at)
    if (typeof value === 'object') this.grow(countWeight(value, value.countedBytes))
  }

  /** Number of hashes with fields that expire, or a little more. */
  get fieldExpirySize(): number {
    return this.#hashes?.size ?? 0
  }

  /** When the first of these fields goes, in unix ms; Infinity for none. */
  get fieldsExpireAt(): number {
    return this.#hashes?.next ?? Infinity
  }

  /** Makes active expiry know of a hash whose fields were given times. */
  noteFieldExpiry(key: Bytes, hash: HashValue): void {
    this.#hashes ??= new HashTimes(this.table)
    this.#hashes.note(key, hash)
  }

  /** Removes a field of a hash if its time has come. With the last one goes the key, unless `keepsEmpty`. */
  expireField(key: Bytes, hash: HashValue, field: Bytes, keepsEmpty: boolean): void {
    if (this.#keyspace.keepsExpired || !hash.isDue(field, this.#keyspace.now)) return
    if (this.walk !== undefined) this.beforeChange(key)
    hash.delete(field)
    this.#fieldsExpired(key, hash, [field], keepsEmpty)
  }

  /** Removes up to `limit` fields of a hash whose time has come, and the key with the last one. Returns how many. */
  expireFieldsOf(key: Bytes, hash: HashValue, limit: number): number {
    const { expiry } = hash
    if (expiry === undefined || this.#keyspace.keepsExpired || expiry.next() > this.#keyspace.now) return 0
    if (this.walk !== undefined) this.beforeChange(key)
    const fields: Bytes[] = []
    while (fields.length < limit) {
      const field = expiry.due(this.#keyspace.now)
      if (field === undefined) break
      hash.delete(field)
      fields.push(field)
    }
    if (fields.length !== 0) this.#fieldsExpired(key, hash, fields, false)
    return fields.length
  }

  /** One round of active expiry of fields: removes up to `limit` whose time has come. Returns how many. */
  expireFields(limit: number): number {
    let removed = 0
    while (removed < limit) {
      const key = this.#hashes?.takeDue(this.#keyspace.now)
      if (key === undefined) break
      const value = this.peek(key)
      const hash = typeof value === 'object' ? hashOf(value) : undefined
      if (hash === undefined) continue
      removed += this.expireFieldsOf(key, hash, limit - removed)
      if (hash.length !== 0) this.noteFieldExpiry(key, hash)
    }
    return removed
  }

  /** Moves records out of chunks that are being left, at `count` positions down from one. Returns how many it moved. */
  moveRecords(from: number, count: number): number {
    let moved = 0
    for (let position = from - 1; position >= from - count; position--) if (this.table.moveRecord(position)) moved++
    this.foundKey = undefined
    return moved
  }

  /** A live key drawn at random, or undefined. As in Redis, gives up on live ones after 100 draws among expired ones. */
  randomKey(): Bytes | undefined {
    const table = this.table
    for (let tries = 0; table.size > 0; tries++) {
      const at = table.atPosition(Math.floor(Math.random() * table.size))
      const key = table.keyOf(at)
      if (tries > 100 || this.live(at) !== 0) return key
    }
    return undefined
  }

  /**
   * One step of a scan: visits up to `count` keys and returns the next cursor, 0 when the scan is complete. Start with 0. `visit`
   * must not change anything. Keys past their time may be visited: ask `has`, but only after the step.
   */
  scan(cursor: number, count: number, visit: (key: Bytes) => void): number {
    const table = this.table
    const from = cursor === 0 || cursor > table.size ? table.size : cursor
    const to = Math.max(0, from - count)
    for (let i = from - 1; i >= to; i--) visit(table.keyOf(table.atPosition(i)))
    return to
  }

  /** All keys, those past their time included, as a fresh array. O(n) */
  keys(): readonly Bytes[] {
    const table = this.table
    const keys = new Array<Bytes>(table.size)
    for (let i = 0; i < keys.length; i++) keys[i] = table.keyOf(table.atPosition(i))
    return keys
  }

  /** True for a key that is here, its time past or not. */
  holds(key: Bytes): boolean {
    return this.addressOf(key) !== 0
  }

  /** The value of a key, its time past or not: for a snapshot, which holds both. */
  storedValue(key: Bytes): Value | undefined {
    const at = this.table.find(key)
    return at === 0 ? undefined : this.table.valueOf(at, key)
  }

  /** Makes a value stand for itself that is about to be removed from under its name. */
  detach(value: Value): void {
    if (value instanceof Packable) value.unpack()
  }

  /** True if there is a hash with fields that expire. */
  get hasExpiringFields(): boolean {
    return this.#hashes?.any ?? false
  }

  /** The walk of a snapshot. If it is `followed`, what is about to change is written first, until `endWalk`; else nothing may. */
  beginWalk(writer: KeyWriter, followed: boolean): DbWalk {
    const walk = new DbWalk(this.index, this.table, writer)
    if (followed) this.walk = walk
    return walk
  }

  /** Ends the walk that this writer began, if it is still followed here. */
  endWalk(writer: KeyWriter): void {
    if (this.walk?.writer === writer) this.walk = undefined
  }

  /** Empties the database; returns how many keys it held. `isFreedLater`: as FLUSHDB ASYNC does, see lazyfree.ts. */
  clear(isFreedLater = false): number {
    const { size } = this.table
    if (isFreedLater) this.#keyspace.stats.lazyFreed += size
    this.grow(-this.bytes)
    this.slotKeys?.clear()
    this.walk = undefined // it keeps what was here
    this.table = new Table()
    this.table.owner = this
    this.#hashes = undefined
    this.foundKey = undefined
    return size
  }

  /** Exchanges the contents of two databases; their numbers stay. */
  swap(other: Db): void {
    ;[this.table, other.table] = [other.table, this.table]
    this.table.owner = this
    other.table.owner = other
    ;[this.#hashes, other.#hashes] = [other.#hashes, this.#hashes]
    ;[this.walk, other.walk] = [other.walk, this.walk]
    ;[this.bytes, other.bytes] = [other.bytes, this.bytes]
    ;[this.slotKeys, other.slotKeys] = [other.slotKeys, this.slotKeys]
    this.foundKey = other.foundKey = undefined
  }

  /** The access word of a key: see the head of this file. 0 for no key. */
  accessOf(key: Bytes): number {
    const at = this.addressOf(key)
    return at === 0 ? 0 : this.table.accessOf(at)
  }

  /** Sets the access word, for RESTORE and for tests that age a key; -1 leaves it as it is. */
  setAccess(key: Bytes, word: number): void {
    const at = word === -1 ? 0 : this.addressOf(key)
    if (at !== 0) this.table.setAccess(at, word)
  }

  /**
   * One round of active expiry: looks at the next `samples` keys with an expiry, removes those whose time has come and
   * returns how many. Rounds go from the last of them to the first, as a scan does, so that none is missed for long.
   */
  expireSample(samples: number, now: number): number {
    const table = this.table
    let removed = 0
    for (let left = Math.min(samples, table.timedSize); left > 0; left--) {
      if (this.#expireCursor === 0 || this.#expireCursor > table.timedSize) this.#expireCursor = table.timedSize
      const index = --this.#expireCursor
      if (table.timeAt(index) > now) continue
      this.removeExpired(table.timedRecord(index))
      removed++
    }
    return removed
  }

  #fieldsExpired(key: Bytes, hash: HashValue, fields: readonly Bytes[], keepsEmpty: boolean): void {
    this.#keyspace.stats.expiredFields += fields.length
    if (this.#keyspace.counts) this.recount(key)
    const isGone = hash.length === 0 && !keepsEmpty
    if (isGone) this.remove(this.addressOf(key))
    this.#keyspace.listener.fieldsExpired(this, key, fields, isGone)
  }

  protected override tellExpired(key: Bytes): void {
    this.#keyspace.listener.expired(this, key)
  }

  protected override noteOwn(key: Bytes): void {
    this.#keyspace.noteOwn(this, key)
  }

  #missed(key: Bytes): void {
    this.#keyspace.stats.misses++
    if (this.#keyspace.onMiss !== undefined) this.#keyspace.onMiss(this, key)
  }

  protected override missedPlace(p: Places, key: number): void {
    this.#keyspace.stats.misses++
    if (this.#keyspace.onMiss !== undefined) this.#keyspace.onMiss(this, p.text(key))
  }

  protected override tellNewPlace(p: Places, key: number): void {
    if (this.#keyspace.onNew !== undefined) this.#keyspace.onNew(this, p.text(key))
  }
}

/** A hash, where it is one. Its class is not asked: that loads with the first hash. */
function hashOf(value: StringBuffer | ObjectValue): HashValue | undefined {
  return !(value instanceof StringBuffer) && value.type === 'hash' ? (value as HashValue) : undefined
}
