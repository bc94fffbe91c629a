/** The allocator of keys and strings: blocks keep what is theirs, the account is exact, and memory is given back. */
import { describe, expect, test } from 'vitest'
import { Arena, blockBytes, CHUNK_SHIFT } from '../../lib/memory/arena.ts'
import { Random, seedOfRun } from '../differential/random.ts'
import { fuzzArena } from './arenafuzz.ts'

const MB = 1024 * 1024
const seed = seedOfRun()

describe('an arena', () => {
  test(`gives blocks that nobody else has, seed ${seed}`, () => {
    const arena = fuzzArena(new Random(seed), 300_000)
    expect(arena.usedBytes).toBe(0)
  })

  test('rounds to 8 bytes up to 256, and loses an eighth at the most above', () => {
    for (let bytes = 1; bytes <= 4096; bytes++) {
      expect(blockBytes(bytes)).toBeGreaterThanOrEqual(bytes)
      if (bytes <= 256) expect(blockBytes(bytes)).toBe((bytes + 7) & ~7)
      else expect(blockBytes(bytes) / bytes).toBeLessThan(1.14)
    }
  })

  test('gives chunks back that are empty, and uses their addresses again', () => {
    const arena = new Arena()
    const blocks = Array.from({ length: 300_000 }, () => arena.allocate(100))
    const held = arena.heldBytes
    expect(held).toBeGreaterThan(30 * MB)
    for (const at of blocks) arena.free(at)
    expect(arena.usedBytes).toBe(0)
    expect(arena.heldBytes).toBeLessThanOrEqual(8 * MB)
    arena.check()
    const again = Array.from({ length: 300_000 }, () => arena.allocate(100))
    expect(arena.heldBytes).toBeLessThan(held + 8 * MB)
    expect(Math.max(...again.map((at) => at >>> CHUNK_SHIFT))).toBeLessThan(12)
    arena.check()
  })

  test('a slab that is empty serves another size', () => {
    const arena = new Arena()
    for (let bytes = 8; bytes <= 4096; bytes += 8) {
      const blocks = Array.from({ length: 2000 }, () => arena.allocate(bytes))
      for (const at of blocks) arena.free(at)
    }
    expect(arena.heldBytes).toBeLessThan(24 * MB)
    arena.check()
  })
})
