/**
 * JSON values: a document as a tree of nodes (json-node.ts), so that an edit of one member costs that member and not the document.
 * All edits go through `JsonValue`, which keeps the weight of the whole by the difference that each makes.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { ObjectValue } from '../value.ts'
import { OBJECT_BYTES, stringWeight } from '../weight.ts'
import {
  ARRAY_BYTES,
  copyNode,
  detach,
  OBJECT_BYTES as EMPTY_OBJECT_BYTES,
  itemsWeight,
  JsonArray,
  type JsonContainer,
  type JsonNode,
  JsonObject,
  type JsonPlace,
  membersWeight,
  nodeWeight,
} from './json-node.ts'

export class JsonValue implements ObjectValue {
  #root: JsonNode
  #nodeBytes: number
  countedBytes = 0

  /** The root's containers must have their levels, as `setLevels` gives them. */
  constructor(root: JsonNode, nodeBytes = nodeWeight(root)) {
    this.#root = root
    this.#nodeBytes = nodeBytes
  }

  get type(): 'ReJSON-RL' {
    return 'ReJSON-RL'
  }

  get encoding(): Bytes {
    return 'raw'
  }

  get length(): number {
    return 1
  }

  get memoryBytes(): number {
    return OBJECT_BYTES + this.#nodeBytes
  }

  /** What its nodes weigh. */
  get nodeBytes(): number {
    return this.#nodeBytes
  }

  get root(): JsonNode {
    return this.#root
  }

  /** The number of its parts that Redis would free one by one: those of the root. O(1). */
  get partCount(): number {
    const root = this.#root
    if (root instanceof JsonArray) return root.items.length
    return root instanceof JsonObject ? root.size : 1
  }

  /** Puts a node in the place of another, or adds the member of an object. O(what is replaced and what replaces it). */
  put({ parent, key }: JsonPlace, node: JsonNode, nodeBytes = nodeWeight(node)): void {
    if (parent === undefined) {
      this.#root = node
      this.#nodeBytes = nodeBytes
    } else if (parent instanceof JsonArray) {
      const { items } = parent
      this.#nodeBytes += nodeBytes - detach(items[key as number])
      items[key as number] = node
    } else {
      const name = key as Bytes
      const before = parent.get(name)
      const { size } = parent
      parent.set(name, node)
      this.#nodeBytes += nodeBytes
      if (before !== undefined) this.#nodeBytes -= detach(before)
      else this.#nodeBytes += stringWeight(name.length) + membersWeight(size + 1) - membersWeight(size)
    }
  }

  /** Removes a member of an object, if there is one. O(what is removed). */
  removeMember(object: JsonObject, key: Bytes): void {
    const node = object.get(key)
    if (node === undefined) return
    this.#nodeBytes -= membersWeight(object.size) + stringWeight(key.length) + detach(node)
    object.delete(key)
    this.#nodeBytes += membersWeight(object.size)
  }

  /** Removes the items of an array that have these indexes. O(its items, and what is removed). */
  removeItems({ items }: JsonArray, indexes: ReadonlySet<number>): void {
    this.#nodeBytes -= itemsWeight(items.length)
    let kept = 0
    for (let i = 0; i < items.length; i++) {
      if (indexes.has(i)) this.#nodeBytes -= detach(items[i])
      else items[kept++] = items[i]
    }
    items.length = kept
    this.#nodeBytes += itemsWeight(kept)
  }

  /** Removes items of an array from an index on, and puts others there. Returns those that were removed. */
  splice(array: JsonArray, start: number, deleted: number, added: readonly JsonNode[]): JsonNode[] {
    const { items } = array
    this.#nodeBytes -= itemsWeight(items.length)
    const removed = deleted === 0 ? [] : items.splice(start, deleted)
    insert(items, start, added)
    this.#nodeBytes += itemsWeight(items.length)
    for (const node of removed) this.#nodeBytes -= detach(node)
    for (const node of added) this.#nodeBytes += nodeWeight(node)
    return removed
  }

  /** Removes all that a container holds. */
  clear(container: JsonContainer): void {
    const { level } = container
    this.#nodeBytes -= detach(container)
    container.level = level
    if (container instanceof JsonArray) {
      container.items.length = 0
      this.#nodeBytes += ARRAY_BYTES
    } else {
      container.clear()
      this.#nodeBytes += EMPTY_OBJECT_BYTES
    }
  }

  copy(): JsonValue {
    return new JsonValue(copyNode(this.#root, 1), this.#nodeBytes)
  }
}

/** Nodes are many at times: more than a function takes as arguments. */
function insert(items: JsonNode[], start: number, added: readonly JsonNode[]): void {
  const moved = added.length
  if (moved === 0) return
  const before = items.length
  if (start === before) for (const node of added) items.push(node)
  else {
    for (let i = 0; i < moved; i++) items.push(null)
    items.copyWithin(start + moved, start, before)
    for (let i = 0; i < moved; i++) items[start + i] = added[i]
  }
}
