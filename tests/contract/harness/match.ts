/** Holds a reply against what a case expects. */
import type { Expected } from '../dsl.ts'
import { type Mode, type Seen, show } from './seen.ts'

/** True if a reply is what was expected. */
export function matches(expected: Expected, seen: Seen, mode: Mode): boolean {
  if (isList(expected)) {
    return (
      Array.isArray(seen) &&
      seen.length === expected.length &&
      expected.every((item, i) => matches(item, seen[i], mode))
    )
  }
  if (typeof expected === 'object' && expected !== null) return expected.matches(seen, mode)
  if (typeof expected === 'bigint' && typeof seen === 'number') return expected === BigInt(seen)
  if (typeof expected === 'number' && typeof seen === 'bigint') return BigInt(expected) === seen
  return seen === expected
}

/** The expectation in the notation in which replies are shown. */
export function showExpected(expected: Expected, mode: Mode): string {
  if (isList(expected)) return `[${expected.map((item) => showExpected(item, mode)).join(', ')}]`
  if (typeof expected === 'object' && expected !== null) return expected.show(mode)
  return show(expected)
}

const isList = (expected: Expected): expected is readonly Expected[] => Array.isArray(expected)

/** The same items in any order. */
export function sameItems(expected: readonly Expected[], seen: readonly Seen[], mode: Mode): boolean {
  if (expected.length !== seen.length) return false
  const left = [...seen]
  return expected.every((item) => {
    const index = left.findIndex((candidate) => matches(item, candidate, mode))
    if (index !== -1) left.splice(index, 1)
    return index !== -1
  })
}

/** [a, b, c, d] as [[a, b], [c, d]]. */
export function pairs<T>(flat: readonly T[]): T[][] {
  const list: T[][] = []
  for (let i = 0; i < flat.length; i += 2) list.push(flat.slice(i, i + 2))
  return list
}
