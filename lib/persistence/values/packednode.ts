/**
 * Nodes of long lists as they stand in a snapshot, which are taken over without a string for each element. What is not written as Redis
 * writes it, or is no listpack at all, is left to the strict reader (format/listpack.ts).
 */
import { END, HEADER_BYTES } from '../../keyspace/packed/element.ts'
import type { PackedNode } from '../../keyspace/values/listnode.ts'
import { behindPlain, claimsElements, uint32 } from '../format/plainelement.ts'

/** The node of a listpack; undefined where it is not written as Redis writes it, or has no elements. */
export function packedNode(array: Uint8Array): PackedNode | undefined {
  const end = array.length - 1
  if (end < HEADER_BYTES || array[end] !== END || uint32(array, 0) !== array.length) return undefined
  let count = 0
  let at = HEADER_BYTES
  while (at < end) {
    at = behindPlain(array, at, end)
    if (at === -1) return undefined
    count++
  }
  if (count === 0 || !claimsElements(array, count)) return undefined
  return { body: array.subarray(HEADER_BYTES, end), count }
}
