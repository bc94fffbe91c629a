/** Replies of a Redis, however they are cut. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NULL_ARRAY, OK, type Reply, ReplyError, Status } from '../../lib/base/reply.ts'
import { encode } from '../../lib/protocol/encode.ts'
import { ReplyBreach, ReplyDecoder } from '../../lib/protocol/replies.ts'

function decode(...pieces: readonly string[]): Reply[] {
  const decoder = new ReplyDecoder()
  const replies: Reply[] = []
  for (const piece of pieces) {
    decoder.feed(Buffer.from(piece, 'latin1'))
    for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) replies.push(reply)
  }
  return replies
}

const EXAMPLES: readonly (readonly [string, Reply])[] = [
  ['+OK\r\n', OK],
  ['+Background saving started\r\n', new Status('Background saving started')],
  ['-ERR no\r\n', new ReplyError('ERR no')],
  [':-12\r\n', -12],
  [':9223372036854775807\r\n', 9223372036854775807n],
  ['$0\r\n\r\n', ''],
  ['$5\r\n\r\n\u00ff\u0000a\r\n', '\r\n\u00ff\u0000a'],
  ['$-1\r\n', null],
  ['*-1\r\n', NULL_ARRAY],
  ['*0\r\n', []],
  ['*3\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n-ERR x\r\n', [1, ['a', []], new ReplyError('ERR x')]],
]

describe('replies', () => {
  test('of every kind are read', () => {
    for (const [bytes, reply] of EXAMPLES) expect(decode(bytes)).toEqual([reply])
    expect(decode(EXAMPLES.map(([bytes]) => bytes).join(''))).toEqual(EXAMPLES.map(([, reply]) => reply))
  })

  test('cut at every byte are the same', () => {
    const all = EXAMPLES.map(([bytes]) => bytes).join('')
    expect(decode(...all)).toEqual(EXAMPLES.map(([, reply]) => reply))
    for (let at = 1; at < all.length; at++) {
      expect(decode(all.slice(0, at), all.slice(at))).toEqual(EXAMPLES.map(([, reply]) => reply))
    }
  })

  test('of any shape come back as they were sent, in pieces of any size', () => {
    const leaf = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }).map((text) => Buffer.from(text).toString('latin1')),
      fc.integer(),
      fc.constant(null),
    )
    const reply = fc.letrec((tie) => ({
      any: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('any'), { maxLength: 5 })),
    })).any as fc.Arbitrary<Reply>
    fc.assert(
      fc.property(fc.array(reply, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 17 }), (replies, size) => {
        const bytes = replies.map((each) => encode(each, 2)).join('')
        const pieces: string[] = []
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size))
        expect(decode(...pieces)).toEqual(replies)
      }),
    )
  })

  test('what is none is a breach', () => {
    expect(() => decode('?\r\n')).toThrow(ReplyBreach)
    expect(() => decode('$x\r\n')).toThrow(ReplyBreach)
  })
})

describe('bounds', () => {
  test.each([
    ['$536870889\r\n', /longer than any/],
    ['*1\r\n'.repeat(1001), /deeper than 1000/],
    [`-${'x'.repeat(2 ** 20 + 1)}`, /a line is longer/],
    ['*2\r\n$400000000\r\n', undefined],
    [':1x\r\n', /an integer/],
    [':\r\n', /an integer/],
    [':99999999999999999999999\r\n', /an integer/],
    ['$-2\r\n', /a length/],
    ['*\r\n', /an integer/],
    ['$1\r\nab\r\n', /end/],
    ['+OK\rx', /no CR LF/],
  ])('%.20j', (bytes, breach) => {
    if (breach === undefined) expect(decode(bytes)).toEqual([])
    else expect(() => decode(bytes)).toThrow(breach)
  })

  test('what one reply may take in all counts its values, too; the next one begins anew', () => {
    const decoder = new ReplyDecoder(10_000)
    const take = (text: string): Reply | undefined => {
      decoder.feed(Buffer.from(text))
      return decoder.next()
    }
    const array = `*200\r\n${':1\r\n'.repeat(200)}`
    for (let i = 0; i < 100; i++) expect(take(array)).toHaveLength(200)
    expect(() => new ReplyDecoder(100).feed(Buffer.from('$101\r\n'))).not.toThrow()
    expect(() => take(`*300\r\n${':1\r\n'.repeat(300)}`)).toThrow(/a reply is longer than 10000/)
    const another = new ReplyDecoder(100)
    another.feed(Buffer.from('$101\r\n'))
    expect(() => another.next()).toThrow(/a reply is longer than 100/)
  })

  test('integers keep their value at every length', () => {
    for (const digits of [
      '0',
      '-0',
      '7',
      '-7',
      '999999999999999',
      '-999999999999999',
      '9007199254740991',
      '9007199254740993',
      '-9223372036854775808',
    ]) {
      const [value] = decode(`:${digits}\r\n`)
      expect(BigInt(value as number)).toBe(BigInt(digits))
      expect(Object.is(value, -0)).toBe(false)
    }
  })
})
