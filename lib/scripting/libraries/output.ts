/**
 * Bytes on their way to becoming a Lua string: gathered here, beside Lua's memory, and pushed as one. The array is kept
 * from call to call, unless one made it large; what would not fit into Lua's memory is refused while it grows.
 */
import type { LuaApi } from '../luaapi.ts'
import type { Address, LuaState } from '../luamemory.ts'

const KEPT_BYTES = 65536
/** Bytes that are copied for a unit of work. Log of 2. */
const COPIED_BYTES_LOG = 5
/** Up to here a loop is quicker than memcpy with what it takes to call it. */
const SHORT_BYTES = 32

export class Output {
  readonly #api: LuaApi
  #L: LuaState
  /** To be written to directly after `reserve`, which may put another array in its place. */
  bytes = new Uint8Array(KEPT_BYTES)
  length = 0

  constructor(api: LuaApi) {
    this.#api = api
    this.#L = api.L
  }

  /** Begins anew, for a function that runs on `L`. */
  begin(L: LuaState): void {
    this.#L = L
    this.#release()
  }

  #release(): void {
    this.length = 0
    if (this.bytes.length > KEPT_BYTES) this.bytes = new Uint8Array(KEPT_BYTES)
  }

  /** Makes room for so many bytes more. Raises "not enough memory". */
  reserve(count: number): void {
    if (this.length + count > this.bytes.length) this.#grow(this.length + count)
  }

  #grow(needed: number): void {
    if (needed > this.#api.maxBytes) {
      this.#release()
      this.#api.memoryError(this.#L)
    }
    const bytes = new Uint8Array(Math.max(needed, 2 * this.bytes.length))
    bytes.set(this.bytes.subarray(0, this.length))
    this.bytes = bytes
  }

  byte(byte: number): void {
    this.reserve(1)
    this.bytes[this.length++] = byte
  }

  /** The low `size` bytes of an integer, the highest first; at most four. */
  integer(value: number, size: number): void {
    this.reserve(size)
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) this.bytes[this.length++] = value >>> shift
  }

  /** A short text of bytes. */
  text(text: string): void {
    const { length } = text
    this.reserve(length)
    const { bytes } = this
    let at = this.length
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i)
    this.length = at
  }

  /** Bytes of Lua's memory. */
  copy(address: Address, count: number): void {
    this.reserve(count)
    const { bytes, length } = this
    const { u8 } = this.#api
    this.#api.work(1 + (count >> COPIED_BYTES_LOG))
    if (count > SHORT_BYTES) bytes.set(u8.subarray(address, address + count), length)
    else for (let i = 0; i < count; i++) bytes[length + i] = u8[address + i]
    this.length = length + count
  }

  /** Bytes of Lua's memory, the last first. */
  copyReversed(address: Address, count: number): void {
    this.reserve(count)
    for (let i = count - 1; i >= 0; i--) this.bytes[this.length++] = this.#api.u8[address + i]
  }

  zeros(count: number): void {
    if (count === 0) return
    this.#api.work(1 + (count >> COPIED_BYTES_LOG))
    this.reserve(count)
    this.bytes.fill(0, this.length, (this.length += count))
  }

  /** Leaves the string on the stack. */
  push(): void {
    this.#api.pushArray(this.#L, this.bytes, this.length)
    this.#release()
  }
}
