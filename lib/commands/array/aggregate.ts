/**
 * AROP: one figure over the elements of a range. SUM, MIN and MAX pass over what is no number, as do AND, OR and XOR, which
 * take each number as an integer of 64 bits: a fraction is cut off, and what is out of range taken as the nearest.
 */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import { formatDouble, type Reply } from '../../base/reply.ts'
import { ArrayValue } from '../../keyspace/values/array.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, keyAt } from '../command.ts'
import { parseFloat64, parseInt64 } from '../number.ts'
import { type IndexRange, takeRange } from './range.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

const OF_DOUBLES = new Map<Bytes, (a: number, b: number) => number>([
  ['SUM', (a, b) => a + b],
  ['MIN', Math.min],
  ['MAX', Math.max],
])
const OF_INTEGERS = new Map<Bytes, (a: bigint, b: bigint) => bigint>([
  ['AND', (a, b) => a & b],
  ['OR', (a, b) => a | b],
  ['XOR', (a, b) => a ^ b],
])

/** AROP key start end SUM|MIN|MAX|AND|OR|XOR|MATCH value|USED */
function arop(c: Context, a: Args): Reply {
  const key = a.next()
  const range = takeRange(a)
  const operation = a.word()
  const ofDoubles = OF_DOUBLES.get(operation)
  const ofIntegers = OF_INTEGERS.get(operation)
  const matched = operation === 'MATCH' ? a.next() : undefined
  const isKnown = ofDoubles !== undefined || ofIntegers !== undefined || matched !== undefined || operation === 'USED'
  if (!a.done || !isKnown) a.fail(SYNTAX)
  if (a.error !== undefined) return a.error
  const array = c.db.readTyped(key, ArrayValue)
  if (ofDoubles !== undefined) return array === undefined ? null : foldDoubles(array, range, ofDoubles)
  if (ofIntegers !== undefined) return array === undefined ? null : foldIntegers(array, range, ofIntegers)
  if (array === undefined) return 0
  if (matched === undefined) return array.countBetween(range.low, range.high)
  let count = 0
  array.walk(range.low, range.high, false, (_, value) => {
    if (value === matched) count++
  })
  return count
}

function foldDoubles(array: ArrayValue, { low, high }: IndexRange, fold: (a: number, b: number) => number): Reply {
  let result: number | undefined
  array.walk(low, high, false, (_, value) => {
    const number = parseFloat64(value)
    if (number !== undefined) result = result === undefined ? number : fold(result, number)
  })
  return result === undefined ? null : formatDouble(result)
}

function foldIntegers(array: ArrayValue, { low, high }: IndexRange, fold: (a: bigint, b: bigint) => bigint): Reply {
  let result: bigint | undefined
  array.walk(low, high, false, (_, value) => {
    const integer = integerOf(value)
    if (integer !== undefined) result = result === undefined ? integer : fold(result, integer)
  })
  if (result === undefined) return null
  const number = Number(result)
  return Number.isSafeInteger(number) ? number : result
}

function integerOf(value: Bytes): bigint | undefined {
  const exact = parseInt64(value)
  if (exact !== undefined) return exact
  const number = parseFloat64(value)
  if (number === undefined) return undefined
  if (number >= 2 ** 63) return INT64_MAX
  return number < -(2 ** 63) ? INT64_MIN : BigInt(Math.trunc(number))
}

export const arrayAggregateCommands: readonly Command[] = [
  command('arop', 'array', -5, 'readonly', [keyAt(1, 'RO access')], arop),
]
