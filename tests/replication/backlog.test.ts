import { expect, test } from 'vitest'
import type { Backlog } from '../../lib/replication/backlog.ts'
import { History } from '../../lib/replication/history.ts'
import { Random, seedOfRun } from '../differential/random.ts'

/** More than the size is kept as whole blocks. */
const BLOCK_BYTES = 16 * 1024

/** All from an offset on, as one who needs it reads it. */
function from(backlog: Backlog, at: number): string {
  const reader = { at }
  backlog.hold(reader)
  let text = ''
  for (let piece = '?'; piece !== ''; text += piece) {
    piece = backlog.piece(reader.at)
    reader.at += piece.length
  }
  backlog.release(reader)
  return text
}

test('a backlog holds the latest bytes and what readers need, whatever was added, also when it gets another size', () => {
  const seed = seedOfRun()
  const random = new Random(seed)
  for (let round = 0; round < 8; round++) {
    const history = new History()
    let all = ''
    const readers: { at: number }[] = []
    const add = (part: string): void => {
      history.append(part)
      all += part
    }
    add('before'.repeat(random.integer(0, 3)))
    history.keep(random.integer(1, 100_000))
    const backlog = history.backlog!
    let mayBeGone = all.length + 1
    for (let step = 0; step < 100; step++) {
      const context = `seed ${seed}, round ${round}, step ${step}`
      random.weighted<() => void>([
        [1, () => backlog.resize(random.integer(1, 200_000))],
        [1, () => readers.push({ at: random.integer(backlog.first, all.length + 1) }) && backlog.hold(readers.at(-1)!)],
        [1, () => readers.length > 0 && backlog.release(readers.shift()!)],
        [
          2,
          () => {
            for (const reader of readers) reader.at += backlog.piece(reader.at).length
          },
        ],
        [1, () => backlog.settle()],
        [
          14,
          () =>
            add(String.fromCharCode(random.integer(0, 255)).repeat(random.integer(1, random.pick([50, 5000, 90_000])))),
        ],
        [1, () => add('long'.repeat(random.integer(1, 500_000)))],
        [
          2,
          () => {
            const at = random.pick([
              ...readers.map((reader) => reader.at),
              random.integer(backlog.first, all.length + 1),
            ])
            expect(from(backlog, at) === all.slice(at - 1), context).toBe(true)
          },
        ],
      ])()
      mayBeGone = Math.max(mayBeGone, Math.min(all.length + 1 - backlog.size, ...readers.map(({ at }) => at)))
      expect(backlog.end, context).toBe(all.length)
      expect(backlog.first, context).toBeLessThanOrEqual(mayBeGone)
      expect(backlog.reaches(all.length + 1), context).toBe(true)
      expect(backlog.reaches(all.length + 2), context).toBe(false)
      expect(backlog.reaches(backlog.first - 1), context).toBe(false)
    }
    for (const reader of readers) backlog.release(reader)
    backlog.settle()
    backlog.trim()
    expect(backlog.bytes).toBeLessThan(2 * (backlog.size + BLOCK_BYTES))
  }
})

test('what fits of a backlog is kept when it gets another size', () => {
  const history = new History()
  history.keep(100_000)
  history.append('x'.repeat(50_000))
  history.backlog!.resize(200_000)
  expect(history.backlog).toMatchObject({ first: 1, length: 50_000, size: 200_000 })
  history.backlog!.settle()
  history.backlog!.resize(20_000)
  expect(history.backlog).toMatchObject({ first: BLOCK_BYTES + 1, length: 50_000 - BLOCK_BYTES, size: 20_000 })
  expect(history.reaches(history.id, 30_001)).toBe(true)
})

test('nothing is kept twice for two that are behind, and nothing when both are gone', () => {
  const history = new History()
  history.keep(BLOCK_BYTES)
  const backlog = history.backlog!
  const readers = [{ at: 1 }, { at: 1 }]
  for (const reader of readers) backlog.hold(reader)
  for (let i = 0; i < 1000; i++) history.append('x'.repeat(1000))
  expect(backlog.bytes).toBeLessThan(1_000_000 + 2 * BLOCK_BYTES)
  backlog.release(readers[0])
  expect(backlog.first).toBe(1)
  backlog.release(readers[1])
  backlog.settle()
  backlog.trim()
  expect(backlog.bytes).toBeLessThanOrEqual(3 * BLOCK_BYTES)
})

test('long text is not copied while somebody is to be sent it, and let go after that', () => {
  const history = new History()
  history.keep(BLOCK_BYTES)
  const backlog = history.backlog!
  const reader = { at: 1 }
  backlog.hold(reader)
  const text = 'y'.repeat(20_000_000)
  history.append(text)
  history.append('z')
  while (reader.at <= backlog.end) reader.at += backlog.piece(reader.at).length
  expect(backlog.bytes).toBeGreaterThan(20_000_000)
  backlog.trim()
  expect(backlog.bytes).toBeLessThanOrEqual(3 * BLOCK_BYTES)
  expect(from(backlog, text.length)).toBe('yz')
})
