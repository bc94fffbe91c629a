/**
 * One node of a list: a run of neighbouring elements, as many as Redis's quicklist would put into one of its nodes. A
 * node has one of two forms. Open, it is an array with free room at its front, so that both ends take and give elements in
 * O(1): the nodes near the ends of a list. Packed, it is a single string in which each element follows its length, which
 * costs one byte beside the element where a string of its own costs thirty: the nodes in the middle. Most edits of a packed
 * node splice its text; only popping opens it.
 *
 * A length up to 254 is one byte; 255 says that the next four bytes are the length.
 */
import { type Bytes, toArray } from '../../base/bytes.ts'
import type { Tally } from '../weight.ts'
import { ESTIMATE_OVERHEAD, exceedsFill, isLarge, LISTPACK_EMPTY, listpackBytes } from './listpack.ts'

const LONG = 255

/** What a packed node is made of: see persistence/values/packednode.ts, which writes the text. */
export interface PackedNode {
  readonly text: Bytes
  /** Of elements, two or more. */
  readonly count: number
  /** That they would take as a listpack. */
  readonly bytes: number
}

export class ListNode {
  previous: ListNode | undefined
  next: ListNode | undefined
  count = 0
  /** Bytes that the elements would take as a listpack. */
  bytes = LISTPACK_EMPTY
  /** Follows `bytes`, while the node stands in a list. */
  #tally: Tally | undefined
  /** Holds one element that is too large for company. */
  plain = false
  /** The open form: elements from `#first` on, `undefined` where the node is packed. */
  #elements: Bytes[] | undefined = []
  #first = 0
  #text: Bytes = ''

  static of(element: Bytes, fill: number): ListNode {
    const node = new ListNode()
    node.append(element)
    node.plain = isLarge(fill, element.length)
    return node
  }

  static packed({ text, count, bytes }: PackedNode): ListNode {
    const node = new ListNode()
    node.#elements = undefined
    node.#text = text
    node.count = count
    node.bytes = bytes
    return node
  }

