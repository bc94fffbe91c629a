/**
 * One numbered database: names to values, with expiry. This is the storage seam: commands reach keys only through here.
 *
 * Times of expiry stand in a dict of their own, so that keys without one cost nothing and the active cycle can draw
 * samples from those that have one. A key past its time is gone the moment anyone looks (lazy expiry), whether or not the
 * active cycle has come by. `accesses` runs parallel to the dict's dense arrays and carries what eviction and OBJECT
 * IDLETIME/FREQ need: unix seconds of the last access (or change), or the LFU word when the policy counts frequency.
 */
import type { Bytes } from '../base/bytes.ts'
import { DbWalk, type KeyWriter } from './dbwalk.ts'
import { Dict } from './dict.ts'
import { HashTimes } from './hashtimes.ts'
import type { Keyspace } from './keyspace.ts'
import { isFreedLater } from './lazyfree.ts'
import { touchFrequency } from './lfu.ts'
import { type DbOverhead, overheadOf } from './overhead.ts'
import type { SlotKeys } from './slotkeys.ts'
import { checkString, checkType, typeName, type ValueClass } from './typed.ts'
import type { ObjectValue, StringValue, TypeName, Value } from './value.ts'
import { HashValue } from './values/hash.ts'
import { countedWeight, countWeight, EXPIRY_BYTES, keyWeight, valueWeight } from './weight.ts'

export const KEEP_TTL = -2
export const NO_EXPIRY = -1

export class Db {
  readonly index: number
  readonly #keyspace: Keyspace
  #entries = new Dict<Value>()
  #expires = new Dict<number>()
  #accesses = new Uint32Array(16)
  /** The key that was looked up last, if it was there, and its position; forgotten when entries move. */
  #foundKey: Bytes | undefined
  #foundAt = -1
  #hashes = new HashTimes(this.#entries)
  /** Position in `#expires` behind the next key that active expiry looks at. */
  #expireCursor = 0
  /** What all keys weigh. */
  #bytes = 0
  /** The walk of a snapshot, which writes what is about to change; undefined while there is none. */
  #walk: DbWalk | undefined
  /** Hears of each key that comes and goes, in a node of a cluster. */
  slotKeys: SlotKeys | undefined

  constructor(index: number, keyspace: Keyspace) {
    this.index = index
    this.#keyspace = keyspace
  }

  /** Number of keys, those counted that are past their time but not yet removed (as DBSIZE does). */
  get size(): number {
    return this.#entries.size
  }

  /** Number of keys with an expiry. */
  get volatileSize(): number {
    return this.#expires.size
  }

  /** As all that goes by positions, for eviction, which does not mind whether a key's time is past. */
  keyAt(position: number): Bytes {
    return this.#entries.keyAt(position)
  }

  accessAt(position: number): number {
    return this.#accesses[position]
  }

  /** A key with an expiry, by a position from 0 to `volatileSize` - 1. */
  volatileKeyAt(position: number): Bytes {
    return this.#expires.keyAt(position)
  }

