/** Documents: read and written beside JSON.parse, edited beside a plain model, and weighed. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bytes, fromText, toText } from '../../../lib/base/bytes.ts'
import { ReplyError } from '../../../lib/base/reply.ts'
import { Config } from '../../../lib/config/config.ts'
import { JsonValue } from '../../../lib/keyspace/values/json.ts'
import {
  childrenOf,
  copyNode,
  heightOf,
  isContainer,
  JsonArray,
  JsonDouble,
  type JsonNode,
  JsonObject,
  nodeAt,
  nodeWeight,
} from '../../../lib/keyspace/values/json-node.ts'
import { parseJson } from '../../../lib/keyspace/values/json-parse.ts'
import { printJson } from '../../../lib/keyspace/values/json-print.ts'
import { readPayload, writePayload } from '../../../lib/persistence/snapshot/payload.ts'

const limits = new Config({}).values

function parsed(text: Bytes): JsonNode {
  const node = parseJson(text)
  if (node instanceof ReplyError) throw new Error(`${text}: ${node.text}`)
  return node
}

/** A node as JavaScript has it. */
function plain(node: JsonNode): unknown {
  if (typeof node === 'string') return toText(node)
  if (typeof node === 'bigint') return Number(node)
  if (node instanceof JsonDouble) return node.value
  if (node instanceof JsonArray) return node.items.map(plain)
  if (node instanceof JsonObject) {
    return Object.fromEntries(node.keys().map((key) => [toText(key), plain(node.get(key)!)]))
  }
  return node
}

const fault = (text: string): unknown => {
  const node = parseJson(fromText(text))
  return node instanceof ReplyError ? node.text : plain(node)
}
const again = (text: string): unknown => printJson(parsed(fromText(text)))
const wellFormed = (value: unknown): boolean => {
  const text = JSON.stringify(value)
  return toText(fromText(text)) === text && !/\\ud[89a-f]/.test(text)
}

describe('JSON', () => {
  test('is read as JSON.parse reads it, and written so that it is read the same', () => {
    const document = fc.jsonValue({ maxDepth: 6 }).filter(wellFormed)
    const layout = fc.constantFrom(undefined, 1, '\t', ' \n')
    fc.assert(
      fc.property(document, layout, (value, space) => {
        const text = JSON.stringify(value, undefined, space)
        const node = parsed(fromText(text))
        expect(plain(node)).toEqual(JSON.parse(text))
        const printed = printJson(node)!
        expect(JSON.parse(toText(printed))).toEqual(JSON.parse(text))
        expect(printJson(parsed(printed))).toBe(printed)
      }),
      { numRuns: 1000 },
    )
  })

  test('is refused wherever JSON.parse refuses it', () => {
    const letter = fc.constantFrom(...'{}[]",:\\/unrtfalse-+.eE0129 \n\t\u0001é😀')
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 12 }), (letters) => {
        const text = letters.join('')
        let expected: unknown
        let isRefused = false
        try {
          expected = JSON.parse(text)
        } catch {
          isRefused = true
        }
        const node = parseJson(fromText(text))
        if (isRefused || !wellFormed(expected)) expect(node).toBeInstanceOf(ReplyError)
        else if (!(node instanceof ReplyError)) expect(plain(node)).toEqual(expected)
        else expect(node.text).toMatch(/out of range|surrogate/)
      }),
      { numRuns: 20_000 },
    )
  })

  test.each([
    ['', 'EOF while parsing a value at line 1 column 0'],
    [' ', 'EOF while parsing a value at line 1 column 1'],
    ['{', 'EOF while parsing an object at line 1 column 1'],
    ['[', 'EOF while parsing a list at line 1 column 1'],
    ['[1', 'EOF while parsing a list at line 1 column 2'],
    ['[1,', 'EOF while parsing a value at line 1 column 3'],
    ['[1,]', 'trailing comma at line 1 column 4'],
    ['[1 2]', 'expected `,` or `]` at line 1 column 4'],
    ['{"a"', 'EOF while parsing an object at line 1 column 4'],
    ['{"a" 1}', 'expected `:` at line 1 column 6'],
    ['{"a":1 "b":2}', 'expected `,` or `}` at line 1 column 8'],
    ['{"a":1,}', 'trailing comma at line 1 column 8'],
    ['{a:1}', 'key must be a string at line 1 column 2'],
    ['}', 'expected value at line 1 column 1'],
    ["'a'", 'expected value at line 1 column 1'],
    ['foo', 'expected ident at line 1 column 2'],
    ['nul', 'EOF while parsing a value at line 1 column 3'],
    ['1 2', 'trailing characters at line 1 column 3'],
    ['01', 'invalid number at line 1 column 2'],
    ['-', 'EOF while parsing a value at line 1 column 1'],
    ['-a', 'invalid number at line 1 column 2'],
    ['1.', 'EOF while parsing a value at line 1 column 2'],
    ['1.a', 'invalid number at line 1 column 3'],
    ['1e', 'EOF while parsing a value at line 1 column 2'],
    ['1e400', 'number out of range at line 1 column 5'],
    ['"', 'EOF while parsing a string at line 1 column 1'],
    ['"\\x"', 'invalid escape at line 1 column 3'],
    ['"\\ud800"', 'unexpected end of hex escape at line 1 column 8'],
    ['"\\udc00"', 'lone leading surrogate in hex escape at line 1 column 7'],
    ['"\\u00g0"', 'invalid escape at line 1 column 7'],
    ['"a\nb"', 'control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0'],
    ['{\n  "a": x\n}', 'expected value at line 2 column 8'],
  ])('says of %j what is wrong and where', (text, message) => {
    expect(fault(text)).toBe(message)
  })

  test('is refused where it is not UTF-8', () => {
    for (const bytes of ['\x80', '\xc0\x80', '\xc3', '\xe0\x80\x80', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xff']) {
      expect((parseJson(`"${bytes}"`) as ReplyError).text).toBe("Couldn't parse as UTF-8 string")
    }
    for (const text of ['é', '€', '😀', '\u{10ffff}', '\ud7ff'])
      expect(parsed(`"${fromText(text)}"`)).toBe(fromText(text))
  })

  test.each([
    '0',
    '-1',
    '9007199254740991',
    '9007199254740993',
    '-9223372036854775808',
    '18446744073709551615',
    '1.0',
    '-0.0',
    '0.1',
    '1.5e300',
    '1e16',
    '1e-6',
    '0.00001',
    '1234567890123456.0',
    '5e-324',
    '1.7976931348623157e308',
    '1512060373.222988',
    '5.960464477539062e16',
  ])('keeps the digits of %s', (number) => {
    expect(again(number)).toBe(number)
  })

  test.each([
    ['-0', '-0.0'],
    ['1e2', '100.0'],
    ['1E+2', '100.0'],
    ['18446744073709551616', '1.8446744073709552e19'],
    ['-9223372036854775809', '-9.223372036854776e18'],
    ['1.6350000000001313e+308', '1.6350000000001313e308'],
    ['"\\u0041\\/\\u001f\\u00e9\\ud83d\\ude00\x7f"', fromText('"A/\\u001fé😀\x7f"')],
    ['{"b":1,"a":2,"b":3}', '{"b":3,"a":2}'],
    ['{"1":1,"0":2,"__proto__":3}', '{"1":1,"0":2,"__proto__":3}'],
    [' [ 1 , { } , [ ] ] ', '[1,{},[]]'],
  ])('of %s makes %s', (text, printed) => {
    expect(again(text)).toBe(printed)
  })

  test('is no deeper than 127 levels', () => {
    const nested = (levels: number): Bytes => '['.repeat(levels) + ']'.repeat(levels)
    expect(heightOf(parsed(nested(127)))).toBe(127)
    expect(fault(nested(128))).toBe('recursion limit exceeded at line 1 column 128')
    expect(fault('{"a":'.repeat(100_000))).toBe('recursion limit exceeded at line 1 column 636')
  })
})

