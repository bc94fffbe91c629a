import { expect, test } from 'vitest'
import { DIRECTIVES } from '../../lib/config/directives.ts'
import { suggestName } from '../../lib/config/suggest.ts'

test.each([
  ['prot', 'port'],
  ['maxmemroy', 'maxmemory'],
  ['maxmemory_policy', 'maxmemory-policy'],
  ['max-memory', 'maxmemory'],
  ['maxmemoryPolicy', 'maxmemory-policy'],
  ['httpPort', 'http-port'],
  ['require-pass', 'requirepass'],
  ['resttoken', 'rest-token'],
  ['APPENDONLI', 'appendonly'],
])('%s is a slip for %s', (word, name) => {
  expect(suggestName(word)).toBe(name)
})

test.each(['', 'x', 'frobnicate', 'completely-different-thing'])('%s is like none', (word) => {
  expect(suggestName(word)).toBe(undefined)
})

test('a name needs no suggestion', () => {
  expect(Object.keys(DIRECTIVES).filter((name) => suggestName(name) !== undefined)).toEqual([])
})
