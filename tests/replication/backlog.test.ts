import { expect, test } from 'vitest'
import { History } from '../../lib/replication/history.ts'
import { Random, seedOfRun } from '../differential/random.ts'

test('a backlog holds the latest bytes, whatever was added, also when it gets another size', () => {
  const seed = seedOfRun()
  const random = new Random(seed)
  for (let round = 0; round < 20; round++) {
    const history = new History()
    let all = ''
    const add = (part: string): void => {
      history.append(part)
      all += part
    }
    add('before'.repeat(random.integer(0, 3)))
    history.keep(random.integer(1, 100_000))
    for (let step = 0; step < 60; step++) {
      if (random.chance(0.05)) {
        history.resize(random.integer(1, 200_000))
      } else
        add(String.fromCharCode(random.integer(0, 255)).repeat(random.integer(1, random.pick([50, 5000, 150_000]))))
      const backlog = history.backlog!
      expect(backlog.length, `seed ${seed}`).toBeLessThanOrEqual(backlog.size)
      expect(backlog.reaches(all.length + 1)).toBe(true)
      expect(backlog.reaches(all.length + 2)).toBe(false)
      expect(backlog.reaches(backlog.first - 1)).toBe(false)
      const from = random.integer(backlog.first, all.length + 1)
      expect(backlog.from(from).join('') === all.slice(from - 1), `seed ${seed}`).toBe(true)
    }
    expect(history.offset).toBe(all.length)
  }
})

test('what fits of a backlog is kept when it gets another size', () => {
  const history = new History()
  history.keep(100_000)
  history.append('x'.repeat(50_000))
  history.resize(200_000)
  expect(history.backlog).toMatchObject({ first: 1, length: 50_000, size: 200_000 })
  history.resize(20_000)
  expect(history.backlog).toMatchObject({ first: 30_001, length: 20_000, size: 20_000 })
  expect(history.reaches(history.id, 30_001)).toBe(true)
})
