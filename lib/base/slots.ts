/**
 * The slot of a key in a Redis Cluster: CRC16 (XMODEM) of it, or of what stands between its first { and the next }, modulo 16384, so
 * that keys with the same word in braces stand together.
 */
import type { Bytes } from '../base/bytes.ts'

export const SLOTS = 16384

const TABLE = new Uint16Array(256)
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 8
  for (let i = 0; i < 8; i++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  TABLE[byte] = crc
}

export function slotOf(key: Bytes): number {
  const open = key.indexOf('{')
  const close = open === -1 ? -1 : key.indexOf('}', open + 1)
  const hasTag = close > open + 1
  const end = hasTag ? close : key.length
  let crc = 0
  for (let i = hasTag ? open + 1 : 0; i < end; i++) {
    crc = ((crc << 8) & 0xffff) ^ TABLE[((crc >> 8) ^ key.charCodeAt(i)) & 0xff]
  }
  return crc % SLOTS
}

/** The slot of all keys that a glob pattern can match; undefined where they may have several. */
export function slotOfPattern(pattern: Bytes): number | undefined {
  const tag = /^[^*?[\\{]*\{[^*?[\\}]+\}/.exec(pattern)
  if (tag !== null) return slotOf(tag[0])
  return /[*?[\\]/.test(pattern) ? undefined : slotOf(pattern)
}
