/** Commands on arrays within documents. Of arrays that stand within each other the inner one is changed first. */
import type { Bytes } from '../../base/bytes.ts'
import { STRING_TOO_LONG, wrongArity } from '../../base/errors.ts'
import { type Reply, ReplyError } from '../../base/reply.ts'
import type { JsonValue } from '../../keyspace/values/json.ts'
import {
  ITEM_BYTES,
  isContainer,
  JsonArray,
  JsonDouble,
  type JsonNode,
  type JsonObject,
  nodeWeight,
} from '../../keyspace/values/json-node.ts'
import { printJson } from '../../keyspace/values/json-print.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { parseInteger } from '../number.ts'
import {
  existingDocument,
  jsonTypeOf,
  legacyRoot,
  noPath,
  operandOf,
  placed,
  readDocument,
  takeJsons,
  takePath,
  takePosition,
  takeWritePath,
  tooDeep,
} from './arguments.ts'
import {
  JSON_FORMAT_RESP2,
  JSON_LEGACY_FORMAT,
  JSON_NO_KEY,
  JSON_OUT_OF_BOUNDS,
  jsonExpected,
  jsonNoPathOr,
} from './errors.ts'
import { type Expansion, expanded, takeExpansion } from './expand.ts'
import { inOrder, listed, listingOrder } from './order.ts'
import { evaluate, type JsonMatch, type JsonPath } from './path/path.ts'
import { Steps } from './path/steps.ts'
import { checkGrowth, checkWork, findsTwice } from './work.ts'

/** JSON.ARRAPPEND key path value [value …] */
export function arrappend(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takeWritePath(a)
  const nodes = takeJsons(c, a)
  if (a.error !== undefined) return a.error
  return insertAt(c, key, path, Infinity, nodes, 'json.arrappend')
}

/** JSON.ARRINSERT key path index value [value …] */
export function arrinsert(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takeWritePath(a)
  const index = takePosition(a)
  const nodes = takeJsons(c, a)
  if (a.error !== undefined) return a.error
  return insertAt(c, key, path, index, nodes, 'json.arrinsert')
}

function insertAt(
  c: Context,
  key: Bytes,
  path: JsonPath,
  index: number,
  nodes: readonly JsonNode[],
  event: Bytes,
): Reply {
  const document = existingDocument(c, key)
  const matches = evaluate(path, document.root)
  const added = nodes.reduce<number>((sum, node) => sum + ITEM_BYTES + nodeWeight(node), 0)
  checkMoves(matches, index === Infinity, added)
  const arrays = arraysAt(matches)
  checkGrowth(c, document, added * arrays.filter((array) => array !== undefined).length)
  for (const array of arrays) {
    if (array === undefined) continue
    if (index !== Infinity && !isWithin(index, array.items.length)) return JSON_OUT_OF_BOUNDS
    for (const node of nodes) {
      const error = tooDeep(node, array.level + 1)
      if (error !== undefined) return error
    }
  }
  return changeEach(c, key, path, document, matches, event, (array) => {
    const at = index === Infinity ? array.items.length : index < 0 ? index + array.items.length : index
    document.splice(
      array,
      at,
      0,
      nodes.map((node) => placed(node, array.level + 1, true)),
    )
    return array.items.length
  })
}

/** Items that are moved or looked at, and what is put beside them into each array. @throws JSON_WORK */
function checkMoves(matches: readonly JsonMatch[], areAtEnds: boolean, added: number): void {
  const count = matches.length
  if (count < 2) return
  // An array that is found again has grown by then.
  const growth = added > 0 && findsTwice(matches) ? count * added : 0
  let bytes = 0
  for (const { node } of matches) {
    if (!(node instanceof JsonArray)) continue
    checkWork(count, (bytes += added + (areAtEnds ? 0 : ITEM_BYTES * node.items.length + growth)))
  }
}

/** True for a place of an array, or that behind its last item. */
function isWithin(index: number, length: number): boolean {
  return index <= length && index >= -length
}

/** JSON.ARRPOP key [FORMAT STRINGS|EXPAND1|EXPAND] [path [index]] */
export function arrpop(c: Context, a: Args): Reply {
  const key = a.next()
  const expansion = a.left > 1 && a.match('FORMAT') ? takeExpansion(a, 'STRINGS') : undefined
  if (expansion !== undefined && c.session.replyProto !== 3) a.fail(JSON_FORMAT_RESP2)
  const isWhole = a.done
  const path = isWhole ? legacyRoot() : takeWritePath(a)
  // What is no number stands for the end, as it always did.
  const index = isWhole ? Infinity : ((a.done ? undefined : parseInteger(a.next())) ?? -1)
  if (a.error !== undefined) return a.error
  if (path.isLegacy && expansion !== undefined && expansion !== 'STRINGS') return JSON_LEGACY_FORMAT
  const document = existingDocument(c, key)
  const matches = evaluate(path, document.root)
  checkMoves(matches, index === Infinity || index === -1, 0)
  const arrays = arraysAt(matches)
  const order = listingOrder(c, path, document.root, matches)
  let popped = 0
  const pop = (array: JsonArray): Reply => {
    const { length } = array.items
    if (length === 0) return null
    popped++
    const at = index < 0 ? Math.max(0, index + length) : Math.min(index, length - 1)
    return poppedReply(document.splice(array, at, 1, [])[0], expansion)
  }
  const replies = innermostFirst(arrays, pop)
  if (popped > 0) c.signal(key, Notify.Module, 'json.arrpop')
  if (!path.isLegacy) return inOrder(replies, order)
  const last = arrays.findLastIndex((array) => array !== undefined)
  return last === -1 ? jsonNoPathOr(path.rooted, 'not an array') : replies[last]
}

