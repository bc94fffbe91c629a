/**
 * The hash by which keys are found, of text and of bytes alike: four bytes at a time are mixed in by multiplying, and what has come
 * to the top is folded back; the finish is MurmurHash3's. Seeded per process, so that nobody outside can tell which keys
 * share a slot; it is not SipHash.
 */
import type { Bytes } from '../../base/bytes.ts'

const SEED = Math.floor(Math.random() * 2 ** 32) | 0
const MULTIPLIER = 0x5bd1e995

/** 32 bits. */
export function hashOfText(key: Bytes): number {
  const { length } = key
  const whole = length & ~3
  let hash = SEED ^ length
  for (let i = 0; i < whole; i += 4) {
    const word =
      key.charCodeAt(i) | (key.charCodeAt(i + 1) << 8) | (key.charCodeAt(i + 2) << 16) | (key.charCodeAt(i + 3) << 24)
    hash = Math.imul(hash ^ word, MULTIPLIER)
    hash ^= hash >>> 15
  }
  let rest = 0
  for (let i = length - 1; i >= whole; i--) rest = (rest << 8) | key.charCodeAt(i)
  return finished(hash ^ rest)
}

/** The same of bytes that stand somewhere. */
export function hashOfBytes(view: DataView, start: number, end: number): number {
  const whole = start + ((end - start) & ~3)
  let hash = SEED ^ (end - start)
  for (let i = start; i < whole; i += 4) {
    hash = Math.imul(hash ^ view.getInt32(i, true), MULTIPLIER)
    hash ^= hash >>> 15
  }
  let rest = 0
  for (let i = end - 1; i >= whole; i--) rest = (rest << 8) | view.getUint8(i)
  return finished(hash ^ rest)
}

/** The same of a part of an array. */
export function hashOfArray(bytes: Uint8Array, start: number, end: number): number {
  const whole = start + ((end - start) & ~3)
  let hash = SEED ^ (end - start)
  for (let i = start; i < whole; i += 4) {
    const word = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24)
    hash = Math.imul(hash ^ word, MULTIPLIER)
    hash ^= hash >>> 15
  }
  let rest = 0
  for (let i = end - 1; i >= whole; i--) rest = (rest << 8) | bytes[i]
  return finished(hash ^ rest)
}

function finished(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35)
  return twice ^ (twice >>> 16)
}
