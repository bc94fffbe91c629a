/**
 * List values: a doubly linked list of nodes, as Redis's quicklist. Both ends cost O(1); an index costs a few steps over
 * nodes from the nearer end or a look at the directory, and then a walk inside one node; an insertion or removal in the
 * middle touches one node and its neighbours. Nodes are filled, split and merged by Redis's rules, because OBJECT
 * ENCODING depends on them: a short list is a `listpack` (one node), one that outgrew `list-max-listpack-size` is a
 * `quicklist` until it has shrunk to a single node at half of that limit.
 *
 * A listpack of up to PACK_MAX bytes lies in the record of its key (packed/packable.ts), and has no nodes then.
 *
 * A command calls `grow` before it adds and `shrink` after it removes. Invariants: `length` is the sum of the nodes'
 * counts, no node is empty, and a listpack has at most one.
 */
import type { Bytes } from '../../base/bytes.ts'
import { HEADER_BYTES, scratch } from '../packed/element.ts'
import { endListpack, PACK_MAX, type Pack } from '../packed/pack.ts'
import { Packable } from '../packed/packable.ts'
import {
  elementOf,
  elementsOf,
  insertBeside,
  popElement,
  pushElement,
  removeElements,
  removeEqual,
  replaceElement,
  searchEqual,
} from '../packed/sequence.ts'
import { Form } from '../table/record.ts'
import type { EncodingLimits } from '../value.ts'
import { OBJECT_BYTES } from '../weight.ts'
import { ListDirectory } from './listdirectory.ts'
import { ListNode, type NodeTally, type PackedNode } from './listnode.ts'
import { exceedsFill, exceedsHalfFill, isLarge, LISTPACK_EMPTY } from './listpack.ts'

/** What a node weighs beside its elements, with the objects that stand for its memory. */
const NODE_BYTES = 200
/** So many nodes are walked before the directory is asked. */
const WALK_MAX = 16

/** V8 makes a table of a longer array that is made with its length. */
const RESERVED_MAX = 1_000_000

export class ListValue extends Packable {
  readonly type = 'list'
  readonly packForm = Form.List
  #length = 0
  #head: ListNode | undefined
  #tail: ListNode | undefined
  #isListpack = true
  /** The fill factor under which this became a quicklist; it stays what it was then. */
  #fill = 0
  #directory: ListDirectory | undefined
  /** The memory of all nodes. */
  readonly #tally: NodeTally = { bytes: 0, opened: undefined }
  #nodeCount = 0
  /** Where `#seek` found its index inside the node. */
  #offset = 0

  /** The list of nodes that were read from elsewhere, none of them empty: a listpack if it is one node that is small. */
  static of(limits: EncodingLimits, nodes: readonly (readonly Bytes[])[]): ListValue {
    const list = new ListValue(limits)
    for (const elements of nodes) list.adopt(elements)
    list.settle()
    return list
  }

  /** Adds a node that was read from elsewhere, not empty, behind all others. After the last, `settle`. */
  adopt(elements: readonly Bytes[]): void {
    const fill = this.limits['list-max-listpack-size']
    this.#fill = fill
    const node = ListNode.of(elements[0], fill)
    for (let i = 1; i < elements.length; i++) node.append(elements[i])
    if (node.count > 1) node.plain = false
    this.#addNode(node, false)
    this.#length += node.count
  }

  /** The same of one whose elements are written already. */
  adoptPacked(packed: PackedNode): void {
    const node = ListNode.packed(packed)
    this.#fill = this.limits['list-max-listpack-size']
    this.#addNode(node, false)
    this.#length += node.count
  }

  /** Takes the form that suits the nodes that were adopted. */
  settle(): void {
    const only = this.#nodeCount === 1 ? this.#head! : undefined
    this.#isListpack = only !== undefined && !only.plain && !exceedsFill(this.#fill, only.bytes, only.count)
  }

  get length(): number {
    return this.pack === undefined ? this.#length : this.pack.count
  }

  get nodeCount(): number {
    return this.pack === undefined ? this.#nodeCount : 1
  }

  get encoding(): Bytes {
    return this.#isListpack ? 'listpack' : 'quicklist'
  }

  get partCount(): number {
    return this.#isListpack ? 1 : this.#nodeCount
  }

