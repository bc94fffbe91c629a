/**
 * Array values (Redis 8.8): strings by an index of 64 bits, most of which are empty. The elements stand in slices of 4096
 * indexes (array-slice.ts), which a Map finds by their number, so that an element is found in O(1); a tree holds the numbers
 * in order, so that a range costs O(log n) and what is in it, however far apart the indexes are.
 *
 * `cursor` is the index of the last append, undefined before the first. Invariant: no slice is empty.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { ObjectValue } from '../value.ts'
import { DICT_ENTRY_BYTES, OBJECT_BYTES } from '../weight.ts'
import { indexAfter, indexAt, indexBefore, offsetOf, SLICE_SIZE, sliceIdOf, wrapped } from './array-index.ts'
import { ArraySlice } from './array-slice.ts'
import { ScoreCut } from './cut.ts'
import { ScoreTree } from './score-tree.ts'
import { type U64, U64_MAX } from './stream-id.ts'

/** Sees one element; false ends the walk. */
export type VisitIndex = (index: U64, value: Bytes) => unknown

/** A slice beside what it weighs itself: its pair in the Map, and its place in the tree. */
const SLICE_ENTRY_BYTES = DICT_ENTRY_BYTES + 24
/** An array without slices: this object, the Map and the tree. */
const ARRAY_VALUE_BYTES = 6 * OBJECT_BYTES
/** What stands in the tree beside the number of a slice. */
const NO_MEMBER: Bytes = ''

export class ArrayValue implements ObjectValue {
  #slices = new Map<number, ArraySlice>()
  #order = new ScoreTree()
  /** The number of the last slice; -1 for none. */
  #lastSliceId = -1
  #count = 0
  #sliceBytes = 0
  cursor: U64 | undefined
  countedBytes = 0

  get type(): 'array' {
    return 'array'
  }

  get encoding(): Bytes {
    return 'sliced-array'
  }

  /** The number of elements. */
  get length(): number {
    return this.#count
  }

