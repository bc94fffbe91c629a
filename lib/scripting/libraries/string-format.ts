/**
 * string.format as in the 64-bit builds of Redis. In the 32-bit binary C's long has 32 bits, so that `%d` of a time in
 * milliseconds would come out wrong. Integers, characters and strings are laid out here; a float goes through the
 * binary's own function, for the digits are the C library's business.
 */
import type { Bytes } from '../../base/bytes.ts'
import { type LuaApi, type LuaFunction, REGISTRY_INDEX } from '../luaapi.ts'
import type { LuaState } from '../luamemory.ts'
import { checkNumber, toInt64, toUint64 } from './arguments.ts'
import { Output } from './output.ts'

const PERCENT = 0x25
const LETTERS = 'cdiouxXeEfgGqs'
/** Flags, width, precision: what may stand between the percent sign and the letter. */
const ITEM = /([-+ #0]*)(\d{0,2})(?:(\.)(\d{0,2}))?/y
/** That a flag may stand so often is a whim of Lua's. */
const FLAGS_MAX = 5
/** A string so long is not padded. */
const LONG_STRING = 100
const QUOTED: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\\n', '\r': '\\r', '\0': '\\000' }

interface Item {
  /** All of it, for C. */
  readonly text: string
  readonly flags: string
  readonly width: number
  /** -1 without one. */
  readonly precision: number
  readonly letter: string
  /** Neither flags nor width nor precision. */
  readonly isPlain: boolean
  /** What is wrong with it: an error once its turn comes. */
  readonly problem: string | undefined
}

/** Formats are constants of scripts, so a few are kept in parts. */
const KEPT_FORMATS = 200
const KEPT_LENGTH = 200

/** Units of work of each part. */
const PART_WORK = 16

/** Puts it in the place of the one in the global table `string`. */
export function installStringFormat(api: LuaApi): void {
  const { c, L } = api
  api.getGlobal(L, 'string')
  c.lua_getfield(L, -1, api.name('format'))
  const formatter = new Formatter(api, c.luaL_ref(L, REGISTRY_INDEX))
  const format: LuaFunction = (L) => formatter.format(L)
  api.register(L, { format })
  api.pop(L, 1)
}

class Formatter {
  readonly #api: LuaApi
  readonly #out: Output
  /** C's string.format, in the registry. */
  readonly #plain: number
  readonly #known = new Map<Bytes, readonly (string | Item)[]>()

  constructor(api: LuaApi, plain: number) {
    this.#api = api
    this.#out = new Output(api)
    this.#plain = plain
  }

  format(L: LuaState): number {
    const api = this.#api
    const format = api.checkBytes(L, 1)
    this.#out.begin(L)
    let arg = 1
    if (format.length <= KEPT_LENGTH) {
      for (const part of this.#parts(format)) arg = this.#write(L, part, arg)
    } else {
      // The parts of a long one would take many times its memory.
      for (let at = 0; at < format.length; ) {
        const part = partAt(format, at)
        arg = this.#write(L, part, arg)
        at += lengthOf(part)
      }
    }
    this.#out.push()
    return 1
  }

  /** `arg` is the argument that was used last. Returns which it is then. */
  #write(L: LuaState, part: string | Item, arg: number): number {
    const api = this.#api
    api.work(PART_WORK)
    if (typeof part === 'string') {
      this.#out.text(part)
      return arg
    }
    if (++arg > api.argCount(L)) api.argError(L, arg, 'no value')
    if (part.problem !== undefined) api.error(L, part.problem)
    this.#add(L, part, arg)
    return arg
  }

  #parts(format: Bytes): readonly (string | Item)[] {
    const known = this.#known.get(format)
    if (known !== undefined) return known
    const parts: (string | Item)[] = []
    for (let at = 0; at < format.length; at += lengthOf(parts.at(-1)!)) parts.push(partAt(format, at))
    if (this.#known.size === KEPT_FORMATS) this.#known.clear()
    this.#known.set(format, parts)
    return parts
  }

  #add(L: LuaState, item: Item, arg: number): void {
    const api = this.#api
    switch (item.letter) {
      case 'd':
      case 'i':
        this.#out.text(layOutSigned(item, toInt64(checkNumber(api, L, arg))))
        break
      case 'o':
      case 'u':
      case 'x':
      case 'X':
        this.#out.text(layOutUnsigned(item, toUint64(checkNumber(api, L, arg))))
        break
      case 'c':
        this.#character(item, checkNumber(api, L, arg))
        break
      case 'e':
      case 'E':
      case 'f':
      case 'g':
      case 'G':
        checkNumber(api, L, arg)
        this.#float(L, item, arg)
        break
      case 'q':
        this.#quoted(api.checkBytes(L, arg))
        break
      case 's':
        this.#string(L, item, arg)
        break
    }
  }

  /** A NUL ends what C has written, so it and what follows it do not come out. */
  #character(item: Item, value: number): void {
    const integer = Math.trunc(value)
    const byte = integer === (integer | 0) ? integer & 255 : 0
    const text = pad(item, String.fromCharCode(byte))
    this.#out.text(byte === 0 ? text.slice(0, text.indexOf('\0')) : text)
  }

  #float(L: LuaState, item: Item, arg: number): void {
    const api = this.#api
    api.c.luaL_checkstack(L, 3, api.name('string slice too long'))
    api.c.lua_rawgeti(L, REGISTRY_INDEX, this.#plain)
    api.pushBytes(L, item.text)
    api.c.lua_pushvalue(L, arg)
    api.c.lua_call(L, 2, 1)
    const slot = api.topSlot(L)
    this.#out.copy(api.stringIn(slot), api.stringLengthIn(slot))
    api.pop(L, 1)
  }

  #quoted(bytes: Bytes): void {
    this.#out.byte(0x22)
    this.#out.text(bytes.replace(/["\\\n\r\0]/g, (byte) => QUOTED[byte]))
    this.#out.byte(0x22)
  }

  #string(L: LuaState, item: Item, arg: number): void {
    const api = this.#api
    const address = api.c.luaL_checklstring(L, arg, 0)
    const length = api.stringLengthIn(api.argSlot(L, arg))
    if (item.isPlain || (length >= LONG_STRING && item.precision === -1)) {
      // In C, a NUL ends all but a long one.
      const end = length >= LONG_STRING ? length : api.u8.indexOf(0, address) - address
      this.#out.copy(address, end)
      return
    }
    const text = api.cStringAt(address)
    this.#out.text(pad(item, item.precision === -1 ? text : text.slice(0, item.precision)))
  }
}

