/**
 * SORT and SORT_RO: the elements of a list, set or sorted set, by their own value or by that of other keys, and instead of
 * the elements, if wished, what other keys hold for them. Patterns name those keys: `weight_*` is the string under the key
 * with the element for `*`, `data_*->age` a field of the hash there, and `#` the element itself.
 */
import type { Bytes } from '../../base/bytes.ts'
import { SORT_BY_DENIED, SORT_GET_DENIED, SYNTAX, WRONG_TYPE } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import { slotOf, slotOfPattern } from '../../base/slots.ts'
import type { Value } from '../../keyspace/value.ts'
import { HashValue } from '../../keyspace/values/hash.ts'
import { ListValue } from '../../keyspace/values/list.ts'
import { SetValue } from '../../keyspace/values/set.ts'
import { StringBuffer, stringBytes } from '../../keyspace/values/string.ts'
import { ZSetValue } from '../../keyspace/values/zset.ts'
import { Gate } from '../../session/session.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { parseFloat64 } from '../number.ts'
import { mayReadAnyKey } from '../permission.ts'
import { compareBytes, sortedByBytes, sortedByScore } from '../sorting.ts'
import { storeResult } from '../store-result.ts'
import { NOT_SORTABLE, SORT_BY_IN_CLUSTER, SORT_GET_IN_CLUSTER } from './errors.ts'

interface SortOptions {
  by: Bytes | undefined
  gets: Bytes[]
  start: number
  /** -1: to the end. */
  count: number
  descending: boolean
  alpha: boolean
  store: Bytes | undefined
}

/** SORT key [BY pattern] [LIMIT offset count] [GET pattern …] [ASC|DESC] [ALPHA] [STORE destination] */
export function sort(c: Context, a: Args): Reply {
  return sortGeneric(c, a, true)
}

/** SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern …] [ASC|DESC] [ALPHA] */
export function sortRo(c: Context, a: Args): Reply {
  return sortGeneric(c, a, false)
}

function sortGeneric(c: Context, a: Args, stores: boolean): Reply {
  const key = a.next()
  const options = takeSortOptions(c, a, stores)
  if (a.error !== undefined) return a.error
  const value = c.db.read(key)
  const sorted = sortedElements(c, value, options)
  if (sorted === undefined) return NOT_SORTABLE
  const { gets, store } = options
  if (store === undefined) return gets.length === 0 ? sorted : lookedUp(c, sorted, gets)
  const result = lookedUp(c, sorted, gets).map((element) => element ?? '')
  return storeList(c, store, gets.length === 0 ? sorted : result)
}

function takeSortOptions(c: Context, a: Args, stores: boolean): SortOptions {
  const options: SortOptions = {
    by: undefined,
    gets: [],
    start: 0,
    count: -1,
    descending: false,
    alpha: false,
    store: undefined,
  }
  const readsAny = !(c.session.gate & Gate.Restricted) || mayReadAnyKey(c.session.user, c.command, a.argv)
  while (!a.done && a.error === undefined) {
    if (a.match('ASC')) options.descending = false
    else if (a.match('DESC')) options.descending = true
    else if (a.match('ALPHA')) options.alpha = true
    else if (a.left >= 3 && a.match('LIMIT')) {
      options.start = Math.max(0, a.integer())
      options.count = Math.max(-1, a.integer())
    } else if (stores && a.left >= 2 && a.match('STORE')) options.store = a.next()
    else if (a.left >= 2 && a.match('BY')) {
      options.by = a.next()
      if (!options.by.includes('*')) continue
      if (isElsewhere(c, options.by, a.argv[1])) a.fail(SORT_BY_IN_CLUSTER)
      if (!readsAny) a.fail(SORT_BY_DENIED)
    } else if (a.left >= 2 && a.match('GET')) {
      const pattern = a.next()
      options.gets.push(pattern)
      if (pattern !== '#' && isElsewhere(c, pattern, a.argv[1])) a.fail(SORT_GET_IN_CLUSTER)
      if (!readsAny) a.fail(SORT_GET_DENIED)
    } else a.fail(SYNTAX)
  }
  return options
}

/** In a cluster: true if the keys that a pattern names may be of another slot than the key. */
function isElsewhere(c: Context, pattern: Bytes, key: Bytes): boolean {
  return c.ports.cluster !== undefined && slotOfPattern(pattern) !== slotOf(key)
}

/** The elements to answer, in order; undefined if one that decides the order is no number. */
function sortedElements(c: Context, value: Value | undefined, options: SortOptions): Bytes[] | undefined {
  const { by, start, count, store } = options
  const end = count < 0 ? Infinity : start + count
  // Sorting by a pattern without `*` means not sorting. A set has no order to keep, so what is stored of it, and what a
  // script sees, is sorted.
  if (by === undefined || by.includes('*')) return order(c, elementsOf(value), options)?.slice(start, end)
  if (!(value instanceof SetValue) || (store === undefined && c.session.script === 0)) {
    return unsortedElements(value, options)
  }
  return order(c, elementsOf(value), { ...options, by: undefined, alpha: true })?.slice(start, end)
}

