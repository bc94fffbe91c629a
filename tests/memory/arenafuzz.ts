/**
 * Random blocks of an arena against a model: every block is filled with a pattern of its own, which must be there when it is
 * freed or moved, so that blocks that overlap, and words that somebody else writes, are found. At times chunks are left, and blocks
 * are moved out of them.
 */
import { Arena, BLOCK_MAX, blockBytes, CHUNK_MASK, CHUNK_SHIFT } from '../../lib/memory/arena.ts'
import type { Random } from '../differential/random.ts'

/** Blocks in use at the most. */
const LIVE_MAX = 20_000
const CHECKED_EVERY = 100_000

/** @throws Error at the first fault */
export function fuzzArena(random: Random, operations: number): Arena {
  const arena = new Arena()
  const ats = new Int32Array(LIVE_MAX)
  const sizes = new Int32Array(LIVE_MAX)
  const patterns = new Int32Array(LIVE_MAX)
  let live = 0
  let used = 0
  let grows = true
  let large = 64
  let isLeaving = false
  const words = (at: number): Int32Array => arena.chunks[at >>> CHUNK_SHIFT].words
  const move = (index: number): void => {
    const at = ats[index]
    if (!arena.isLeaving(at)) return
    const to = arena.allocate(sizes[index])
    if (arena.isLeaving(to) || arena.sizeOf(to) !== sizes[index]) throw new Error(`block ${at} cannot go to ${to}`)
    const first = (at & CHUNK_MASK) << 1
    words(to).set(words(at).subarray(first, first + sizes[index] / 4), (to & CHUNK_MASK) << 1)
    arena.free(at)
    ats[index] = to
  }
  for (let i = 0; i < operations; i++) {
    if (i % 4096 === 0) {
      // Phases in which more is added than freed, or the other way, of mostly one size or another.
      grows = random.chance(live > LIVE_MAX / 2 ? 0.4 : 0.6)
      large = random.pick([16, 64, 256, 1024, BLOCK_MAX])
      if (isLeaving && random.chance(0.5)) arena.endLeaving()
      isLeaving = random.chance(0.3)
      if (isLeaving) arena.startLeaving(random.pick([0.3, 0.7, 1, 2]))
      if (isLeaving && random.chance(0.5)) for (let index = 0; index < live; index++) move(index)
    }
    if (isLeaving && live > 0) move(random.integer(0, live - 1))
    if (i % CHECKED_EVERY === 0) arena.check()
    const adds = live === 0 || (live < LIVE_MAX && random.chance(grows ? 0.7 : 0.3))
    if (adds) {
      const bytes = random.integer(1, large)
      const at = arena.allocate(bytes)
      const first = (at & CHUNK_MASK) << 1
      if (at <= 0) throw new Error(`address ${at}`)
      if (arena.sizeOf(at) < bytes || arena.sizeOf(at) !== blockBytes(bytes)) throw new Error(`${bytes}: another size`)
      if (!arena.suits(at, bytes)) throw new Error(`${bytes}: does not suit`)
      words(at).fill(i, first, first + arena.sizeOf(at) / 4)
      ats[live] = at
      sizes[live] = arena.sizeOf(at)
      patterns[live++] = i
      used += arena.sizeOf(at)
    } else {
      const index = random.integer(0, live - 1)
      const at = ats[index]
      const first = (at & CHUNK_MASK) << 1
      const memory = words(at)
      for (let word = first; word < first + sizes[index] / 4; word++) {
        if (memory[word] !== patterns[index]) throw new Error(`operation ${i}: block ${at} was written to`)
      }
      used -= sizes[index]
      arena.free(at)
      live--
      ats[index] = ats[live]
      sizes[index] = sizes[live]
      patterns[index] = patterns[live]
    }
    if (arena.usedBytes !== used) throw new Error(`operation ${i}: ${arena.usedBytes} bytes counted, ${used} in use`)
  }
  while (live > 0) arena.free(ats[--live])
  arena.check()
  if (arena.usedBytes !== 0) throw new Error(`${arena.usedBytes} bytes are lost`)
  return arena
}
