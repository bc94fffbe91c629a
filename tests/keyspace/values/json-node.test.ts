/** Objects beside a Map, and what is read beside what it weighs. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromText } from '../../../lib/base/bytes.ts'
import { JSON_TOO_LARGE } from '../../../lib/base/errors.ts'
import { ReplyError } from '../../../lib/base/reply.ts'
import {
  copyNode,
  FEW_MEMBERS,
  JsonDouble,
  type JsonNode,
  JsonObject,
  nodeWeight,
} from '../../../lib/keyspace/values/json-node.ts'
import { parseJson, parseWeighed, type WeighedJson } from '../../../lib/keyspace/values/json-parse.ts'
import { formatJsonDouble, printJson } from '../../../lib/keyspace/values/json-print.ts'
import { HASHED_BYTES_MAX, MemberTable } from '../../../lib/keyspace/values/json-table.ts'

const parsed = (text: string): JsonNode => {
  const node = parseJson(fromText(text))
  if (node instanceof ReplyError) throw new Error(node.text)
  return node
}
const entries = (object: JsonObject): [string, JsonNode][] => {
  const nodes = object.nodes()
  return object.keys().map((key, i) => [key, nodes[i]])
}

describe('an object', () => {
  const name = fc.nat(2 * FEW_MEMBERS + 3).map((number) => `name ${number}`)
  const step = fc.record({ name, isSet: fc.boolean(), value: fc.nat(9) })

  test('keeps its members as a Map does, few or many of them, and weighs what it says', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), fc.boolean(), (steps, isRead) => {
        const map = new Map<string, JsonNode>()
        let object = new JsonObject()
        for (const { name, isSet, value } of steps) {
          if (isSet) {
            map.set(name, value)
            object.set(name, value)
          } else {
            map.delete(name)
            object.delete(name)
          }
          expect(object.size).toBe(map.size)
          expect(object.get(name)).toBe(map.get(name))
          if (isRead) object = parsed(printJson(object)!) as JsonObject
        }
        expect(entries(object)).toEqual([...map])
        expect(entries(JsonObject.of(new MemberTable(map)))).toEqual([...map])
        expect(entries(copyNode(object, 1) as JsonObject)).toEqual([...map])
        expect(nodeWeight(object)).toBe(nodeWeight(parsed(printJson(object)!)))
      }),
      { numRuns: 300 },
    )
  })

  describe('of long names', () => {
    const names = (count: number): string[] =>
      Array.from({ length: count }, (_, i) => `${i % 5 === 0 ? '' : 'n'.repeat(HASHED_BYTES_MAX)}${1000 + i}`)
    const text = (of: readonly string[]): string => `{${of.map((name) => `"${name}":0`)}}`

    test('keeps them as a Map does', () => {
      const all = names(60)
      const object = parsed(text(all)) as JsonObject
      for (const [i, name] of all.entries()) object.set(name, i)
      for (let i = 1; i < 10; i++) object.delete(all[i])
      object.delete(all[2])
      object.set(all[1], 'again')
      const left = [0, ...Array.from({ length: 50 }, (_, i) => 10 + i)]
      expect(entries(object)).toEqual([...left.map((i) => [all[i], i]), [all[1], 'again']])
      expect([object.get(all[0]), object.get(all[1]), object.get(all[2])]).toEqual([0, 'again', undefined])
      const printed = printJson(object)!
      expect(printJson(parsed(printed))).toBe(printed)
      expect(printJson(copyNode(object, 1))).toBe(printed)
      expect(nodeWeight(object)).toBe(nodeWeight(parsed(printed)))
      const twice = parsed(`{"a":1,"${all[1]}":2,"${all[1]}":3}`) as JsonObject
      expect(twice.nodes()).toEqual([1, 3])
    })

    test('is read in time that does not grow with the square of their number', () => {
      const [few, many] = [100, 800].map((count) => text(names(count)))
      const costOf = (json: string): number => {
        const start = process.cpuUsage().user
        parsed(json)
        return process.cpuUsage().user - start
      }
      costOf(few)
      expect(costOf(many)).toBeLessThan(30 * (costOf(few) + 10_000))
    })
  })

  test('that is like another one shares its names, and a change is its own', () => {
    const array = parsed('[{"a":1,"b":2},{"a":3,"b":4},{"a":5,"c":6}]') as { items: JsonObject[] } & JsonNode
    const [first, second, third] = array.items
    expect(second.keys()).toBe(first.keys())
    second.set('d', 7)
    second.delete('a')
    first.set('b', 8)
    third.clear()
    expect(printJson(array)).toBe('[{"a":1,"b":8},{"b":4,"d":7},{}]')
  })
})

describe('a text', () => {
  const key = fc.constantFrom('a', 'b', 'ab', 'a"', 'a\\', 'é', '', 'a\n', '\u0000', 'aaaaaaaaaaaaaaaaaaaaaaa')
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(null, true, 0, 7, -1, 2 ** 40, 0.5, '', 'x', 'a text of more than twelve letters'),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: true }),
      fc.dictionary(fc.nat(40).map(String), fc.constant(1), { minKeys: FEW_MEMBERS - 2, noNullPrototype: true }),
    ),
  }))

  test('of alike objects is read as JSON.parse reads it, and is as heavy on the way as it is in the end', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), (values) => {
        const text = fromText(JSON.stringify(values))
        const node = parseJson(text) as JsonNode
        expect(printJson(node)).toBe(text)
        const weight = nodeWeight(node)
        expect(printJson((parseWeighed(text, 127, weight) as WeighedJson).node)).toBe(text)
        expect(parseWeighed(text, 127, Infinity)).toMatchObject({ bytes: weight })
        expect(parseWeighed(text, 127, weight - 1)).toBe(JSON_TOO_LARGE)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['[{"a":1},{"a":2,"a":3}]', '[{"a":1},{"a":3}]'],
    ['[{"a\\"":1},{"a"":2}]', undefined],
    ['[{"a\\\\":1},{"a\\":2}]', undefined],
    ['[{"a\\n":1},{"a\n":2}]', undefined],
    ['[{"ab":1},{"a":2},{"abc":3},{"ab":4}]', '[{"ab":1},{"a":2},{"abc":3},{"ab":4}]'],
    ['[{"a":1,"b":2},{"a":1},{"a":1,"b":2,"c":3}]', '[{"a":1,"b":2},{"a":1},{"a":1,"b":2,"c":3}]'],
    ['{"a":[1,2],"b":1,"a":{"x":1},"b":2}', '{"a":{"x":1},"b":2}'],
  ])('such as %s is read by what it says', (text, expected) => {
    const node = parseJson(fromText(text))
    if (expected === undefined) expect(node).toBeInstanceOf(ReplyError)
    else expect(printJson(node as JsonNode)).toBe(expected)
  })

  test('of digits without end is read at once', () => {
    const digits = '9'.repeat(20_000_000)
    expect(parseJson(digits)).toBeInstanceOf(ReplyError)
    expect(printJson(parseJson(`0.${digits}`) as JsonNode)).toBe('1.0')
    expect(printJson(parseJson('18446744073709551615') as JsonNode)).toBe('18446744073709551615')
    expect(printJson(parseJson('-9223372036854775808') as JsonNode)).toBe('-9223372036854775808')
    for (const number of [
      '123456789012345.6',
      '0.1',
      '1.005',
      '123456.789012',
      '0.000001',
      '99999999999999.9',
      '-0.0',
    ]) {
      expect(JSON.parse(printJson(parseJson(number) as JsonNode)!)).toBe(Number(number))
    }
  })

  test('of a fraction is the shortest that reads back the same', () => {
    const decimal = fc
      .tuple(fc.integer({ min: -(10 ** 10), max: 10 ** 10 }), fc.nat(9))
      .map(([digits, decimals]) => digits / 10 ** decimals)
    fc.assert(
      fc.property(fc.oneof(decimal, fc.double({ noNaN: true, noDefaultInfinity: true })), (value) => {
        const text = printJson(new JsonDouble(value))!
        expect(text).toBe(formatJsonDouble(value))
        expect(JSON.parse(text)).toBe(value)
        const digits = JSON.stringify(value)
        if (/[.e]/.test(digits)) expect((parseJson(digits) as JsonDouble).value).toBe(value)
      }),
      { numRuns: 20_000 },
    )
    for (const value of [
      0, -0, 1, -1, 0.1, -0.5, 1e-5, 1e-4, 0.000099, 0.0001, 999999999.999999, 1e9, 123456.5, 0.30000000000000004,
    ]) {
      expect(printJson(new JsonDouble(value))).toBe(formatJsonDouble(value))
    }
  })
})
