/** Bytes as the console shows and types them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  brief,
  fromArray,
  fromBase64,
  fromHex,
  fromText,
  percentDecoded,
  percentEncoded,
  shown,
  toArray,
  toBase64,
  toHex,
  toText,
} from '../../../console/wire/bytes.ts'

const anyBytes = fc.uint8Array({ maxLength: 300 }).map(fromArray)

describe('bytes', () => {
  test('come back from each way of writing them', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(fromArray(toArray(bytes))).toBe(bytes)
        expect(fromHex(toHex(bytes))).toBe(bytes)
        expect(fromBase64(toBase64(bytes))).toBe(bytes)
        expect(percentDecoded(percentEncoded(bytes))).toBe(bytes)
      }),
    )
  })

  test('are text where they are UTF-8, and no other text than they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(toText(fromText(text))).toBe(text)
      }),
    )
    expect(toText('\xff')).toBe(undefined)
    expect(toText('\xc3')).toBe(undefined)
    expect(toText(fromText('\ufeffa'))).toBe('\ufeffa')
  })

  test('long values are whole', () => {
    const long = 'é'.repeat(100_000)
    expect(toText(fromText(long))).toBe(long)
  })

  test('what is no hexadecimal or base64 is refused', () => {
    expect(fromHex('a')).toBe(undefined)
    expect(fromHex('zz')).toBe(undefined)
    expect(fromBase64('!')).toBe(undefined)
  })
})

describe('what is shown', () => {
  test('holds no control character, and none that turns the direction of the page', () => {
    const hidden = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028]/
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(shown(bytes)).not.toMatch(hidden)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(shown(fromText(text))).not.toMatch(hidden)
      }),
    )
    expect(shown(fromText('a\u202eb\nc\x00'))).toBe('a\\u202eb\\nc\\x00')
    expect(shown('\xff"')).toBe('\\xff"')
  })

  test('is cut between characters', () => {
    expect(brief(fromText('é'.repeat(10)), 5)).toBe('éé…')
  })
})
