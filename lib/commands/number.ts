/** Numbers as Redis reads them from arguments and values: strict, without spaces, plus signs or leading zeros. */
import type { Bytes } from '../base/bytes.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)
// Each run of digits has one way to match, so that a long one which is no number is refused in linear time.
const FLOAT =
  /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|0x(?:[0-9a-f]+(?:\.[0-9a-f]*)?|\.[0-9a-f]+)(?:p[+-]?\d+)?)$/i

/** A signed 64-bit integer, rounded to a double beyond 2^53; undefined if the bytes are not one. */
export function parseInteger(bytes: Bytes): number | undefined {
  const length = bytes.length
  if (length === 0 || length > 20) return undefined
  const negative = bytes.charCodeAt(0) === 45
  const first = negative ? 1 : 0
  const lead = bytes.charCodeAt(first)
  if (lead === 48) return length === 1 ? 0 : undefined
  if (!(lead >= 49 && lead <= 57)) return undefined
  let number = lead - 48
  for (let i = first + 1; i < length; i++) {
    const digit = bytes.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  if (length < 16) return negative ? -number : number
  const exact = parseInt64(bytes)
  return exact === undefined ? undefined : Number(exact)
}

/** A signed 64-bit integer, exactly. */
export function parseInt64(bytes: Bytes): bigint | undefined {
  if (bytes.length > 20 || !/^(?:0|-?[1-9]\d*)$/.test(bytes)) return undefined
  const number = BigInt(bytes)
  return number <= INT64_MAX && number >= INT64_MIN ? number : undefined
}

/** A double, `inf` and hexadecimal included; undefined for NaN, overflow and anything else. */
export function parseFloat64(bytes: Bytes): number | undefined {
  const whole = wholeNumber(bytes)
  if (whole !== undefined) return whole
  const number = readFloat(bytes)
  if (number === undefined || (Number.isFinite(number) && number !== 0)) return number
  const body = unsigned(bytes)
  const isExact = number === 0 ? !/[1-9]/.test(body.split('e')[0]) : body[0] === 'i'
  return isExact ? number : undefined
}

/** Up to 16 digits, which may begin with zeros: what most doubles look like. Not -0, and nothing that is rounded. */
function wholeNumber(bytes: Bytes): number | undefined {
  const { length } = bytes
  const first = bytes.charCodeAt(0) === 45 ? 1 : 0
  if (length === first || length > 16 + first) return undefined
  let number = 0
  for (let i = first; i < length; i++) {
    const digit = bytes.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return undefined
    number = number * 10 + digit
  }
  if (number > Number.MAX_SAFE_INTEGER || (first === 1 && number === 0)) return undefined
  return first === 0 ? number : -number
}

/**
 * What C's strtod makes of bytes as a C string: it forgives leading space, takes nothing for 0, ends at a NUL byte, and
 * goes over to infinity and to 0. Undefined for NaN or where it would not read to the end.
 */
export function strtod(bytes: Bytes): number | undefined {
  const whole = wholeNumber(bytes)
  if (whole !== undefined) return whole
  const end = bytes.indexOf('\0')
  const text = end === -1 ? bytes : bytes.slice(0, end)
  return text === '' ? 0 : readFloat(text.replace(/^[\t-\r ]+/, ''))
}

function readFloat(bytes: Bytes): number | undefined {
  if (!FLOAT.test(bytes)) return undefined
  const body = unsigned(bytes)
  const number = body[0] === 'i' ? Infinity : body.startsWith('0x') ? parseHexFloat(body) : Number(body)
  return bytes[0] === '-' ? -number : number
}

function unsigned(bytes: Bytes): Bytes {
  return bytes.replace(/^[+-]/, '').toLowerCase()
}

function parseHexFloat(body: string): number {
  const [mantissa, exponent = '0'] = body.slice(2).split('p')
  const [whole, fraction = ''] = mantissa.split('.')
  return Number(BigInt('0x' + (whole + fraction || '0'))) * 2 ** (Number(exponent) - 4 * fraction.length)
}
