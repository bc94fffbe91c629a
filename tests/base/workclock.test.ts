import { expect, test } from 'vitest'
import { WorkClock } from '../../lib/base/runtime.ts'

test('a clock that stands still goes on with readings, and with work that is told of', () => {
  let now = 1000
  const clock = new WorkClock(() => now)
  const first = clock.now()
  for (let i = 0; i < 50; i++) clock.now()
  expect(clock.now() - first).toBeGreaterThan(1)
  const before = clock.now()
  clock.worked(100)
  expect(clock.now() - before).toBeGreaterThan(100)
  const last = clock.now()
  now += 10
  expect(clock.now() - last).toBe(10)
})

test('a clock that goes on by itself counts nothing', () => {
  let now = 1000
  const clock = new WorkClock(() => now++)
  const first = clock.now()
  for (let i = 0; i < 100; i++) clock.worked(50)
  expect(clock.now() - first).toBe(101)
})
