/**
 * JSON values: a document as a tree, so that an edit of one member costs that member and not the document. Strings are Bytes
 * (UTF-8), unescaped; integers are numbers where these hold them exactly, bigints else; a number that was written with a
 * fraction or an exponent, or that no integer of 64 bits can be, is a `JsonDouble`, so that 1.0 stays 1.0.
 *
 * A node stands in one place of one document only. `level` is the depth of a container, 1 for the root: it bounds how
 * deep a document may become by edits, so that whoever walks one may recurse. All edits go through `JsonValue`, which keeps
 * the weight of the whole by the difference that each makes.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { ObjectValue } from '../value.ts'
import { numberWeight, OBJECT_BYTES, stringWeight } from '../weight.ts'

export type JsonNode = null | boolean | Bytes | number | bigint | JsonDouble | JsonContainer
export type JsonContainer = JsonArray | JsonObject

/** As deep as a document may be. What one text may hold is less: see json-parse.ts. */
export const LEVEL_MAX = 1024

/** Below all levels, however deep a part is that was removed. */
const DETACHED = -1e9

/** A number that is not an integer, or is not written as one. Finite. */
export class JsonDouble {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}

export class JsonArray {
  readonly items: JsonNode[]
  level = 1
  constructor(items: JsonNode[] = []) {
    this.items = items
  }
}

export class JsonObject {
  /** In the order in which they were added. */
  readonly members: Map<Bytes, JsonNode>
  level = 1
  constructor(members: Map<Bytes, JsonNode> = new Map()) {
    this.members = members
  }
}

/** Where a node stands: in an array by its index, in an object by its key, or, without a parent, as the root. */
export interface JsonPlace {
  readonly parent: JsonContainer | undefined
  readonly key: Bytes | number | undefined
}

const JSON_VALUE_BYTES = OBJECT_BYTES
const CONTAINER_BYTES = 40
const ITEMS_BYTES = 64
const ITEM_BYTES = 8
const DOUBLE_BYTES = 48
const BIGINT_BYTES = 32
/** A Map without pairs, and a place for one; the places are doubled when they are full. */
const MAP_BYTES = 72
const MAP_PLACE_BYTES = 28
const FIRST_PLACES = 4

export class JsonValue implements ObjectValue {
  #root: JsonNode
  #nodeBytes: number
  countedBytes = 0

  /** The root's containers must have their levels, as `withLevels` gives them. */
  constructor(root: JsonNode) {
    this.#root = root
    this.#nodeBytes = nodeWeight(root)
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
    return JSON_VALUE_BYTES + this.#nodeBytes
  }

  get root(): JsonNode {
    return this.#root
  }

  /** The number of its parts that Redis would free one by one: those of the root. O(1). */
  get partCount(): number {
    const root = this.#root
    if (root instanceof JsonArray) return root.items.length
    return root instanceof JsonObject ? root.members.size : 1
  }

  /** Puts a node in the place of another, or adds the member of an object. O(what is replaced and what replaces it). */
  put({ parent, key }: JsonPlace, node: JsonNode): void {
    if (parent === undefined) {
      this.#root = node
      this.#nodeBytes = nodeWeight(node)
    } else if (parent instanceof JsonArray) {
      const { items } = parent
      this.#nodeBytes += nodeWeight(node) - detach(items[key as number])
      items[key as number] = node
    } else {
      const name = key as Bytes
      const { members } = parent
      const before = members.get(name)
      if (before === undefined) {
        this.#nodeBytes -= membersWeight(members.size)
        members.set(name, node)
        this.#nodeBytes += membersWeight(members.size) + stringWeight(name.length) + nodeWeight(node)
      } else {
        members.set(name, node)
        this.#nodeBytes += nodeWeight(node) - detach(before)
      }
    }
  }

  /** Removes a member of an object, if there is one. O(what is removed). */
  removeMember({ members }: JsonObject, key: Bytes): void {
    const node = members.get(key)
    if (node === undefined) return
    this.#nodeBytes -= membersWeight(members.size) + stringWeight(key.length) + detach(node)
    members.delete(key)
    this.#nodeBytes += membersWeight(members.size)
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
    if (container instanceof JsonArray) container.items.length = 0
    else container.members.clear()
    this.#nodeBytes += nodeWeight(container)
  }

  copy(): JsonValue {
    return new JsonValue(copyNode(this.#root, 1))
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

/** What a node weighs with all that it holds. O(its nodes). */
export function nodeWeight(node: JsonNode): number {
  switch (typeof node) {
    case 'string':
      return stringWeight(node.length)
    case 'number':
      return numberWeight(node)
    case 'bigint':
      return BIGINT_BYTES
    case 'boolean':
      return 0
  }
  if (node === null) return 0
  if (node instanceof JsonDouble) return DOUBLE_BYTES
  let bytes = CONTAINER_BYTES
  if (node instanceof JsonArray) {
    bytes += itemsWeight(node.items.length)
    for (const item of node.items) bytes += nodeWeight(item)
    return bytes
  }
  bytes += membersWeight(node.members.size)
  for (const [key, member] of node.members) bytes += stringWeight(key.length) + nodeWeight(member)
  return bytes
}

/** Arrays are read into what they need, and V8 grows them by half when they are added to: about the mean of both. */
function itemsWeight(count: number): number {
  return ITEMS_BYTES + ITEM_BYTES * (count + (count >> 3))
}

function membersWeight(count: number): number {
  const places = count <= FIRST_PLACES ? FIRST_PLACES : 2 ** (32 - Math.clz32(count - 1))
  return MAP_BYTES + MAP_PLACE_BYTES * places
}

/** A copy for another place, whose containers have their levels from `level` on. O(its nodes). */
export function copyNode(node: JsonNode, level: number): JsonNode {
  if (node instanceof JsonArray) {
    const items = new Array<JsonNode>(node.items.length)
    for (let i = 0; i < items.length; i++) items[i] = copyNode(node.items[i], level + 1)
    const copy = new JsonArray(items)
    copy.level = level
    return copy
  }
  if (node instanceof JsonObject) {
    const members = new Map<Bytes, JsonNode>()
    for (const [key, member] of node.members) members.set(key, copyNode(member, level + 1))
    const copy = new JsonObject(members)
    copy.level = level
    return copy
  }
  return node
}

/** How many levels of containers a node has; 0 for a scalar. O(its nodes). */
export function heightOf(node: JsonNode): number {
  let height = 0
  if (node instanceof JsonArray) for (const item of node.items) height = Math.max(height, heightOf(item))
  else if (node instanceof JsonObject)
    for (const member of node.members.values()) height = Math.max(height, heightOf(member))
  else return 0
  return height + 1
}

/** Gives the containers of a node their levels, from `level` on. O(its nodes). */
export function setLevels(node: JsonNode, level: number): void {
  if (!isContainer(node)) return
  node.level = level
  const children = node instanceof JsonArray ? node.items : node.members.values()
  for (const child of children) setLevels(child, level + 1)
}

/** Says that a node stands nowhere any more, and tells what it weighs. O(its nodes). */
export function detach(node: JsonNode): number {
  setLevels(node, DETACHED)
  return nodeWeight(node)
}

export function isContainer(node: JsonNode): node is JsonContainer {
  return node instanceof JsonArray || node instanceof JsonObject
}

/** What stands in a place; undefined where nothing does any more. */
export function nodeAt({ parent, key }: JsonPlace, root: JsonNode): JsonNode | undefined {
  if (parent === undefined) return root
  if (parent.level <= 0) return undefined
  return parent instanceof JsonArray ? parent.items[key as number] : parent.members.get(key as Bytes)
}
