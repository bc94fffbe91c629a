/**
 * The arithmetic of INCRBYFLOAT and HINCRBYFLOAT. Redis computes these in C's `long double`, which on x86-64 is the 80-bit
 * extended format, and prints `%.17Lf` without trailing zeros; so 0.1 + 0.2 is 0.3 here, which doubles cannot give. To
 * answer byte for byte the same, a value is held as an integer mantissa times a power of two, with the format's own
 * limits: 64 bits of mantissa, exponents from that of its smallest denormal to that of its largest value, rounding to
 * nearest with ties to even. All steps are exact BigInt arithmetic with one rounding at the end.
 */
import type { Bytes } from '../base/bytes.ts'

/** `mantissa * 2^exponent`, rounded to the format; an infinite value has a mantissa of 1 or -1 and exponent Infinity. */
export interface LongDouble {
  /** At most 64 bits, with the sign. */
  readonly mantissa: bigint
  readonly exponent: number
}

const MANTISSA_BITS = 64
/** Exponent of the smallest denormal, 2^-16445. */
const EXPONENT_MIN = -16445
/** Exponent of the largest value, (2^64 - 1) * 2^16320. */
const EXPONENT_MAX = 16320
/** Redis reads no longer text than its buffer of 5 KB, with a NUL at the end, holds. */
const TEXT_MAX = 5 * 1024 - 1
/** Decimal exponents beyond this overflow or vanish whatever their digits are (no more than TEXT_MAX). */
const DECIMAL_EXPONENT_LIMIT = 2 * TEXT_MAX
const FRACTION_DIGITS = 17
const FRACTION_SCALE = 10n ** BigInt(FRACTION_DIGITS)

const DECIMAL = /^(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i
const HEXADECIMAL = /^0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i
const INFINITE = /^inf(?:inity)?$/i

const ZERO: LongDouble = { mantissa: 0n, exponent: 0 }

/** The largest finite value. */
export const LONG_DOUBLE_MAX: LongDouble = { mantissa: (1n << BigInt(MANTISSA_BITS)) - 1n, exponent: EXPONENT_MAX }

/**
 * A number as C's strtold reads it and Redis accepts it: decimal, hexadecimal, `inf`; undefined for anything else, for NaN,
 * and for what overflows or vanishes.
 */
export function parseLongDouble(bytes: Bytes): LongDouble | undefined {
  const { length } = bytes
  if (length === 0 || length > TEXT_MAX) return undefined
  const first = bytes.charCodeAt(0)
  const negative = first === 45
  const body = negative || first === 43 ? bytes.slice(1) : bytes
  if (INFINITE.test(body)) return infinite(negative)
  const value = parseDecimal(body) ?? parseHexadecimal(body)
  return negative && value !== undefined ? { mantissa: -value.mantissa, exponent: value.exponent } : value
}

/** The sum, rounded once; undefined if it is infinite or not a number. */
export function addLongDouble(a: LongDouble, b: LongDouble): LongDouble | undefined {
  if (isInfinite(a) || isInfinite(b)) return undefined
  const exponent = Math.min(a.exponent, b.exponent)
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent))
  const rounded = round(sum, exponent)
  return isInfinite(rounded) ? undefined : rounded
}

/** The sum, which may be infinite, or not a number: then it is infinite with a mantissa of 0, and stays so. */
export function addInfinite(a: LongDouble, b: LongDouble): LongDouble {
  if (isInfinite(a) && isInfinite(b)) return a.mantissa === b.mantissa ? a : { mantissa: 0n, exponent: Infinity }
  if (isInfinite(a)) return a
  return isInfinite(b) ? b : (addLongDouble(a, b) ?? infinite(a.mantissa < 0n))
}

/** The value with the other sign. */
export function negateLongDouble({ mantissa, exponent }: LongDouble): LongDouble {
  return { mantissa: -mantissa, exponent }
}

