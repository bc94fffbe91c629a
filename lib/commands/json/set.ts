/** Commands that put values into documents, merge them and take them out. */
import type { Bytes } from '../../base/bytes.ts'
import { JSON_NO_SUCH_INDEX, JSON_NOT_AT_ROOT, JSON_NOT_STATIC, SYNTAX, wrongArity } from '../../base/errors.ts'
import { OK, type Reply, ReplyError } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import {
  detach,
  isContainer,
  JsonArray,
  JsonDouble,
  type JsonNode,
  JsonObject,
  type JsonPlace,
  JsonValue,
  nodeAt,
  nodeWeight,
} from '../../keyspace/values/json.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, keyAt, keysFrom, Notify } from '../command.ts'
import { documentAt, existingDocument, levelIn, placed, takeJson, takeWritePath, tooDeep } from './arguments.ts'
import { FLOAT_TYPES, homogeneous } from './fpha.ts'
import { evaluate, type JsonPath } from './jsonpath.ts'
import { Steps } from './path-steps.ts'
import { checkWork } from './work.ts'

type Condition = 'NX' | 'XX' | undefined

/** Where a command puts a value: in the place of others, or as new members of objects. */
interface Places {
  readonly found: readonly JsonPlace[]
  readonly added: readonly JsonPlace[]
}

const NOWHERE: Places = { found: [], added: [] }

/** JSON.SET key path value [NX|XX] [FPHA FP16|BF16|FP32|FP64] */
function jsonSet(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takeWritePath(a)
  let node = takeJson(a)
  let condition: Condition
  while (!a.done && a.error === undefined) {
    if (condition === undefined && a.match('NX')) condition = 'NX'
    else if (condition === undefined && a.match('XX')) condition = 'XX'
    else if (a.match('FPHA')) node = takeHomogeneous(c, a, node)
    else a.fail(SYNTAX)
  }
  if (a.error !== undefined) return a.error
  const document = documentAt(c, key)
  if (document === undefined && condition === 'XX') return null
  if (document !== undefined && condition === 'NX' && path.isRoot) return null
  return setIn(c, key, document, path, node, condition, 'json.set', new Steps())
}

function takeHomogeneous(c: Context, a: Args, node: JsonNode): JsonNode {
  if (a.done) a.fail(wrongArity(c.command.fullName))
  const type = FLOAT_TYPES.get(a.word())
  const made = homogeneous(node, type)
  if (!(made instanceof ReplyError)) return made
  a.fail(made)
  return node
}

function setIn(
  c: Context,
  key: Bytes,
  document: JsonValue | undefined,
  path: JsonPath,
  node: JsonNode,
  condition: Condition,
  event: Bytes,
  steps: Steps,
): Reply {
  if (path.isRoot) {
    setRoot(c, key, document, node)
    c.signal(key, Notify.Module, event)
    return OK
  }
  if (document === undefined) return JSON_NOT_AT_ROOT
  const places = placesOf(path, document.root, condition, steps)
  if (places instanceof ReplyError) return places
  const all = [...places.found, ...places.added]
  if (all.length > 1) checkWork(all.length, all.length * nodeWeight(node))
  for (const place of all) {
    const error = tooDeep(node, levelIn(place))
    if (error !== undefined) return error
  }
  let set = 0
  for (const place of all) {
    // What stood in a value that was just replaced stands nowhere any more.
    if (place.parent !== undefined && place.parent.level <= 0) continue
    document.put(place, placed(node, levelIn(place), set + 1 < all.length))
    set++
  }
  if (set === 0) return null
  c.signal(key, Notify.Module, event)
  return set === all.length ? OK : null
}

/** The root is replaced where it stands, so that the key keeps its expiry. */
function setRoot(c: Context, key: Bytes, document: JsonValue | undefined, node: JsonNode): void {
  if (document === undefined) c.db.set(key, new JsonValue(node), NO_EXPIRY)
  else document.put({ parent: undefined, key: undefined }, node)
}

/** Where a value goes that is set at a path other than the root. */
function placesOf(path: JsonPath, root: JsonNode, condition: Condition, steps: Steps): Places | ReplyError {
  const found = evaluate(path, root, steps)
  if (found.length > 0) return condition === 'NX' ? NOWHERE : { found, added: [] }
  if (condition === 'XX') return NOWHERE
  if (!path.isDefinite) return JSON_NOT_STATIC
  const name = path.lastName
  if (name === undefined) return JSON_NO_SUCH_INDEX
  const added: JsonPlace[] = []
  for (const { node } of evaluate(path.parentPath!, root)) {
    if (node instanceof JsonObject) added.push({ parent: node, key: name })
  }
  return { found, added }
}