/** The text or item that begins at a place; `%%` is the text of one. */
function partAt(format: Bytes, at: number): string | Item {
  const percent = format.indexOf('%', at)
  if (percent === -1) return format.slice(at)
  if (percent !== at) return format.slice(at, percent)
  return format.charCodeAt(at + 1) === PERCENT ? '%' : parseItem(format, at)
}

/** How much of the format a part is. */
function lengthOf(part: string | Item): number {
  if (typeof part !== 'string') return part.text.length
  return part === '%' ? 2 : part.length
}

function parseItem(format: Bytes, percent: number): Item {
  ITEM.lastIndex = percent + 1
  const [all, flags, width, point, precision] = ITEM.exec(format)!
  const letter = format.charAt(percent + 1 + all.length)
  return {
    text: '%' + all + letter,
    flags,
    width: Number(width),
    precision: point === undefined ? -1 : Number(precision),
    letter,
    isPlain: all === '',
    problem: problemOf(flags, letter),
  }
}

function problemOf(flags: string, letter: string): string | undefined {
  if (flags.length > FLAGS_MAX) return 'invalid format (repeated flags)'
  if (letter >= '0' && letter <= '9') return 'invalid format (width or precision too long)'
  return LETTERS.includes(letter) && letter !== ''
    ? undefined
    : `invalid option '%${letter.replace('\0', '')}' to 'format'`
}

function layOutSigned(item: Item, value: number): string {
  if (item.isPlain && Number.isSafeInteger(value)) return '' + value
  const sign = value < 0 ? '-' : item.flags.includes('+') ? '+' : item.flags.includes(' ') ? ' ' : ''
  const digits = BigInt(Math.abs(value)).toString()
  return padNumber(item, sign, value === 0 && item.precision === 0 ? '' : digits)
}

function layOutUnsigned(item: Item, value: bigint): string {
  const { letter, precision } = item
  let digits = value.toString(letter === 'u' ? 10 : letter === 'o' ? 8 : 16)
  if (value === 0n && precision === 0) digits = ''
  const isAlternate = item.flags.includes('#')
  if (isAlternate && letter === 'o' && digits[0] !== '0' && precision <= digits.length) digits = '0' + digits
  const prefix = isAlternate && value !== 0n && (letter === 'x' || letter === 'X') ? '0x' : ''
  const text = padNumber(item, prefix, digits)
  return letter === 'X' ? text.toUpperCase() : text
}

/** Fills up with zeros after the sign or prefix, as the precision or the flag says, then with blanks. */
function padNumber(item: Item, prefix: string, digits: string): string {
  const { flags, width, precision } = item
  const hasZeros = precision === -1 && flags.includes('0') && !flags.includes('-')
  return pad(item, prefix + digits.padStart(hasZeros ? width - prefix.length : precision, '0'))
}

function pad(item: Item, text: string): string {
  return item.flags.includes('-') ? text.padEnd(item.width) : text.padStart(item.width)
}