/** A part of a list or sorted set as it stands, or of its reverse: no more is touched than is answered. */
function unsortedElements(value: Value | undefined, { start, count, descending }: SortOptions): Bytes[] {
  const length = value instanceof ListValue || value instanceof ZSetValue ? value.length : 0
  const end = count < 0 ? length : Math.min(length, start + count)
  if (value instanceof ZSetValue) {
    const members: Bytes[] = []
    if (start < end)
      value.walk(descending ? length - 1 - start : start, end - start, descending, (m) => members.push(m))
    return members
  }
  if (!(value instanceof ListValue)) return elementsOf(value).slice(start, count < 0 ? undefined : start + count)
  if (start >= end) return []
  return descending ? value.slice(length - end, length - start).reverse() : value.slice(start, end)
}

function elementsOf(value: Value | undefined): Bytes[] {
  if (value === undefined) return []
  if (value instanceof ListValue) return value.values().slice()
  if (value instanceof SetValue) return value.members().slice()
  if (!(value instanceof ZSetValue)) throw WRONG_TYPE
  const members: Bytes[] = []
  value.walk(0, value.length, false, (member) => members.push(member))
  return members
}

/** Sorts; undefined if an element does not read as a number. Equal numbers are ordered by the elements. */
function order(c: Context, elements: Bytes[], { by, alpha, descending }: SortOptions): Bytes[] | undefined {
  const weights = by === undefined ? elements : elements.map((element) => lookUp(c, by, element))
  if (alpha && by !== undefined) return sortedByWeights(elements, weights, descending)
  const sorted = alpha ? sortedByBytes(elements) : sortedByNumbers(elements, weights)
  return descending ? sorted?.reverse() : sorted
}

/** What has equal weights stays as it stood. */
function sortedByWeights(
  elements: readonly Bytes[],
  weights: readonly (Bytes | undefined)[],
  descending: boolean,
): Bytes[] {
  const sign = descending ? -1 : 1
  const items = elements.map((element, i) => ({ element, weight: weights[i] }))
  return items.sort((x, y) => sign * compareBytes(x.weight, y.weight)).map((item) => item.element)
}

function sortedByNumbers(elements: readonly Bytes[], weights: readonly (Bytes | undefined)[]): Bytes[] | undefined {
  const scores = new Float64Array(elements.length)
  for (let i = 0; i < scores.length; i++) {
    const score = scoreOf(weights[i])
    if (score === undefined) return undefined
    scores[i] = score
  }
  return sortedByScore(elements, scores)
}

/** As C's strtod reads it: nothing is 0, and space before the number does no harm. A missing weight is 0, too. */
function scoreOf(weight: Bytes | undefined): number | undefined {
  if (weight === undefined || weight === '') return 0
  return parseFloat64(weight.charCodeAt(0) > SPACE ? weight : weight.replace(/^[\t-\r ]+/, ''))
}

const SPACE = 32

/** What the patterns of GET name, for each element in turn. */
function lookedUp(c: Context, elements: readonly Bytes[], gets: readonly Bytes[]): (Bytes | null)[] {
  const found: (Bytes | null)[] = []
  for (const element of elements) for (const pattern of gets) found.push(lookUp(c, pattern, element) ?? null)
  return found
}

function lookUp(c: Context, pattern: Bytes, element: Bytes): Bytes | undefined {
  if (pattern === '#') return element
  const star = pattern.indexOf('*')
  if (star === -1) return undefined
  const arrow = pattern.indexOf('->', star + 1)
  const hasField = arrow !== -1 && arrow + 2 < pattern.length
  const end = hasField ? arrow : pattern.length
  const value = c.db.read(pattern.slice(0, star) + element + pattern.slice(star + 1, end))
  if (hasField) return value instanceof HashValue ? value.get(pattern.slice(arrow + 2), c.fieldNow) : undefined
  if (value === undefined || (typeof value === 'object' && !(value instanceof StringBuffer))) return undefined
  return stringBytes(value)
}

function storeList(c: Context, key: Bytes, elements: readonly Bytes[]): Reply {
  const list = new ListValue(c.config)
  list.grow(elements, 0, elements.length)
  for (const element of elements) list.push(element, false)
  return storeResult(c, key, list, Notify.List, 'sortstore', list.length)
}

/** The key, and the destination of the last STORE; the words after LIMIT, GET and BY are none of ours. */
export function sortKeyPositions(argv: readonly Bytes[]): number[] {
  let store = -1
  for (let i = 2; i < argv.length; i++) {
    const word = argv[i].toUpperCase()
    if (word === 'LIMIT') i += 2
    else if (word === 'GET' || word === 'BY') i++
    else if (word === 'STORE' && i + 1 < argv.length) store = i + 1
  }
  return store === -1 ? [1] : [1, store]
}

/** True where the elements make names of keys, by BY or GET. */
export function readsByPattern(argv: readonly Bytes[]): boolean {
  for (let i = 2; i < argv.length; i++) {
    const word = argv[i].toUpperCase()
    if (word === 'LIMIT') i += 2
    else if (word === 'STORE') i++
    else if ((word === 'GET' || word === 'BY') && argv[++i]?.includes('*')) return true
  }
  return false
}
