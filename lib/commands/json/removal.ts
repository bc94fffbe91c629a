/** Commands that take values out of documents, or leave them empty. */
import type { Bytes } from '../../base/bytes.ts'
import { wrongArity } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import type { JsonValue } from '../../keyspace/values/json.ts'
import {
  detach,
  isContainer,
  type JsonArray,
  JsonDouble,
  type JsonNode,
  JsonObject,
  type JsonPlace,
  nodeAt,
  sizeOfContainer,
} from '../../keyspace/values/json-node.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { documentAt, existingDocument, levelIn, takeWritePath } from './arguments.ts'
import { evaluate } from './path/path.ts'

/** JSON.DEL key [path], and JSON.FORGET. With the last that the root holds goes the key. */
export function del(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takeWritePath(a)
  if (a.error !== undefined) return a.error
  const document = documentAt(c, key)
  if (document === undefined) return 0
  const deleted = path.isRoot ? 1 : deleteAll(document, evaluate(path, document.root))
  if (deleted === 0) return 0
  c.signal(key, Notify.Module, 'json.del')
  if (path.isRoot || isEmpty(document.root)) c.db.delete(key)
  return deleted
}

/** Removes what stands in places; what stands within another of them goes with that, and is not counted. */
function deleteAll(document: JsonValue, places: readonly JsonPlace[]): number {
  const indexes = new Map<JsonArray, Set<number>>()
  let deleted = 0
  for (const { parent, key } of [...places].sort(outerFirst)) {
    if (parent === undefined || parent.level <= 0) continue
    if (parent instanceof JsonObject) {
      if (parent.get(key as Bytes) !== undefined) deleted++
      document.removeMember(parent, key as Bytes)
      continue
    }
    // The indexes of an array hold until all of its items are known that go.
    const going = indexes.get(parent) ?? new Set()
    if (going.size === 0) indexes.set(parent, going)
    const index = key as number
    if (going.has(index)) continue
    going.add(index)
    detach(parent.items[index])
    deleted++
  }
  for (const [array, going] of indexes) document.removeItems(array, going)
  return deleted
}

function outerFirst(a: JsonPlace, b: JsonPlace): number {
  return levelIn(a) - levelIn(b)
}

function isEmpty(node: JsonNode): boolean {
  return isContainer(node) && sizeOfContainer(node) === 0
}

/** JSON.CLEAR key [path]: empties containers, and makes numbers 0. */
export function clear(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takeWritePath(a)
  if (!a.done) a.fail(wrongArity(c.command.fullName))
  if (a.error !== undefined) return a.error
  const document = existingDocument(c, key)
  let cleared = 0
  for (const place of evaluate(path, document.root)) {
    const node = nodeAt(place, document.root)
    if (node === undefined || !isClearable(node)) continue
    if (isContainer(node)) document.clear(node)
    else document.put(place, 0)
    cleared++
  }
  if (cleared > 0) c.signal(key, Notify.Module, 'json.clear')
  return cleared
}

function isClearable(node: JsonNode): boolean {
  if (isContainer(node)) return !isEmpty(node)
  if (node instanceof JsonDouble) return node.value !== 0
  return typeof node === 'bigint' || (typeof node === 'number' && node !== 0)
}
