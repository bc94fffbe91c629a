/** UTF-8 among Bytes: whether they are, and the bytes of a code point. */
import { type Bytes, isAscii } from '../../base/bytes.ts'

/** Where the first bytes stand that are not UTF-8 (RFC 3629); -1 for none. O(n). */
export function invalidUtf8At(bytes: Bytes): number {
  if (isAscii(bytes)) return -1
  const { length } = bytes
  let at = 0
  while (at < length) {
    const lead = bytes.charCodeAt(at)
    if (lead < 0x80) {
      at++
      continue
    }
    const more = lead >= 0xc2 && lead <= 0xdf ? 1 : (lead & 0xf0) === 0xe0 ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0
    if (more === 0 || at + more >= length) return at
    const second = bytes.charCodeAt(at + 1)
    // Neither longer than need be, nor a surrogate, nor past U+10FFFF.
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    if (second < low || second > high) return at
    for (let i = 2; i <= more; i++) if ((bytes.charCodeAt(at + i) & 0xc0) !== 0x80) return at
    at += more + 1
  }
  return -1
}

/** The bytes of a code point that is no surrogate. */
export function utf8Of(codePoint: number): Bytes {
  if (codePoint < 0x80) return String.fromCharCode(codePoint)
  if (codePoint < 0x800) return String.fromCharCode(0xc0 | (codePoint >> 6), 0x80 | (codePoint & 63))
  const last = 0x80 | (codePoint & 63)
  const middle = 0x80 | ((codePoint >> 6) & 63)
  if (codePoint < 0x10000) return String.fromCharCode(0xe0 | (codePoint >> 12), middle, last)
  return String.fromCharCode(0xf0 | (codePoint >> 18), 0x80 | ((codePoint >> 12) & 63), middle, last)
}
