/** Strings of JSON as characters: code points of UTF-8. */
import type { Bytes } from '../../../base/bytes.ts'

/** The number of code points. O(n). */
export function characterCount(text: Bytes): number {
  let count = 0
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xc0) !== 0x80) count++
  return count
}

/** How many bytes the code point has that begins at a place. */
export function widthAt(text: Bytes, at: number): number {
  const first = text.charCodeAt(at)
  if (first < 0xc0) return 1
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}

/** The code point that begins at a place. */
export function codePointAt(text: Bytes, at: number): number {
  const first = text.charCodeAt(at)
  if (first < 0xc0) return first
  const second = text.charCodeAt(at + 1) & 0x3f
  if (first < 0xe0) return ((first & 0x1f) << 6) | second
  const third = text.charCodeAt(at + 2) & 0x3f
  if (first < 0xf0) return ((first & 0xf) << 12) | (second << 6) | third
  return ((first & 7) << 18) | (second << 12) | (third << 6) | (text.charCodeAt(at + 3) & 0x3f)
}
