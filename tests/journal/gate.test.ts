/** The line in which answers wait until what they speak of is safe. */
import { expect, test } from 'vitest'
import { Gate } from '../../lib/journal/gate.ts'

test('what waits leaves in the order in which it was computed, and not before its offset is safe', () => {
  const gate = new Gate()
  const left: string[] = []
  gate.shut(10)
  gate.whenSafe(() => left.push('a'))
  gate.shut(20)
  gate.whenSafe(() => left.push('b'))
  gate.open(5)
  expect(left).toEqual([])
  gate.open(10)
  expect(left).toEqual(['a'])
  expect(gate.isShut).toBe(true)
  gate.open(20)
  expect(left).toEqual(['a', 'b'])
  expect(gate.isShut).toBe(false)
})

test('what comes while others leave stands behind them', () => {
  const gate = new Gate()
  const left: string[] = []
  gate.shut(10)
  gate.whenSafe(() => {
    left.push('a')
    expect(gate.isShut).toBe(true)
    gate.whenSafe(() => left.push('c'))
  })
  gate.whenSafe(() => left.push('b'))
  gate.open(10)
  expect(left).toEqual(['a', 'b', 'c'])
  expect(gate.isShut).toBe(false)
})

test('what is changed while others leave keeps it shut', () => {
  const gate = new Gate()
  gate.shut(10)
  gate.whenSafe(() => gate.shut(30))
  gate.open(10)
  expect(gate.isShut).toBe(true)
  gate.open(30)
  expect(gate.isShut).toBe(false)
})

test('after a failure nothing leaves any more', () => {
  const gate = new Gate()
  const seen: string[] = []
  gate.shut(10)
  gate.whenSafe(
    () => seen.push('left'),
    () => seen.push('failed'),
  )
  gate.failed()
  gate.whenSafe(
    () => seen.push('left'),
    () => seen.push('failed too'),
  )
  gate.open(100)
  expect(seen).toEqual(['failed', 'failed too'])
  expect(gate.isShut).toBe(true)
})
