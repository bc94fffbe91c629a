/** The places of a pipeline's arguments are what the other reader of such bodies makes of them, for all that it takes. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCommands } from '../../lib/protocol/json.ts'
import { PipelineScan } from '../../lib/protocol/pipelinescan.ts'

const scan = new PipelineScan()

function scanned(body: string): string[][] | undefined {
  return scan.read(Buffer.from(body, 'latin1')) ? scan.commands() : undefined
}

const TAKEN: readonly (readonly [string, readonly (readonly string[])[]])[] = [
  ['[["GET","k"]]', [['GET', 'k']]],
  [' [ [ "GET" , "k" ] , [ "A" ] ] \r\n\t', [['GET', 'k'], ['A']]],
  [
    '[["SET","k",1.50,-0,1e3,12345678901234567890,true,false,null]]',
    [['SET', 'k', '1.50', '-0', '1e3', '12345678901234567890', 'true', 'false', 'null']],
  ],
  ['[["SET","k\u00c3\u00a9",""]]', [['SET', 'k\u00c3\u00a9', '']]],
]

/** Wrong, or for others to read. */
const REFUSED = [
  '',
  '[]',
  '[[]]',
  '[["a"],[]]',
  '[["a"]',
  '[["a"]]x',
  '[["a"],]',
  '[["a",]]',
  '[["a""b"]]',
  '[["a" "b"]]',
  '[[,"a"]]',
  '["a"]',
  '{"a":1}',
  '[[["a"]]]',
  '[["a\\n"]]',
  '[["\\u0041"]]',
  '[["a\u0001"]]',
  '[[01]]',
  '[[1.]]',
  '[[-]]',
  '[[tru]]',
  '[["a]]',
  '[["a"]',
  '[[nulll]]',
  '\u00ef\u00bb\u00bf[["a"]]',
]

describe('a body', () => {
  test.each(TAKEN)('%j is understood', (body, commands) => {
    expect(scanned(body)).toEqual(commands)
    expect(parseCommands(body)).toEqual(commands)
  })

  test.each(REFUSED)('%j is refused', (body) => {
    expect(scanned(body)).toBeUndefined()
  })

  test('of more commands or arguments than there is room for is refused', () => {
    const of = (commands: number, words: number) => JSON.stringify(Array(commands).fill(Array(words).fill('a')))
    expect(scanned(of(1024, 1))).toHaveLength(1024)
    expect(scanned(of(1025, 1))).toBeUndefined()
    expect(scanned(of(2, 2048))).toHaveLength(2)
    expect(scanned(of(2, 2049))).toBeUndefined()
    expect(scanned(`[["${'x'.repeat(64 * 1024)}"]]`)).toBeUndefined()
  })

  test('at random, whole or with a byte changed, is what the other reader makes of it, or is left to that', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 12 }).map((text) => JSON.stringify(text)),
      fc.string({ unit: 'binary', maxLength: 8 }).map((text) => JSON.stringify(text)),
      fc.stringMatching(/^[a-z:]{0,9}$/).map((text) => `"${text}"`),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc.integer().map(String),
      fc.constantFrom('true', 'false', 'null', '1.0', '-0', '1E+2', '01', '1.', '+1', '""'),
    )
    const space = fc.constantFrom('', '', '', '', ' ', '\n', '\r\n\t')
    const list = (item: fc.Arbitrary<string>, max: number): fc.Arbitrary<string> =>
      fc
        .tuple(fc.array(fc.tuple(space, item, space), { maxLength: max }), space)
        .map(([items, end]) => `[${items.map((parts) => parts.join('')).join(',')}${end}]`)
    const changed = fc.option(fc.tuple(fc.nat(), fc.constantFrom(...'[]",:\\ 0x-\u0000\u007f\u00e9')), { freq: 3 })
    let understood = 0
    fc.assert(
      fc.property(list(list(word, 5), 5), changed, (text, change) => {
        let body = Buffer.from(text).toString('latin1')
        if (change !== null) {
          const at = change[0] % body.length
          body = body.slice(0, at) + change[1] + body.slice(at + 1)
        }
        const ours = scanned(body)
        const theirs = parseCommands(body)
        if (ours !== undefined) {
          understood++
          expect(ours).toEqual(theirs)
        } else if (theirs !== undefined && theirs.length !== 0 && theirs.every(({ length }) => length !== 0)) {
          expect(body).toContain('\\')
        }
      }),
      { numRuns: 4000, interruptAfterTimeLimit: 2000 },
    )
    expect(understood).toBeGreaterThan(100)
  })
})
