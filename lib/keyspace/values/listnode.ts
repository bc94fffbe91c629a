/**
 * One node of a list: a run of neighbouring elements, as many as Redis's quicklist would put into one of its nodes, as the bytes that
 * they have in a listpack. A node has one of two forms. Open, these bytes are in an array with room before the first and behind the last
 * element, so that both ends take and give elements in O(1): the nodes near the ends of a list, and the one that was edited last. Sealed,
 * they are a string: V8 gives the memory of strings back to the system, which the C library does not do with arrays of this size. What is
 * sealed is read from an array that all nodes have in common, and opened to be changed.
 *
 * An element of LONG_MIN bytes or more that is alone in its node is a string, which is shared with whoever reads it.
 */
import { areEqual, type Bytes, copyInto, includes, sliceOf } from '../../base/bytes.ts'
import {
  back,
  copyBytes,
  ELEMENT_EXTRA,
  putElement,
  readElement,
  scratch,
  scratchView,
  skip,
  writeElement,
} from '../packed/element.ts'
import { ELEMENT_MAX, isScratch } from '../packed/pack.ts'
import type { Tally } from '../weight.ts'
import { ESTIMATE_OVERHEAD, exceedsFill, isLarge, LISTPACK_EMPTY, listpackBytes } from './listpack.ts'
import { shown } from './shownnode.ts'

/** From so many bytes on an element that is alone is a string. */
const LONG_MIN = 4096
const ROOM_LEAST = 64
/** Room is doubled up to here, and then grows by an eighth. */
const DOUBLED_MAX = 64 * 1024
const NOTHING = new Uint8Array(0)
const NO_VIEW = new DataView(NOTHING.buffer)

/** What the nodes of a list have in common. */
export interface NodeTally extends Tally {
  /** The node that was opened last. */
  opened: ListNode | undefined
}

/** What `ListNode.packed` takes over. */
export interface PackedNode {
  /** The elements of a listpack, without what stands before and behind them, each as Redis writes it. */
  readonly body: Uint8Array
  /** How many they are, at least one. */
  readonly count: number
}

export class ListNode {
  previous: ListNode | undefined
  next: ListNode | undefined
  count = 0
  /** Holds one element that is too large for company. */
  plain = false
  /** The elements stand from `#start` to before `#end`. */
  #array: Uint8Array = NOTHING
  #view: DataView = NO_VIEW
  #start = 0
  #end = 0
  /** The one element, where it is a string; or all elements of a node that is sealed. The array is empty then. */
  #long: Bytes | undefined
  #text: Bytes | undefined
  /** The array belongs to another node, too, and is copied before it is changed. */
  #isShared = false
  /** Follows the bytes that this takes, while the node stands in a list. */
  #tally: NodeTally | undefined

  static of(element: Bytes, fill: number): ListNode {
    const node = new ListNode()
    node.append(element)
    node.plain = isLarge(fill, element.length)
    return node
  }

  /** A sealed node with a copy of these elements. */
  static packed({ body, count }: PackedNode): ListNode {
    const node = new ListNode()
    node.#text = sliceOf(body, 0, body.length)
    node.count = count
    return node
  }

  copy(): ListNode {
    const copy = new ListNode()
    copy.count = this.count
    copy.plain = this.plain
    copy.#long = this.#long
    copy.#text = this.#text
    copy.#array = this.#array
    copy.#view = this.#view
    copy.#start = this.#start
    copy.#end = this.#end
    copy.#isShared = this.#isShared = true
    return copy
  }

