import { describe, expect, test } from 'vitest'
import { GiveBack } from '../../lib/host/giveback.ts'
import type { Heap, HeapFigures } from '../../lib/host/heap.ts'
import { NO_EXPIRY } from '../../lib/keyspace/db.ts'
import { Keyspace } from '../../lib/keyspace/keyspace.ts'

const MB = 1024 * 1024

/** A heap of which the test says what it holds, and when a collection is over. */
class FakeHeap implements Heap {
  used = 10 * MB
  committed = 12 * MB
  collections = 0
  isCollecting = false

  figures(): HeapFigures {
    return this
  }

  #ended = (): void => {}

  collect(ended: () => void): void {
    this.collections++
    this.isCollecting = true
    this.#ended = ended
  }

  collected(used: number, committed: number): void {
    Object.assign(this, { used: used * MB, committed: committed * MB, isCollecting: false })
    this.#ended()
  }

  holds(used: number, committed = used): void {
    Object.assign(this, { used: used * MB, committed: committed * MB })
  }
}

function create() {
  const heap = new FakeHeap()
  const keyspace = new Keyspace(1)
  const at = { load: 0 }
  const giveBack = new GiveBack({ heap, load: () => at.load })
  const look = (times = 1): number => {
    for (let i = 0; i < times; i++) giveBack.look(keyspace)
    return heap.collections
  }
  return { heap, keyspace, at, look }
}

/** Keys that weigh so many megabytes. */
function fill(keyspace: Keyspace, megabytes: number): void {
  const db = keyspace.dbs[0]
  keyspace.count()
  for (let i = db.size; keyspace.bytes < megabytes * MB; i++) db.set(`${i}`, 'x'.repeat(10_000), NO_EXPIRY)
}

describe('giving memory back', () => {
  test('a small store is not even counted', () => {
    const { heap, keyspace, look } = create()
    heap.holds(50)
    expect(look(10)).toBe(0)
    expect(keyspace.counts).toBe(false)
    heap.holds(60)
    look()
    expect(keyspace.counts).toBe(true)
  })

  test('what the data and the program hold is no garbage', () => {
    const { heap, keyspace, look } = create()
    fill(keyspace, 100)
    heap.holds(115)
    expect(look(10)).toBe(0)
    heap.holds(215) // less than what is kept
    expect(look(10)).toBe(0)
  })

  test('as much garbage as data is collected, once', () => {
    const { heap, keyspace, look } = create()
    fill(keyspace, 100)
    heap.holds(115)
    look()
    keyspace.dbs[0].clear()
    expect(look(3)).toBe(1)
    heap.collected(11, 20)
    expect(look(20)).toBe(1)
  })

  test('waits for a quiet second, five at most', () => {
    const { heap, at, look } = create()
    heap.holds(115)
    at.load = 0.9
    expect(look(4)).toBe(0)
    at.load = 0.1
    expect(look()).toBe(1)
    heap.collected(11, 20)
    look()
    heap.holds(115)
    at.load = 0.9
    expect(look(4)).toBe(1)
    expect(look()).toBe(2)
  })

  test('goes on while pages are emptied, and only so far', () => {
    const { heap, look } = create()
    heap.holds(400)
    expect(look()).toBe(1)
    for (const [round, committed] of [300, 250, 200, 150].entries()) {
      heap.collected(20, committed)
      expect(look()).toBe(round + 2)
    }
    heap.collected(20, 100)
    expect(look(10)).toBe(5)
  })

  test('stops where a round brings nothing', () => {
    const { heap, look } = create()
    heap.holds(400)
    look()
    heap.collected(20, 300)
    expect(look()).toBe(2)
    heap.collected(20, 299)
    expect(look(10)).toBe(2)
  })

  test('garbage that comes right after a collection is not taken for the program', () => {
    const { heap, look } = create()
    heap.holds(115)
    expect(look()).toBe(1)
    heap.collected(11, 20)
    heap.holds(121)
    look()
    expect(look()).toBe(2)
  })

  test('what a collection leaves is taken for the program, until it proves to be less', () => {
    const { heap, look } = create()
    heap.holds(300) // a program that has grown, not garbage
    expect(look()).toBe(1)
    heap.collected(290, 300)
    expect(look(10)).toBe(1)
    heap.holds(400)
    expect(look(10)).toBe(1)
    heap.holds(100)
    look()
    heap.holds(210)
    expect(look()).toBe(2)
  })
})
