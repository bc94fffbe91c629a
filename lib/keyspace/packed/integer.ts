/** Integers of 64 bits, by their decimal form. */
import type { Bytes } from '../../base/bytes.ts'

/** A number where that is exact, or a bigint. */
export type Integer = number | bigint

const INT64_MAX = '9223372036854775807'
const INT64_MIN = '-9223372036854775808'

/** True for the canonical decimal form of a signed 64-bit integer. */
export function isInteger(bytes: Bytes): boolean {
  const { length } = bytes
  if (length === 0 || length > 20) return false
  const negative = bytes.charCodeAt(0) === 45
  const first = negative ? 1 : 0
  const lead = bytes.charCodeAt(first)
  if (lead === 48) return length === 1
  if (!(lead >= 49 && lead <= 57)) return false
  for (let i = first + 1; i < length; i++) {
    const code = bytes.charCodeAt(i)
    if (code < 48 || code > 57) return false
  }
  const bound = negative ? INT64_MIN : INT64_MAX
  return length < bound.length || (length === bound.length && bytes <= bound)
}

/** Of the canonical decimal form of a 64-bit integer. */
export function integerOf(member: Bytes): Integer {
  const number = +member
  return Number.isSafeInteger(number) ? number : BigInt(member)
}
