/**
 * SHA-1 of bytes, as `redis.sha1hex` gives it: an edit says with it what it believes to overwrite. The browser's own is not there
 * for pages without TLS.
 */
import { type Bytes, toArray } from './bytes.ts'

export function sha1(bytes: Bytes): string {
  const blocks = padded(toArray(bytes))
  const words = new Int32Array(80)
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0])
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = blocks.getInt32(at + i * 4)
    for (let i = 16; i < 80; i++) words[i] = turned(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1)
    let [a, b, c, d, e] = state
    for (let i = 0; i < 80; i++) {
      const [mixed, constant] = round(i, b, c, d)
      const next = (turned(a, 5) + mixed + e + constant + words[i]) | 0
      e = d
      d = c
      c = turned(b, 30)
      b = a
      a = next
    }
    state[0] += a
    state[1] += b
    state[2] += c
    state[3] += d
    state[4] += e
  }
  return [...state].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

function round(i: number, b: number, c: number, d: number): [number, number] {
  if (i < 20) return [(b & c) | (~b & d), 0x5a827999]
  if (i < 40) return [b ^ c ^ d, 0x6ed9eba1]
  if (i < 60) return [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
  return [b ^ c ^ d, 0xca62c1d6]
}

function turned(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}

/** The bytes, one bit, and their length in bits, in whole blocks of 64 bytes. */
function padded(array: Uint8Array): DataView {
  const length = Math.ceil((array.length + 9) / 64) * 64
  const all = new Uint8Array(length)
  all.set(array)
  all[array.length] = 0x80
  const view = new DataView(all.buffer)
  view.setUint32(length - 8, Math.floor(array.length / 2 ** 29))
  view.setUint32(length - 4, (array.length << 3) >>> 0)
  return view
}
