/** Which changes share a sync under `appendfsync always`. */
import { beforeEach, expect, test } from 'vitest'
import { GroupCommit } from '../../lib/journal/groupcommit.ts'

let now = 1000
let asked = 0
let group: GroupCommit

beforeEach(() => {
  asked = 0
  group = new GroupCommit(
    () => asked++,
    () => now,
  )
})

function came(changes: number): void {
  for (let i = 0; i < changes; i++) group.added()
}

/** A sync of so many changes, during which others come. */
function synced(changes: number, meanwhile: number, ms: number): void {
  group.began()
  came(changes)
  group.began()
  came(meanwhile)
  now += ms
  group.ended(now)
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('the first is not held back, nor one that writes alone, again and again', () => {
  came(1)
  expect(group.holds()).toBe(false)
  for (let i = 0; i < 3; i++) {
    synced(1, 0, 1)
    came(1)
    expect(group.holds()).toBe(false)
  }
})

test('those who waited meanwhile wait for those who were answered', async () => {
  synced(3, 2, 1)
  expect(group.holds()).toBe(true)
  await turn()
  expect(asked).toBe(1)
  came(2)
  expect(group.holds()).toBe(true)
  came(1)
  expect(group.holds()).toBe(false)
})

test('no longer than nothing comes for a while', () => {
  synced(3, 2, 1)
  expect(group.holds()).toBe(true)
  now += 0.1
  expect(group.holds()).toBe(true)
  came(1)
  now += 0.1
  expect(group.holds()).toBe(true)
  now += 0.13
  expect(group.holds()).toBe(false)
})

test.each([
  [1, 1],
  [100, 5],
])('after a sync of %d ms for %d ms at the most', (ms, most) => {
  synced(1000, 0, ms)
  for (const end = now + most; now < end; now += 0.01) {
    came(1)
    expect(group.holds()).toBe(true)
  }
  now += 0.01
  expect(group.holds()).toBe(false)
})

/** How long changes that never come to be enough are held after a sync of a ms. */
function heldInVain(): number {
  synced(1000, 0, 1)
  const from = now
  for (came(1); group.holds(); now += 0.01) came(1)
  return now - from
}

test('what is in vain is given up, and tried again later', () => {
  const times = Array.from({ length: 65 }, heldInVain)
  expect(times[0]).toBeCloseTo(1, 1)
  expect(times[1]).toBeCloseTo(0.8, 1)
  expect(times[30]).toBeLessThan(0.02)
  expect(times[63]).toBeCloseTo(1, 1)
  expect(times[64]).toBeCloseTo(0.8, 1)
})

test('who comes in time is waited for longer again', () => {
  for (let i = 0; i < 3; i++) heldInVain()
  for (let i = 0; i < 3; i++) {
    synced(10, 1, 1)
    expect(group.holds()).toBe(true)
    came(10)
    expect(group.holds()).toBe(false)
  }
  expect(heldInVain()).toBeCloseTo(1, 1)
})

test('a while is never longer than half a millisecond', () => {
  synced(3, 2, 100)
  expect(group.holds()).toBe(true)
  now += 0.51
  expect(group.holds()).toBe(false)
})