  copy(): ListNode {
    const copy = new ListNode()
    copy.count = this.count
    copy.bytes = this.bytes
    copy.plain = this.plain
    copy.#elements = this.#elements?.slice(this.#first)
    copy.#text = this.#text
    return copy
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

  /** True in the form in which each element is a string of its own. */
  get isOpen(): boolean {
    return this.#elements !== undefined
  }

  /** Counts its bytes in a tally from now on, or no longer. */
  countIn(tally: Tally | undefined): void {
    if (this.#tally !== undefined) this.#tally.bytes -= this.bytes
    if (tally !== undefined) tally.bytes += this.bytes
    this.#tally = tally
  }

  /** Takes the packed form. */
  pack(): void {
    if (this.#elements === undefined || this.count < 2) return
    this.#text = packed(this.#elements, this.#first)
    this.#elements = undefined
    this.#first = 0
  }

  append(element: Bytes): void {
    this.#open().push(element)
    this.count++
    this.#grow(listpackBytes(element))
  }

  prepend(element: Bytes): void {
    const elements = this.#open()
    if (this.#first === 0) {
      if (this.count === 0) elements.push(element)
      else {
        // Room for as many as there are, so that n calls copy O(n).
        this.#elements = new Array<Bytes>(this.count).concat(elements)
        this.#first = this.count - 1
        this.#elements[this.#first] = element
      }
    } else elements[--this.#first] = element
    this.count++
    this.#grow(listpackBytes(element))
  }

  /** Removes and returns the first element; the node must not be empty. */
  takeFirst(): Bytes {
    const elements = this.#open()
    const element = elements[this.#first]
    elements[this.#first++] = ''
    // A queue that is fed at its end would otherwise drag its past along.
    if (this.#first > 32 && this.#first > elements.length >> 1) {
      elements.splice(0, this.#first)
      this.#first = 0
    }
    this.#shrink(element)
    return element
  }

  /** Removes and returns the last element; the node must not be empty. */
  takeLast(): Bytes {
    const element = this.#open().pop()!
    this.#shrink(element)
    return element
  }

  at(index: number): Bytes {
    if (this.#elements !== undefined) return this.#elements[this.#first + index]
    const at = this.#seek(index)
    return this.#text.slice(bodyAt(this.#text, at), after(this.#text, at))
  }

  replace(index: number, element: Bytes): void {
    this.#grow(listpackBytes(element) - listpackBytes(this.at(index)))
    if (this.#elements !== undefined) this.#elements[this.#first + index] = element
    else {
      const at = this.#seek(index)
      this.#splice(at, after(this.#text, at), prefix(element) + element)
    }
  }

  insert(index: number, element: Bytes): void {
    if (this.#elements !== undefined) this.#elements.splice(this.#first + index, 0, element)
    else {
      const at = this.#seek(index)
      this.#splice(at, at, prefix(element) + element)
    }
    this.count++
    this.#grow(listpackBytes(element))
  }

  /** Removes `count` elements from an index on. */
  removeRange(index: number, count: number): void {
    for (const element of this.slice(index, index + count)) this.#grow(-listpackBytes(element))
    if (this.#elements !== undefined) this.#elements.splice(this.#first + index, count)
    else {
      const at = this.#seek(index)
      let to = at
      for (let i = 0; i < count; i++) to = after(this.#text, to)
      this.#splice(at, to, '')
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
    const elements = this.#elements
    if (elements !== undefined) {
      for (let i = this.#first + from; i < this.#first + to; i++) found[place++] = elements[i]
      return
    }
    const text = this.#text
    let at = this.#seek(from)
    for (let i = from; i < to; i++) {
      const body = bodyAt(text, at)
      at = after(text, at)
      found[place++] = text.slice(body, at)
    }
  }

  /** Cuts off the elements from an index on, as a node in the same form. */
  cut(index: number): ListNode {
    const rest = new ListNode()
    rest.#set(this.slice(index, this.count))
    if (this.#elements === undefined) rest.pack()
    this.removeRange(index, this.count - index)
    return rest
  }

  /** Adds the elements of the node after this one. */
  absorb(other: ListNode): void {
    if (this.#elements === undefined && other.#elements === undefined) this.#text += other.#text
    else {
      const isPacked = this.#elements === undefined
      const elements = this.slice(0, this.count)
      other.readInto(elements, elements.length, 0, other.count)
      this.#elements = elements
      this.#first = 0
      this.#text = ''
      if (isPacked) this.pack()
    }
    this.count += other.count
    this.#grow(other.bytes - LISTPACK_EMPTY)
  }

  /** Calls `visit` with the index of each element equal to one, in order or backward, until it returns true. */
  search(element: Bytes, backward: boolean, visit: (index: number) => boolean): boolean {
    if (this.#elements !== undefined) return this.#searchOpen(element, backward, visit)
    if (!this.#text.includes(element)) return false
    const indexes: number[] = []
    const text = this.#text
    let at = 0
    for (let i = 0; i < this.count; i++) {
      const body = bodyAt(text, at)
      at = after(text, at)
      if (at - body !== element.length || !text.startsWith(element, body)) continue
      if (backward) indexes.push(i)
      else if (visit(i)) return true
    }
    for (let i = indexes.length - 1; i >= 0; i--) if (visit(indexes[i])) return true
    return false
  }

  /** Removes up to `limit` elements equal to one, the last ones if `backward`. Returns how many it removed. */
  remove(element: Bytes, limit: number, backward: boolean): number {
    const doomed: number[] = []
    this.search(element, backward, (index) => doomed.push(index) >= limit)
    if (doomed.length === 0) return 0
    if (backward) doomed.reverse()
    const elements = this.#elements
    if (elements !== undefined) {
      removeAll(elements, this.#first, doomed)
      this.count -= doomed.length
      this.#grow(-doomed.length * listpackBytes(element))
    } else {
      const kept = this.slice(0, this.count)
      removeAll(kept, 0, doomed)
      this.#set(kept)
      this.pack()
    }
    return doomed.length
  }

  #grow(bytes: number): void {
    this.bytes += bytes
    if (this.#tally !== undefined) this.#tally.bytes += bytes
  }

  #searchOpen(element: Bytes, backward: boolean, visit: (index: number) => boolean): boolean {
    const elements = this.#elements!
    const first = this.#first
    if (backward) {
      for (let i = elements.length - 1; i >= first; i--) if (elements[i] === element && visit(i - first)) return true
    } else {
      for (let i = first; i < elements.length; i++) if (elements[i] === element && visit(i - first)) return true
    }
    return false
  }

  #set(elements: Bytes[]): void {
    this.#elements = elements
    this.#first = 0
    this.#text = ''
    this.count = elements.length
    this.#grow(LISTPACK_EMPTY - this.bytes)
    for (const element of elements) this.#grow(listpackBytes(element))
  }

  #shrink(element: Bytes): void {
    this.count--
    this.#grow(-listpackBytes(element))
  }

  /** The open form. Each element becomes a string of its own, which does not keep the packed text alive. */
  #open(): Bytes[] {
    if (this.#elements !== undefined) return this.#elements
    const text = this.#text
    const array = toArray(text)
    const elements: Bytes[] = []
    for (let at = 0; at < text.length; ) {
      const body = bodyAt(text, at)
      at = after(text, at)
      elements.push(array.latin1Slice(body, at))
    }
    this.#elements = elements
    this.#text = ''
    return elements
  }

  /** Where an element of the packed text starts. */
  #seek(index: number): number {
    const text = this.#text
    let at = 0
    for (let i = 0; i < index; i++) at = after(text, at)
    return at
  }

  #splice(from: number, to: number, middle: Bytes): void {
    this.#text = this.#text.slice(0, from) + middle + this.#text.slice(to)
  }
}

function packed(elements: readonly Bytes[], first: number): Bytes {
  const parts: Bytes[] = []
  for (let i = first; i < elements.length; i++) parts.push(prefix(elements[i]), elements[i])
  return parts.join('')
}

function prefix(element: Bytes): Bytes {
  const { length } = element
  if (length < LONG) return String.fromCharCode(length)
  return String.fromCharCode(LONG, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255)
}

/** Where the element starts whose length stands at a position of packed text. */
function bodyAt(text: Bytes, at: number): number {
  return text.charCodeAt(at) === LONG ? at + 5 : at + 1
}

/** Where the element ends whose length stands at a position of packed text. */
function after(text: Bytes, at: number): number {
  const length = text.charCodeAt(at)
  if (length !== LONG) return at + 1 + length
  const high = (text.charCodeAt(at + 1) << 24) | (text.charCodeAt(at + 2) << 16)
  return at + 5 + (high | (text.charCodeAt(at + 3) << 8) | text.charCodeAt(at + 4))
}

/** Removes elements by their indexes, counted from `first` on and in ascending order; those behind move up. */
function removeAll(elements: Bytes[], first: number, indexes: readonly number[]): void {
  let to = first + indexes[0]
  for (let next = 0, from = to; from < elements.length; from++) {
    if (from === first + indexes[next]) next++
    else elements[to++] = elements[from]
  }
  while (elements.length > to) elements.pop()
}
