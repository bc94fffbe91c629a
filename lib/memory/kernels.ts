/**
 * The loops over many bytes that are compiled (kernels/, Rust), by their names. Each has a twin in TypeScript (twin.ts), which
 * does the same. They work on addresses of one memory, see scratch.ts; of a number there the lowest byte comes first.
 */

/** Where something begins in the memory. */
export type Address = number

export interface Kernels {
  /** How many bits are set. */
  countBits(at: Address, length: number): number
  /** `into &= from` */
  andBits(into: Address, from: Address, length: number): void
  /** `into |= from` */
  orBits(into: Address, from: Address, length: number): void
  /** `into ^= from` */
  xorBits(into: Address, from: Address, length: number): void
  /** `into &= ~from` */
  clearBits(into: Address, from: Address, length: number): void
  /** `at = ~at` */
  invertBits(at: Address, length: number): void
  /** `repeated |= into & from`, then `into |= from` */
  repeatBits(into: Address, repeated: Address, from: Address, length: number): void
  /** Goes on with the checksum in the eight bytes at `sum`. */
  crc64(sum: Address, at: Address, length: number): void
  /** Compresses as liblzf; the bytes written, or 0 where more than `room` are needed. Eight bytes behind `room` are written to. */
  lzfCompress(at: Address, length: number, into: Address, room: number): number
  /** Decompresses to `length` bytes exactly, which it answers; else 0. */
  lzfDecompress(at: Address, compressed: number, into: Address, length: number): number
  /** Writes gathered keys, of so many words, as snapshots hold them; the bytes written. Some bytes behind them are written to. */
  writeRecords(from: Address, words: number, into: Address, compresses: number): number
  /** Where elements of a HyperLogLog go: in the place of each end the register, and from bit 16 on its least value. */
  pfPlaces(text: Address, ends: Address, count: number): void
  /** Raises registers, one a byte, to those of a dense value. May read four bytes behind that. */
  pfMerge(open: Address, dense: Address): void
  /** Registers, one a byte, as those of a dense value. */
  pfPack(open: Address, dense: Address): void
  /** How many registers, one a byte, have each value: 64 counts. */
  pfHistogram(open: Address, counts: Address): void
  /**
   * Distances of geohashes from a centre, in their place, or 0 where `tells` is 0; -1 outside of a circle of `width` or, where
   * `height` is not negative, a box of those halves.
   */
  geoWithin(
    scores: Address,
    count: number,
    lon: number,
    lat: number,
    width: number,
    height: number,
    tells: number,
  ): void
}
