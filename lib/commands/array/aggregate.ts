/**
 * AROP: one figure over the elements of a range. SUM, MIN and MAX pass over what is no number, as do AND, OR and XOR, which
 * take each number as an integer of 64 bits: a fraction is cut off, and what is out of range passed over. Numbers are C's
 * `long double`, as in Redis; while all are integers that a double holds exactly, they are such.
 */
import type { Bytes } from '../../base/bytes.ts'
import { wrongArity } from '../../base/errors.ts'
import { formatDouble, type Reply } from '../../base/reply.ts'
import { ArrayValue } from '../../keyspace/values/array.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import {
  addInfinite,
  compareLongDouble,
  formatLongDoubleG,
  type LongDouble,
  longDoubleOf,
  parseLongDouble,
} from '../longdouble.ts'
import { parseInt64, parseInteger, strtod } from '../number.ts'
import { MATCH_VALUE_MISSING, UNKNOWN_AGGREGATE } from './errors.ts'
import { type IndexRange, takeRange } from './range.ts'

const INT64_MAX = longDoubleOf(2n ** 63n - 1n)
const INT64_MIN = longDoubleOf(-(2n ** 63n))

interface Fold {
  readonly exact: (a: number, b: number) => number
  readonly rounded: (a: LongDouble, b: LongDouble) => LongDouble
}

const OF_NUMBERS = new Map<Bytes, Fold>([
  ['SUM', { exact: (a, b) => a + b, rounded: addInfinite }],
  ['MIN', { exact: Math.min, rounded: (a, b) => (compareLongDouble(b, a) < 0 ? b : a) }],
  ['MAX', { exact: Math.max, rounded: (a, b) => (compareLongDouble(b, a) > 0 ? b : a) }],
])
const OF_INTEGERS = new Map<Bytes, (a: bigint, b: bigint) => bigint>([
  ['AND', (a, b) => a & b],
  ['OR', (a, b) => a | b],
  ['XOR', (a, b) => a ^ b],
])

/** AROP key start end SUM|MIN|MAX|AND|OR|XOR|MATCH value|USED */
export function arop(c: Context, a: Args): Reply {
  const key = a.next()
  const range = takeRange(a)
  const operation = a.word()
  const ofNumbers = OF_NUMBERS.get(operation)
  const ofIntegers = OF_INTEGERS.get(operation)
  const matches = operation === 'MATCH'
  if (!matches && operation !== 'USED' && ofNumbers === undefined && ofIntegers === undefined) a.fail(UNKNOWN_AGGREGATE)
  if (a.left !== (matches ? 1 : 0)) a.fail(matches ? MATCH_VALUE_MISSING : wrongArity(c.command.fullName))
  if (a.error !== undefined) return a.error
  const matched = matches ? a.next() : undefined
  const array = c.db.readTyped(key, ArrayValue)
  if (ofNumbers !== undefined) return array === undefined ? null : foldNumbers(array, range, ofNumbers)
  if (ofIntegers !== undefined) return array === undefined ? null : foldIntegers(array, range, ofIntegers)
  if (array === undefined) return 0
  if (matched === undefined) return array.countBetween(range.low, range.high)
  let count = 0
  array.walk(range.low, range.high, false, (_, value) => {
    if (value === matched) count++
  })
  return count
}

function foldNumbers(array: ArrayValue, { low, high }: IndexRange, fold: Fold): Reply {
  let exact: number | undefined
  let rounded: LongDouble | undefined
  array.walk(low, high, false, (_, value) => {
    const integer = rounded === undefined ? parseInteger(value) : undefined
    if (integer !== undefined && Number.isSafeInteger(integer)) {
      const next = exact === undefined ? integer : fold.exact(exact, integer)
      if (Number.isSafeInteger(next)) {
        exact = next
        return
      }
    }
    const number = numberOf(value)
    if (number === undefined) return
    rounded ??= exact === undefined ? undefined : longDoubleOf(exact)
    rounded = rounded === undefined ? number : fold.rounded(rounded, number)
  })
  if (rounded !== undefined) return formatLongDoubleG(rounded)
  return exact === undefined ? null : `${exact}`
}

function numberOf(value: Bytes): LongDouble | undefined {
  const integer = parseInt64(value)
  if (integer !== undefined) return longDoubleOf(integer)
  const double = heldAsDouble(value)
  return double === undefined ? parseLongDouble(value) : longDoubleOf(double)
}

const FLOATS = new Float64Array(1)
const WORDS = new Uint32Array(FLOATS.buffer)

/** The number that Redis keeps in place of a text such as `1.5`: where that text is the shortest one of a double with two spare bits. */
function heldAsDouble(value: Bytes): number | undefined {
  if (!/^-?\d*\.\d*$/.test(value)) return undefined
  const number = strtod(value)
  if (number === undefined || !Number.isFinite(number)) return undefined
  FLOATS[0] = number
  if ((WORDS[0] & 3) !== 0) return undefined
  const text = formatDouble(number)
  return text === value || `${text}.0` === value ? number : undefined
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
  const number = numberOf(value)
  if (number === undefined) return undefined
  if (compareLongDouble(number, INT64_MIN) < 0 || compareLongDouble(number, INT64_MAX) > 0) return undefined
  const { mantissa, exponent } = number
  return exponent >= 0 ? mantissa << BigInt(exponent) : mantissa / (1n << BigInt(-exponent))
}
