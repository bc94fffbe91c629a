import { describe, expect, test } from 'vitest'
import { IdList } from '../../lib/keyspace/values/id-list.ts'
import { compareIds, type StreamId } from '../../lib/keyspace/values/stream-id.ts'
import { Random } from '../differential/random.ts'

const item = (ms: number, seq = 0): { id: StreamId } => ({ id: { ms, seq } })

describe('an id list', () => {
  test.each([1, 2, 3, 4])('finds what a sorted array finds, through additions and removals (seed %i)', (seed) => {
    const random = new Random(seed)
    const list = new IdList<{ id: StreamId }>()
    let model: { id: StreamId }[] = []
    for (let step = 0; step < 4000; step++) {
      const entry = item(random.integer(0, 1500), random.integer(0, 1))
      const there = model.find((other) => compareIds(other.id, entry.id) === 0)
      if (random.chance(step < 2000 ? 0.7 : 0.3)) {
        if (there === undefined) {
          list.add(entry)
          model.push(entry)
          model.sort((a, b) => compareIds(a.id, b.id))
        }
      } else {
        expect(list.delete(entry.id)).toBe(there)
        model = model.filter((other) => other !== there)
      }
      const probe = item(random.integer(-1, 1501)).id
      expect(list.ceiling(probe)).toBe(model.find(({ id }) => compareIds(id, probe) >= 0))
      expect(list.above(probe)).toBe(model.find(({ id }) => compareIds(id, probe) > 0))
      expect(list.floor(probe)).toBe(model.findLast(({ id }) => compareIds(id, probe) <= 0))
      expect(list.below(probe)).toBe(model.findLast(({ id }) => compareIds(id, probe) < 0))
    }
    expect([...list]).toEqual(model)
    expect(list.size).toBe(model.length)
    expect(list.first()).toBe(model[0])
    expect(list.last()).toBe(model.at(-1))
  })

  test('is kept as it was, whatever becomes of it, until it is let go', () => {
    const random = new Random(5)
    const list = new IdList<{ id: StreamId }>()
    for (let ms = 0; ms < 1000; ms += 2) list.add(item(ms))
    const before = [...list]
    const kept = list.keep()
    for (let step = 0; step < 2000; step++) {
      const entry = item(random.integer(0, 1200))
      if (list.get(entry.id) === undefined) list.add(entry)
      else list.delete(entry.id)
    }
    expect(kept.flat()).toEqual(before)
    expect([...list]).not.toEqual(before)
    list.letGo()
    const last = list.runs.at(-1)!
    list.add(item(2000))
    expect(list.runs.at(-1)).toBe(last)
  })
})
