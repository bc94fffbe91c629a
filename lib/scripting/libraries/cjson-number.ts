/**
 * Numbers of JSON text that the kernel leaves to JavaScript: what C's strtod takes of what begins like a number, and is no short
 * decimal. Beyond JSON that is hexadecimal, leading zeros, infinities and NaN, unless the settings forbid it.
 */
import { strtod } from '../../commands/number.ts'
import type { LuaApi } from '../luaapi.ts'
import type { Address, LuaState } from '../luamemory.ts'
import { pushNaN } from './double.ts'

const INVALID_NUMBER = 0
const INVALID_TOKEN = -1

/** The longest beginning that C's strtod would read. */
const STRTOD =
  /^[+-]?(?:0x(?:[\da-f]+\.?[\da-f]*|\.[\da-f]+)(?:p[+-]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan(?:\(\w*\))?)/i
/** What strict JSON forbids of numbers that strtod reads. */
const INVALID = /^(?:\+|-?(?:0[x\d]|inf|nan))/i
/** What JSON's numbers begin with, and how cjson knows numbers that are not JSON's. */
const NUMBER_START = /^[-\d]/
const WORD_START = /^[+fiInNt]/
/** Bytes of a word that are a unit of work. Log of 2. */
const SCANNED_BYTES_LOG = 2

const [PLUS, LEFT, RIGHT, MINUS, DOT, ZERO, NINE, UNDERSCORE] = Buffer.from('+()-.09_')

/** Pushes the number at an address and says how many bytes it has; or INVALID_NUMBER or INVALID_TOKEN. */
export function pushNumberAt(api: LuaApi, L: LuaState, at: Address, allowsInvalid: boolean): number {
  const text = wordAt(api, at)
  if (!NUMBER_START.test(text)) {
    if (!WORD_START.test(text) || !allowsInvalid || !INVALID.test(text)) return INVALID_TOKEN
  } else if (!allowsInvalid && INVALID.test(text)) return INVALID_NUMBER
  const read = STRTOD.exec(text)?.[0]
  if (read === undefined) return INVALID_NUMBER
  const value = strtod(read) ?? Number.NaN
  if (Number.isNaN(value)) pushNaN(api, L, read[0] === '-')
  else api.pushNumber(L, value)
  return read.length
}

/** What could belong to a number or word from an address on. */
function wordAt(api: LuaApi, at: Address): string {
  const { u8 } = api
  let end = at
  while (isWordByte(u8[end])) end++
  api.work((end - at) >> SCANNED_BYTES_LOG)
  return api.bytesAt(at, end - at)
}

function isWordByte(byte: number): boolean {
  if (byte >= ZERO && byte <= NINE) return true
  const lower = byte | 0x20
  if (lower >= 0x61 && lower <= 0x7a) return true
  return byte === UNDERSCORE || byte === PLUS || byte === MINUS || byte === DOT || byte === LEFT || byte === RIGHT
}
