/** Nodes of long lists as they stand in a snapshot, which are taken over without a string for each element. */
import { sliceOf } from '../../base/bytes.ts'
import { isInteger } from '../../keyspace/packed/integer.ts'
import type { PackedNode } from '../../keyspace/values/listnode.ts'
import { ListpackInput } from '../format/listpack.ts'

const HEADER_BYTES = 6
/** No longer string spells an integer. */
const INTEGER_LENGTH_MAX = 20
const [MINUS, ZERO, NINE] = [45, 48, 57]

/** The node of a listpack; undefined where it is not written as Redis writes it, or has no elements. @throws Malformed */
export function packedNode(array: Uint8Array): PackedNode | undefined {
  const input: ListpackInput = new ListpackInput(array)
  let count = 0
  while (!input.done) {
    const { at } = input
    if (input.string()) {
      if (!isPlain(array, at, input.stringStart, input.stringEnd - input.stringStart)) return undefined
    } else if (integerBytes(input.integer()) !== input.at - at) return undefined
    count++
  }
  return count === 0 ? undefined : { body: array.subarray(HEADER_BYTES, array.length - 1), count }
}

/** Bytes of an integer in its shortest form, with those of their number behind it. */
function integerBytes(integer: number | bigint): number {
  if (integer >= 0 && integer < 128) return 2
  if (integer >= -4096 && integer < 4096) return 3
  if (integer >= -32_768 && integer < 32_768) return 4
  if (integer >= -8_388_608 && integer < 8_388_608) return 5
  return integer >= -(2 ** 31) && integer < 2 ** 31 ? 6 : 10
}

/** A string whose length is written in the shortest form, and which does not spell an integer. */
function isPlain(array: Uint8Array, at: number, start: number, length: number): boolean {
  if (start - at !== (length < 64 ? 1 : length < 4096 ? 2 : 5)) return false
  if (length === 0 || length > INTEGER_LENGTH_MAX) return true
  const first = array[start]
  if (first > NINE || (first < ZERO && first !== MINUS)) return true
  return !isInteger(sliceOf(array, start, start + length))
}
