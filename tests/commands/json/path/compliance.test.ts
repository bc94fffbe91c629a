/**
 * The compliance test suite of RFC 9535 (it comes with the npm package jsonpath-rfc9535). What RedisJSON's documentation or its own
 * tests have otherwise is listed with the reason; a case that is listed and passes fails here, so that the list stays true.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findIn, fromValue, toJson } from '../nodes.ts'

interface Case {
  readonly name: string
  readonly selector: string
  readonly document?: unknown
  readonly result?: unknown[]
  readonly results?: unknown[][]
  readonly invalid_selector?: boolean
}

/** By the beginning of a case's name: why RedisJSON answers otherwise. */
const OTHERWISE: readonly (readonly [name: RegExp, why: string])[] = [
  [/^basic, no (leading|trailing) whitespace/, 'blanks may stand between all words'],
  [/^whitespace, functions, \w+ between function name/, 'blanks may stand between all words'],
  [/^whitespace, selectors, \w+ between (dot|recursive descent) and name/, 'blanks may stand between all words'],
  [/^basic, name shorthand, number/, 'names behind a dot may begin with a digit'],
  [/^filter, .*non-singular query/, 'several nodes are compared: any of them may do'],
  [/^filter, equals number, invalid (plus|minus space|double minus)/, 'signs are operators'],
  [/^filter, .*literals? .*must be compared/, 'a literal is a condition'],
  [/^filter, equals, absent from|^filter, equals, (special nothing|empty node list)/, 'what is absent equals nothing'],
  [/^index selector, (min exact index - 1|max exact index \+ 1|overflowing index)/, 'an index of any size is one'],
  [/^slice selector, .*(exact [-+] 1|overflowing|underflowing)/, 'a bound of any size is one'],
  [/^(index|slice) selector, (start, |end, )?-0/, '-0 is 0'],
  [/^slice selector, zero step/, 'a step of 0 is an error'],
  [/^name selector, (double|single) quotes, embedded U\+00[01]/, 'strings may hold control characters'],
  [/^functions, (count, non-query arg|length, non-singular query arg)/, 'what a function cannot use makes nothing'],
  [/^functions, \w+, (no params|too (few|many) params)/, 'what a function cannot use makes nothing'],
  [/^functions, \w+, result must be compared/, 'what a function makes is a condition'],
  [/^functions, (match|search), result cannot be compared/, 'true and false can be compared'],
]

const folder = dirname(createRequire(import.meta.url).resolve('jsonpath-rfc9535/package.json'))
const suite = join(folder, 'src/__tests__/jsonpath-compliance-test-suite/cts.json')
const { tests } = JSON.parse(readFileSync(suite, 'utf8')) as { tests: readonly Case[] }
const whyOtherwise = (name: string): string | undefined => OTHERWISE.find(([pattern]) => pattern.test(name))?.[1]

/** What the suite accepts: results as JSON, or any error. */
function passes({ selector, document, result, results, invalid_selector }: Case): boolean {
  const answer = findIn(selector, fromValue(document ?? null))
  if (invalid_selector === true) return answer.startsWith('Error occurred')
  return (results ?? [result]).some((wanted) => toJson(fromValue(wanted)) === answer)
}

describe('the compliance test suite of RFC 9535', () => {
  test('has its cases', () => expect(tests.length).toBeGreaterThan(600))

  test('passes, but for what RedisJSON has otherwise', () => {
    const failing = tests.filter((one) => whyOtherwise(one.name) === undefined && !passes(one))
    expect(failing.map(({ name, selector }) => `${name}: ${selector}`)).toEqual([])
  })

  test('has no listed case that passes', () => {
    const passing = tests.filter((one) => whyOtherwise(one.name) !== undefined && passes(one))
    expect(passing.map(({ name, selector }) => `${name}: ${selector}`)).toEqual([])
  })
})
