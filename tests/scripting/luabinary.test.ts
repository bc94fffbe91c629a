import { brotliDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Gc, LuaApi } from '../../lib/scripting/luaapi.ts'
import { LUA_BINARY } from '../../lib/scripting/luabinary.ts'
import { binary } from './luabinary.ts'

test('the Lua in the source is that of the package in package-lock.json, with what we put into it', async () => {
  // Otherwise: npx tsx tests/scripting/luabinary.ts
  expect(brotliDecompressSync(Buffer.from(LUA_BINARY, 'base64')).equals(await binary())).toBe(true)
})

test('it can be seen in its memory whether the collector was told to stop', () => {
  const api = new LuaApi(64 * 2 ** 20)
  const { c, L } = api
  for (const [what, stopped] of [
    [Gc.Collect, false],
    [Gc.Stop, true],
    [Gc.Restart, false],
    [Gc.Step, false],
    [Gc.Stop, true],
    [Gc.Collect, false],
  ] as const) {
    c.lua_gc(L, what, 0)
    expect(api.isCollectorStopped(L)).toBe(stopped)
    for (let i = 0; i < 100; i++) {
      api.pushBytes(L, `made ${i}`)
      c.lua_settop(L, 0)
    }
    expect(api.isCollectorStopped(L)).toBe(stopped)
  }
})