function poppedReply(node: JsonNode, expansion: Expansion | undefined): Reply {
  if (expansion !== undefined && expansion !== 'STRINGS') return expanded(node, expansion)
  return printJson(node) ?? STRING_TOO_LONG
}

/** JSON.ARRTRIM key path start stop */
export function arrtrim(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takeWritePath(a)
  const start = takePosition(a)
  const stop = takePosition(a)
  if (a.error !== undefined) return a.error
  const document = existingDocument(c, key)
  const matches = evaluate(path, document.root)
  checkMoves(matches, false, 0)
  return changeEach(c, key, path, document, matches, 'json.arrtrim', (array) => {
    const { length } = array.items
    const from = start < 0 ? Math.max(0, start + length) : start
    const to = stop < 0 ? Math.max(0, stop + length) : Math.min(stop, length - 1)
    if (from > to) document.splice(array, 0, length, [])
    else {
      document.splice(array, to + 1, length - to - 1, [])
      document.splice(array, 0, from, [])
    }
    return array.items.length
  })
}

/** What a path found, as far as it is arrays; undefined for all else. */
function arraysAt(matches: readonly JsonMatch[]): (JsonArray | undefined)[] {
  return matches.map(({ node }) => (node instanceof JsonArray ? node : undefined))
}

function changeEach(
  c: Context,
  key: Bytes,
  path: JsonPath,
  document: JsonValue,
  matches: readonly JsonMatch[],
  event: Bytes,
  change: (array: JsonArray) => Reply,
): Reply {
  const arrays = arraysAt(matches)
  const order = listingOrder(c, path, document.root, matches)
  const last = arrays.findLastIndex((array) => array !== undefined)
  if (last === -1) return path.isLegacy ? jsonNoPathOr(path.rooted, 'not an array') : arrays.map(() => null)
  const replies = innermostFirst(arrays, change)
  c.signal(key, Notify.Module, event)
  return path.isLegacy ? replies[last] : inOrder(replies, order)
}

/** The replies in the order of the arrays, null for what is none. */
function innermostFirst(arrays: readonly (JsonArray | undefined)[], change: (array: JsonArray) => Reply): Reply[] {
  const replies = new Array<Reply>(arrays.length).fill(null)
  const order = [...arrays.keys()].filter((i) => arrays[i] !== undefined)
  order.sort((i, j) => arrays[j]!.level - arrays[i]!.level)
  for (const i of order) replies[i] = change(arrays[i]!)
  return replies
}

/** JSON.ARRLEN key [path] */
export function arrlen(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takePath(a)
  if (a.error !== undefined) return a.error
  const document = readDocument(c, key)
  if (document === undefined) return path.isLegacy ? null : JSON_NO_KEY
  const arrays = arraysAt(listed(c, path, document.root))
  if (!path.isLegacy) return arrays.map((array) => array?.items.length ?? null)
  if (arrays.length === 0) return noPath(path)
  return arrays[0]?.items.length ?? jsonNoPathOr(path.rooted, 'not an array')
}

/** JSON.ARRINDEX key path value [start [stop]]. A stop of 0 is the end, which is not part of the range. */
export function arrindex(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takePath(a)
  const sought = operandOf(c, a)
  const start = a.done ? 0 : takePosition(a)
  const stop = a.done ? 0 : takePosition(a)
  if (!a.done) a.fail(wrongArity(c.command.fullName))
  if (sought instanceof ReplyError) a.fail(sought)
  if (a.error !== undefined) return a.error
  const document = readDocument(c, key)
  if (document === undefined) return noPath(path)
  const matches = listed(c, path, document.root)
  checkMoves(matches, false, 0)
  const steps = matches.length > 1 ? new Steps() : undefined
  const indexes = matches.map(({ node }) =>
    node instanceof JsonArray ? indexOf(node.items, sought as JsonNode, start, stop, steps) : null,
  )
  if (!path.isLegacy) return indexes
  return matches.length === 0 ? noPath(path) : (indexes[0] ?? jsonExpected('array', jsonTypeOf(matches[0].node)))
}

/** What one array costs its length and what is sought bound; of several, one may be the same as another. */
function indexOf(
  items: readonly JsonNode[],
  sought: JsonNode,
  start: number,
  stop: number,
  steps: Steps | undefined,
): number {
  const { length } = items
  const from = start < 0 ? Math.max(0, start + length) : Math.min(start, length - 1)
  const to = stop === 0 ? length : stop < 0 ? Math.max(0, stop + length) : Math.min(stop, length)
  for (let i = Math.max(0, from); i < to; i++) if (isSame(items[i], sought, steps)) return i
  return -1
}

/** Equal, numbers by their kind too, members in whatever order. O(the smaller). */
function isSame(left: JsonNode, right: JsonNode, steps: Steps | undefined): boolean {
  if (typeof left === 'string' && typeof right === 'string' && left.length === right.length) {
    steps?.spendBytes(left.length)
  }
  if (left === right) return true
  if (left instanceof JsonDouble) return right instanceof JsonDouble && left.value === right.value
  if (!isContainer(left) || !isContainer(right)) return false
  if (left instanceof JsonArray) {
    if (!(right instanceof JsonArray) || left.items.length !== right.items.length) return false
    steps?.spend(left.items.length)
    return left.items.every((item, i) => isSame(item, right.items[i], steps))
  }
  if (right instanceof JsonArray || left.size !== right.size) return false
  return hasMembersOf(left, right, steps)
}

function hasMembersOf(object: JsonObject, other: JsonObject, steps: Steps | undefined): boolean {
  steps?.spend(other.size)
  const nodes = other.nodes()
  for (const [i, key] of other.keys().entries()) {
    const own = object.get(key)
    if (own === undefined || !isSame(own, nodes[i], steps)) return false
  }
  return true
}
