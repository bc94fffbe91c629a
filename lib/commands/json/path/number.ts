/**
 * Numbers in paths: their nodes, their order and their arithmetic. Integers stay integers, exact within 64 bits (as signed or
 * unsigned); beyond, they become doubles. A double stays one, and a division makes one. What is no finite number is undefined.
 */
import type { Bytes } from '../../../base/bytes.ts'
import { JsonDouble, type JsonNode } from '../../../keyspace/values/json-node.ts'
import type { Arithmetic } from './ast.ts'

export type JsonNumber = number | bigint | JsonDouble

const I64_MIN = -(2n ** 63n)
const U64_MAX = 2n ** 64n - 1n

export function isNumber(node: JsonNode | undefined): node is JsonNumber {
  return typeof node === 'number' || typeof node === 'bigint' || node instanceof JsonDouble
}

/** The node of a number's text, which has a fraction or an exponent if `isDouble`. Undefined beyond a double's range. */
export function integerNode(text: Bytes, isDouble: boolean): JsonNumber | undefined {
  const value = Number(text)
  if (!isDouble) return Number.isSafeInteger(value) ? value + 0 : ofBigInt(BigInt(text))
  return doubleNode(value)
}

export function doubleNode(value: number): JsonDouble | undefined {
  return Number.isFinite(value) ? new JsonDouble(value) : undefined
}

function ofBigInt(value: bigint): JsonNumber | undefined {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  return value >= I64_MIN && value <= U64_MAX ? value : doubleNode(number)
}

/** What `<` compares: numbers and bigints compare by their values. */
export function numericValue(node: JsonNumber): number | bigint {
  return node instanceof JsonDouble ? node.value : node
}

export function numbersEqual(left: JsonNumber, right: JsonNumber): boolean {
  const a = numericValue(left)
  const b = numericValue(right)
  return typeof a === typeof b ? a === b : !(a < b) && !(a > b)
}

export function calculate(operator: Arithmetic, left: JsonNumber, right: JsonNumber): JsonNumber | undefined {
  if (operator === '/') return doubleNode(Number(numericValue(left)) / Number(numericValue(right)))
  if (left instanceof JsonDouble || right instanceof JsonDouble) {
    return doubleNode(ofDoubles(operator, Number(numericValue(left)), Number(numericValue(right))))
  }
  if (typeof left === 'number' && typeof right === 'number') {
    if (operator === '%' && right === 0) return undefined
    const value = ofDoubles(operator, left, right)
    if (Number.isSafeInteger(value)) return value + 0
  }
  return ofBigInts(operator, BigInt(left), BigInt(right))
}

function ofDoubles(operator: Arithmetic, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    default:
      return left % right
  }
}

function ofBigInts(operator: Arithmetic, left: bigint, right: bigint): JsonNumber | undefined {
  switch (operator) {
    case '+':
      return ofBigInt(left + right)
    case '-':
      return ofBigInt(left - right)
    case '*':
      return ofBigInt(left * right)
    default:
      // RedisJSON: the smallest integer by -1 overflows.
      return right === 0n || (right === -1n && left === I64_MIN) ? undefined : ofBigInt(left % right)
  }
}

export function negated(node: JsonNumber): JsonNumber | undefined {
  if (node instanceof JsonDouble) return new JsonDouble(-node.value)
  return typeof node === 'number' ? 0 - node : ofBigInt(-node)
}

/** The integer that a number is once its fraction is cut off. */
export function truncated(node: JsonNumber): number {
  return Math.trunc(Number(numericValue(node)))
}
