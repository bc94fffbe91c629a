/** Processes that write in turns: each is an object here, and all have one note. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { TurnNote } from '../../../lib/stores/sqlite/turnnote.ts'
import { Turns } from '../../../lib/stores/sqlite/turns.ts'

const time = vi.hoisted(() => ({ now: 0 }))
vi.mock('../../../lib/base/runtime.ts', () => ({ monotonic: () => time.now }))

let note: Pick<TurnNote, 'writer' | 'count' | 'read' | 'write' | 'close'>
let holder: Turns
let waiter: Turns
let third: Turns

beforeEach(() => {
  time.now = 1000
  note = {
    writer: 0,
    count: 0,
    read() {},
    write(writer, count) {
      this.writer = writer
      this.count = count
    },
    close() {},
  }
  const turns = (writer: number): Turns => new Turns(note as TurnNote, writer)
  ;[holder, waiter, third] = [turns(1), turns(2), turns(3)]
})

describe('who has the lock', () => {
  test('may take it again for a term, then leaves it to who waits', () => {
    expect(holder.mayTry()).toBe(true)
    holder.entered()
    waiter.wait()
    expect(holder.mayTry()).toBe(true)
    time.now += 10
    expect(holder.mayTry()).toBe(false)
    expect(waiter.mayTry()).toBe(true)
    waiter.entered()
    expect(holder.mayTry()).toBe(true)
  })

  test('goes on while nobody waits', () => {
    for (let i = 0; i < 5; i++, time.now += 100) {
      expect(holder.mayTry()).toBe(true)
      holder.entered()
    }
  })

  test('passes by who waits no more: it was killed, or is frozen', () => {
    waiter.wait()
    expect(holder.mayTry()).toBe(false)
    time.now += 49
    expect(holder.mayTry()).toBe(false)
    time.now += 1
    expect(holder.mayTry()).toBe(true)
    expect(note.writer).toBe(0)
  })

  test('waits for long for who goes on waiting', () => {
    for (let i = 0; i < 20; i++, time.now += 30) {
      waiter.wait()
      expect(holder.mayTry()).toBe(false)
    }
  })
})

describe('of two that wait', () => {
  test('the first is next, and then the second', () => {
    waiter.wait()
    third.wait()
    expect([waiter.isNext, third.isNext]).toEqual([true, false])
    expect(third.mayTry()).toBe(false)
    waiter.entered()
    third.wait()
    expect(third.isNext).toBe(true)
    time.now += 10
    expect(waiter.mayTry()).toBe(false)
  })

  test('one that gives up makes way', () => {
    waiter.wait()
    waiter.leave()
    expect(third.mayTry()).toBe(true)
    third.wait()
    waiter.leave()
    expect(note.writer).toBe(3)
  })
})
