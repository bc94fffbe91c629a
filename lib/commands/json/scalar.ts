/** Commands on numbers, strings and booleans within documents. */
import { type Bytes, MAX_BYTES, sliceOf, toArray } from '../../base/bytes.ts'
import { STRING_TOO_LONG } from '../../base/errors.ts'
import { Double, type Reply, ReplyError } from '../../base/reply.ts'
import type { JsonValue } from '../../keyspace/values/json.ts'
import { DOUBLE_BYTES, JsonArray, JsonDouble, type JsonNode, nodeAt } from '../../keyspace/values/json-node.ts'
import { printJson } from '../../keyspace/values/json-print.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { existingDocument, legacyRoot, operandOf, takeWritePath } from './arguments.ts'
import { JSON_NOT_FINITE, JSON_NOT_NUMBER, JSON_NUMBER_OVERFLOW, jsonExpected, jsonNoPathOr } from './errors.ts'
import { inOrder, listingOrder } from './order.ts'
import { evaluate, type JsonMatch, type JsonPath } from './path/path.ts'
import { checkGrowth, checkWork, findsTwice } from './work.ts'

type JsonNumber = number | bigint | JsonDouble

/** What a command makes of one number and the argument; of integers, of 64 bits, an integer, or undefined where that is none of them. */
interface Arithmetic {
  readonly event: Bytes
  integer(left: bigint, right: bigint): bigint | undefined
  double(left: number, right: number): number
}

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

/** JSON.NUMINCRBY key path value */
export const numincrby = arithmetic({
  event: 'json.numincrby',
  integer: (left, right) => left + right,
  double: (left, right) => left + right,
})

/** JSON.NUMMULTBY key path value */
export const nummultby = arithmetic({
  event: 'json.nummultby',
  integer: (left, right) => left * right,
  double: (left, right) => left * right,
})

/** JSON.NUMPOWBY key path value. Of integers only a power that is one: of a negative exponent there is none, not even of 1. */
export const numpowby = arithmetic({
  event: 'json.numpowby',
  integer: integerPower,
  double: (left, right) => left ** right,
})

function integerPower(base: bigint, exponent: bigint): bigint | undefined {
  if (exponent < 0n) return undefined
  if (base >= -1n && base <= 1n) return base ** (exponent < 2n ? exponent : 2n - (exponent % 2n))
  return exponent < 64n ? base ** exponent : undefined
}

function arithmetic(operation: Arithmetic) {
  return (c: Context, a: Args): Reply => {
    const key = a.next()
    const path = takeWritePath(a)
    const operand = operandOf(c, a)
    if (operand instanceof ReplyError) a.fail(operand)
    else if (!isNumber(operand)) a.fail(JSON_NOT_NUMBER)
    if (a.error !== undefined) return a.error
    const document = existingDocument(c, key)
    const places = evaluate(path, document.root)
    checkGrowth(c, document, places.length * DOUBLE_BYTES)
    const order = listingOrder(c, path, document.root, places)
    const results = compute(document, places, operand as JsonNumber, operation)
    if (results instanceof ReplyError) return results
    if (results.some(isNumber)) c.signal(key, Notify.Module, operation.event)
    return numberReply(c, path, order === undefined ? results : order.map((i) => results[i]))
  }
}

/** Changes the numbers among what a path found, or, if one of them cannot be, none. The results; null for what is no number. */
function compute(
  document: JsonValue,
  places: readonly JsonMatch[],
  operand: JsonNumber,
  operation: Arithmetic,
): JsonNode[] | ReplyError {
  const results: JsonNode[] = []
  for (const place of places) {
    // A place that was found twice is changed twice.
    const node = nodeAt(place, document.root)!
    const result = isNumber(node) ? resultOf(node, operand, operation) : null
    if (result instanceof ReplyError) {
      for (let i = results.length - 1; i >= 0; i--)
        if (isNumber(places[i].node)) document.put(places[i], places[i].node)
      return result
    }
    if (result !== null) document.put(place, result)
    results.push(result)
  }
  return results
}

