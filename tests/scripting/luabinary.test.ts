import { brotliDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { LUA_BINARY } from '../../lib/scripting/luabinary.ts'
import { binary } from './luabinary.ts'

test('the Lua in the source is that of the package in package-lock.json, with the hash of strings of Redis', () => {
  // Otherwise: npx tsx tests/scripting/luabinary.ts
  expect(brotliDecompressSync(Buffer.from(LUA_BINARY, 'base64')).equals(binary())).toBe(true)
})
