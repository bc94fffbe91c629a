/**
 * Random paths on random documents: the same nodes, in the same order and as often, as two implementations of RFC 9535 find, where
 * RedisJSON and the RFC agree. What is absent is compared with nothing here, true and false have no order in the RFC, and a
 * function's result is not compared by `!=`.
 */
import fc from 'fast-check'
import { query as p3 } from 'json-p3'
import { query as rfc9535 } from 'jsonpath-rfc9535'
import { expect, test } from 'vitest'
import { evaluate } from '../../../../lib/commands/json/path/path.ts'
import { JsonArray, JsonObject } from '../../../../lib/keyspace/values/json-node.ts'
import { findIn, fromValue, parsed, toJson } from '../nodes.ts'

const scalar = fc.constantFrom<unknown>(null, true, false, 0, 1, 2, -1, 1.5, '', 'a', 'b', 'ab', 'aab', 'b c')
const name = fc.constantFrom('a', 'b', 'c', 'b c', '')
const { document } = fc.letrec<{ document: unknown }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie('document'), { maxLength: 4 }),
    fc.dictionary(name, tie('document'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

const quoted = name.map((text) => `'${text}'`)
const index = fc.integer({ min: -4, max: 4 }).map(String)
const bound = fc.option(fc.integer({ min: -5, max: 5 }), { nil: '' }).map(String)
const slice = fc
  .tuple(bound, bound, fc.constantFrom('', ':', ':1', ':2', ':-1', ':-2'))
  .map(([start, end, step]) => `${start}:${end}${step}`)
const number = fc.constantFrom('0', '1', '2', '-1', '1.5', '1e0', '0.5')
const text = fc.constantFrom("''", "'a'", '"ab"', "'b'")
const pattern = fc.constantFrom("'a.*'", "'[ab]+'", "'(a|b)b?'", "'b'", "'a{2}'", "''")

const { path, condition } = fc.letrec<{
  path: string
  query: string
  single: string
  segment: string
  selector: string
  comparison: string
  condition: string
}>((tie) => ({
  path: fc.array(tie('segment'), { maxLength: 4 }).map((segments) => `$${segments.join('')}`),
  query: fc
    .tuple(fc.constantFrom('@', '@', '$'), fc.array(tie('segment'), { maxLength: 2 }))
    .map(([root, segments]) => root + segments.join('')),
  single: fc
    .tuple(
      fc.constantFrom('@', '@', '@', '$'),
      fc.array(
        fc.oneof(
          fc.constantFrom('.a', '.b', '.c'),
          quoted.map((key) => `[${key}]`),
          index.map((at) => `[${at}]`),
        ),
        {
          maxLength: 2,
        },
      ),
    )
    .map(([root, segments]) => root + segments.join('')),
  segment: fc.oneof(
    { withCrossShrink: true, maxDepth: 5 },
    fc.constantFrom('.a', '.b', '.c', '.*', '..a', '..b', '..*'),
    fc
      .tuple(fc.constantFrom('', '', '..'), fc.array(tie('selector'), { minLength: 1, maxLength: 3 }))
      .map(([descent, selectors]) => `${descent}[${selectors.join(',')}]`),
  ),
  selector: fc.oneof(
    { withCrossShrink: true, maxDepth: 5 },
    quoted,
    index,
    slice,
    fc.constant('*'),
    tie('condition').map((filter) => `?${filter}`),
  ),
  comparison: fc.oneof(
    fc
      .tuple(tie('single'), fc.constantFrom('==', '!=', '<', '<=', '>', '>='), fc.oneof(number, text))
      .map((parts) => parts.join(' ')),
    fc
      .tuple(fc.oneof(number, text), fc.constantFrom('==', '!=', '<', '<=', '>', '>='), tie('single'))
      .map((parts) => parts.join('')),
    fc
      .tuple(tie('single'), fc.constantFrom('==', '!='), fc.constantFrom('true', 'false', 'null'))
      .map((parts) => parts.join(' ')),
    tie('single').map((single) => `@ == ${single}`),
    fc
      .tuple(
        fc.constantFrom('length', 'value'),
        tie('single'),
        fc.constantFrom('==', '<', '>='),
        fc.oneof(number, text),
      )
      .map(([fn, single, operator, literal]) => `${fn}(${single}) ${operator} ${literal}`),
    fc
      .tuple(tie('query'), fc.constantFrom('==', '!=', '<', '>='), fc.constantFrom('0', '1', '2'))
      .map(([nodes, operator, literal]) => `count(${nodes}) ${operator} ${literal}`),
    fc
      .tuple(fc.constantFrom('match', 'search'), tie('single'), pattern)
      .map(([fn, single, re]) => `${fn}(${single}, ${re})`),
  ),
  condition: fc.oneof(
    { withCrossShrink: true, maxDepth: 5 },
    tie('query'),
    tie('comparison'),
    tie('query').map((nodes) => `!${nodes}`),
    tie('condition').map((inner) => `(${inner})`),
    tie('condition').map((inner) => `!(${inner})`),
    fc.tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition')).map((parts) => parts.join(' ')),
  ),
}))

/**
 * Compares the answers to one path. json-p3 walks depth first, as RedisJSON does; jsonpath-rfc9535 does not, which the RFC leaves
 * open, so that its nodes are compared without their order. Either has faults of its own, and refuses some paths that the RFC's grammar has: one of
 * them must agree. json-p3 is wrong about selectors behind a filter, and about `$` in a filter within another, as in
 * `$[?@[?@ && $[0]]]`; the other with null, and about a third term, as in `$[?@ && @ && @ == 1]`. So where a filter
 * stands within another, only what both say counts.
 */
function compare(selector: string, value: unknown): void {
  const ours = findIn(selector, fromValue(value))
  const ordered = answerOf(() => p3(selector, value as never).values())
  if (ordered !== undefined && ours === toJson(fromValue(ordered))) return
  const hasThirdTerm = selector.split('&&').length > 2
  const unordered = hasThirdTerm ? undefined : answerOf(() => rfc9535(value as never, selector))
  const isNested = selector.lastIndexOf('?') !== selector.indexOf('?')
  if (isNested && JSON.stringify(ordered && sorted(ordered)) !== JSON.stringify(unordered && sorted(unordered))) return
  if (unordered !== undefined) expect(sorted(JSON.parse(ours))).toEqual(sorted(unordered))
  else if (ordered !== undefined) expect(ours).toBe(toJson(fromValue(ordered)))
}

function answerOf(oracle: () => unknown[]): unknown[] | undefined {
  try {
    return oracle()
  } catch (error) {
    if (/syntax/i.test(`${(error as Error).name} ${(error as Error).message}`)) return undefined
    throw error
  }
}

function sorted(nodes: unknown[]): string[] {
  return nodes.map((node) => JSON.stringify(node)).sort()
}

test.each<[string, unknown, string]>([
  ['$[?0.5>=$[0]]', [0], '[0]'],
  ['$[-3::-1]', [1, 2], '[]'],
  ["$[?@['c'][?!$.b,-3::-1,'a']]", { b: { c: [null, null] } }, '[]'],
  ['$[?!(@.a) && @ && @ == 0.5]', { a: null }, '[]'],
  ["$[?match(@, 'a.*')]", [['ab'], [null]], '[]'],
  ['$[?@[?@ && $[0] && @]]', { a: [0] }, '[]'],
])('%s on %j is %s, by the text of RFC 9535, whatever an oracle says', (selector, value, expected) => {
  expect(findIn(selector, fromValue(value))).toBe(expected)
})

/** Others are for who looks for faults by hand (SEED=…): two of twelve met a path that neither oracle answers as the RFC says. */
const seed = Number(process.env['SEED'] ?? 21)

test(`a random path finds what RFC 9535 says, seed ${seed}`, () => {
  fc.assert(
    fc.property(path, document, (selector, value) => {
      compare(selector, value)
    }),
    { numRuns: 1500, seed },
  )
})

test(`a random filter lets pass what RFC 9535 says, seed ${seed}`, () => {
  fc.assert(
    fc.property(fc.constantFrom('$', '$..'), condition, document, (start, filter, value) => {
      compare(`${start}[?${filter}]`, value)
    }),
    { numRuns: 1500, seed },
  )
})

test(`a match says where its node stands, seed ${seed}`, () => {
  fc.assert(
    fc.property(path, document, (selector, value) => {
      const root = fromValue(value)
      for (const { node, parent, key } of evaluate(parsed(selector), root)) {
        if (parent === undefined) expect(node).toBe(root)
        if (parent instanceof JsonArray) expect(parent.items[key as number]).toBe(node)
        if (parent instanceof JsonObject) expect(parent.get(key as string)).toBe(node)
      }
    }),
    { numRuns: 500, seed },
  )
})
