/** The global `bit`: Redis's Lua BitOp 1.0.2. Numbers are taken modulo 2^32, and results are signed. */
import type { LuaApi, LuaFunction } from '../luaapi.ts'
import type { LuaState } from '../luamemory.ts'
import { checkNumber } from './arguments.ts'

/** 2^52 + 2^51: a double added to it has its low 32 bits, rounded to an integer, as the low bits of the sum. */
const MAGIC = 6755399441055744

export function installBit(api: LuaApi): void {
  const sum = new Float64Array(1)
  const low = new Int32Array(sum.buffer)

  /** An argument as 32 bits. */
  function bits(L: LuaState, arg: number): number {
    sum[0] = checkNumber(api, L, arg) + MAGIC
    return low[0]
  }

  const unary =
    (fn: (b: number) => number): LuaFunction =>
    (L) => {
      api.c.lua_pushnumber(L, fn(bits(L, 1)) | 0)
      return 1
    }

  const binary =
    (fn: (b: number, n: number) => number): LuaFunction =>
    (L) => {
      const b = bits(L, 1)
      api.c.lua_pushnumber(L, fn(b, bits(L, 2) & 31) | 0)
      return 1
    }

  /** All arguments together, from the last on, so that the last bad one is complained of. */
  const variadic =
    (fn: (b: number, other: number) => number): LuaFunction =>
    (L) => {
      let b = bits(L, 1)
      for (let arg = api.argCount(L); arg > 1; arg--) b = fn(b, bits(L, arg))
      api.c.lua_pushnumber(L, b | 0)
      return 1
    }

  api.c.lua_createtable(api.L, 0, 0)
  api.register(api.L, {
    tobit: unary((b) => b),
    bnot: unary((b) => ~b),
    bswap: unary((b) => (b >>> 24) | ((b >>> 8) & 0xff00) | ((b & 0xff00) << 8) | (b << 24)),
    band: variadic((b, other) => b & other),
    bor: variadic((b, other) => b | other),
    bxor: variadic((b, other) => b ^ other),
    lshift: binary((b, n) => b << n),
    rshift: binary((b, n) => b >>> n),
    arshift: binary((b, n) => b >> n),
    rol: binary((b, n) => (b << n) | (b >>> (32 - n))),
    ror: binary((b, n) => (b << (32 - n)) | (b >>> n)),
    tohex(L) {
      const b = bits(L, 1)
      const digits = api.argCount(L) < 2 ? 8 : bits(L, 2)
      api.pushBytes(L, hexadecimal(b >>> 0, digits))
      return 1
    },
  })
  api.setGlobal(api.L, 'bit')
}

/** The last digits of a number, at most eight; in capitals if their number is negative. */
function hexadecimal(value: number, digits: number): string {
  const count = Math.min(8, Math.abs(digits))
  const text = value
    .toString(16)
    .padStart(8, '0')
    .slice(8 - count)
  return digits < 0 ? text.toUpperCase() : text
}
