/**
 * Packed forms of small values that older servers wrote (ziplist, zipmap) or that are not lists (intset). Read only, but
 * for the intset. All of them throw `Malformed` for bytes that make no sense.
 */
import type { Bytes } from '../../base/bytes.ts'
import { Input } from './input.ts'
import { Output } from './output.ts'

const END = 255

/** Elements of a ziplist: a header of ten bytes, entries that begin with the length of the one before, and 255. */
export function ziplistElements(array: Uint8Array): Bytes[] {
  const input: Input = new Input(array)
  input.check(input.uint32() === array.length, 'a ziplist of another length')
  const tail = input.uint32()
  const claimed = input.uint16()
  const elements: Bytes[] = []
  let start = input.at
  let before = 0
  while (input.peek() !== END) {
    start = input.at
    let length = input.byte()
    if (length === 254) length = input.uint32()
    input.check(length === before, 'wrong length of the entry before')
    elements.push(ziplistElement(input))
    before = input.at - start
  }
  input.check(tail === start, 'the last entry stands elsewhere')
  input.check(input.left === 1 && (claimed === 0xffff || claimed === elements.length), 'wrong number of entries')
  return elements
}

function ziplistElement(input: Input): Bytes {
  const lead = input.byte()
  switch (lead >> 6) {
    case 0:
      return input.bytes(lead)
    case 1:
      return input.bytes(((lead & 63) << 8) | input.byte())
    case 2:
      return input.bytes(input.uint32BigEndian())
  }
  switch (lead) {
    case 0xc0:
      return '' + input.int16()
    case 0xd0:
      return '' + input.int32()
    case 0xe0:
      return '' + input.int64()
    case 0xf0:
      return '' + input.int24()
    case 0xfe:
      return '' + ((input.byte() << 24) >> 24)
  }
  input.check(lead >= 0xf1 && lead <= 0xfd, 'unknown entry')
  return '' + ((lead & 15) - 1)
}

/** Key, value, … of a zipmap, in which Redis before 2.6 kept small hashes. */
export function zipmapElements(array: Uint8Array): Bytes[] {
  const input: Input = new Input(array)
  const claimed = input.byte()
  const elements: Bytes[] = []
  const length = (): number => {
    const short = input.byte()
    return short === 254 ? input.uint32() : short
  }
  while (input.peek() !== END) {
    elements.push(input.bytes(length()))
    const valueLength = length()
    const free = input.byte()
    elements.push(input.bytes(valueLength))
    input.raw(free)
  }
  input.check(input.left === 1 && (claimed >= 254 || claimed === elements.length / 2), 'wrong number of entries')
  input.check(elements.length > 0, 'a zipmap without entries')
  return elements
}

/** Members of an intset: the width of each, their number, then the integers in ascending order. */
export function intsetMembers(array: Uint8Array): Bytes[] {
  const input: Input = new Input(array)
  const width = input.uint32()
  const count = input.uint32()
  input.check(width === 2 || width === 4 || width === 8, 'unknown width of integers')
  input.check(count > 0 && count * width === input.left, 'an intset of another length')
  const members: Bytes[] = []
  let last: number | bigint = -Infinity
  for (let i = 0; i < count; i++) {
    const integer = width === 2 ? input.int16() : width === 4 ? input.int32() : input.int64()
    input.check(integer > last, 'integers out of order')
    members.push('' + integer)
    last = integer
  }
  return members
}

/** The intset of integers given in ascending order. */
export function intsetOf(members: readonly Bytes[]): Uint8Array {
  const outer = Math.max(widthOf(members[0]), widthOf(members[members.length - 1]))
  const output = new Output(8 + outer * members.length)
  output.littleEndian(outer, 4)
  output.littleEndian(members.length, 4)
  for (const member of members) {
    if (outer === 8) output.int64(BigInt(member))
    else output.littleEndian(+member, outer)
  }
  return output.array
}

function widthOf(member: Bytes): number {
  const number = +member
  return number === (number << 16) >> 16 ? 2 : number === (number | 0) ? 4 : 8
}