  evict(key: Bytes): void {
    const position = this.#positionOf(key)
    if (this.#keyspace.freesEvictedLater) this.#freeLater(this.#entries.valueAt(position))
    this.#removeAt(position, key)
    this.#keyspace.stats.evicted++
    this.#keyspace.listener.evicted(this, key)
  }

  /** The live value, for a command that is about to write. Counts as an access, not as a hit or a miss. */
  find(key: Bytes): Value | undefined {
    const position = this.#livePosition(key)
    if (position === -1) return undefined
    if (this.#walk !== undefined) this.#walk.before(position)
    this.#recordAccess(position)
    return this.#entries.valueAt(position)
  }

  /** What a reader gave is about to be changed in place. `find` says so by itself, and so do all others that change keys. */
  beforeChange(key: Bytes): void {
    if (this.#walk === undefined) return
    const position = this.#positionOf(key)
    if (position !== -1) this.#walk.before(position)
  }

  /** The live value, for a command that reads: also counts a keyspace hit or miss. */
  read(key: Bytes): Value | undefined {
    const position = this.#livePosition(key)
    if (position === -1) {
      this.#missed(key)
      return undefined
    }
    this.#keyspace.stats.hits++
    if (!this.#keyspace.countsWritesOnly) this.#recordAccess(position)
    return this.#entries.valueAt(position)
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
    const position = this.#livePosition(key)
    return position === -1 ? undefined : this.#entries.valueAt(position)
  }

  /** Keys off buffers, which are then looked up faster. See `Dict.readKeys`. */
  readKeys(
    buffers: readonly Buffer[],
    starts: Int32Array,
    ends: Int32Array,
    areRead: Uint8Array,
    count: number,
  ): readonly Bytes[] {
    return this.#entries.readKeys(buffers, starts, ends, areRead, count)
  }

  has(key: Bytes): boolean {
    return this.#livePosition(key) !== -1
  }

  /** `has` that leaves a key where it is whose time has come: for WATCH. */
  isLive(key: Bytes): boolean {
    return this.#positionOf(key) !== -1 && (this.#expires.get(key) ?? Infinity) > this.#keyspace.now
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
    const value = this.peek(key)
    return value === undefined ? undefined : typeName(value)
  }

  /** Adds or replaces. `expireAt` in unix ms; NO_EXPIRY drops an old expiry, KEEP_TTL leaves it. */
  set(key: Bytes, value: Value, expireAt: number): void {
    const position = this.#livePosition(key, true)
    if (position === -1) this.#added(this.#entries.add(key, value), key, value)
    else {
      if (this.#walk !== undefined) this.#walk.before(position)
      if (this.#keyspace.watchesReplaced) this.#replaced(position, value)
      this.#entries.setAt(position, value)
      this.#recordAccess(position)
    }
    if (expireAt >= 0) this.setExpireAt(key, expireAt)
    else if (expireAt === NO_EXPIRY && this.#expires.size !== 0) this.persist(key)
    if (value instanceof HashValue && value.expiry !== undefined) {
      value.expiry.notedAt = Infinity // under this name it is not noted yet
      this.noteFieldExpiry(key, value)
    }
  }

  /** Makes room for so many keys, and for those of them with an expiry, if there are none yet. */
  expect(keys: number, volatileKeys: number): void {
    this.#entries.expect(keys)
    this.#expires.expect(volatileKeys)
  }

  /** Adds a key of a snapshot, past its time or not. False, and nothing is changed, if there is one of that name. */
  load(key: Bytes, value: Value, expireAt: number): boolean {
    const position = this.#entries.addNew(key, value)
    if (position === -1) return false
    this.#added(position, key, value)
    if (expireAt >= 0) this.setExpireAt(key, expireAt)
    if (value instanceof HashValue && value.expiry !== undefined) this.noteFieldExpiry(key, value)
    return true
  }

  /** Removes a key. True if it was there and not past its time. `isFreedLater`: as UNLINK does, see lazyfree.ts. */
  delete(key: Bytes, isFreedLater = this.#keyspace.freesReplacedLater): boolean {
    const position = this.#livePosition(key)
    if (position === -1) return false
    if (isFreedLater) this.#freeLater(this.#entries.valueAt(position))
    this.#removeAt(position, key)
    return true
  }

  /** Unix ms, or NO_EXPIRY. Says nothing about whether the key exists. */
  expireAt(key: Bytes): number {
    if (this.#expires.size === 0) return NO_EXPIRY
    return this.#expires.get(key) ?? NO_EXPIRY
  }

  /** Sets the expiry of an existing key, in unix ms. */
  setExpireAt(key: Bytes, expireAt: number): void {
    if (this.#keyspace.ownExpiry !== undefined) this.#keyspace.noteOwn(this, key)
    if (this.#walk !== undefined) this.beforeChange(key)
    if (this.#expires.set(key, expireAt) && this.#keyspace.counts) this.#grow(EXPIRY_BYTES)
  }

  /** Makes a key lasting. True if it had an expiry. */
  persist(key: Bytes): boolean {
    if (this.#walk !== undefined) this.beforeChange(key)
    if (!this.#expires.delete(key)) return false
    if (this.#keyspace.counts) this.#grow(-EXPIRY_BYTES)
    return true
  }

  /** Bytes that a key takes with all that it holds; undefined for no key. O(1). */
  weightOf(key: Bytes): number | undefined {
    const value = this.peek(key)
    if (value === undefined) return undefined
    return keyWeight(key) + valueWeight(value) + (this.#expires.has(key) ? EXPIRY_BYTES : 0)
  }

  /** What its keys cost beside their names and values. O(1). */
  get overhead(): DbOverhead {
    return overheadOf(this.#entries, this.#expires)
  }

  /** Counts all keys, as the keyspace begins to. */
  count(): void {
    let bytes = this.#expires.size * EXPIRY_BYTES
    for (let i = 0; i < this.#entries.size; i++) {
      bytes += keyWeight(this.#entries.keyAt(i)) + countWeight(this.#entries.valueAt(i), 0)
    }
    this.#grow(bytes)
  }

  /** Counts what a value has come to weigh that was changed in place; for a keyspace that counts. O(1). */
  recount(key: Bytes): void {
    const position = this.#positionOf(key)
    if (position === -1) return
    const value = this.#entries.valueAt(position)
    if (typeof value === 'object') this.#grow(countWeight(value, value.countedBytes))
  }

  /** Number of hashes with fields that expire, or a little more. */
  get fieldExpirySize(): number {
    return this.#hashes.size
  }

  /** Makes active expiry know of a hash whose fields were given times. */
  noteFieldExpiry(key: Bytes, hash: HashValue): void {
    this.#hashes.note(key, hash)
  }

  /** Removes a field of a hash if its time has come. With the last one goes the key, unless `keepsEmpty`. */
  expireField(key: Bytes, hash: HashValue, field: Bytes, keepsEmpty: boolean): void {
    if (this.#keyspace.keepsExpired || !hash.isDue(field, this.#keyspace.now)) return
    if (this.#walk !== undefined) this.beforeChange(key)
    hash.delete(field)
    this.#fieldsExpired(key, hash, [field], keepsEmpty)
  }

  /** Removes up to `limit` fields of a hash whose time has come, and the key with the last one. Returns how many. */
  expireFieldsOf(key: Bytes, hash: HashValue, limit: number): number {
    const { expiry } = hash
    if (expiry === undefined || this.#keyspace.keepsExpired || expiry.next() > this.#keyspace.now) return 0
    if (this.#walk !== undefined) this.beforeChange(key)
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
      const key = this.#hashes.takeDue(this.#keyspace.now)
      if (key === undefined) break
      const hash = this.peek(key)
      if (!(hash instanceof HashValue)) continue
      removed += this.expireFieldsOf(key, hash, limit - removed)
      if (hash.length !== 0) this.noteFieldExpiry(key, hash)
    }
    return removed
  }

  /** A live key drawn at random, or undefined. As in Redis, gives up on live ones after 100 draws among expired ones. */
  randomKey(): Bytes | undefined {
    for (let tries = 0; this.#entries.size > 0; tries++) {
      const key = this.#entries.keyAt(this.#entries.randomPosition())
      if (this.#expires.size === 0 || tries > 100 || this.has(key)) return key
    }
    return undefined
  }

  /** See Dict.scan. Keys past their time may be visited: ask `has`, but only after the step. */
  scan(cursor: number, count: number, visit: (key: Bytes, value: Value) => void): number {
    return this.#entries.scan(cursor, count, visit)
  }

  /** All keys, those past their time included; a live array, see Dict.keys. */
  keys(): readonly Bytes[] {
    return this.#entries.keys()
  }

  /** The value of a key, its time past or not: for a snapshot, which holds both. */
  storedValue(key: Bytes): Value | undefined {
    return this.#entries.get(key)
  }

  /** True if there is a hash with fields that expire. */
  get hasExpiringFields(): boolean {
    return this.#hashes.any
  }

  /** The walk of a snapshot. If it is `followed`, what is about to change is written first, until `endWalk`; else nothing may. */
  beginWalk(writer: KeyWriter, followed: boolean): DbWalk {
    const contents = { entries: this.#entries, expires: this.#expires, accesses: this.#accesses }
    const walk = new DbWalk(this.index, contents, writer)
    if (followed) this.#walk = walk
    return walk
  }

  /** Ends the walk that this writer began, if it is still followed here. */
  endWalk(writer: KeyWriter): void {
    if (this.#walk?.writer === writer) this.#walk = undefined
  }

  /** Empties the database; returns how many keys it held. `isFreedLater`: as FLUSHDB ASYNC does, see lazyfree.ts. */
  clear(isFreedLater = false): number {
    const size = this.#entries.size
    if (isFreedLater) this.#keyspace.stats.lazyFreed += size
    this.#grow(-this.#bytes)
    this.slotKeys?.clear()
    this.#walk = undefined // it keeps what was here
    this.#entries = new Dict()
    this.#expires = new Dict()
    this.#accesses = new Uint32Array(16)
    this.#hashes = new HashTimes(this.#entries)
    this.#foundKey = undefined
    return size
  }

  /** Exchanges the contents of two databases; their numbers stay. */
  swap(other: Db): void {
    ;[this.#entries, other.#entries] = [other.#entries, this.#entries]
    ;[this.#expires, other.#expires] = [other.#expires, this.#expires]
    ;[this.#accesses, other.#accesses] = [other.#accesses, this.#accesses]
    ;[this.#hashes, other.#hashes] = [other.#hashes, this.#hashes]
    ;[this.#walk, other.#walk] = [other.#walk, this.#walk]
    ;[this.#bytes, other.#bytes] = [other.#bytes, this.#bytes]
    ;[this.slotKeys, other.slotKeys] = [other.slotKeys, this.slotKeys]
    this.#foundKey = other.#foundKey = undefined
  }

  /** The access word of a key: see the head of this file. 0 for no key. */
  accessOf(key: Bytes): number {
    const position = this.#entries.position(key)
    return position === -1 ? 0 : this.#accesses[position]
  }

  /** Sets the access word, for RESTORE and for tests that age a key; -1 leaves it as it is. */
  setAccess(key: Bytes, word: number): void {
    const position = word === -1 ? -1 : this.#entries.position(key)
    if (position !== -1) this.#accesses[position] = word
  }

  /** One round of active expiry: removes those of the next `samples` keys whose time has come. Returns how many. */
  expireSample(samples: number, now: number): number {
    const expires = this.#expires
    let removed = 0
    for (let left = Math.min(samples, expires.size); left > 0; left--) {
      if (this.#expireCursor === 0 || this.#expireCursor > expires.size) this.#expireCursor = expires.size
      const position = --this.#expireCursor
      if (expires.valueAt(position) > now) continue
      this.#expire(expires.keyAt(position))
      removed++
    }
    return removed
  }

  #livePosition(key: Bytes, isToSet = false): number {
    const position = this.#positionOf(key)
    if (position === -1 || this.#expires.size === 0) return position
    const expireAt = this.#expires.get(key)
    if (expireAt === undefined || expireAt > this.#keyspace.now || this.#keyspace.seesExpired) return position
    if (isToSet || !this.#keyspace.keepsExpired) this.#expire(key)
    return -1
  }

  /** The position of an entry, or -1. The last answer is kept: most writes look a key up, then set it. */
  #positionOf(key: Bytes): number {
    if (key === this.#foundKey) return this.#foundAt
    const position = this.#entries.position(key)
    if (position === -1) return -1
    this.#foundKey = key
    this.#foundAt = position
    return position
  }

  #expire(key: Bytes): void {
    const position = this.#positionOf(key)
    if (this.#keyspace.freesExpiredLater) this.#freeLater(this.#entries.valueAt(position))
    this.#removeAt(position, key)
    this.#keyspace.stats.expired++
    this.#keyspace.listener.expired(this, key)
  }

  #fieldsExpired(key: Bytes, hash: HashValue, fields: readonly Bytes[], keepsEmpty: boolean): void {
    this.#keyspace.stats.expiredFields += fields.length
    if (this.#keyspace.counts) this.recount(key)
    const isGone = hash.length === 0 && !keepsEmpty
    if (isGone) this.#removeAt(this.#entries.position(key), key)
    this.#keyspace.listener.fieldsExpired(this, key, fields, isGone)
  }

  #added(position: number, key: Bytes, value: Value): void {
    if (position >= this.#accesses.length) {
      const before = this.#accesses
      this.#accesses = new Uint32Array(Math.ceil(before.length * 1.5))
      this.#accesses.set(before)
      if (this.#walk !== undefined) this.#walk.moveAccesses(this.#accesses)
    }
    this.#accesses[position] = this.#keyspace.newAccess
    if (this.#keyspace.counts) this.#grow(keyWeight(key) + countWeight(value, 0))
    if (this.slotKeys !== undefined) this.slotKeys.add(key)
    if (this.#keyspace.onNew !== undefined) this.#keyspace.onNew(this, key)
  }

  #missed(key: Bytes): void {
    this.#keyspace.stats.misses++
    if (this.#keyspace.onMiss !== undefined) this.#keyspace.onMiss(this, key)
  }

  #removeAt(position: number, key: Bytes): void {
    if (this.#walk !== undefined) this.#walk.before(position)
    if (this.#keyspace.counts) this.#grow(-keyWeight(key) - countedWeight(this.#entries.valueAt(position)))
    this.#entries.deleteAt(position)
    if (this.slotKeys !== undefined) this.slotKeys.remove(key)
    if (this.#walk !== undefined) this.#walk.removed(position, this.#entries.size)
    this.#foundKey = undefined
    this.#accesses[position] = this.#accesses[this.#entries.size]
    if (this.#expires.size !== 0) this.persist(key)
  }

  #replaced(position: number, value: Value): void {
    const before = this.#entries.valueAt(position)
    if (this.#keyspace.freesReplacedLater && before !== value) this.#freeLater(before)
    if (!this.#keyspace.counts) return
    const growth = countWeight(value, countedWeight(before))
    if (growth !== 0) this.#grow(growth)
  }

  #freeLater(value: Value): void {
    if (isFreedLater(value)) this.#keyspace.stats.lazyFreed++
  }

  #grow(bytes: number): void {
    this.#bytes += bytes
    this.#keyspace.bytes += bytes
  }

  #recordAccess(position: number): void {
    const { newAccess, countsFrequency, leavesNoTrace } = this.#keyspace
    if (leavesNoTrace) return
    this.#accesses[position] = countsFrequency ? touchFrequency(this.#accesses[position], this.#keyspace) : newAccess
  }
}
