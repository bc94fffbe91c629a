/**
 * The checksum of what DUMP gives: CRC-64 of Jones, reflected, as Redis reckons it. In two halves of 32 bits, for whole numbers of 64 are slow
 * in a browser.
 */
import type { Bytes } from '../wire/bytes.ts'

/** 0x95ac9329ac4bc9b5: the polynomial with its bits turned round. */
const [HIGH, LOW] = [0x95ac9329, 0xac4bc9b5]

const highs = new Uint32Array(256)
const lows = new Uint32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let [high, low] = [0, byte]
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (low & 1) === 1
    low = (low >>> 1) | ((high & 1) << 31)
    high >>>= 1
    if (isOdd) {
      low ^= LOW
      high ^= HIGH
    }
  }
  highs[byte] = high
  lows[byte] = low
}

/** Eight bytes, the lowest first. */
export function crc64(bytes: Uint8Array): Bytes {
  let [high, low] = [0, 0]
  for (let i = 0; i < bytes.length; i++) {
    const at = (low ^ bytes[i]) & 255
    low = (((low >>> 8) | ((high & 255) << 24)) ^ lows[at]) >>> 0
    high = ((high >>> 8) ^ highs[at]) >>> 0
  }
  let out = ''
  for (let i = 0; i < 4; i++) out += String.fromCharCode((low >>> (i * 8)) & 255)
  for (let i = 0; i < 4; i++) out += String.fromCharCode((high >>> (i * 8)) & 255)
  return out
}
