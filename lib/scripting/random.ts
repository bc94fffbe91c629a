/**
 * math.random and math.randomseed as Redis has them: drand48's generator, a linear congruence of 48 bits, so that a seed
 * gives the same numbers everywhere. All scripts of a store draw from one sequence.
 */
import type { LuaApi, LuaFunction } from './luaapi.ts'

const HALF = 2 ** 24
const MULTIPLIER_LOW = 0xece66d
const MULTIPLIER_HIGH = 0x5de
const INCREMENT = 0xb
const RESULT_MAX = 2 ** 31 - 1

export class Random {
  // The state in two halves of 24 bits, whose products a double holds exactly.
  #low = 0xcd330e
  #high = 0x1234ab

  seed(seed: number): void {
    this.#low = ((seed & 0xff) << 16) | 0x330e
    this.#high = (seed >>> 8) & 0xffffff
  }

  /** A fraction in [0, 1). */
  next(): number {
    const product = this.#low * MULTIPLIER_LOW + INCREMENT
    const high = this.#high * MULTIPLIER_LOW + this.#low * MULTIPLIER_HIGH + Math.floor(product / HALF)
    this.#low = product % HALF
    this.#high = high % HALF
    return ((this.#high * 128 + (this.#low >> 17)) % RESULT_MAX) / RESULT_MAX
  }
}

/** math.random([[m,] n]) */
export function mathRandom(api: LuaApi, random: Random): LuaFunction {
  const { c } = api
  return (L) => {
    const fraction = random.next()
    switch (api.argCount(L)) {
      case 0:
        c.lua_pushnumber(L, fraction)
        return 1
      case 1: {
        const upper = c.luaL_checkinteger(L, 1)
        if (upper < 1) api.argError(L, 1, 'interval is empty')
        c.lua_pushnumber(L, Math.floor(fraction * upper) + 1)
        return 1
      }
      case 2: {
        const lower = c.luaL_checkinteger(L, 1)
        const upper = c.luaL_checkinteger(L, 2)
        if (lower > upper) api.argError(L, 2, 'interval is empty')
        c.lua_pushnumber(L, Math.floor(fraction * (upper - lower + 1)) + lower)
        return 1
      }
      default:
        return api.error(L, 'wrong number of arguments')
    }
  }
}

/** math.randomseed(x) */
export function mathRandomSeed(api: LuaApi, random: Random): LuaFunction {
  return (L) => {
    random.seed(api.c.luaL_checkinteger(L, 1))
    return 0
  }
}
