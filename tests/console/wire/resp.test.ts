/** Replies as REST gives them in RESP2, held against what the store itself encodes. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromArray, toArray } from '../../../console/wire/bytes.ts'
import { Failure, parseReplies, type Reply, Status } from '../../../console/wire/resp.ts'
import type { Reply as StoreReply } from '../../../lib/base/reply.ts'
import { encode } from '../../../lib/protocol/encode.ts'

const { reply } = fc.letrec<{ reply: unknown }>((tie) => ({
  reply: fc.oneof(
    fc.uint8Array().map(fromArray),
    fc.maxSafeInteger(),
    fc.constant(null),
    fc.array(tie('reply'), { maxLength: 4 }),
  ),
}))

describe('parseReplies', () => {
  test('gives back what was encoded, one reply or many', () => {
    fc.assert(
      fc.property(fc.array(reply, { maxLength: 5 }), (replies) => {
        const body = replies.map((each) => encode(each as StoreReply, 2)).join('')
        expect(parseReplies(toArray(body))).toEqual(replies)
      }),
    )
  })

  test('tells statuses, errors and integers past 2^53', () => {
    expect(parseReplies(toArray('+OK\r\n-ERR no\r\n:9007199254740993\r\n*-1\r\n'))).toEqual([
      new Status('OK'),
      new Failure('ERR no'),
      9007199254740993n,
      null,
    ] satisfies Reply[])
  })

  test('refuses what is broken off or no reply', () => {
    for (const body of ['$5\r\nab', '*2\r\n:1\r\n', 'hello\r\n', ':1']) {
      expect(() => parseReplies(toArray(body))).toThrow(/broken off|no reply/)
    }
  })
})