/** An edit of whatever the numbers point at. */
const step = fc.record({
  does: fc.constantFrom('put', 'add', 'remove', 'insert', 'clear' as const),
  at: fc.array(fc.nat(5), { maxLength: 4 }),
  value: fc.jsonValue({ maxDepth: 2 }).filter(wellFormed),
})

describe('a document', () => {
  test('that is edited weighs what the same one weighs that was made at once, and reads the same', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }).filter(wellFormed),
        fc.array(step, { maxLength: 30 }),
        (start, steps) => {
          const document = new JsonValue(parsed(fromText(JSON.stringify(start))))
          for (const { does, at, value } of steps) {
            const added = (level: number): JsonNode => copyNode(parsed(fromText(JSON.stringify(value))), level)
            let place: { parent: JsonArray | JsonObject | undefined; key: Bytes | number | undefined } = {
              parent: undefined,
              key: undefined,
            }
            let node = document.root
            for (const turn of at) {
              if (!isContainer(node)) break
              const keys: (Bytes | number)[] = node instanceof JsonArray ? [...node.items.keys()] : [...node.keys()]
              if (keys.length === 0) break
              place = { parent: node, key: keys[turn % keys.length] }
              node = nodeAt(place, document.root)!
            }
            const level = (place.parent?.level ?? 0) + 1
            if (does === 'put') document.put(place, added(level))
            else if (does === 'clear' && isContainer(node)) document.clear(node)
            else if (does === 'remove' && place.parent instanceof JsonObject) {
              document.removeMember(place.parent, place.key as Bytes)
            } else if (does === 'remove' && place.parent instanceof JsonArray) {
              document.removeItems(place.parent, new Set([place.key as number]))
            } else if (does === 'insert' && node instanceof JsonArray) {
              document.splice(node, Math.min(at.length, node.items.length), at.length % 2, [added(node.level + 1)])
            } else if (does === 'add' && node instanceof JsonObject) {
              document.put({ parent: node, key: `k${at.length}` }, added(node.level + 1))
            }
          }
          const again = new JsonValue(copyNode(document.root, 1))
          expect(document.memoryBytes).toBe(again.memoryBytes)
          expect(printJson(document.copy().root)).toBe(printJson(document.root))
          expect(levelsAreRight(document.root, 1)).toBe(true)
          const payload = writePayload(document)
          const restored = readPayload(payload, limits)
          expect(restored).toBeInstanceOf(JsonValue)
          expect(printJson((restored as JsonValue).root)).toBe(printJson(document.root))
          expect(writePayload(restored as JsonValue)).toBe(payload)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('weighs about what it takes in memory', () => {
    const record = (i: number) => ({
      id: i,
      name: `user number ${i}`,
      tags: ['a', 'b'],
      score: i * 1.5,
      more: { x: i, y: null },
    })
    const text = fromText(JSON.stringify(Array.from({ length: 2000 }, (_, i) => record(i))))
    expect(nodeWeight(parsed(text)) / text.length).toBeGreaterThan(2)
    expect(nodeWeight(parsed(text)) / text.length).toBeLessThan(12)
  })
})

function levelsAreRight(node: JsonNode, level: number): boolean {
  if (!isContainer(node)) return true
  if (node.level !== level) return false
  return childrenOf(node).every((child) => levelsAreRight(child, level + 1))
}