  /** One more than the highest index of an element; 0 for none. O(1). */
  get end(): U64 {
    if (this.#count === 0) return 0
    const { span } = this.#slices.get(this.#lastSliceId)!
    return indexAfter(indexAt(this.#lastSliceId, span - 1), 1, U64_MAX)!
  }

  /** The index of the next append; undefined where there can be none. */
  get next(): U64 | undefined {
    return this.cursor === undefined ? 0 : indexAfter(this.cursor, 1)
  }

  get sliceCount(): number {
    return this.#slices.size
  }

  get partCount(): number {
    return this.#slices.size
  }

  get memoryBytes(): number {
    return ARRAY_VALUE_BYTES + this.#slices.size * SLICE_ENTRY_BYTES + this.#sliceBytes
  }

  /** O(1). */
  get(index: U64): Bytes | undefined {
    return this.#slices.get(sliceIdOf(index))?.get(offsetOf(index))
  }

  /** True if there was no element. O(1), O(log n) for the first of a slice. */
  set(index: U64, value: Bytes): boolean {
    const sliceId = sliceIdOf(index)
    let slice = this.#slices.get(sliceId)
    if (slice === undefined) {
      slice = ArraySlice.of([offsetOf(index)], [value], true)
      this.addSlice(sliceId, slice)
      return true
    }
    const before = slice.memoryBytes
    const isNew = slice.set(offsetOf(index), value)
    this.#sliceBytes += slice.memoryBytes - before
    if (isNew) this.#count++
    return isNew
  }

  /** True if there was an element. */
  delete(index: U64): boolean {
    const sliceId = sliceIdOf(index)
    const slice = this.#slices.get(sliceId)
    return slice !== undefined && this.#deleteIn(sliceId, slice, offsetOf(index), offsetOf(index)) === 1
  }

  /** Removes the elements of a range, both ends included; returns how many there were. O(log n + slices + removed). */
  deleteBetween(low: U64, high: U64): number {
    const lowId = sliceIdOf(low)
    const highId = sliceIdOf(high)
    const ids: number[] = []
    this.#walkSlices(lowId, highId, false, (sliceId) => ids.push(sliceId))
    let deleted = 0
    for (const sliceId of ids) {
      const slice = this.#slices.get(sliceId)!
      const from = sliceId === lowId ? offsetOf(low) : 0
      const to = sliceId === highId ? offsetOf(high) : SLICE_SIZE - 1
      deleted += this.#deleteIn(sliceId, slice, from, to)
    }
    return deleted
  }

  /** How many elements a range has. O(log n), and the slices in it, of which all but the outer two know their count. */
  countBetween(low: U64, high: U64): number {
    const lowId = sliceIdOf(low)
    const highId = sliceIdOf(high)
    let count = 0
    this.#walkSlices(lowId, highId, false, (sliceId, slice) => {
      if (sliceId !== lowId && sliceId !== highId) count += slice.count
      else {
        const from = sliceId === lowId ? offsetOf(low) : 0
        count += slice.countBetween(from, sliceId === highId ? offsetOf(high) : SLICE_SIZE - 1)
      }
    })
    return count
  }

  /** Visits the elements of a range, both ends included, upwards or downwards. O(log n), and the elements visited. */
  walk(low: U64, high: U64, down: boolean, visit: VisitIndex): void {
    const lowId = sliceIdOf(low)
    const highId = sliceIdOf(high)
    this.#walkSlices(lowId, highId, down, (sliceId, slice) => {
      const from = sliceId === lowId ? offsetOf(low) : 0
      const to = sliceId === highId ? offsetOf(high) : SLICE_SIZE - 1
      return slice.walk(from, to, down, (offset, value) => visit(indexAt(sliceId, offset), value))
    })
  }

  /** Visits all slices in order. */
  forEachSlice(visit: (sliceId: number, slice: ArraySlice) => void): void {
    this.#order.walk(0, Infinity, false, (_, sliceId) => visit(sliceId, this.#slices.get(sliceId)!))
  }

  /** The slice of a rank from 0 to `sliceCount` - 1. O(log n). */
  sliceAt(rank: number, visit: (sliceId: number, slice: ArraySlice) => void): void {
    this.#order.walk(rank, 1, false, (_, sliceId) => visit(sliceId, this.#slices.get(sliceId)!))
  }

  /** Adds a slice that is not empty, under a number that has none. O(log n). */
  addSlice(sliceId: number, slice: ArraySlice): void {
    this.#slices.set(sliceId, slice)
    this.#order.insert(sliceId, NO_MEMBER)
    if (sliceId > this.#lastSliceId) this.#lastSliceId = sliceId
    this.#sliceBytes += slice.memoryBytes
    this.#count += slice.count
  }

  /** Puts a value behind the last append; the index must not be past the end of all. */
  append(value: Bytes): U64 {
    const index = this.next!
    this.set(index, value)
    return (this.cursor = index)
  }

  /**
   * Becomes a ring of so many places. Where it has elements past the last of them, or was gone round when it had fewer, the
   * values that were appended last stand from index 0 on, in the order in which they came, up to the first empty place.
   */
  resizeRing(size: U64): void {
    const span = this.end
    const isRound = this.cursor !== undefined && indexAfter(this.cursor, 1, U64_MAX)! < span
    if (span === 0 || !(size < span || (size > span && isRound))) return
    const kept = this.#newest(span, size < span ? size : span)
    this.#clear()
    for (let i = 0; i < kept.length; i++) this.set(i, kept[i])
    this.cursor = kept.length === 0 ? undefined : kept.length - 1
  }

  /** Puts a value in the next place of a ring of so many. */
  appendToRing(value: Bytes, size: U64): U64 {
    const index = this.cursor === undefined ? 0 : wrapped(indexAfter(this.cursor, 1, U64_MAX)!, size)
    this.set(index, value)
    return (this.cursor = index)
  }

  /**
   * What stands at the last places, from that of the last append backwards; before index 0 comes the end of the array. Without
   * an append it begins at the end. As many as are asked for, but no more than there are elements; null for an empty place.
   */
  lastPlaces(count: number): (Bytes | null)[] {
    const places: (Bytes | null)[] = []
    if (this.#count === 0) return places
    const last = indexBefore(this.end)
    let index = this.cursor ?? last
    for (let left = Math.min(count, this.#count); left > 0; left--) {
      places.push(this.get(index) ?? null)
      index = index === 0 ? last : indexBefore(index)
    }
    return places
  }

  copy(): ArrayValue {
    const copy = new ArrayValue()
    this.forEachSlice((sliceId, slice) => copy.addSlice(sliceId, slice.copy()))
    copy.cursor = this.cursor
    return copy
  }

  /**
   * Up to `max` values, those that were appended last to a ring of `span` places, in the order in which they came. None from
   * beyond an empty place.
   */
  #newest(span: U64, max: U64): Bytes[] {
    const found: Bytes[] = []
    const last = indexBefore(span)
    let index = this.cursor === undefined ? last : wrapped(this.cursor, span)
    for (let value = this.get(index); value !== undefined; value = this.get(index)) {
      if (found.push(value) >= max) break
      index = index === 0 ? last : indexBefore(index)
    }
    return found.reverse()
  }

  #clear(): void {
    this.#slices = new Map()
    this.#order = new ScoreTree()
    this.#lastSliceId = -1
    this.#count = this.#sliceBytes = 0
  }

  #deleteIn(sliceId: number, slice: ArraySlice, from: number, to: number): number {
    const { count, memoryBytes } = slice
    if (from === 0 && to >= slice.span - 1) {
      this.#removeSlice(sliceId, slice)
      return count
    }
    const deleted = slice.deleteBetween(from, to)
    if (slice.count === 0) {
      this.#sliceBytes += slice.memoryBytes - memoryBytes
      this.#count -= deleted
      this.#removeSlice(sliceId, slice)
      return deleted
    }
    this.#sliceBytes += slice.memoryBytes - memoryBytes
    this.#count -= deleted
    return deleted
  }

  #removeSlice(sliceId: number, slice: ArraySlice): void {
    this.#slices.delete(sliceId)
    this.#order.delete(sliceId, NO_MEMBER)
    this.#sliceBytes -= slice.memoryBytes
    this.#count -= slice.count
    if (sliceId !== this.#lastSliceId) return
    this.#lastSliceId = -1
    this.#order.walk(this.#order.size - 1, 1, true, (_, last) => {
      this.#lastSliceId = last
    })
  }

  #walkSlices(lowId: number, highId: number, down: boolean, visit: (id: number, slice: ArraySlice) => unknown): void {
    const order = this.#order
    const rank = down ? order.rankOfCut(new ScoreCut(highId, true)) - 1 : order.rankOfCut(new ScoreCut(lowId, false))
    order.walk(rank, Infinity, down, (_, sliceId) => {
      if (down ? sliceId < lowId : sliceId > highId) return false
      return visit(sliceId, this.#slices.get(sliceId)!)
    })
  }
}
