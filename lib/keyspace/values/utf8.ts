/** UTF-8 among bytes: whether they are, and the bytes of a code point. */

/** Where the first bytes stand that are not UTF-8 (RFC 3629), of so many; -1 for none. O(n). */
export function invalidUtf8At(bytes: Uint8Array, length: number): number {
  let at = 0
  while (at < length) {
    const lead = bytes[at]
    if (lead < 0x80) {
      at++
      continue
    }
    const more = lead >= 0xc2 && lead <= 0xdf ? 1 : (lead & 0xf0) === 0xe0 ? 2 : lead >= 0xf0 && lead <= 0xf4 ? 3 : 0
    if (more === 0 || at + more >= length) return at
    const second = bytes[at + 1]
    // Neither longer than need be, nor a surrogate, nor past U+10FFFF.
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    if (second < low || second > high) return at
    for (let i = 2; i <= more; i++) if ((bytes[at + i] & 0xc0) !== 0x80) return at
    at += more + 1
  }
  return -1
}

/** Writes a code point that is no surrogate. The place behind it. */
export function putCodePoint(bytes: Uint8Array, at: number, codePoint: number): number {
  if (codePoint < 0x80) {
    bytes[at] = codePoint
    return at + 1
  }
  let last = at + 1
  if (codePoint < 0x800) bytes[at] = 0xc0 | (codePoint >> 6)
  else {
    if (codePoint < 0x10000) bytes[at] = 0xe0 | (codePoint >> 12)
    else {
      bytes[at] = 0xf0 | (codePoint >> 18)
      bytes[last++] = 0x80 | ((codePoint >> 12) & 63)
    }
    bytes[last++] = 0x80 | ((codePoint >> 6) & 63)
  }
  bytes[last] = 0x80 | (codePoint & 63)
  return last + 1
}
