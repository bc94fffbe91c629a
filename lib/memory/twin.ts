/**
 * The kernels in TypeScript, over the bytes of one array: the reference of their tests, and what runs where there is no
 * WebAssembly (Cloudflare compiles none that comes as bytes) or too little memory for it.
 */
import type { Kernels } from './kernels.ts'
import { andBits, clearBits, countBits, invertBits, orBits, repeatBits, xorBits } from './twin/bits.ts'
import { crc64 } from './twin/crc64.ts'
import { geoWithin } from './twin/geo.ts'
import { histogramOf, mergeDense, packDense, placesOf } from './twin/hyperloglog.ts'
import { compress, decompress } from './twin/lzf.ts'
import { writeRecords } from './twin/records.ts'

export function twinKernels(buffer: ArrayBuffer): Kernels {
  const u8 = new Uint8Array(buffer)
  const part = (at: number, length: number): Uint8Array => u8.subarray(at, at + length)
  return {
    countBits: (at, length) => countBits(part(at, length)),
    andBits: (into, from, length) => andBits(part(into, length), part(from, length)),
    orBits: (into, from, length) => orBits(part(into, length), part(from, length)),
    xorBits: (into, from, length) => xorBits(part(into, length), part(from, length)),
    clearBits: (into, from, length) => clearBits(part(into, length), part(from, length)),
    invertBits: (at, length) => invertBits(part(at, length)),
    repeatBits: (into, repeated, from, length) =>
      repeatBits(part(into, length), part(repeated, length), part(from, length)),
    crc64: (sum, at, length) => crc64(part(sum, 8), u8, at, at + length),
    lzfCompress: (at, length, into, room) => compress(part(at, length), part(into, room + 8), room),
    lzfDecompress: (at, compressed, into, length) => decompress(part(at, compressed), part(into, length)),
    writeRecords: (from, words, into, compresses) => writeRecords(buffer, from, words, into, compresses !== 0),
    pfPlaces: (text, ends, count) => placesOf(u8, text, new Uint32Array(buffer, ends, count)),
    pfMerge: (open, dense) => mergeDense(u8, open, u8, dense),
    pfPack: (open, dense) => packDense(u8, open, u8, dense),
    pfHistogram: (open, counts) => histogramOf(u8, open, new Uint32Array(buffer, counts, 64)),
    geoWithin: (scores, count, lon, lat, width, height, tells) =>
      geoWithin(new Float64Array(buffer, scores, count), { lon, lat }, width, height, tells !== 0),
  }
}
