/**
 * CRC-64 with the Jones polynomial, reflected, starting at 0: the checksum at the end of snapshots and of DUMP's payloads.
 * A step needs 64 bits, which are kept as two halves of 32 bits: many times as fast as BigInt. It takes eight bytes, by eight
 * tables of what a byte does to the checksum when 0 to 7 others have come behind it.
 */

/** The polynomial ad93d23594c935a9 with its bits in reverse order. */
const POLYNOMIAL_HIGH = 0x95ac9329
const POLYNOMIAL_LOW = 0xac4bc9b5

/** Table k at 256 * k. */
const HIGH = new Int32Array(8 * 256)
const LOW = new Int32Array(8 * 256)

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
for (let i = 256; i < 8 * 256; i++) {
  const [high, low] = [HIGH[i - 256], LOW[i - 256]]
  LOW[i] = ((low >>> 8) | (high << 24)) ^ LOW[low & 255]
  HIGH[i] = (high >>> 8) ^ HIGH[low & 255]
}

/** A checksum that is taken of one piece after the other. */
export class Crc64 {
  #high = 0
  #low = 0

  add(array: Uint8Array, start = 0, end = array.length): void {
    let high = this.#high
    let low = this.#low
    let i = start
    for (; i + 8 <= end; i += 8) {
      const a = low ^ (array[i] | (array[i + 1] << 8) | (array[i + 2] << 16) | (array[i + 3] << 24))
      const b = high ^ (array[i + 4] | (array[i + 5] << 8) | (array[i + 6] << 16) | (array[i + 7] << 24))
      const a0 = 1792 + (a & 255)
      const a1 = 1536 + ((a >>> 8) & 255)
      const a2 = 1280 + ((a >>> 16) & 255)
      const a3 = 1024 + (a >>> 24)
      const b0 = 768 + (b & 255)
      const b1 = 512 + ((b >>> 8) & 255)
      const b2 = 256 + ((b >>> 16) & 255)
      const b3 = b >>> 24
      low = LOW[a0] ^ LOW[a1] ^ LOW[a2] ^ LOW[a3] ^ LOW[b0] ^ LOW[b1] ^ LOW[b2] ^ LOW[b3]
      high = HIGH[a0] ^ HIGH[a1] ^ HIGH[a2] ^ HIGH[a3] ^ HIGH[b0] ^ HIGH[b1] ^ HIGH[b2] ^ HIGH[b3]
    }
    for (; i < end; i++) {
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
