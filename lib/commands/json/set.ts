/** Commands that put values into documents, and merge them. */
import type { Bytes } from '../../base/bytes.ts'
import { JSON_TOO_LARGE, SYNTAX, wrongArity } from '../../base/errors.ts'
import { OK, type Reply, ReplyError } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { JsonValue } from '../../keyspace/values/json.ts'
import {
  type JsonNode,
  JsonObject,
  type JsonPlace,
  MEMBER_BYTES,
  nodeAt,
  nodeWeight,
} from '../../keyspace/values/json-node.ts'
import type { WeighedJson } from '../../keyspace/values/json-parse.ts'
import { stringWeight } from '../../keyspace/weight.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { documentAt, levelIn, placed, takeJson, takeWritePath, tooDeep } from './arguments.ts'
import { JSON_NOT_AT_ROOT, JSON_SET_FORMAT } from './errors.ts'
import { FLOAT_TYPES, homogeneous } from './fpha.ts'
import { evaluate, type JsonPath } from './path/path.ts'
import { Steps } from './path/steps.ts'
import { type Change, type Condition, placesFor, placesOf, setAll, setRoot, takeBack } from './places.ts'
import { checkGrowth, checkWork, sizeMax } from './work.ts'

/** JSON.SET key path value [NX|XX] [FPHA FP16|BF16|FP32|FP64] [FORMAT STRING|JSON] */
export function jsonSet(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takeWritePath(a)
  let value = takeJson(c, a)
  let condition: Condition
  while (!a.done && a.error === undefined) {
    if (condition === undefined && a.match('NX')) condition = 'NX'
    else if (condition === undefined && a.match('XX')) condition = 'XX'
    else if (a.match('FPHA')) value = takeHomogeneous(c, a, value)
    else if (a.match('FORMAT')) takeFormat(c, a)
    else a.fail(SYNTAX)
  }
  if (a.error !== undefined) return a.error
  const document = documentAt(c, key)
  if (document === undefined && condition === 'XX') return null
  if (document !== undefined && condition === 'NX' && path.isRoot) return null
  if (path.isRoot) {
    setRoot(c, key, document, value)
    c.signal(key, Notify.Module, 'json.set')
    return OK
  }
  if (document === undefined) return JSON_NOT_AT_ROOT
  const places = placesFor(c, document, path, value, condition, new Steps())
  if (places instanceof ReplyError) return places
  const set = setAll(document, places, value)
  if (set > 0) c.signal(key, Notify.Module, 'json.set')
  return set > 0 && set === places.length ? OK : null
}

function takeHomogeneous(c: Context, a: Args, { node }: WeighedJson): WeighedJson {
  if (a.done) a.fail(wrongArity(c.command.fullName))
  const type = FLOAT_TYPES.get(a.word())
  const made = homogeneous(node, type)
  if (made instanceof ReplyError) a.fail(made)
  const bytes = nodeWeight(node)
  if (bytes > sizeMax(c)) a.fail(JSON_TOO_LARGE)
  return { node, bytes }
}

/** Both words stand for what is read anyway. RedisJSON has a third, for a format of MongoDB. */
function takeFormat(c: Context, a: Args): void {
  if (a.done) a.fail(wrongArity(c.command.fullName))
  const word = a.next()
  if (word !== 'STRING' && word !== 'JSON') a.fail(JSON_SET_FORMAT)
}

interface Triplet {
  readonly key: Bytes
  readonly path: JsonPath
  readonly value: WeighedJson
}

/**
 * JSON.MSET key path value [key path value …]
 *
 * All or nothing. What a path finds depends on the values before, so that some are put already where a later one cannot be:
 * these are taken back then.
 */
export function mset(c: Context, a: Args): Reply {
  if (a.left % 3 !== 0) return wrongArity(c.command.fullName)
  const triplets = takeTriplets(c, a)
  if (a.error !== undefined) return a.error
  for (const { key, path } of triplets) if (documentAt(c, key) === undefined && !path.isRoot) return JSON_NOT_AT_ROOT
  const made = new Map<Bytes, JsonValue>()
  const changes: Change[] = []
  const isSet: boolean[] = []
  const steps = new Steps()
  try {
    for (const { key, path, value } of triplets) {
      const document = made.get(key) ?? documentAt(c, key)
      if (document === undefined) made.set(key, new JsonValue(value.node, value.bytes))
      const places = document === undefined ? undefined : placesFor(c, document, path, value, undefined, steps)
      if (places instanceof ReplyError) throw places
      isSet.push(places === undefined || setAll(document!, places, value, changes) > 0)
    }
  } catch (error) {
    takeBack(changes)
    throw error
  }
  for (const [key, document] of made) c.db.set(key, document, NO_EXPIRY)
  for (const [i, { key }] of triplets.entries()) if (isSet[i]) c.signal(key, Notify.Module, 'json.mset')
  return isSet.every((is) => is) ? OK : null
}

function takeTriplets(c: Context, a: Args): Triplet[] {
  const triplets: Triplet[] = []
  let bytes = 0
  while (!a.done && a.error === undefined) {
    const key = a.next()
    const path = takeWritePath(a)
    const value = takeJson(c, a, sizeMax(c) - bytes)
    bytes += value.bytes
    triplets.push({ key, path, value })
  }
  return triplets
}

/** JSON.MERGE key path value: the merge patch of RFC 7396. */
export function merge(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takeWritePath(a)
  const value = takeJson(c, a)
  const patch = value.node
  if (!a.done) a.fail(SYNTAX)
  if (a.error !== undefined) return a.error
  const document = documentAt(c, key)
  if (document === undefined) {
    if (!path.isRoot) return JSON_NOT_AT_ROOT
    setRoot(c, key, undefined, value)
    c.signal(key, Notify.Module, 'json.merge')
    return OK
  }
  const places = path.isRoot
    ? { found: evaluate(path, document.root), added: [] }
    : placesOf(path, document.root, undefined, new Steps())
  if (places instanceof ReplyError) return places
  const all = [...places.found, ...places.added]
  for (const place of all) {
    const error = tooDeep(patch, levelIn(place))
    if (error !== undefined) return error
  }
  const bytes = all.length * value.bytes
  checkWork(all.length, bytes)
  const [first] = places.found
  const replaced =
    all.length === 1 && first !== undefined && !(patch instanceof JsonObject) ? nodeWeight(first.node) : 0
  const name = places.added.length === 0 ? 0 : stringWeight(path.lastName!.length) + MEMBER_BYTES
  checkGrowth(c, document, bytes + places.added.length * name - replaced)
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
  const nodes = patch.nodes()
  for (const [i, key] of patch.keys().entries()) {
    const member = nodes[i]
    if (member === null) document.removeMember(target, key)
    else mergeInto(document, { parent: target, key }, member)
  }
}
