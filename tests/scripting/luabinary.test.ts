import { brotliDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { ALLOCATOR_BINARY, LUA_BINARY } from '../../lib/scripting/luabinary.ts'
import { allocator, binary } from './luabinary.ts'

test('the Lua in the source is that of the package in package-lock.json, with the hash of strings of Redis', () => {
  // Otherwise: npx tsx tests/scripting/luabinary.ts
  expect(brotliDecompressSync(Buffer.from(LUA_BINARY, 'base64')).equals(binary())).toBe(true)
})

test('the allocator in the source is that of allocator.wat', async () => {
  expect(Buffer.from(ALLOCATOR_BINARY, 'base64').equals(await allocator())).toBe(true)
})