/** Below, at or above 0 as `a` is less than, equal to or greater than `b`; either may be infinite. */
export function compareLongDouble(a: LongDouble, b: LongDouble): number {
  if (isInfinite(a)) return isInfinite(b) ? Number(a.mantissa - b.mantissa) : Number(a.mantissa)
  if (isInfinite(b)) return -Number(b.mantissa)
  const exponent = Math.min(a.exponent, b.exponent)
  const left = a.mantissa << BigInt(a.exponent - exponent)
  const right = b.mantissa << BigInt(b.exponent - exponent)
  return left < right ? -1 : left > right ? 1 : 0
}

/** The product with an integer, rounded once. */
export function multiplyLongDouble(value: LongDouble, factor: bigint): LongDouble {
  return isInfinite(value) ? value : round(value.mantissa * factor, value.exponent)
}

/** The smallest integer that is not less. The value must be finite. */
export function ceilLongDouble({ mantissa, exponent }: LongDouble): bigint {
  return exponent >= 0 ? mantissa << BigInt(exponent) : -(-mantissa >> BigInt(-exponent))
}

export function isInfinite(value: LongDouble): boolean {
  return value.exponent === Infinity
}

/** `%.17Lf` without trailing zeros and without the sign of zero. The value must be finite. */
export function formatLongDouble({ mantissa, exponent }: LongDouble): Bytes {
  const magnitude = mantissa < 0n ? -mantissa : mantissa
  const scaled = magnitude * FRACTION_SCALE
  const digits = (exponent >= 0 ? scaled << BigInt(exponent) : shiftRight(scaled, -exponent)).toString()
  const padded = digits.padStart(FRACTION_DIGITS + 1, '0')
  let end = padded.length
  const point = end - FRACTION_DIGITS
  while (end > point && padded.charCodeAt(end - 1) === 48) end--
  const text = padded.slice(0, point) + (end > point ? '.' + padded.slice(point, end) : '')
  return mantissa < 0n && text !== '0' ? '-' + text : text
}

