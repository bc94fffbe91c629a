/**
 * Glob matching as KEYS, SCAN MATCH, PSUBSCRIBE and CONFIG GET know it: `?` one byte, `*` any bytes, `[a-c]` and `[^a-c]`
 * classes, `\` takes the next byte as it is. Malformed patterns have no error: an unclosed class ends with the pattern.
 *
 * Everything but `*` takes exactly one byte, so after a mismatch it is enough to go back to the last `*` and let it take
 * one byte more; an earlier one could not help. That bounds the work by pattern times string, whatever the pattern.
 */
import type { Bytes } from '../base/bytes.ts'

/** A pattern with more groups of `*` matches nothing, as in Redis 7.4 (there it bounds recursion). */
const MAX_STARS = 1000

const STAR = 42
const QUESTION = 63
const OPEN = 91
const BACKSLASH = 92
const CLOSE = 93
const CARET = 94
const DASH = 45

/** True if the whole of `bytes` matches. The empty string matches only the empty pattern, as in Redis. */
export function globMatches(pattern: Bytes, bytes: Bytes, ignoreCase = false): boolean {
  const { length } = bytes
  if (length === 0) return pattern.length === 0
  let p = 0
  let b = 0
  let stars = 0
  let afterStar = -1
  let takenByStar = 0
  for (;;) {
    let next = -1
    if (p < pattern.length) {
      if (pattern.charCodeAt(p) === STAR) {
        while (pattern.charCodeAt(p) === STAR) p++
        if (p === pattern.length) return true
        if (++stars > MAX_STARS) return false
        afterStar = p
        takenByStar = b
      }
      next = matchOne(pattern, p, bytes.charCodeAt(b), ignoreCase)
    }
    if (next !== -1) {
      p = next
      if (++b < length) continue
      while (pattern.charCodeAt(p) === STAR) p++
      // With bytes left over in the pattern a longer `*` would only leave more of them.
      return p === pattern.length
    }
    if (afterStar === -1 || ++takenByStar === length) return false
    p = afterStar
    b = takenByStar
  }
}

/** True for a pattern that every name matches. */
export function matchesAll(pattern: Bytes): boolean {
  return pattern === '*'
}

/** Matches one byte against the pattern's element at `p`. Returns the position after the element, -1 for no match. */
function matchOne(pattern: Bytes, p: number, byte: number, ignoreCase: boolean): number {
  let code = pattern.charCodeAt(p)
  if (code === QUESTION) return p + 1
  if (code === OPEN) return matchClass(pattern, p + 1, byte, ignoreCase)
  if (code === BACKSLASH && p + 1 < pattern.length) code = pattern.charCodeAt(++p)
  return code === byte || (ignoreCase && lower(code) === lower(byte)) ? p + 1 : -1
}

/** As `matchOne`, for a class; `p` stands behind the bracket. */
function matchClass(pattern: Bytes, p: number, byte: number, ignoreCase: boolean): number {
  const negated = pattern.charCodeAt(p) === CARET
  if (negated) p++
  let found = false
  for (; p < pattern.length; p++) {
    const code = pattern.charCodeAt(p)
    if (code === BACKSLASH && p + 1 < pattern.length) {
      if (pattern.charCodeAt(++p) === byte) found = true
    } else if (code === CLOSE) {
      break
    } else if (p + 2 < pattern.length && pattern.charCodeAt(p + 1) === DASH) {
      if (inRange(code, pattern.charCodeAt(p + 2), byte, ignoreCase)) found = true
      p += 2
    } else if (code === byte || (ignoreCase && lower(code) === lower(byte))) {
      found = true
    }
  }
  if (found === negated) return -1
  return Math.min(p + 1, pattern.length)
}

/** Redis compares the ends of a range as signed bytes, and takes them in either order. */
function inRange(from: number, to: number, byte: number, ignoreCase: boolean): boolean {
  let start = Math.min(signed(from), signed(to))
  let end = Math.max(signed(from), signed(to))
  let at = signed(byte)
  if (ignoreCase) {
    start = lower(start)
    end = lower(end)
    at = lower(at)
  }
  return at >= start && at <= end
}

function signed(byte: number): number {
  return byte < 128 ? byte : byte - 256
}

function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code
}