  /** Turns a listpack into a quicklist if it would be too large with these elements, from `from` to `to` excluded, added. */
  grow(elements: readonly Bytes[], from: number, to: number): void {
    if (!this.#isListpack) return
    let bytes = 0
    for (let i = from; i < to; i++) bytes += elements[i].length
    this.growBy(bytes, to - from)
  }

  /** The same of so many elements with so many bytes. */
  growBy(bytes: number, count: number): void {
    if (!this.#isListpack) return
    const fill = this.limits['list-max-listpack-size']
    const before = this.pack === undefined ? (this.#head?.bytes ?? LISTPACK_EMPTY) : this.memoryBytes
    if (!exceedsFill(fill, before + bytes, this.length + count)) return
    this.unpack()
    this.#isListpack = false
    this.#fill = fill
  }

  /** Turns a quicklist that has become short into a listpack. */
  shrink(): void {
    const node = this.#head
    if (this.#isListpack || node === undefined || node !== this.#tail || node.plain) return
    this.#isListpack = !exceedsHalfFill(this.limits['list-max-listpack-size'], node.bytes, node.count)
  }

  push(element: Bytes, atHead: boolean): void {
    if (this.pack !== undefined) {
      if (pushElement(this.pack, element, atHead)) return
      this.unpack()
    }
    const node = atHead ? this.#head : this.#tail
    this.#length++
    if (node === undefined || !(this.#isListpack || node.accepts(this.#fill, element.length))) {
      const added = ListNode.of(element, this.#fill)
      if (this.#isListpack) added.plain = false
      this.#addNode(added, atHead)
    } else if (atHead) {
      node.prepend(element)
      if (this.#directory !== undefined) this.#directory.origin--
    } else node.append(element)
  }

  /**
   * The same of an element with so many bytes, at most PACK_MAX, that stands in the scratch array up to an offset. For a list that does
   * not lie in a record.
   */
  pushWritten(end: number, length: number, atHead: boolean): void {
    const node = atHead ? this.#head : this.#tail
    this.#length++
    if (node === undefined || !(this.#isListpack || node.accepts(this.#fill, length))) {
      const added = new ListNode()
      const room = this.#addNode(added, atHead)
      if (room !== undefined) added.give(room, atHead)
      if (atHead) added.prependWritten(end)
      else added.appendWritten(end)
    } else if (atHead) {
      node.prependWritten(end)
      if (this.#directory !== undefined) this.#directory.origin--
    } else node.appendWritten(end)
  }

  /** Removes and returns the element at one end; the list must not be empty. */
  pop(atHead: boolean): Bytes {
    if (this.pack !== undefined) return popElement(this.pack, atHead)
    const node = this.openEnd(atHead)
    const element = node.at(atHead ? 0 : node.count - 1)
    this.drop(atHead)
    return element
  }

  /** The node at one end, open, of a list that does not lie in a record and is not empty. */
  openEnd(atHead: boolean): ListNode {
    const node = (atHead ? this.#head : this.#tail)!
    node.open()
    return node
  }

  /** Removes the element at one end, whose node was opened. */
  drop(atHead: boolean): void {
    const node = (atHead ? this.#head : this.#tail)!
    node.drop(atHead)
    this.#length--
    if (node.count === 0) this.#unlink(node)
    else if (atHead && this.#directory !== undefined) this.#directory.origin++
  }

  /** The element at an index from 0 to length - 1. */
  at(index: number): Bytes {
    if (this.pack !== undefined) return elementOf(this.pack, index)
    const node = this.#seek(index)
    return node.at(this.#offset)
  }

  /** Replaces the element at an index from 0 to length - 1. */
  set(index: number, element: Bytes): void {
    if (this.pack !== undefined) {
      if (replaceElement(this.pack, index, element)) return
      this.unpack()
    }
    const node = this.#seek(index)
    const large = !this.#isListpack && isLarge(this.#fill, element.length)
    if (large === node.plain) node.replace(this.#offset, element)
    else if (large) this.#replaceWithLarge(node, this.#offset, element)
    else {
      this.#insertAt(node, 0, element, true)
      this.#unlink(node)
    }
  }

  /** Where an index from 0 to length - 1 is, of a list that does not lie in a record: the node, and the index in it. */
  locate(index: number): { readonly node: ListNode; readonly offset: number } {
    const node = this.#seek(index)
    return { node, offset: this.#offset }
  }

  /** Elements from one index up to another, excluded; both within 0 to length. */
  slice(from: number, to: number): Bytes[] {
    if (this.pack !== undefined) return elementsOf(this.pack, from, to)
    if (from >= to) return []
    const length = to - from
    const found: Bytes[] = length <= RESERVED_MAX ? new Array<Bytes>(length) : []
    let node: ListNode | undefined = this.#seek(from)
    let offset = this.#offset
    for (let place = 0; place < length && node !== undefined; node = node.next) {
      const count = Math.min(length - place, node.count - offset)
      node.readInto(found, place, offset, offset + count)
      place += count
      offset = 0
    }
    return found
  }

  /** All elements, as a fresh array. */
  values(): Bytes[] {
    return this.slice(0, this.length)
  }

  /** Removes `count` elements from an index on. Whole nodes go without a look at their elements. */
  removeRange(index: number, count: number): void {
    if (count === 0) return
    if (this.pack !== undefined) {
      removeElements(this.pack, index, count)
      return
    }
    let node: ListNode | undefined = this.#seek(index)
    let offset = this.#offset
    this.#length -= count
    this.#directory = undefined
    for (let left = count; left > 0 && node !== undefined; offset = 0) {
      const { next }: ListNode = node
      const here = Math.min(left, node.count - offset)
      if (here === node.count) this.#unlink(node)
      else node.removeRange(offset, here)
      left -= here
      node = next
    }
  }

  /** Puts an element before or after the first one equal to `pivot`. False if there is none. */
  insert(pivot: Bytes, element: Bytes, afterPivot: boolean): boolean {
    if (this.pack !== undefined) {
      const isInserted = insertBeside(this.pack, pivot, element, afterPivot)
      if (isInserted !== false) return isInserted ?? false
      this.unpack()
    }
    let offset = -1
    for (let node = this.#head; node !== undefined; node = node.next) {
      node.search(pivot, false, (index) => {
        offset = index
        return true
      })
      if (offset === -1) continue
      this.#length++
      this.#directory = undefined
      if (this.#isListpack) node.insert(afterPivot ? offset + 1 : offset, element)
      else this.#insertAt(node, offset, element, afterPivot)
      return true
    }
    return false
  }

  /** Removes up to `limit` elements equal to one, the last ones if `backward`. Returns how many it removed. */
  remove(element: Bytes, limit: number, backward: boolean): number {
    if (this.pack !== undefined) return removeEqual(this.pack, element, limit, backward)
    let removed = 0
    let node = backward ? this.#tail : this.#head
    while (node !== undefined && removed < limit) {
      const following: ListNode | undefined = backward ? node.previous : node.next
      removed += node.remove(element, limit - removed, backward)
      if (node.count === 0) this.#unlink(node)
      node = following
    }
    if (removed > 0) this.#directory = undefined
    this.#length -= removed
    return removed
  }

  /** Calls `visit` with the index of each element equal to one, in order or backward, until it returns true. */
  search(element: Bytes, backward: boolean, visit: (index: number) => boolean): void {
    if (this.pack !== undefined) {
      searchEqual(this.pack, element, backward, visit)
      return
    }
    let node = backward ? this.#tail : this.#head
    let before = backward ? this.#length : 0
    while (node !== undefined) {
      if (backward) before -= node.count
      const start = before
      if (node.search(element, backward, (index) => visit(start + index))) return
      if (!backward) before += node.count
      node = backward ? node.previous : node.next
    }
  }

  /** All nodes; of which one that is `plain`, but in a listpack, holds a single element that is too large for company. */
  *nodes(): IterableIterator<ListNode> {
    if (this.pack !== undefined) yield nodeOf(this.pack)
    for (let node = this.#head; node !== undefined; node = node.next) yield node
  }

  copy(): ListValue {
    const copy = new ListValue(this.limits)
    if (this.pack !== undefined) {
      copy.takeBack(this.pack)
      return copy
    }
    for (let node = this.#head; node !== undefined; node = node.next) copy.#link(node.copy(), copy.#tail, undefined)
    copy.#length = this.#length
    copy.#isListpack = this.#isListpack
    copy.#fill = this.#fill
    return copy
  }

  protected writePacked(): number {
    const node = this.#head
    if (!this.#isListpack || node === undefined || node.bytes > PACK_MAX) return 0
    const { array, start, end, count } = node
    scratch.set(array.subarray(start, end), HEADER_BYTES)
    return endListpack(HEADER_BYTES + end - start, count)
  }

  protected takeBack(pack: Pack): void {
    const node = nodeOf(pack)
    if (node.count > 0) this.#addNode(node, false)
    this.#length = node.count
  }

  protected letGo(): void {
    this.#head = this.#tail = this.#directory = undefined
    this.#nodeCount = this.#length = this.#tally.bytes = 0
    this.#tally.opened = undefined
  }

  protected get heapBytes(): number {
    return 2 * OBJECT_BYTES + this.#nodeCount * NODE_BYTES + this.#tally.bytes
  }

  /** The node of an index, found from the nearer end or, where that is far, in the directory. Sets `#offset`. */
  #seek(index: number): ListNode {
    const fromHead = index < this.#length >> 1
    let node = fromHead ? this.#head! : this.#tail!
    let start = fromHead ? 0 : this.#length - node.count
    for (let steps = 0; index < start || index >= start + node.count; steps++) {
      if (steps === WALK_MAX) return this.#lookUp(index)
      if (fromHead) start += node.count
      node = fromHead ? node.next! : node.previous!
      if (!fromHead) start -= node.count
    }
    this.#offset = index - start
    return node
  }

  #lookUp(index: number): ListNode {
    this.#directory ??= new ListDirectory(this.#head)
    const place = this.#directory.find(index)
    this.#offset = index - this.#directory.startAt(place)
    return this.#directory.nodeAt(place)
  }

  /** As quicklist does: into the node if it has room, else into a neighbour at its edge, else by splitting the node. */
  #insertAt(node: ListNode, offset: number, element: Bytes, after: boolean): void {
    const fill = this.#fill
    const atEdge = after ? offset === node.count - 1 : offset === 0
    const neighbour = after ? node.next : node.previous
    if (node.accepts(fill, element.length)) node.insert(after ? offset + 1 : offset, element)
    else if (atEdge && neighbour?.accepts(fill, element.length)) neighbour.insert(after ? 0 : neighbour.count, element)
    else if (atEdge) {
      const added = ListNode.of(element, fill)
      this.#link(added, after ? node : node.previous, after ? node.next : node)
    } else {
      const rest = node.cut(after ? offset + 1 : offset)
      this.#link(rest, node, node.next)
      if (isLarge(fill, element.length)) {
        this.#link(ListNode.of(element, fill), node, rest)
        return
      }
      if (after) rest.insert(0, element)
      else node.insert(node.count, element)
      this.#mergeAround(after ? node : rest)
    }
  }

  /** Puts a node of its own in the place of an element. */
  #replaceWithLarge(node: ListNode, offset: number, element: Bytes): void {
    if (offset < node.count - 1) this.#link(node.cut(offset + 1), node, node.next)
    this.#link(ListNode.of(element, this.#fill), node, node.next)
    if (node.count === 1) this.#unlink(node)
    else {
      node.removeRange(node.count - 1, 1)
      this.#mergeAround(node)
    }
  }

  /** Merges neighbours that fit together, in quicklist's order. */
  #mergeAround(center: ListNode): void {
    const { previous, next } = center
    this.#merge(previous?.previous, previous)
    this.#merge(next, next?.next)
    const target = this.#merge(center.previous, center) ?? center
    this.#merge(target, target.next)
  }

  /** Merges the second node into the first if it fits; returns the node that stays then. */
  #merge(first: ListNode | undefined, second: ListNode | undefined): ListNode | undefined {
    if (first === undefined || second === undefined || !first.acceptsNode(this.#fill, second)) return undefined
    first.absorb(second)
    this.#unlink(second)
    return first
  }

  /**
   * Adds a node at one end. The one that is no longer near it will hardly grow. Returns the array that it leaves, in which the added one
   * may grow as large.
   */
  #addNode(node: ListNode, atHead: boolean): Uint8Array | undefined {
    if (atHead) this.#link(node, undefined, this.#head)
    else this.#link(node, this.#tail, undefined)
    const third = atHead ? node.next?.next : node.previous?.previous
    return third?.previous !== undefined && third.next !== undefined ? third.seal() : undefined
  }

  #link(node: ListNode, previous: ListNode | undefined, next: ListNode | undefined): void {
    this.#directory = undefined
    this.#nodeCount++
    node.countIn(this.#tally)
    node.previous = previous
    node.next = next
    if (previous === undefined) this.#head = node
    else previous.next = node
    if (next === undefined) this.#tail = node
    else next.previous = node
  }

  #unlink(node: ListNode): void {
    const { previous, next } = node
    this.#directory = undefined
    this.#nodeCount--
    node.countIn(undefined)
    if (previous === undefined) this.#head = next
    else previous.next = next
    if (next === undefined) this.#tail = previous
    else next.previous = previous
  }
}

function nodeOf(pack: Pack): ListNode {
  const content = pack.content()
  return ListNode.packed({ body: content.subarray(HEADER_BYTES, content.length - 1), count: pack.count })
}
