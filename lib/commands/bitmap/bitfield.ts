/**
 * BITFIELD: integers of 1 to 64 bits, signed or not, anywhere in a string; bit 0 is the most significant of the first
 * byte. All operations are parsed before the first is done. Values are BigInt, so the rules of overflow read as they are
 * meant: WRAP keeps the low bits, SAT goes to the nearest bound, FAIL answers nil and writes nothing.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NOT_INTEGER, SYNTAX } from '../../base/errors.ts'
import { type Reply, ReplyError } from '../../base/reply.ts'
import { StringBuffer, stringBytes, stringLength } from '../../keyspace/values/string.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { parseInt64, parseInteger } from '../number.ts'
import { writable } from '../writable.ts'
import { parseBitOffset } from './bitmap.ts'
import { BIT_OFFSET, BITFIELD_OVERFLOW, BITFIELD_RO_ONLY_GET, BITFIELD_TYPE } from './errors.ts'

type Overflow = 'WRAP' | 'SAT' | 'FAIL'

interface Field {
  readonly signed: boolean
  readonly bits: number
  /** Of its first bit. */
  readonly offset: number
}

interface Operation extends Field {
  readonly word: 'GET' | 'SET' | 'INCRBY'
  /** The value of SET, the increment of INCRBY. */
  readonly operand: bigint
  readonly overflow: Overflow
}

/**
 * BITFIELD key [GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>]
 *   <SET encoding offset value | INCRBY encoding offset increment>] …
 */
export function bitfield(c: Context, a: Args): Reply {
  const key = a.next()
  const operations = parseOperations(c, a)
  if (operations instanceof ReplyError) return operations
  const end = writtenEnd(operations)
  return end === 0 ? getAll(c, key, operations) : runAll(c, key, operations, end)
}

/** BITFIELD_RO key [GET encoding offset] … */
export function bitfieldRo(c: Context, a: Args): Reply {
  const key = a.next()
  const operations = parseOperations(c, a)
  if (operations instanceof ReplyError) return operations
  return writtenEnd(operations) === 0 ? getAll(c, key, operations) : BITFIELD_RO_ONLY_GET
}

function parseOperations(c: Context, a: Args): Operation[] | ReplyError {
  const operations: Operation[] = []
  let overflow: Overflow = 'WRAP'
  while (!a.done) {
    const word = a.word()
    if (word === 'OVERFLOW' && !a.done) {
      const type = a.word()
      if (type !== 'WRAP' && type !== 'SAT' && type !== 'FAIL') return BITFIELD_OVERFLOW
      overflow = type
      continue
    }
    const isGet = word === 'GET'
    if (!isGet && word !== 'SET' && word !== 'INCRBY') return SYNTAX
    if (a.left < (isGet ? 2 : 3)) return SYNTAX
    const field = parseField(c, a.next(), a.next())
    if (field instanceof ReplyError) return field
    const operand = isGet ? 0n : parseInt64(a.next())
    if (operand === undefined) return NOT_INTEGER
    operations.push({ ...field, word, operand, overflow })
  }
  return operations
}

function parseField(c: Context, type: Bytes, offsetText: Bytes): Field | ReplyError {
  const signed = type[0] === 'i'
  const bits = signed || type[0] === 'u' ? parseInteger(type.slice(1)) : undefined
  if (bits === undefined || bits < 1 || bits > (signed ? 64 : 63)) return BITFIELD_TYPE
  // With # the offset counts fields of this type.
  const counted = offsetText[0] === '#'
  const offset = parseBitOffset(c, counted ? offsetText.slice(1) : offsetText, counted ? bits : 1)
  return offset === undefined ? BIT_OFFSET : { signed, bits, offset }
}

/** Length in bytes that the string must have for what is written; 0 if nothing is. */
function writtenEnd(operations: readonly Operation[]): number {
  let end = 0
  for (const { word, offset, bits } of operations) {
    if (word !== 'GET') end = Math.max(end, Math.ceil((offset + bits) / 8))
  }
  return end
}

function getAll(c: Context, key: Bytes, operations: readonly Operation[]): Reply {
  const value = c.db.readString(key)
  const buffer = value instanceof StringBuffer ? value : new StringBuffer(value === undefined ? '' : stringBytes(value))
  return operations.map((operation) => integerReply(readField(buffer, operation)))
}

function runAll(c: Context, key: Bytes, operations: readonly Operation[], end: number): Reply {
  const value = c.db.findString(key)
  if (end > c.config['proto-max-bulk-len']) return BIT_OFFSET
  const grows = value === undefined || stringLength(value) < end
  let changes = 0
  const buffer = writable(c, key, value)
  buffer.grow(end)
  const replies: Reply[] = []
  for (const operation of operations) {
    const old = readField(buffer, operation)
    if (operation.word === 'GET') {
      replies.push(integerReply(old))
      continue
    }
    const increments = operation.word === 'INCRBY'
    const next = confine(operation, increments ? old + operation.operand : assigned(operation))
    if (next === undefined) {
      replies.push(null)
      continue
    }
    if (next !== old) writeField(buffer, operation, next)
    // Growth alone, before an operation that fails, is no change to Redis.
    if (next !== old || grows) changes++
    replies.push(integerReply(increments ? next : old))
  }
  if (changes > 0) {
    c.signal(key, Notify.String, 'setbit')
    c.count(changes)
  }
  return replies
}

/** A negative value for an unsigned field is taken for the large number that its 64 bits spell. */
function assigned({ signed, operand }: Operation): bigint {
  return signed ? operand : BigInt.asUintN(64, operand)
}

/** The value as the field can hold it; undefined if it overflows and must FAIL. */
function confine(operation: Operation, value: bigint): bigint | undefined {
  const { signed, bits, overflow } = operation
  const wrapped = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)
  if (wrapped === value || overflow === 'WRAP') return wrapped
  if (overflow === 'FAIL') return undefined
  const max = (1n << BigInt(signed ? bits - 1 : bits)) - 1n
  if (value > max || isTakenForHigh(operation, max)) return max
  return signed ? -max - 1n : 0n
}

/** Redis subtracts a SET's value from the maximum in 64 bits: where that overflows, the very low counts as too high. */
function isTakenForHigh({ word, signed, operand }: Operation, max: bigint): boolean {
  return word === 'SET' && signed && BigInt.asIntN(64, max - operand) < 0n
}

function readField(buffer: StringBuffer, { signed, bits, offset }: Field): bigint {
  const { first, last, below } = place(bits, offset)
  let word = 0n
  for (let i = first; i <= last; i++) word = (word << 8n) | BigInt(buffer.byteAt(i))
  word >>= below
  return signed ? BigInt.asIntN(bits, word) : BigInt.asUintN(bits, word)
}

function writeField(buffer: StringBuffer, { bits, offset }: Field, value: bigint): void {
  const { first, last, below } = place(bits, offset)
  const mask = ((1n << BigInt(bits)) - 1n) << below
  let word = 0n
  for (let i = first; i <= last; i++) word = (word << 8n) | BigInt(buffer.byteAt(i))
  word = (word & ~mask) | (BigInt.asUintN(bits, value) << below)
  for (let i = last; i >= first; i--) {
    buffer.setByte(i, Number(word & 255n))
    word >>= 8n
  }
}

/** The bytes in which a field lies, and how many bits of the last one are below it. */
function place(bits: number, offset: number): { first: number; last: number; below: bigint } {
  const end = offset + bits - 1
  return { first: Math.floor(offset / 8), last: Math.floor(end / 8), below: BigInt(7 - (end % 8)) }
}

function integerReply(value: bigint): Reply {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