function resultOf(node: JsonNumber, operand: JsonNumber, operation: Arithmetic): JsonNumber | ReplyError {
  const left = asInt64(node)
  const right = asInt64(operand)
  if (left !== undefined && right !== undefined) {
    const result = operation.integer(left, right)
    if (result === undefined || result < INT64_MIN || result > INT64_MAX) return JSON_NUMBER_OVERFLOW
    const number = Number(result)
    return Number.isSafeInteger(number) ? number : result
  }
  const result = operation.double(asDouble(node), asDouble(operand))
  return Number.isFinite(result) ? new JsonDouble(result) : JSON_NOT_FINITE
}

function asInt64(node: JsonNumber): bigint | undefined {
  if (node instanceof JsonDouble) return undefined
  const integer = BigInt(node)
  return integer <= INT64_MAX ? integer : undefined
}

function asDouble(node: JsonNumber): number {
  return node instanceof JsonDouble ? node.value : Number(node)
}

function isNumber(node: JsonNode): node is JsonNumber {
  return typeof node === 'number' || typeof node === 'bigint' || node instanceof JsonDouble
}

/** In RESP2 the results as JSON; in RESP3 as numbers, for a legacy path too. */
function numberReply(c: Context, path: JsonPath, results: JsonNode[]): Reply {
  if (c.session.replyProto === 3)
    return results.map((result) => (result === null ? null : numberOf(result as JsonNumber)))
  if (!path.isLegacy) return printJson(new JsonArray(results)) ?? STRING_TOO_LONG
  const last = results.findLast(isNumber)
  return last === undefined ? jsonNoPathOr(path.rooted, 'does not contains a number') : printJson(last)!
}

function numberOf(number: JsonNumber): Reply {
  return number instanceof JsonDouble ? new Double(number.value) : number
}

/** JSON.STRAPPEND key [path] value */
export function strappend(c: Context, a: Args): Reply {
  const key = a.next()
  const path = a.left > 1 ? takeWritePath(a) : legacyRoot()
  const text = a.peek()
  const added = operandOf(c, a)
  if (added instanceof ReplyError) a.fail(added)
  else if (typeof added !== 'string') a.fail(jsonExpected('string', text))
  if (a.error !== undefined) return a.error
  const document = existingDocument(c, key)
  const places = evaluate(path, document.root)
  const order = listingOrder(c, path, document.root, places)
  const suffix = added as Bytes
  // A string that is found again has grown by then.
  const growth = suffix.length * (places.length > 1 && findsTwice(places) ? places.length : 1)
  let bytes = 0
  let grown = 0
  for (const { node } of places) {
    if (typeof node !== 'string') continue
    if (node.length + growth > MAX_BYTES) return STRING_TOO_LONG
    checkWork(places.length, (bytes += node.length + growth))
    grown += suffix.length
  }
  checkGrowth(c, document, grown)
  const lengths = places.map((place) => {
    const node = nodeAt(place, document.root)
    if (typeof node !== 'string') return null
    const length = node.length + suffix.length
    // One string, not a tree of all that was ever appended.
    document.put(place, sliceOf(toArray(node + suffix), 0, length))
    return length
  })
  const changed = lengths.filter((length) => length !== null)
  if (changed.length > 0) c.signal(key, Notify.Module, 'json.strappend')
  if (!path.isLegacy) return inOrder(lengths, order)
  return changed.at(-1) ?? jsonNoPathOr(path.rooted, 'not a string')
}

/** JSON.TOGGLE key path */
export function toggle(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takeWritePath(a)
  if (a.error !== undefined) return a.error
  const document = existingDocument(c, key)
  const places = evaluate(path, document.root)
  const order = listingOrder(c, path, document.root, places)
  const states = places.map((place) => {
    const node = nodeAt(place, document.root)
    if (typeof node !== 'boolean') return null
    document.put(place, !node)
    return !node
  })
  const changed = states.filter((state) => state !== null)
  if (changed.length > 0) c.signal(key, Notify.Module, 'json.toggle')
  if (!path.isLegacy)
    return inOrder(
      states.map((state) => (state === null ? null : Number(state))),
      order,
    )
  return changed.length === 0 ? jsonNoPathOr(path.rooted, 'not a bool') : `${changed.at(-1)}`
}
