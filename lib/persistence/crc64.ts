/**
 * CRC-64 with the Jones polynomial, reflected, starting at 0: the checksum at the end of snapshots and of DUMP's payloads.
 * A step needs 64 bits, which are kept as two halves of 32 bits: many times as fast as BigInt.
 */

/** The polynomial ad93d23594c935a9 with its bits in reverse order. */
const POLYNOMIAL_HIGH = 0x95ac9329
const POLYNOMIAL_LOW = 0xac4bc9b5

const HIGH = new Uint32Array(256)
const LOW = new Uint32Array(256)

for (let byte = 0; byte < 256; byte++) {
  let high = 0
  let low = byte
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1
    low = (low >>> 1) | (high << 31)
    high >>>= 1
    if (carry) {
      low ^= POLYNOMIAL_LOW
      high ^= POLYNOMIAL_HIGH
    }
  }
  HIGH[byte] = high
  LOW[byte] = low
}

/** A checksum that is taken of one piece after the other. */
export class Crc64 {
  #high = 0
  #low = 0

  add(array: Uint8Array, start = 0, end = array.length): void {
    let high = this.#high
    let low = this.#low
    for (let i = start; i < end; i++) {
      const index = (low ^ array[i]) & 255
      low = ((low >>> 8) | (high << 24)) ^ LOW[index]
      high = (high >>> 8) ^ HIGH[index]
    }
    this.#high = high
    this.#low = low
  }

  /** As its eight bytes from the lowest to the highest. */
  get sum(): Uint8Array {
    const sum = new Uint8Array(8)
    for (let i = 0; i < 4; i++) {
      sum[i] = this.#low >>> (8 * i)
      sum[4 + i] = this.#high >>> (8 * i)
    }
    return sum
  }
}

/** The checksum of the bytes up to `end`. */
export function crc64(array: Uint8Array, end: number): Uint8Array {
  const crc = new Crc64()
  crc.add(array, 0, end)
  return crc.sum
}

/** True if the eight bytes at `end` are the checksum of those before them. */
export function hasChecksum(array: Uint8Array, end: number): boolean {
  const sum = crc64(array, end)
  for (let i = 0; i < 8; i++) if (sum[i] !== array[end + i]) return false
  return true
}
