import { expect, test } from 'vitest'
import { compareBytes, sortedByBytes, sortedByScore } from '../../lib/commands/sorting.ts'
import { Random } from '../differential/random.ts'

const SEED = 20_261_130
const SCORES = [0, -0, 1, -1, 0.1, -0.1, 1e300, -1e300, 5e-324, -5e-324, Infinity, -Infinity, 2 ** 31, 2 ** 53]

test(`elements are sorted as comparing them does, seed ${SEED}`, () => {
  const random = new Random(SEED)
  for (let round = 0; round < 200; round++) {
    const prefix = random.pick(['', 'user:', '\xff\xff'])
    const letters = random.pick(['ab', 'abcdefgh', '\0\x01\xff', '0123456789'])
    const word = () => prefix + Array.from({ length: random.integer(0, 9) }, () => random.pick([...letters])).join('')
    const elements = Array.from({ length: random.integer(0, random.pick([5, 100, 1000])) }, word)
    expect(sortedByBytes(elements)).toEqual(elements.toSorted(compareBytes))
    const scores = elements.map(() => (random.chance(0.3) ? random.pick(SCORES) : random.integer(-1e9, 1e9) / 8))
    const places = elements.map((_, i) => i)
    places.sort((a, b) => {
      if (scores[a] !== scores[b]) return scores[a] < scores[b] ? -1 : 1
      return compareBytes(elements[a], elements[b])
    })
    expect(sortedByScore(elements, Float64Array.from(scores))).toEqual(places.map((i) => elements[i]))
  }
})
