/** Paths and documents of an attacker: nothing throws but the one error, nothing takes long, and the work grows as what is visited. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromText } from '../../../../lib/base/bytes.ts'
import { ReplyError } from '../../../../lib/base/reply.ts'
import { JSON_PATH_COST } from '../../../../lib/commands/json/errors.ts'
import { Evaluation } from '../../../../lib/commands/json/path/evaluation.ts'
import { evaluate, parsePath } from '../../../../lib/commands/json/path/path.ts'
import { STEPS_MAX, Steps } from '../../../../lib/commands/json/path/steps.ts'
import { JsonArray, type JsonNode, JsonObject } from '../../../../lib/keyspace/values/json-node.ts'
import { seedOfRun } from '../../../differential/random.ts'
import { lengthOf } from '../../../length.ts'
import { fromValue, parsed } from '../nodes.ts'

/** Steps that an evaluation takes; Infinity where it is refused. */
function costOf(path: string, root: JsonNode): number {
  const { query, projection } = parsed(path)
  const steps = new Steps()
  const evaluation = new Evaluation(root, steps)
  try {
    if (query === undefined) evaluation.made(projection!)
    else evaluation.matches(query)
  } catch (error) {
    expect(error).toBe(JSON_PATH_COST)
    return Number.POSITIVE_INFINITY
  }
  return steps.spent
}

function deep(levels: number): JsonNode {
  let node: JsonNode = 1
  for (let i = 0; i < levels; i++) node = i % 2 === 0 ? new JsonArray([node]) : new JsonObject(['a'], [node])
  return node
}

const wide = (length: number): JsonNode => new JsonArray(Array.from({ length }, (_, i) => i))
const records = (length: number): JsonNode =>
  fromValue(Array.from({ length }, (_, id) => ({ id, tags: ['a', 'b'], name: `name ${id}` })))

const seed = seedOfRun()

describe('texts that are no paths', () => {
  const piece = fc.constantFrom(
    ...[
      '$',
      '@',
      '.',
      '..',
      '*',
      '[',
      ']',
      '(',
      ')',
      '?',
      '!',
      '&&',
      '||',
      '==',
      '!=',
      '<',
      '>=',
      '=~',
      '~',
      '-',
      '+',
      '%',
      '/',
      ',',
    ],
    ...[
      ':',
      "'",
      '"',
      '\\',
      '\\u00e9',
      '\\ud800',
      '0',
      '-1',
      '1e9',
      '1.5',
      'a',
      'name',
      'true',
      'null',
      'in',
      'sizeof',
      'empty',
      '{',
      '}',
    ],
    ...[
      'length(',
      'match(',
      '.keys()',
      'count(',
      '[?',
      '[?@.a',
      '[0]',
      "['a']",
      ' ',
      '\n',
      '\0',
      'é',
      '\u{1f600}',
      '__proto__',
      '$..',
      'append(',
    ],
  )
  const document = fromValue({ a: [1, 2.5, 'a', null, { a: true, name: 'é' }], name: 'x', __proto__: 1 })

  test(`are refused or evaluated, seed ${seed}`, () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), fc.boolean(), (pieces, isRooted) => {
        const text = fromText((isRooted ? '$' : '') + pieces.join(''))
        const path = parsePath(text)
        if (path instanceof ReplyError) expect(path.text).not.toMatch(/[\r\n]/)
        else expect(Array.isArray(evaluate(path, document))).toBe(true)
      }),
      { numRuns: 5_000, seed },
    )
  })

  test('parsing is linear in the text', () => {
    const pieces = [
      '.a',
      '[0]',
      '[?@.a==1]',
      '[?(@.a && (@.b || !@.c))]',
      "['a','b',0,1:2]",
      '..*',
      '[?length(@)>1]',
      '[?@ in [1,2]]',
    ]
    for (const piece of pieces) {
      const times = [2_000, 16_000].map((length) => {
        const text = `$${piece.repeat(length / piece.length)}`
        let best = Number.POSITIVE_INFINITY
        for (let i = 0; i < 5; i++) {
          const start = process.cpuUsage().user
          parsePath(`${text}[${i}]`)
          best = Math.min(best, process.cpuUsage().user - start)
        }
        return best + 1000
      })
      expect(times[1] / times[0], piece).toBeLessThan(40)
    }
  })
})

