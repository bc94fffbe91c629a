/**
 * JSON.SET … FPHA (Redis 8.8): arrays of numbers, at least one of which is written with a fraction or an exponent, hold what a
 * type of floating point can hold. Here every number stays a double: the one with the fewest digits that the type takes for
 * the same, which is what Redis prints.
 */
import type { Bytes } from '../../base/bytes.ts'
import { ReplyError } from '../../base/reply.ts'
import { JsonArray, JsonDouble, type JsonNode, JsonObject } from '../../keyspace/values/json-node.ts'
import { JSON_FPHA_TYPE, jsonOutOfRange } from './errors.ts'

interface FloatType {
  /** As errors call it. */
  readonly name: Bytes
  /** Bits of the significand, the leading one included, and the least exponent of a number that has all of them. */
  readonly bits: number
  readonly exponentMin: number
  readonly max: number
  /** So many digits tell any two of its numbers apart; a number of so few or fewer is the nearest with that many. */
  readonly digits: number
  readonly exactDigits: number
}

export const FLOAT_TYPES = new Map<Bytes, FloatType>([
  ['FP16', { name: 'F16', bits: 11, exponentMin: -14, max: 65504, digits: 5, exactDigits: 3 }],
  ['BF16', { name: 'BF16', bits: 8, exponentMin: -126, max: 2 ** 127 * (2 - 2 ** -7), digits: 4, exactDigits: 2 }],
  ['FP32', { name: 'F32', bits: 24, exponentMin: -126, max: 2 ** 127 * (2 - 2 ** -23), digits: 9, exactDigits: 6 }],
  ['FP64', { name: 'F64', bits: 53, exponentMin: -1022, max: Number.MAX_VALUE, digits: 17, exactDigits: 15 }],
])

/** A node whose arrays of floating point are of a type; the error where that has no room for one of their numbers. */
export function homogeneous(node: JsonNode, type: FloatType | undefined): JsonNode | ReplyError {
  if (type === undefined) return JSON_FPHA_TYPE
  if (node instanceof JsonObject) {
    for (const member of node.nodes()) {
      const made = homogeneous(member, type)
      if (made instanceof ReplyError) return made
    }
  } else if (node instanceof JsonArray) {
    const { items } = node
    const isFloat = items.every(isNumber) && items.some((item) => item instanceof JsonDouble)
    for (let i = 0; i < items.length; i++) {
      const made = isFloat ? held(items[i] as number | bigint | JsonDouble, type) : homogeneous(items[i], type)
      if (made instanceof ReplyError) return made
      items[i] = made
    }
  }
  return node
}

function isNumber(node: JsonNode): boolean {
  return typeof node === 'number' || typeof node === 'bigint' || node instanceof JsonDouble
}

function held(node: number | bigint | JsonDouble, type: FloatType): JsonDouble | ReplyError {
  const number = node instanceof JsonDouble ? node.value : Number(node)
  if (type.bits === 53) return new JsonDouble(number)
  const rounded = roundedTo(number, type)
  if (Math.abs(rounded) > type.max) return jsonOutOfRange(type.name)
  // A number below the least exponent has fewer bits, and may be told by fewer digits.
  const least = Math.abs(rounded) < 2 ** type.exponentMin ? 1 : type.exactDigits
  for (let digits = least; digits < type.digits; digits++) {
    const shorter = Number(rounded.toPrecision(digits))
    if (roundedTo(shorter, type) === rounded) return new JsonDouble(shorter)
  }
  return new JsonDouble(rounded)
}

/** The nearest number with so many bits, of two the even one; it may be past the greatest. */
function roundedTo(number: number, { bits, exponentMin }: FloatType): number {
  if (number === 0) return number
  const exponent = Math.max(exponentMin, Math.floor(Math.log2(Math.abs(number))))
  const unit = 2 ** (exponent - bits + 1)
  const units = number / unit
  const down = Math.floor(units)
  const rest = units - down
  const isUp = rest > 0.5 || (rest === 0.5 && down % 2 !== 0)
  return (isUp ? down + 1 : down) * unit
}