/** `%.17Lg`: 17 digits without trailing zeros, with an exponent where there are more before the point, or many zeros behind it. */
export function formatLongDoubleG(value: LongDouble): Bytes {
  const { mantissa, exponent } = value
  if (isInfinite(value)) return mantissa === 0n ? 'nan' : mantissa < 0n ? '-inf' : 'inf'
  if (mantissa === 0n) return '0'
  const sign = mantissa < 0n ? '-' : ''
  const [digits, power] = firstDigits(mantissa < 0n ? -mantissa : mantissa, exponent)
  const kept = digits.replace(/0+$/, '')
  if (power < -4 || power >= FRACTION_DIGITS) {
    const fraction = kept.length > 1 ? `.${kept.slice(1)}` : ''
    return `${sign}${kept[0]}${fraction}e${power < 0 ? '-' : '+'}${`${Math.abs(power)}`.padStart(2, '0')}`
  }
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${kept}`
  const whole = kept.slice(0, power + 1).padEnd(power + 1, '0')
  return kept.length > power + 1 ? `${sign}${whole}.${kept.slice(power + 1)}` : sign + whole
}

/** The first 17 decimal digits of `magnitude * 2^exponent`, rounded, and the power of ten of the first. */
function firstDigits(magnitude: bigint, exponent: number): readonly [digits: string, power: number] {
  let power = Math.floor((bitLength(magnitude) + exponent - 1) * Math.log10(2))
  for (;;) {
    const shift = FRACTION_DIGITS - 1 - power
    const scaled = shift >= 0 ? magnitude * 10n ** BigInt(shift) : magnitude
    const divisor = shift >= 0 ? 1n : 10n ** BigInt(-shift)
    const digits = quotient(
      exponent >= 0 ? scaled << BigInt(exponent) : scaled,
      divisor << BigInt(Math.max(0, -exponent)),
    )
    const text = digits.toString()
    if (text.length === FRACTION_DIGITS) return [text, power]
    power += text.length > FRACTION_DIGITS ? 1 : -1
  }
}

/** To nearest, ties to even. */
function quotient(dividend: bigint, divisor: bigint): bigint {
  const whole = dividend / divisor
  const rest = 2n * (dividend - whole * divisor)
  return rest > divisor || (rest === divisor && (whole & 1n) === 1n) ? whole + 1n : whole
}

/** What a double or an integer is worth. */
export function longDoubleOf(value: number | bigint): LongDouble {
  if (typeof value === 'bigint') return round(value, 0)
  if (Number.isInteger(value)) return round(BigInt(value), 0)
  let exponent = 0
  while (!Number.isInteger(value)) {
    value *= 2
    exponent--
  }
  return round(BigInt(value), exponent)
}

function parseDecimal(body: string): LongDouble | undefined {
  const match = DECIMAL.exec(body)
  if (match === null) return undefined
  const [, whole, fraction = '', exponentText = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const digits = BigInt(whole + fraction)
  if (digits === 0n) return ZERO
  const exponent = Number(exponentText) - fraction.length
  if (Math.abs(exponent) > DECIMAL_EXPONENT_LIMIT) return undefined
  return inRange(exponent >= 0 ? round(digits * 10n ** BigInt(exponent), 0) : divide(digits, 10n ** BigInt(-exponent)))
}

function parseHexadecimal(body: string): LongDouble | undefined {
  const match = HEXADECIMAL.exec(body)
  if (match === null) return undefined
  const [, whole, fraction = '', exponentText = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const digits = BigInt('0x' + whole + fraction)
  if (digits === 0n) return ZERO
  const exponent = Number(exponentText) - 4 * fraction.length
  if (Math.abs(exponent) > 8 * DECIMAL_EXPONENT_LIMIT) return undefined
  return inRange(round(digits, exponent))
}

/** Undefined for what strtold reports as out of range: infinite, or zero in spite of other digits. */
function inRange(value: LongDouble): LongDouble | undefined {
  return isInfinite(value) || value.mantissa === 0n ? undefined : value
}

/** The quotient of two positive integers, rounded once: its low bit stands for all that the division leaves. */
function divide(dividend: bigint, divisor: bigint): LongDouble {
  const shift = Math.max(0, MANTISSA_BITS + 2 - (bitLength(dividend) - bitLength(divisor)))
  const shifted = dividend << BigInt(shift)
  const quotient = shifted / divisor
  const sticky = quotient * divisor === shifted ? 0n : 1n
  return round((quotient << 1n) | sticky, -shift - 1)
}

/** `mantissa * 2^exponent` in the format. */
function round(mantissa: bigint, exponent: number): LongDouble {
  if (mantissa === 0n) return ZERO
  const negative = mantissa < 0n
  let magnitude = negative ? -mantissa : mantissa
  const excess = Math.max(bitLength(magnitude) - MANTISSA_BITS, EXPONENT_MIN - exponent)
  if (excess > 0) {
    magnitude = shiftRight(magnitude, excess)
    exponent += excess
  }
  if (bitLength(magnitude) + exponent > EXPONENT_MAX + MANTISSA_BITS) return infinite(negative)
  return { mantissa: negative ? -magnitude : magnitude, exponent }
}

/** `value / 2^bits`, to nearest, ties to even. */
function shiftRight(value: bigint, bits: number): bigint {
  const shift = BigInt(bits)
  const quotient = value >> shift
  const rest = value - (quotient << shift)
  const half = 1n << (shift - 1n)
  return rest > half || (rest === half && (quotient & 1n) === 1n) ? quotient + 1n : quotient
}

function bitLength(value: bigint): number {
  const digits = value.toString(16)
  return 4 * digits.length - Math.clz32(Number.parseInt(digits[0], 16)) + 28
}

function infinite(negative: boolean): LongDouble {
  return { mantissa: negative ? -1n : 1n, exponent: Infinity }
}