/** Each is made when it is its turn: some weigh as much as a store may. */
const REFUSED: readonly (readonly [path: string, root: () => JsonNode])[] = [
  ['$..*..*..*', () => deep(1000)],
  ['$..[?@..[?@..[?@..*]]]', () => deep(1000)],
  ['$..[*,*,*]..[*,*,*]..[*,*,*]', () => deep(1000)],
  [`$${'[0,0]'.repeat(64)}`, () => deepArrays(64)],
  [`$${'[*,*]'.repeat(64)}`, () => deepArrays(64)],
  [
    '$[?@ == $[*] || @ != $[*]][?@ in $]',
    () => new JsonArray(Array.from({ length: 5000 }, () => new JsonArray([1.5]))),
  ],
  ['$[?@ in $]', () => wide(100_000)],
  ['$[?$ subsetof $]', () => wide(100_000)],
  ['$[?sum($) > 1]', () => wide(100_000)],
  ['$[?@ =~ "(a|a)*(a|a)*(a|a)*b"]', () => new JsonArray(Array.from({ length: 200 }, () => 'a'.repeat(100_000)))],
  ['$[?"a" == "b" || @.t =~ @.p]', () => patterns(2000, `(?i)${'a'.repeat(1000)}`)],
  ['$[?@.t =~ @.p]', () => patterns(2000, '((a{1000}){1000}){1000}')],
  ['$[?length($[0]) > 1]', () => new JsonArray(Array.from({ length: 5000 }, () => 'a'.repeat(1_000_000)))],
  [
    '$[?concat($[0], $[0], $[0]) == "a"]',
    () => new JsonArray(Array.from({ length: 5000 }, () => 'a'.repeat(1_000_000))),
  ],
  ['$[?@ != $[0]]', () => new JsonArray(Array.from({ length: 5000 }, () => 'a'.repeat(1_000_000)))],
  ['$.a[?@ =~ $.p]', () => patternFor(100_000, `${'a'.repeat(10_000_000)}+`)],
  ['$.a[?@ =~ $.p]', () => patternFor(100_000, `b${'a'.repeat(10_000_000)}`)],
  ['$.a[?@ =~ $.p]', () => new JsonObject(['a', 'p'], [lines(20, 'a'.repeat(9_000_000)), `b${'a'.repeat(4_000_000)}`])],
  ['$.a[?count(append(@, $..*)) > 0]', () => patternFor(100_000, '')],
  ['$.a[?count(keys($..*)) > 0]', () => patternFor(100_000, '')],
]

describe('what an evaluation may cost', () => {
  // Each takes a second or so: a sample has every fourth.
  test.each(REFUSED.filter((_, i) => i % lengthOf(4, 1) === 0))('%s is refused', (path, root) => {
    const value = root()
    const start = process.cpuUsage().user
    expect(costOf(path, value)).toBe(Number.POSITIVE_INFINITY)
    // A second or so; this machine may be busy.
    expect(process.cpuUsage().user - start).toBeLessThan(10_000_000)
  })

  test.each([
    ['$..*', wide(300_000)],
    ['$[*]', wide(300_000)],
    ['$[?@ > 100000]', wide(300_000)],
    ['$..id', records(30_000)],
    ['$[?@.id > 5 && @.tags[*] == "b"].name', records(30_000)],
    ['$[?@.name =~ "^name [0-9]+$"].id', records(30_000)],
    ['$[?@.id in $[0:10].id].name', records(30_000)],
    ['$..*..*', deep(1000)],
  ] as const)('%s is not', (path, root) => {
    expect(costOf(path, root)).toBeLessThan(STEPS_MAX)
  })

  test.each([
    ['$..*', wide, 1],
    ['$..[?@ > 3]', wide, 1],
    ['$[::2]', wide, 1],
    ['$[?@ == $[0]]', wide, 1],
    ['$..name', records, 1],
    ['$[?@.tags[*] == "a" && !@.none].id', records, 1],
    ['$[?search(@.name, "9$")]', records, 1],
    ['$[?count(@..*) > 1]', records, 1],
    ['$[?@.id < count($[*])]', records, 1],
    ['sum($)', wide, 1],
    ['$..*', deep, 1],
    ['$..*..*', deep, 2],
    ['$..[?@..*]', deep, 2],
  ] as const)('%s grows with the document to the power of what it visits', (path, document, exponent) => {
    const [small, large] = [50, 800].map((size) => costOf(path, document(size)))
    expect(Math.log2(large / small) / 4).toBeLessThan(exponent + 0.1)
  })

  test('a definite path costs nothing but its match, however large the document', () => {
    const root = records(1000)
    const path = parsed('$[999].tags[-1]')
    expect(evaluate(path, root).map(({ node, key }) => [node, key])).toEqual([['b', 1]])
    expect(path.query?.keys).toEqual([999, 'tags', -1])
  })
})

function lines(length: number, text: string): JsonArray {
  return new JsonArray(new Array<JsonNode>(length).fill(text))
}

/** So many short texts, and an expression for all of them. */
function patternFor(length: number, pattern: string): JsonNode {
  return new JsonObject(['a', 'p'], [lines(length, 'b'), pattern])
}

/** Each with an expression of its own. */
function patterns(length: number, pattern: string): JsonNode {
  return fromValue(Array.from({ length }, (_, i) => ({ t: 'b', p: `${i}${pattern}` })))
}

function deepArrays(levels: number): JsonNode {
  let node: JsonNode = 1
  for (let i = 0; i < levels; i++) node = new JsonArray([node])
  return node
}

describe('documents that are deep', () => {
  test('are walked and compared without an overflow', () => {
    const root = new JsonArray([deep(1000), deep(1000)])
    expect(evaluate(parsed('$[?@ == $[0]]'), root)).toHaveLength(2)
    expect(evaluate(parsed('$..[?@ == 1]'), root)).toHaveLength(2)
    expect(evaluate(parsed('$..a'), deep(20_000))).toHaveLength(10_000)
  })
})

describe('keys of an attacker', () => {
  test('are keys', () => {
    const root = fromValue(JSON.parse('{"__proto__":{"constructor":1},"toString":2}'))
    expect(evaluate(parsed('$.__proto__.constructor'), root)).toHaveLength(1)
    expect(evaluate(parsed('$["hasOwnProperty"]'), root)).toHaveLength(0)
    expect(evaluate(parsed('$[?@.constructor]'), root)).toHaveLength(1)
    expect(parsePath('$.a[?constructor(@)]')).toBeInstanceOf(ReplyError)
    expect(parsePath('$.a.__proto__()')).toBeInstanceOf(ReplyError)
  })
})
