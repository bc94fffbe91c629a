/** The array from which sealed nodes of lists are read (listnode.ts): one for all, which holds what was asked for last. */
import { type Bytes, copyInto } from '../../base/bytes.ts'

export interface Shown {
  readonly array: Uint8Array
  readonly view: DataView
}

/** Room for nearly all nodes; for a larger one it is made anew, and given up with the next. Unit: bytes. */
const ROOM_BYTES = 64 * 1024 + 64

let room = roomOf(ROOM_BYTES)
let text: Bytes = ''

/** The bytes of a node, from the first of the array on, until another is asked for. O(1) for the same again. */
export function shown(bytes: Bytes): Shown {
  if (bytes === text) return room
  const length = Math.max(ROOM_BYTES, bytes.length)
  if (length !== room.array.length) room = roomOf(length)
  copyInto(room.array, 0, bytes)
  text = bytes
  return room
}

function roomOf(length: number): Shown {
  const array = new Uint8Array(length)
  return { array, view: new DataView(array.buffer) }
}
