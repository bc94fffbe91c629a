/**
 * What documents are made of. Strings are Bytes (UTF-8), unescaped; integers are numbers where these hold them exactly, bigints
 * else; a number that was written with a fraction or an exponent, or that no integer of 64 bits can be, is a `JsonDouble`, so that
 * 1.0 stays 1.0.
 *
 * A node stands in one place of one document only. `level` is the depth of a container, 1 for the root: it bounds how
 * deep a document may become by edits, so that whoever walks one may recurse. What a node weighs depends on what it says alone,
 * and not on how it came about, so that a document weighs the same after a restart and on a replica.
 */
import { type Bytes, MAX_BYTES } from '../../base/bytes.ts'
import { numberWeight, stringWeight } from '../weight.ts'
import { MemberTable } from './json-table.ts'

export type JsonNode = null | boolean | Bytes | number | bigint | JsonDouble | JsonContainer
export type JsonContainer = JsonArray | JsonObject

/** As deep as a document may be. What one text may hold is less: see json-parse.ts. */
export const LEVEL_MAX = 1024

/**
 * As much as `json-max-document-size` allows a document to weigh: a byte of memory becomes six bytes of text at the most (a control
 * character in a string), so the text of any document fits a string, and none is there that could not be saved.
 */
export const DOCUMENT_BYTES_MAX = Math.floor(MAX_BYTES / 6)

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

/** Up to so many members are sought one after the other, which is no slower than in a table, and takes half of its room. */
export const FEW_MEMBERS = 16

const NO_KEYS: readonly Bytes[] = []

/** Members in the order in which they were added: few in two arrays, many in a table. */
export class JsonObject {
  level = 1
  /** The names of few members. Alike objects share them, so they never change in place. */
  #keys: readonly Bytes[]
  #nodes: JsonNode[]
  #table: MemberTable<JsonNode> | undefined = undefined

  /** Of names that differ, FEW_MEMBERS at the most, and as many nodes, which are the object's from then on. */
  constructor(keys: readonly Bytes[] = NO_KEYS, nodes: JsonNode[] = []) {
    this.#keys = keys
    this.#nodes = nodes
  }

  /** The table is the object's from then on. */
  static of(table: MemberTable<JsonNode>): JsonObject {
    if (table.size <= FEW_MEMBERS) return new JsonObject(table.names(), table.nodes())
    const object = new JsonObject()
    object.#table = table
    return object
  }

  get size(): number {
    return this.#table?.size ?? this.#nodes.length
  }

  /** The names, in order. Not to be changed. O(their number) at the most. */
  keys(): readonly Bytes[] {
    return this.#table === undefined ? this.#keys : this.#table.names()
  }

  /** The nodes in the order of their names. Not to be changed. O(their number) at the most. */
  nodes(): readonly JsonNode[] {
    return this.#table === undefined ? this.#nodes : this.#table.nodes()
  }

