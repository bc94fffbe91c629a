/**
 * One slice of an array: the elements at 4096 consecutive indexes, by their offsets. A dense slice is an array of values
 * with holes up to the last element; a sparse one holds sorted offsets beside their values. It becomes dense when at least
 * half of the places up to its last element are taken, and sparse when fewer than a quarter are, so the memory follows what
 * is filled and no sequence of changes turns it to and fro. Every operation on one offset costs O(1), bounded by the size
 * of a slice.
 */
import type { Bytes } from '../../base/bytes.ts'
import { arrayWeight, OBJECT_BYTES, stringWeight } from '../weight.ts'

/** Sees one element; false ends the walk. */
export type VisitOffset = (offset: number, value: Bytes) => unknown

/** Up to so many places a slice is dense whatever is in them: V8 gives an array room for as many. */
const FEW_PLACES = 16
/** A vector of one element, which V8 makes without room for more. */
const SINGLE_BYTES = 56

export class ArraySlice {
  /** Offsets of the values, in order; undefined where the values stand at their offsets. */
  #offsets: number[] | undefined
  #values: (Bytes | undefined)[] = []
  #count = 0
  #stringBytes = 0

  /** A slice of elements in order of their offsets. `isDense` is how it was held before, taken if it is still sensible. */
  static of(offsets: number[], values: Bytes[], isDense: boolean): ArraySlice {
    const slice = new ArraySlice()
    slice.#offsets = offsets
    slice.#values = values
    slice.#count = values.length
    for (const value of values) slice.#stringBytes += stringWeight(value.length)
    if (isDense && !isTooSparse(slice.#count, slice.span)) slice.#toDense()
    return slice
  }

  get count(): number {
    return this.#count
  }

  get isDense(): boolean {
    return this.#offsets === undefined
  }

  /** One more than the offset of the last element; 0 for an empty slice. */
  get span(): number {
    const offsets = this.#offsets
    if (offsets === undefined) return this.#values.length
    return offsets.length === 0 ? 0 : offsets[offsets.length - 1] + 1
  }

  get memoryBytes(): number {
    const { length } = this.#values
    const places =
      this.#offsets === undefined ? arrayWeight(length) : 2 * (length === 1 ? SINGLE_BYTES : arrayWeight(length))
    return OBJECT_BYTES + places + this.#stringBytes
  }

  get(offset: number): Bytes | undefined {
    const offsets = this.#offsets
    if (offsets === undefined) return offset < this.#values.length ? this.#values[offset] : undefined
    const at = lowerBound(offsets, offset)
    return at < offsets.length && offsets[at] === offset ? this.#values[at] : undefined
  }

  /** True if there was no element. */
  set(offset: number, value: Bytes): boolean {
    const isNew = this.#offsets === undefined ? this.#setDense(offset, value) : this.#setSparse(offset, value)
    this.#stringBytes += stringWeight(value.length)
    if (isNew) this.#count++
    if (this.#offsets !== undefined && isDenseEnough(this.#count, this.span)) this.#toDense()
    return isNew
  }

  /** True if there was an element. */
  delete(offset: number): boolean {
    return this.deleteBetween(offset, offset) === 1
  }

  /** Removes the elements from one offset to another, both included; returns how many there were. */
  deleteBetween(from: number, to: number): number {
    const before = this.#count
    if (this.#offsets === undefined) this.#deleteDense(from, Math.min(to, this.#values.length - 1))
    else this.#deleteSparse(this.#offsets, from, to)
    if (this.#offsets === undefined && isTooSparse(this.#count, this.#values.length)) this.#toSparse()
    return before - this.#count
  }

  /** How many elements there are from one offset to another, both included. */
  countBetween(from: number, to: number): number {
    const offsets = this.#offsets
    if (offsets !== undefined) return lowerBound(offsets, to + 1) - lowerBound(offsets, from)
    let count = 0
    const last = Math.min(to, this.#values.length - 1)
    for (let i = from; i <= last; i++) if (this.#values[i] !== undefined) count++
    return count
  }

  /** Visits the elements from one offset to another, both included, upwards or downwards. False if `visit` ended it. */
  walk(from: number, to: number, down: boolean, visit: VisitOffset): boolean {
    const offsets = this.#offsets
    const values = this.#values
    const first = offsets === undefined ? from : lowerBound(offsets, from)
    const last = offsets === undefined ? Math.min(to, values.length - 1) : lowerBound(offsets, to + 1) - 1
    const step = down ? -1 : 1
    for (let i = down ? last : first; i >= first && i <= last; i += step) {
      const value = values[i]
      if (value === undefined) continue
      if (visit(offsets === undefined ? i : offsets[i], value) === false) return false
    }
    return true
  }

  copy(): ArraySlice {
    const copy = new ArraySlice()
    copy.#offsets = this.#offsets?.slice()
    copy.#values = this.#values.slice()
    copy.#count = this.#count
    copy.#stringBytes = this.#stringBytes
    return copy
  }

  #setDense(offset: number, value: Bytes): boolean {
    const values = this.#values
    if (offset < values.length) {
      const before = values[offset]
      values[offset] = value
      if (before !== undefined) this.#stringBytes -= stringWeight(before.length)
      return before === undefined
    }
    if (isTooSparse(this.#count + 1, offset + 1)) {
      this.#toSparse()
      return this.#setSparse(offset, value)
    }
    while (values.length < offset) values.push(undefined)
    values.push(value)
    return true
  }

  #setSparse(offset: number, value: Bytes): boolean {
    const offsets = this.#offsets!
    const values = this.#values
    const at = lowerBound(offsets, offset)
    if (at < offsets.length && offsets[at] === offset) {
      this.#stringBytes -= stringWeight(values[at]!.length)
      values[at] = value
      return false
    }
    if (at === offsets.length) {
      offsets.push(offset)
      values.push(value)
    } else {
      offsets.splice(at, 0, offset)
      values.splice(at, 0, value)
    }
    return true
  }

  #deleteDense(from: number, to: number): void {
    const values = this.#values
    for (let i = from; i <= to; i++) {
      const value = values[i]
      if (value === undefined) continue
      values[i] = undefined
      this.#stringBytes -= stringWeight(value.length)
      this.#count--
    }
    if (to === values.length - 1) while (values.length > 0 && values[values.length - 1] === undefined) values.pop()
  }

  #deleteSparse(offsets: number[], from: number, to: number): void {
    const first = lowerBound(offsets, from)
    const end = lowerBound(offsets, to + 1)
    if (first === end) return
    for (let i = first; i < end; i++) this.#stringBytes -= stringWeight(this.#values[i]!.length)
    offsets.splice(first, end - first)
    this.#values.splice(first, end - first)
    this.#count -= end - first
  }

  #toDense(): void {
    const offsets = this.#offsets!
    const values: (Bytes | undefined)[] = []
    for (let i = 0; i < offsets.length; i++) {
      while (values.length < offsets[i]) values.push(undefined)
      values.push(this.#values[i])
    }
    this.#offsets = undefined
    this.#values = values
  }

  #toSparse(): void {
    const offsets: number[] = []
    const values: Bytes[] = []
    for (let i = 0; i < this.#values.length; i++) {
      const value = this.#values[i]
      if (value === undefined) continue
      offsets.push(i)
      values.push(value)
    }
    this.#offsets = offsets
    this.#values = values
  }
}

function isDenseEnough(count: number, span: number): boolean {
  return span <= FEW_PLACES || 2 * count >= span
}

function isTooSparse(count: number, span: number): boolean {
  return span > FEW_PLACES && 4 * count < span
}

/** How many offsets are below one. */
function lowerBound(offsets: readonly number[], offset: number): number {
  let low = 0
  let high = offsets.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (offsets[middle] < offset) low = middle + 1
    else high = middle
  }
  return low
}
