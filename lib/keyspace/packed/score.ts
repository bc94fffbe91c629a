/**
 * The scores of a small sorted set where they lie: an integer where a score is one, else text as `formatDouble` prints it, of at most 32
 * bytes. Scores of few digits, as most are, are written and read here without a string.
 */
import { type Bytes, sliceOf } from '../../base/bytes.ts'
import { formatDouble } from '../../base/reply.ts'
import { isString, readInteger, writeDecimal, writeElement, writeInteger } from './element.ts'
import type { Pack } from './pack.ts'

/** Integers below this print in full, digit by digit. */
const INTEGER_MAX = 1e15
/** So many digits make an integer that a double holds, and so many a power of ten. */
const DIGITS_MAX = 15
const POWER_MAX = 22
/** Below, and with no more digits behind the dot, a score prints as a plain decimal that has at most DIGITS_MAX digits. */
const DECIMAL_MAX = 1e9
const PLACES_MAX = 6
/** More than what reading many digits at once is wrong by, for a score of 1. */
const SLACK = 1e-14
const DOT = 46
const MINUS = 45
const ZERO = 48
const POWERS = Array.from({ length: POWER_MAX + 1 }, (_, i) => 10 ** i)

/** Writes a score into the scratch array. Returns the offset behind it. */
export function writeScore(score: number, at: number): number {
  if (Number.isInteger(score) && Math.abs(score) < INTEGER_MAX) return writeInteger(score + 0, at)
  const magnitude = Math.abs(score)
  // Integers of up to 15 digits and such powers of ten are exact, so no other decimal that short is read as this score.
  for (let places = 1; places <= PLACES_MAX && magnitude < DECIMAL_MAX; places++) {
    const digits = Math.round(magnitude * POWERS[places])
    if (digits / POWERS[places] === magnitude) return writeDecimal(digits, places, score < 0, at)
  }
  return writeElement(formatDouble(score), at)
}

export function scoreAt({ bytes, view }: Pack, at: number): number {
  const lead = bytes[at]
  if (!isString(lead)) return readInteger(bytes, view, at)
  const length = lead & 63
  const near = length > DIGITS_MAX ? Number.NaN : readDecimal(bytes, at + 1, at + 1 + length)
  return Number.isNaN(near) ? parse(sliceOf(bytes, at + 1, at + 1 + length)) : near
}

/** Below 0, 0, or above: how the score at an offset compares with another. Only what is near to it is read to its last digit. */
export function compareScore(pack: Pack, at: number, score: number): number {
  const { bytes } = pack
  const lead = bytes[at]
  if (isString(lead)) {
    const near = readDecimal(bytes, at + 1, at + 1 + (lead & 63))
    const slack = Math.abs(score) * SLACK
    if (near > score + slack) return 1
    if (near < score - slack) return -1
  }
  const exact = scoreAt(pack, at)
  return exact > score ? 1 : exact < score ? -1 : 0
}

/** A plain decimal: exact if it has up to DIGITS_MAX digits, and else nearly so. NaN for what is none, or is very long. */
function readDecimal(bytes: Uint8Array, start: number, end: number): number {
  let integer = 0
  let dot = end
  for (let i = bytes[start] === MINUS ? start + 1 : start; i < end; i++) {
    const digit = bytes[i] - ZERO
    if (digit >= 0 && digit <= 9) integer = integer * 10 + digit
    else if (bytes[i] === DOT) dot = i
    else return Number.NaN
  }
  const value = dot === end ? integer : integer / POWERS[end - dot - 1]
  return bytes[start] === MINUS ? -value : value
}

function parse(text: Bytes): number {
  if (text === 'inf') return Infinity
  return text === '-inf' ? -Infinity : Number(text)
}
