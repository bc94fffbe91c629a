/**
 * Nodes of long lists, from listpacks to the packed form of ListNode (keyspace/values/listnode.ts), without a string for each
 * element.
 */
import { copyInto, sliceOf } from '../../base/bytes.ts'
import { isInteger } from '../../keyspace/packed/integer.ts'
import type { PackedNode } from '../../keyspace/values/listnode.ts'
import { listpackBytes } from '../../keyspace/values/listpack.ts'
import { ListpackInput } from '../format/listpack.ts'

/** Larger nodes, which have few elements, are read as others are. */
const ARRAY_MAX = 2 ** 16
/** An element takes at most so much more in the packed form than in a listpack: an integer of 20 digits in place of 10 bytes. */
const GROWTH = 2.5
const LENGTH_MAX = 254
/** No longer string spells an integer. */
const INTEGER_LENGTH_MAX = 20
const [MINUS, ZERO, NINE] = [45, 48, 57]

const text = new Uint8Array(ARRAY_MAX * GROWTH)

/**
 * The node of a listpack; undefined where it is large, or not written as Redis writes it, or has a long element, or fewer than two.
 * @throws Malformed
 */
export function packedNode(array: Uint8Array): PackedNode | undefined {
  if (array.length > ARRAY_MAX) return undefined
  const input: ListpackInput = new ListpackInput(array)
  let count = 0
  let end = 0
  while (!input.done) {
    const { at } = input
    if (input.string()) {
      const { stringStart, stringEnd } = input
      const length = stringEnd - stringStart
      if (length > LENGTH_MAX || !isPlain(array, at, stringStart, length)) return undefined
      text[end++] = length
      for (let i = stringStart; i < stringEnd; i++) text[end++] = array[i]
    } else {
      const integer = '' + input.integer()
      if (input.at - at !== listpackBytes(integer)) return undefined
      text[end++] = integer.length
      copyInto(text, end, integer)
      end += integer.length
    }
    count++
  }
  return count < 2 ? undefined : { text: sliceOf(text, 0, end), count, bytes: array.length }
}

/** A string whose length is written in the shortest form, and which does not spell an integer. */
function isPlain(array: Uint8Array, at: number, start: number, length: number): boolean {
  if (start - at !== (length < 64 ? 1 : 2)) return false
  if (length === 0 || length > INTEGER_LENGTH_MAX) return true
  const first = array[start]
  if (first > NINE || (first < ZERO && first !== MINUS)) return true
  return !isInteger(sliceOf(array, start, start + length))
}
