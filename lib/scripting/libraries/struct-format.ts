/**
 * The formats of the `struct` library, option by option: a letter, perhaps with a number, and how many bytes it takes at
 * which alignment. Sizes are those of C on x86-64, as in Redis's builds.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { LuaApi } from '../luaapi.ts'
import type { LuaState } from '../luamemory.ts'
import { badArgument } from './arguments.ts'

const INT_MAX = 2 ** 31 - 1
const MAX_INTEGER_SIZE = 32
/** What `!` without a number stands for. */
const MAX_ALIGN = 8
const INT_SIZE = 4
/** Units of work of each option. */
const OPTION_WORK = 16

/** Sizes of the options that have a fixed one. */
const SIZES: Readonly<Record<string, number>> = { b: 1, B: 1, h: 2, H: 2, l: 8, L: 8, T: 8, f: 4, d: 8, x: 1 }

export class Format {
  readonly #api: LuaApi
  readonly #L: LuaState
  readonly #text: Bytes
  #at = 0
  #align = 1
  isLittleEndian = true
  /** The option at hand. */
  option = ''
  /** Bytes that it takes; 0 if that depends on the value, or if it takes none. */
  size = 0

  constructor(api: LuaApi, L: LuaState, text: Bytes) {
    this.#api = api
    this.#L = L
    this.#text = text
  }

  /** Goes to the next option; false at the end. Raises an error if its number is too large. */
  next(): boolean {
    if (this.#at === this.#text.length) return false
    this.#api.work(OPTION_WORK)
    this.option = this.#text[this.#at++]
    this.size = this.#sizeOfOption()
    return true
  }

  /** How many bytes to leave out before the option at hand if it begins at a position. */
  padding(position: number): number {
    if (this.size === 0 || this.option === 'c') return 0
    const size = Math.min(this.size, this.#align)
    return (size - (position & (size - 1))) & (size - 1)
  }

  /** Does what an option says that is about the format itself; any other is an error. */
  control(): void {
    switch (this.option) {
      case ' ':
        return
      case '>':
        this.isLittleEndian = false
        return
      case '<':
        this.isLittleEndian = true
        return
      case '!':
        this.#align = this.#number(MAX_ALIGN)
        if (this.#align <= 0 || (this.#align & (this.#align - 1)) !== 0)
          this.#api.error(this.#L, `alignment ${this.#align} is not a power of 2`)
        return
    }
    badArgument(this.#api, this.#L, 1, `invalid format option '${this.option}'`)
  }

  #sizeOfOption(): number {
    if (this.option === 'c') return this.#number(1)
    if (this.option !== 'i' && this.option !== 'I') return SIZES[this.option] ?? 0
    const size = this.#number(INT_SIZE)
    if (size > MAX_INTEGER_SIZE)
      this.#api.error(this.#L, `integral size ${size} is larger than limit of ${MAX_INTEGER_SIZE}`)
    return size
  }

  /** The number that follows, or what stands for none. */
  #number(otherwise: number): number {
    const text = this.#text
    let digit = text.charCodeAt(this.#at) - 48
    if (!(digit >= 0 && digit <= 9)) return otherwise
    let value = 0
    for (; digit >= 0 && digit <= 9; digit = text.charCodeAt(++this.#at) - 48) {
      value = value * 10 + digit
      if (value > INT_MAX) this.#api.error(this.#L, 'integral size overflow')
    }
    return value
  }
}
