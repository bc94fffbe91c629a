/**
 * Keys as a snapshot of Redis (RDB), put together here: what DUMP gives of a value is what a snapshot holds of it, but for a footer. The
 * file has no checksum, which Redis takes as one that is switched off. Functions are not in it: FUNCTION DUMP gives those.
 */
import { type Bytes, toArray } from '../wire/bytes.ts'
import type { Dumped } from './transfer.ts'

/** Behind a value in what DUMP gives: the version in two bytes, and a checksum in eight. */
const FOOTER = 10
const [EXPIRES_AT, SELECT_DB, END] = ['\xfc', '\xfe', '\xff']
const NO_CHECKSUM = '\0'.repeat(8)

export class RdbFile {
  readonly #parts: Uint8Array<ArrayBuffer>[] = []
  #version = 0
  count = 0

  constructor(db: number) {
    this.#parts.push(toArray(SELECT_DB + lengthOf(db)))
  }

  /** `now`: unix ms, at which the key had its time left. */
  add({ key, ttl, dump }: Dumped, now: number): void {
    const version = dump.charCodeAt(dump.length - FOOTER) + dump.charCodeAt(dump.length - FOOTER + 1) * 256
    this.#version = Math.max(this.#version, version)
    const expiry = ttl < 0 ? '' : EXPIRES_AT + littleEndian(now + ttl)
    this.#parts.push(toArray(expiry + dump[0] + lengthOf(key.length) + key + dump.slice(1, -FOOTER)))
    this.count++
  }

  /** A file of the version that its values need. */
  blob(): Blob {
    const head = `REDIS${String(this.#version || 9).padStart(4, '0')}`
    return new Blob([toArray(head), ...this.#parts, toArray(END + NO_CHECKSUM)])
  }
}

/** A length as RDB has it: in 6 bits, in 14, or in 32. */
function lengthOf(length: number): Bytes {
  if (length < 64) return String.fromCharCode(length)
  if (length < 16384) return String.fromCharCode(0x40 | (length >> 8), length & 255)
  return String.fromCharCode(0x80, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255)
}

/** Eight bytes. */
function littleEndian(value: number): Bytes {
  let bytes = ''
  for (let i = 0; i < 8; i++) {
    bytes += String.fromCharCode(value % 256)
    value = Math.floor(value / 256)
  }
  return bytes
}