  get(key: Bytes): JsonNode | undefined {
    if (this.#table !== undefined) return this.#table.get(key)
    const at = this.#find(key)
    return at === -1 ? undefined : this.#nodes[at]
  }

  /** Puts a node in the place of another, or adds a member behind all. */
  set(key: Bytes, node: JsonNode): void {
    if (this.#table !== undefined) {
      this.#table.set(key, node)
      return
    }
    const at = this.#find(key)
    if (at !== -1) this.#nodes[at] = node
    else if (this.#nodes.length < FEW_MEMBERS) {
      this.#keys = [...this.#keys, key]
      this.#nodes = [...this.#nodes, node]
    } else {
      const table = new MemberTable<JsonNode>()
      for (let i = 0; i < FEW_MEMBERS; i++) table.set(this.#keys[i], this.#nodes[i])
      this.clear()
      this.#table = table.set(key, node)
    }
  }

  delete(key: Bytes): void {
    const table = this.#table
    if (table !== undefined) {
      table.delete(key)
      if (table.size > FEW_MEMBERS) return
      this.#keys = table.names()
      this.#nodes = table.nodes()
      this.#table = undefined
      return
    }
    const at = this.#find(key)
    if (at === -1) return
    this.#keys = this.#keys.toSpliced(at, 1)
    this.#nodes = this.#nodes.toSpliced(at, 1)
  }

  clear(): void {
    this.#keys = NO_KEYS
    this.#nodes = []
    this.#table = undefined
  }

  /** An object with the same names and other nodes. */
  withNodes(nodes: JsonNode[]): JsonObject {
    const table = this.#table
    if (table === undefined) return new JsonObject(this.#keys, nodes)
    const made = new MemberTable<JsonNode>()
    let at = 0
    for (const name of table.names()) made.set(name, nodes[at++])
    return JsonObject.of(made)
  }

  #find(key: Bytes): number {
    const keys = this.#keys
    for (let i = 0; i < keys.length; i++) if (keys[i] === key) return i
    return -1
  }
}

/** Where a node stands: in an array by its index, in an object by its key, or, without a parent, as the root. */
export interface JsonPlace {
  readonly parent: JsonContainer | undefined
  readonly key: Bytes | number | undefined
}

/** A JsonArray with its array, and a JsonObject with that of its nodes. */
export const ARRAY_BYTES = 72
export const OBJECT_BYTES = 88
/** A reference in an array, and the head of what holds references. */
export const ITEM_BYTES = 8
const ITEMS_BYTES = 16
/** A reference to the name, and one to the node. */
export const MEMBER_BYTES = 16
export const DOUBLE_BYTES = 48
export const BIGINT_BYTES = 32
/** A Map without pairs, and a place for one; the places are doubled when they are full. */
const MAP_BYTES = 72
const MAP_PLACE_BYTES = 28

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
  if (node instanceof JsonArray) {
    const { items } = node
    let bytes = ARRAY_BYTES + itemsWeight(items.length)
    for (let i = 0; i < items.length; i++) bytes += nodeWeight(items[i])
    return bytes
  }
  const keys = node.keys()
  const nodes = node.nodes()
  let bytes = OBJECT_BYTES + membersWeight(keys.length)
  for (let i = 0; i < keys.length; i++) bytes += stringWeight(keys[i].length) + nodeWeight(nodes[i])
  return bytes
}

/** Arrays are read into what they need, and V8 grows them by half when they are added to: about the mean of both. */
export function itemsWeight(count: number): number {
  return count === 0 ? 0 : ITEMS_BYTES + ITEM_BYTES * (count + (count >> 3))
}

/** Beside the names. Those of few members are most often shared, of which nothing is told here. */
export function membersWeight(count: number): number {
  if (count <= FEW_MEMBERS) return count === 0 ? 0 : ITEMS_BYTES + MEMBER_BYTES * count
  return MAP_BYTES + MAP_PLACE_BYTES * 2 ** (32 - Math.clz32(count - 1))
}

/** A copy for another place, whose containers have their levels from `level` on. O(its nodes). */
export function copyNode(node: JsonNode, level: number): JsonNode {
  if (!isContainer(node)) return node
  const children = childrenOf(node)
  const copies = new Array<JsonNode>(children.length)
  for (let i = 0; i < copies.length; i++) copies[i] = copyNode(children[i], level + 1)
  const copy = node instanceof JsonArray ? new JsonArray(copies) : node.withNodes(copies)
  copy.level = level
  return copy
}

/** How many levels of containers a node has; 0 for a scalar. O(its nodes). */
export function heightOf(node: JsonNode): number {
  if (!isContainer(node)) return 0
  const children = childrenOf(node)
  let height = 0
  for (let i = 0; i < children.length; i++) height = Math.max(height, heightOf(children[i]))
  return height + 1
}

/** Gives the containers of a node their levels, from `level` on. O(its nodes). */
export function setLevels(node: JsonNode, level: number): void {
  if (!isContainer(node)) return
  node.level = level
  const children = childrenOf(node)
  for (let i = 0; i < children.length; i++) setLevels(children[i], level + 1)
}

/** Says that a node stands nowhere any more, and tells what it weighs. O(its nodes). */
export function detach(node: JsonNode): number {
  setLevels(node, DETACHED)
  return nodeWeight(node)
}

export function isContainer(node: JsonNode): node is JsonContainer {
  return node instanceof JsonArray || node instanceof JsonObject
}

/** What a container holds, in order. Not to be changed. */
export function childrenOf(container: JsonContainer): readonly JsonNode[] {
  return container instanceof JsonArray ? container.items : container.nodes()
}

export function sizeOfContainer(container: JsonContainer): number {
  return container instanceof JsonArray ? container.items.length : container.size
}

/** What stands in a place; undefined where nothing does any more. */
export function nodeAt({ parent, key }: JsonPlace, root: JsonNode): JsonNode | undefined {
  if (parent === undefined) return root
  if (parent.level <= 0) return undefined
  return parent instanceof JsonArray ? parent.items[key as number] : parent.get(key as Bytes)
}