/** JSON.MSET key path value [key path value …] */
function mset(c: Context, a: Args): Reply {
  if (a.left % 3 !== 0) return wrongArity(c.command.fullName)
  const triplets: { key: Bytes; path: JsonPath; node: JsonNode }[] = []
  while (!a.done && a.error === undefined) {
    triplets.push({ key: a.next(), path: takeWritePath(a), node: takeJson(a) })
  }
  if (a.error !== undefined) return a.error
  const steps = new Steps()
  for (const { key, path, node } of triplets) {
    const error = refusal(documentAt(c, key), path, node, steps)
    if (error !== undefined) return error
  }
  let isWhole = true
  for (const { key, path, node } of triplets) {
    // An earlier triplet may have taken away what this one found.
    if (setIn(c, key, documentAt(c, key), path, node, undefined, 'json.mset', steps) !== OK) isWhole = false
  }
  return isWhole ? OK : null
}

/** What is wrong with setting a value at a path of a document. */
function refusal(
  document: JsonValue | undefined,
  path: JsonPath,
  node: JsonNode,
  steps: Steps,
): ReplyError | undefined {
  if (path.isRoot) return undefined
  if (document === undefined) return JSON_NOT_AT_ROOT
  const places = placesOf(path, document.root, undefined, steps)
  if (places instanceof ReplyError) return places
  if (places.found.length > 1) checkWork(places.found.length, places.found.length * nodeWeight(node))
  for (const place of [...places.found, ...places.added]) {
    const error = tooDeep(node, levelIn(place))
    if (error !== undefined) return error
  }
  return undefined
}

/** JSON.MERGE key path value: the merge patch of RFC 7396. */
function merge(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takeWritePath(a)
  const patch = takeJson(a)
  if (!a.done) a.fail(SYNTAX)
  if (a.error !== undefined) return a.error
  const document = documentAt(c, key)
  if (document === undefined) return setIn(c, key, undefined, path, patch, undefined, 'json.merge', new Steps())
  const places = path.isRoot
    ? { found: evaluate(path, document.root), added: [] }
    : placesOf(path, document.root, undefined, new Steps())
  if (places instanceof ReplyError) return places
  for (const place of [...places.found, ...places.added]) {
    const error = tooDeep(patch, levelIn(place))
    if (error !== undefined) return error
  }
  if (places.found.length > 1) checkWork(places.found.length, places.found.length * nodeWeight(patch))
  let merged = 0
  for (const place of places.found) {
    if (nodeAt(place, document.root) === undefined) continue
    mergeInto(document, place, patch)
    merged++
  }
  for (const place of places.added) {
    document.put(place, placed(patch, levelIn(place), true))
    merged++
  }
  if (merged === 0) return null
  c.signal(key, Notify.Module, 'json.merge')
  return OK
}

/** No deeper than the patch. */
function mergeInto(document: JsonValue, place: JsonPlace, patch: JsonNode): void {
  if (!(patch instanceof JsonObject)) {
    document.put(place, placed(patch, levelIn(place), true))
    return
  }
  let target = nodeAt(place, document.root)
  if (!(target instanceof JsonObject)) {
    target = placed(new JsonObject(), levelIn(place), false) as JsonObject
    document.put(place, target)
  }
  for (const [key, member] of patch.members) {
    if (member === null) document.removeMember(target, key)
    else mergeInto(document, { parent: target, key }, member)
  }
}

/** JSON.DEL key [path], and JSON.FORGET. With the last that the root holds goes the key. */
function del(c: Context, a: Args): Reply {
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
      if (parent.members.has(key as Bytes)) deleted++
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
  return isContainer(node) && (node instanceof JsonArray ? node.items.length : node.members.size) === 0
}

/** JSON.CLEAR key [path]: empties containers, and makes numbers 0. */
function clear(c: Context, a: Args): Reply {
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

export const jsonSetCommands: readonly Command[] = [
  command('json.set', 'json', -4, 'write denyoom module', [keyAt(1, 'RW update')], jsonSet),
  command('json.mset', 'json', -4, 'write denyoom module', [keysFrom(1, 'RW update', -1, 3)], mset),
  command('json.merge', 'json', -4, 'write denyoom module', [keyAt(1, 'RW update')], merge),
  command('json.del', 'json', -2, 'write module', [keyAt(1, 'RW delete')], del),
  command('json.forget', 'json', -2, 'write module', [keyAt(1, 'RW delete')], del),
  command('json.clear', 'json', -2, 'write module', [keyAt(1, 'RW update')], clear),
]
