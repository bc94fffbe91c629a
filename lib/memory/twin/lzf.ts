/**
 * LZF, the quick compression of long strings in snapshots (Marc Lehmann's liblzf). A control byte below 32 stands before
 * so many literal bytes plus one. Any other says to repeat what came before: its upper three bits are the length less two
 * (7: more length follows in the next byte), its lower five bits and the next byte how far back, less one.
 *
 * Which repetitions are found decides the bytes, so the search goes as in liblzf: a table of 2^16 places where three bytes of a
 * hash stood last, of which a match must lie within 8 KB; and behind a match its last two places are noted.
 */

const TABLE_BITS = 16
const LITERALS_MAX = 32
const BACK_MAX = 1 << 13
const LENGTH_MAX = 264

/** Places, counted from one that goes on from call to call, so that those of an earlier call are never near. */
let table: Uint32Array | undefined
let lastPlace = BACK_MAX

function slot(bytes: number): number {
  return ((bytes >>> (24 - TABLE_BITS)) - bytes * 5) & ((1 << TABLE_BITS) - 1)
}

function three(input: Uint8Array, at: number): number {
  return (input[at] << 16) | (input[at + 1] << 8) | input[at + 2]
}

/** Compresses; the number of bytes written, or 0 where more than `room` are needed, though `out` be longer. */
export function compress(input: Uint8Array, out: Uint8Array, room: number): number {
  const { length } = input
  if (length === 0 || room === 0) return 0
  table ??= new Uint32Array(1 << TABLE_BITS)
  if (lastPlace > 0xffffffff - BACK_MAX - length) {
    table.fill(0)
    lastPlace = BACK_MAX
  }
  // The first byte is never gone back to, as in liblzf.
  const start = lastPlace
  lastPlace += length + BACK_MAX
  let at = 0
  let to = 1
  let literals = 0
  while (at + 2 < length) {
    const bytes = three(input, at)
    const noted = slot(bytes)
    const from = table[noted] - start
    table[noted] = start + at
    const back = at - from - 1
    if (from > 0 && back >= 0 && back < BACK_MAX && three(input, from) === bytes) {
      if (to + 4 - (literals === 0 ? 1 : 0) >= room) return 0
      out[to - literals - 1] = literals - 1
      if (literals === 0) to--
      const matched = matching(input, from, at, Math.min(LENGTH_MAX, length - at - 2))
      at += matched
      const count = matched - 2
      if (count < 7) out[to] = (back >> 8) + (count << 5)
      else {
        out[to++] = (back >> 8) + (7 << 5)
        out[to] = count - 7
      }
      out[to + 1] = back
      // Behind it is room for the number of the next literals.
      to += 3
      literals = 0
      if (at + 2 >= length) break
      table[slot(three(input, at - 2))] = start + at - 2
      table[slot(three(input, at - 1))] = start + at - 1
    } else {
      if (to >= room) return 0
      out[to++] = input[at++]
      if (++literals === LITERALS_MAX) {
        out[to - literals - 1] = literals - 1
        literals = 0
        to++
      }
    }
  }
  if (to + 3 > room) return 0
  while (at < length) {
    out[to++] = input[at++]
    if (++literals === LITERALS_MAX) {
      out[to - literals - 1] = literals - 1
      literals = 0
      to++
    }
  }
  out[to - literals - 1] = literals - 1
  return literals === 0 ? to - 1 : to
}

/** How many bytes are the same, three of which are known to be; at most as many as liblzf looks at. */
function matching(input: Uint8Array, from: number, at: number, most: number): number {
  let count = 3
  if (most > 16) {
    for (; count <= 18; count++) if (input[from + count] !== input[at + count]) return count
  }
  while (count < most && input[from + count] === input[at + count]) count++
  return count
}

/**
 * Decompresses what stands from `start` to before `end` to `length` bytes of the output, from `into` on. Answers `length`; 0 if that
 * cannot be.
 */
export function decompress(
  input: Uint8Array,
  output: Uint8Array,
  start = 0,
  end = input.length,
  length = output.length,
  into = 0,
): number {
  const last = into + length
  let from = start
  let to = into
  while (from < end) {
    const control = input[from++]
    if (control < LITERALS_MAX) {
      const count = control + 1
      if (from + count > end || to + count > last) return 0
      for (let i = 0; i < count; i++) output[to++] = input[from++]
      continue
    }
    let count = (control >> 5) + 2
    if (count === 9 && from < end) count += input[from++]
    if (from >= end) return 0
    let back = to - (((control & 31) << 8) | input[from++]) - 1
    if (back < into || to + count > last) return 0
    for (let i = 0; i < count; i++) output[to++] = output[back++]
  }
  return to === last ? length : 0
}