  /** Bytes that the elements would take as a listpack. */
  get bytes(): number {
    if (this.#text !== undefined) return LISTPACK_EMPTY + this.#text.length
    return LISTPACK_EMPTY + (this.#long === undefined ? this.#end - this.#start : listpackBytes(this.#long))
  }

  /** The memory in which the elements stand, where they begin, and where they end; nothing if there is one that is a string. To be read at once. */
  get array(): Uint8Array {
    if (this.#text === undefined) return this.#array
    return shown(this.#text).array
  }

  get view(): DataView {
    if (this.#text === undefined) return this.#view
    return shown(this.#text).view
  }

  get start(): number {
    return this.#start
  }

  get end(): number {
    return this.#text === undefined ? this.#end : this.#text.length
  }

  /** The one element, where it is a string. */
  get long(): Bytes | undefined {
    return this.#long
  }

  /** True if an element of this length may join. */
  accepts(fill: number, length: number): boolean {
    if (this.plain || isLarge(fill, length)) return false
    return !exceedsFill(fill, this.bytes + length + ESTIMATE_OVERHEAD, this.count + 1)
  }

  /** True if a node may be merged into this one. */
  acceptsNode(fill: number, other: ListNode): boolean {
    if (this.plain || other.plain) return false
    return !exceedsFill(fill, this.bytes + other.bytes - LISTPACK_EMPTY, this.count + other.count)
  }

  /** Counts its bytes in a tally from now on, or no longer. */
  countIn(tally: NodeTally | undefined): void {
    const bytes = this.#size
    const before = this.#tally
    if (before !== undefined) {
      before.bytes -= bytes
      if (before.opened === this) before.opened = undefined
    }
    if (tally !== undefined) tally.bytes += bytes
    this.#tally = tally
  }

  /** Takes the sealed form. Returns the array in which the elements were, if nobody has it any more. */
  seal(): Uint8Array | undefined {
    if (this.#text !== undefined || this.#long !== undefined) return undefined
    const array = this.#isShared ? undefined : this.#array
    const text = sliceOf(this.#array, this.#start, this.#end)
    this.#take(NOTHING, 0, 0)
    this.#setText(text)
    return array
  }

  /** Gives a node without elements an array, for those that will be added behind each other, or before. */
  give(array: Uint8Array, atHead: boolean): void {
    const at = atHead ? array.length : 0
    this.#take(array, at, at)
  }

  append(element: Bytes): void {
    if (this.#staysLong(element)) return
    this.#room(0, element.length + ELEMENT_EXTRA)
    this.#end = putElement(this.#array, this.#view, element, this.#end)
    this.count++
  }

  prepend(element: Bytes): void {
    if (this.#staysLong(element)) return
    const bytes = listpackBytes(element)
    this.#room(bytes, 0)
    this.#start -= bytes
    putElement(this.#array, this.#view, element, this.#start)
    this.count++
  }

  /** Adds the element that stands in the scratch array up to an offset. */
  appendWritten(end: number): void {
    this.#room(0, end)
    copyBytes(this.#view, this.#end, scratchView, 0, end)
    this.#end += end
    this.count++
  }

  prependWritten(end: number): void {
    this.#room(end, 0)
    this.#start -= end
    copyBytes(this.#view, this.#start, scratchView, 0, end)
    this.count++
  }

  /** Takes the open form, unless it is one element that is a string. */
  open(): void {
    if (this.#text !== undefined) this.#unseal()
  }

  /** Where the first or the last element of an open node begins. */
  edge(atHead: boolean): number {
    return atHead ? this.#start : back(this.#array, this.#end)
  }

  /** Removes the first or the last element of an open node. */
  drop(atHead: boolean): void {
    if (--this.count === 0) this.#clear()
    else if (atHead) this.#start = skip(this.#array, this.#start)
    else this.#end = back(this.#array, this.#end)
  }

  at(index: number): Bytes {
    return this.#long ?? readElement(this.array, this.view, this.seek(index))
  }

  replace(index: number, element: Bytes): void {
    if (this.count === 1) {
      this.#clear()
      this.count = 0
      this.append(element)
      return
    }
    this.#unseal()
    const at = this.seek(index)
    this.#put(element, at, skip(this.#array, at) - at)
  }

  insert(index: number, element: Bytes): void {
    if (this.count === 0 || index === this.count) {
      this.append(element)
      return
    }
    this.#unseal()
    this.#put(element, this.seek(index), 0)
    this.count++
  }

  /** Removes `count` elements from an index on. */
  removeRange(index: number, count: number): void {
    if (count === this.count) this.#clear()
    else {
      this.#unseal()
      const from = this.seek(index)
      this.#open(from, this.#skipMany(from, count) - from, 0)
    }
    this.count -= count
  }

  /** Elements from an index up to another, excluded. */
  slice(from: number, to: number): Bytes[] {
    const found: Bytes[] = []
    this.readInto(found, 0, from, to)
    return found
  }

  /** Puts the elements from an index up to another, excluded, into an array, from a place on. */
  readInto(found: Bytes[], place: number, from: number, to: number): void {
    if (from >= to) return
    if (this.#long !== undefined) {
      found[place] = this.#long
      return
    }
    const { array, view } = this
    let at = this.seek(from)
    for (let i = from; i < to; i++) {
      found[place++] = readElement(array, view, at)
      at = skip(array, at)
    }
  }

  /** Cuts off the elements from an index on, as a node. */
  cut(index: number): ListNode {
    const rest = new ListNode()
    if (index === this.count) return rest
    if (index === 0 && this.#long !== undefined) rest.append(this.#long)
    else {
      this.#unseal()
      const at = this.seek(index)
      rest.#take(this.#array.slice(at, this.#end), 0, this.#end - at)
      rest.count = this.count - index
    }
    this.removeRange(index, this.count - index)
    return rest
  }

  /** Adds the elements of the node after this one. */
  absorb(other: ListNode): void {
    if (other.#long !== undefined) {
      this.append(other.#long)
      return
    }
    const { start, end } = other
    const bytes = end - start
    this.#room(0, bytes)
    this.#array.set(other.array.subarray(start, end), this.#end)
    this.#end += bytes
    this.count += other.count
  }

  /** Calls `visit` with the index of each element equal to one, in order or backward, until it returns true. It must not search. */
  search(element: Bytes, backward: boolean, visit: (index: number) => boolean): boolean {
    if (this.#long !== undefined) return this.#long === element && visit(0)
    const sought = soughtBytes(element)
    const { array, start, end } = this
    if (!includes(array.subarray(start, end), sought)) return false
    const isShort = sought.buffer === scratch.buffer
    const { length } = sought
    const lead = sought[0]
    const { count } = this
    let at = backward ? end : start
    for (let i = 0; i < count; i++) {
      if (backward) at = back(array, at)
      const isEqual = isShort
        ? array[at] === lead && isScratch(array, at, length)
        : areEqual(array.subarray(at, at + length), sought)
      if (isEqual && visit(backward ? count - 1 - i : i)) return true
      if (!backward) at = skip(array, at)
    }
    return false
  }

  /** Removes up to `limit` elements equal to one, the last ones if `backward`. Returns how many it removed. */
  remove(element: Bytes, limit: number, backward: boolean): number {
    const doomed: number[] = []
    this.search(element, backward, (index) => doomed.push(index) >= limit)
    if (doomed.length === 0) return 0
    if (doomed.length === this.count) this.#clear()
    else {
      if (backward) doomed.reverse()
      this.#removeAll(doomed)
    }
    this.count -= doomed.length
    return doomed.length
  }

  /** Where the element with an index stands, found from the nearer end; `count` is that behind the last one. */
  seek(index: number): number {
    const { array } = this
    if (index <= this.count >> 1) return this.#skipMany(this.start, index)
    let at = this.end
    for (let i = this.count; i > index; i--) at = back(array, at)
    return at
  }

  #skipMany(at: number, count: number): number {
    const { array } = this
    for (let i = 0; i < count; i++) at = skip(array, at)
    return at
  }

  /** Closes the gaps that elements leave, whose indexes are given in ascending order. */
  #removeAll(indexes: readonly number[]): void {
    this.#own()
    const array = this.#array
    let at = this.#start
    let to = at
    let kept = at
    let index = 0
    for (const doomed of indexes) {
      for (; index < doomed; index++) at = skip(array, at)
      array.copyWithin(to, kept, at)
      to += at - kept
      kept = at = skip(array, at)
      index++
    }
    array.copyWithin(to, kept, this.#end)
    this.#end = to + this.#end - kept
  }

  /** Puts an element in the place of so many bytes. */
  #put(element: Bytes, at: number, removed: number): void {
    const place = this.#open(at, removed, listpackBytes(element))
    putElement(this.#array, this.#view, element, place)
  }

  /** Makes the bytes from an offset on so many others, by moving what stands before or behind them. Returns where they are. */
  #open(at: number, removed: number, added: number): number {
    const place = at - this.#start
    const tail = this.#end - at - removed
    const more = added - removed
    if (place < tail) {
      this.#room(Math.max(0, more), 0)
      const start = this.#start
      this.#array.copyWithin(start - more, start, start + place)
      this.#start = start - more
    } else {
      this.#room(0, Math.max(0, more))
      const from = this.#start + place + removed
      this.#array.copyWithin(from + more, from, this.#end)
      this.#end += more
    }
    return this.#start + place
  }

  /** Sees that an array of its own has so much room before the elements, and so much behind them. */
  #room(before: number, behind: number): void {
    this.#unseal()
    const { length } = this.#array
    const used = this.#end - this.#start
    if (!this.#isShared && before <= this.#start && behind <= length - this.#end) return
    const needed = used + before + behind
    if (!this.#isShared && needed + (used >> 1) <= length) {
      // Half on either side, so that this is not done again soon, whichever end grows.
      const start = before + ((length - needed) >> 1)
      this.#array.copyWithin(start, this.#start, this.#end)
      this.#start = start
      this.#end = start + used
      return
    }
    const room = Math.max(ROOM_LEAST, needed < DOUBLED_MAX ? 2 * needed : needed + (needed >> 3))
    const start = before === 0 ? 0 : room - used
    const array = new Uint8Array(room)
    array.set(this.#array.subarray(this.#start, this.#end), start)
    this.#take(array, start, start + used)
  }

  /** Sees that the array is no other node's. */
  #own(): void {
    this.#unseal()
    if (this.#isShared) this.#room(0, 0)
  }

  /** Has these elements from now on. */
  #take(array: Uint8Array, start: number, end: number): void {
    if (this.#tally !== undefined) this.#tally.bytes += array.length - this.#array.length
    this.#array = array
    this.#view = array === NOTHING ? NO_VIEW : new DataView(array.buffer, array.byteOffset, array.length)
    this.#start = start
    this.#end = end
    this.#isShared = false
  }

  /** Has no elements from now on. */
  #clear(): void {
    if (this.#long !== undefined) this.#setLong(undefined)
    else if (this.#text !== undefined) this.#setText(undefined)
    else if (this.#isShared) this.#take(NOTHING, 0, 0)
    else this.#start = this.#end = this.#array.length >> 1
  }

  /** Adds a long element to an empty node as a string. False, and nothing is done, if it is not to be one. */
  #staysLong(element: Bytes): boolean {
    if (element.length < LONG_MIN || this.count !== 0) return false
    this.#take(NOTHING, 0, 0)
    this.#setLong(element)
    this.count = 1
    return true
  }

  #setLong(element: Bytes | undefined): void {
    if (this.#tally !== undefined) this.#tally.bytes += (element?.length ?? 0) - (this.#long?.length ?? 0)
    this.#long = element
  }

  #setText(text: Bytes | undefined): void {
    if (this.#tally !== undefined) this.#tally.bytes += (text?.length ?? 0) - (this.#text?.length ?? 0)
    this.#text = text
  }

  /** Takes the open form; a long element becomes one among others. The node that was opened before is sealed, if it is not at an end. */
  #unseal(): void {
    const text = this.#text
    const long = this.#long
    if (text !== undefined) {
      this.#setText(undefined)
      const array = new Uint8Array(text.length + (text.length >> 3))
      copyInto(array, 0, text)
      this.#take(array, 0, text.length)
    } else if (long !== undefined) {
      this.#setLong(undefined)
      this.#room(0, long.length + ELEMENT_EXTRA)
      this.#end = putElement(this.#array, this.#view, long, this.#end)
    } else return
    const tally = this.#tally
    if (tally === undefined) return
    const { opened } = tally
    if (opened !== this && opened?.previous !== undefined && opened.next !== undefined) opened.seal()
    tally.opened = this
  }

  get #size(): number {
    return this.#array.length + (this.#long?.length ?? 0) + (this.#text?.length ?? 0)
  }
}

/** The bytes of an element in a listpack: of a short one, in the scratch array. */
function soughtBytes(element: Bytes): Uint8Array {
  if (element.length <= ELEMENT_MAX) return scratch.subarray(0, writeElement(element, 0))
  const bytes = new Uint8Array(element.length + ELEMENT_EXTRA)
  return bytes.subarray(0, putElement(bytes, new DataView(bytes.buffer), element, 0))
}
