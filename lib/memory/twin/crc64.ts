/**
 * CRC-64 with the Jones polynomial, reflected. A step needs 64 bits, which are kept as two halves of 32 bits: many times as
 * fast as BigInt. It takes eight bytes, by eight tables of what a byte does to the checksum when 0 to 7 others have come behind
 * it.
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
  const high = HIGH[i - 256]
  const low = LOW[i - 256]
  LOW[i] = ((low >>> 8) | (high << 24)) ^ LOW[low & 255]
  HIGH[i] = (high >>> 8) ^ HIGH[low & 255]
}

/** Goes on with a checksum, which is eight bytes, the lowest first. */
export function crc64(sum: Uint8Array, array: Uint8Array, start: number, end: number): void {
  let low = sum[0] | (sum[1] << 8) | (sum[2] << 16) | (sum[3] << 24)
  let high = sum[4] | (sum[5] << 8) | (sum[6] << 16) | (sum[7] << 24)
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
  for (let k = 0; k < 4; k++) {
    sum[k] = low >>> (8 * k)
    sum[4 + k] = high >>> (8 * k)
  }
}
