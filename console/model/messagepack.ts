/** MessagePack, to look at: a value as JavaScript's, in which bytes that are no text stand in hexadecimal. */
import { type Bytes, fromArray, toArray, toHex, toText } from '../wire/bytes.ts'

export type Unpacked = null | boolean | number | bigint | string | Unpacked[] | { [name: string]: Unpacked }

const DEPTH_MAX = 128

/** Undefined where the bytes are no MessagePack, or go on behind it. */
export function unpack(bytes: Bytes): Unpacked | undefined {
  const reader = new Reader(toArray(bytes))
  try {
    const value = reader.value(0)
    return reader.isAtEnd ? value : undefined
  } catch {
    return undefined
  }
}

/** Worth a look: single numbers are MessagePack, too, as any digit is. */
export function isMessagePack(bytes: Bytes): boolean {
  if (!/^[\x80-\x9f\xc1-\xc9\xd4-\xdf]/.test(bytes)) return false
  const value = unpack(bytes)
  return typeof value === 'object' && value !== null
}

class Reader {
  readonly #view: DataView<ArrayBuffer>
  #at = 0

  constructor(array: Uint8Array<ArrayBuffer>) {
    this.#view = new DataView(array.buffer)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#view.byteLength
  }

  /** @throws RangeError past the end, Error for what is none */
  value(depth: number): Unpacked {
    if (depth > DEPTH_MAX) throw new Error('too deep')
    const first = this.#unsigned(1)
    if (first < 0x80) return first
    if (first < 0x90) return this.#map(first & 15, depth)
    if (first < 0xa0) return this.#list(first & 15, depth)
    if (first < 0xc0) return this.#text(first & 31)
    if (first >= 0xe0) return first - 256
    switch (first) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xca:
        return this.#view.getFloat32((this.#at += 4) - 4)
      case 0xcb:
        return this.#view.getFloat64((this.#at += 8) - 8)
      case 0xcf:
        return this.#view.getBigUint64((this.#at += 8) - 8)
      case 0xd3:
        return this.#view.getBigInt64((this.#at += 8) - 8)
      case 0xdc:
      case 0xdd:
        return this.#list(this.#unsigned(first === 0xdc ? 2 : 4), depth)
      case 0xde:
      case 0xdf:
        return this.#map(this.#unsigned(first === 0xde ? 2 : 4), depth)
    }
    if (first >= 0xcc && first <= 0xce) return this.#unsigned(1 << (first - 0xcc))
    if (first >= 0xd0 && first <= 0xd2) return this.#signed(1 << (first - 0xd0))
    if (first >= 0xd9 && first <= 0xdb) return this.#text(this.#unsigned(1 << (first - 0xd9)))
    if (first >= 0xc4 && first <= 0xc6) return this.#text(this.#unsigned(1 << (first - 0xc4)))
    if (first >= 0xc7 && first <= 0xc9) return this.#extension(this.#unsigned(1 << (first - 0xc7)))
    if (first >= 0xd4 && first <= 0xd8) return this.#extension(1 << (first - 0xd4))
    throw new Error('no MessagePack')
  }

  #unsigned(size: number): number {
    let value = 0
    for (let i = 0; i < size; i++) value = value * 256 + this.#view.getUint8(this.#at++)
    return value
  }

  #signed(size: number): number {
    const value = this.#unsigned(size)
    return value >= 2 ** (size * 8 - 1) ? value - 2 ** (size * 8) : value
  }

  #text(length: number): string {
    if (this.#at + length > this.#view.byteLength) throw new RangeError('broken off')
    const bytes = fromArray(new Uint8Array(this.#view.buffer, this.#at, length))
    this.#at += length
    return toText(bytes) ?? `0x${toHex(bytes)}`
  }

  #extension(length: number): Unpacked {
    const type = this.#signed(1)
    return [`extension ${type}`, this.#text(length)]
  }

  #list(length: number, depth: number): Unpacked[] {
    if (length > this.#view.byteLength) throw new RangeError('broken off')
    return Array.from({ length }, () => this.value(depth + 1))
  }

  #map(length: number, depth: number): Unpacked {
    if (length > this.#view.byteLength) throw new RangeError('broken off')
    const map = new Map<string, Unpacked>()
    for (let i = 0; i < length; i++) {
      const name = this.value(depth + 1)
      map.set(typeof name === 'string' ? name : String(name), this.value(depth + 1))
    }
    return Object.fromEntries(map)
  }
}
