/**
 * A database's keys by their places in a read buffer, for the commands that take their arguments so. What they get is a key's
 * address in the table (0: no such key), which is good until something is changed.
 */
import type { Places } from '../base/places.ts'
import type { At } from '../memory/arena.ts'
import { Keys, NO_EXPIRY } from './keys.ts'
import { PLACES_AHEAD, touchPlaces } from './table/ahead.ts'
import { hashOfBytes } from './table/keyhash.ts'
import type { EncodingLimits } from './value.ts'

const EACH_SECOND = Int32Array.from({ length: PLACES_AHEAD }, (_, i) => 2 * i)

export abstract class PlacedKeys extends Keys {
  /** Somebody may want to hear of a key that a read did not find, and of one that is new. */
  protected abstract missedPlace(p: Places, key: number): void
  protected abstract tellNewPlace(p: Places, key: number): void

  /** As `read`. */
  readPlace(p: Places, key: number): At {
    const at = this.live(this.table.findPlace(p, key))
    if (at === 0) this.missedPlace(p, key)
    else {
      this.rules.stats.hits++
      if (!this.rules.countsWritesOnly) this.recordAccess(at)
    }
    return at
  }

  /** As `readUntouched`. */
  readPlaceUntouched(p: Places, key: number): At {
    const at = this.live(this.table.findPlace(p, key))
    if (at === 0) this.missedPlace(p, key)
    else this.rules.stats.hits++
    return at
  }

  /** As `find`. */
  findPlace(p: Places, key: number): At {
    const at = this.live(this.table.findPlace(p, key))
    if (at === 0) return 0
    if (this.walk !== undefined) this.walk.before(this.table.positionOf(at))
    this.recordAccess(at)
    return at
  }

  /** As `set` of a text, or of the number that it spells (see `storedString`). */
  setPlace(p: Places, key: number, value: number, expireAt: number): void {
    const number = p.integer(value)
    const at = this.live(this.table.findPlace(p, key), true)
    if (at === 0) this.#addPlace(p, key, value, number, expireAt, this.rules.newAccess)
    else this.#replacePlace(at, p, key, value, number, expireAt)
  }

  #addPlace(p: Places, key: number, value: number, number: number, expireAt: number, access: number): void {
    const table = this.table
    const isTimed = expireAt >= 0
    const added = Number.isNaN(number)
      ? table.addText(p, key, value, access, isTimed)
      : table.addNumber(p, key, number, access, isTimed)
    this.#added(added, p, key)
    if (isTimed) this.setPlaceExpireAt(added, p, key, expireAt)
  }

  #replacePlace(at: At, p: Places, key: number, value: number, number: number, expireAt: number): void {
    const table = this.table
    if (this.walk !== undefined) this.walk.before(table.positionOf(at))
    const { counts, freesReplacedLater } = this.rules
    if (freesReplacedLater) this.freeLater(at)
    const before = counts ? this.countedOf(at) : 0
    const now = Number.isNaN(number) ? table.setText(at, p, value) : table.setNumber(at, number)
    this.foundKey = undefined
    if (counts) this.counted(now, before)
    this.recordAccess(now)
    if (expireAt >= 0) this.setPlaceExpireAt(now, p, key, expireAt)
    else if (expireAt === NO_EXPIRY && table.timedSize !== 0) this.clearTime(now)
  }

  /** As `set` with a number, of a key that was not found. */
  addNumberPlace(p: Places, key: number, number: number): void {
    this.#makeWay(p, key)
    this.#added(this.table.addNumber(p, key, number, this.rules.newAccess, false), p, key)
  }

  /** Each second of the places, from the first on, will be loaded as a key: takes the hashes, and reads what look-ups will. */
  loadAhead(p: Places, count: number): void {
    for (let i = 0; i < count; i++) p.hashes[2 * i] = hashOfBytes(p.view, p.starts[2 * i], p.ends[2 * i])
    touchPlaces(this.table, p, EACH_SECOND, count)
  }

  /** As `load` of a string, which may be a number. `access`: its access word; -1 for the one in force. */
  loadPlace(p: Places, key: number, value: number, expireAt: number, access: number): boolean {
    const table = this.table
    if (table.findPlace(p, key) !== 0) return false
    this.#addPlace(p, key, value, p.integer(value), expireAt, access === -1 ? this.rules.newAccess : access)
    return true
  }

  /** As `set` of a new key with a collection, whose packed form in a form (see Form) the scratch array begins with. */
  addPackedPlace(p: Places, key: number, form: number, length: number, limits: EncodingLimits): void {
    this.#makeWay(p, key)
    this.#added(this.table.addPacked(p, key, form, length, this.rules.newAccess, limits), p, key)
  }

  /** As `delete`. */
  deletePlace(p: Places, key: number, isFreedLater: boolean): boolean {
    return this.removeLive(this.live(this.table.findPlace(p, key)), isFreedLater)
  }

  /** As `setExpireAt`, of a key that was found at an address. */
  setPlaceExpireAt(at: At, p: Places, key: number, expireAt: number): void {
    if (this.rules.ownExpiry !== undefined) this.noteOwn(p.text(key))
    this.setTime(at, expireAt)
  }

  /** A key that is past its time and was kept gives way to a new one, as in `setPlace`. */
  #makeWay(p: Places, key: number): void {
    if (this.rules.keepsExpired) this.live(this.table.findPlace(p, key), true)
  }

  #added(at: At, p: Places, key: number): void {
    if (this.rules.counts) this.counted(at, 0)
    if (this.slotKeys !== undefined) this.slotKeys.add(p.text(key))
    this.tellNewPlace(p, key)
  }
}
