/** The answer to a pipeline, written from where the replies stand, is the answer that is made of their values. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OK, type Reply, ReplyError, Status } from '../../lib/base/reply.ts'
import { encode } from '../../lib/protocol/encode.ts'
import { Outcomes } from '../../lib/protocol/outcomes.ts'
import { ReplyDecoder } from '../../lib/protocol/replies.ts'
import { pipelineBody } from '../../lib/protocol/rest.ts'

const outcomes = new Outcomes()

/** As a batch does it (upstream/batch.ts). Returns how many were written from where they stood, too. */
function written(wire: Buffer, count: number, pieceBytes: number): readonly [body: string, plain: number] {
  const decoder = new ReplyDecoder()
  let text = ''
  let missing = count
  let plain = 0
  for (let at = 0; at < wire.length; at += pieceBytes) {
    decoder.feed(wire.subarray(at, at + pieceBytes))
    for (;;) {
      outcomes.begin(text)
      const done = decoder.write(outcomes, missing)
      plain += done
      missing -= done
      const reply = missing === 0 ? undefined : decoder.next()
      if (reply !== undefined) {
        outcomes.outcome(reply)
        missing--
      }
      text = outcomes.end()
      if (reply === undefined) break
    }
  }
  expect(missing).toBe(0)
  return [`${text}]`, plain]
}

const wireOf = (replies: readonly Reply[]): Buffer =>
  Buffer.from(replies.map((reply) => encode(reply, 2)).join(''), 'latin1')

test('of plain replies all are written from where they stand', () => {
  const replies = [OK, 0, 1, -1, 999_999_999_999_999, '', 'a b', 'x'.repeat(1024), null]
  const [body, plain] = written(wireOf(replies), replies.length, Infinity)
  expect(body).toBe(pipelineBody([...replies], 'json'))
  expect(plain).toBe(replies.length)
})

test('what needs care is left to who makes values', () => {
  const replies: Reply[] = [
    '"',
    '\\',
    '\n',
    '\u007f',
    '\u00c3\u00a9',
    'x'.repeat(1025),
    [],
    [1, ['a', null]],
    new Status('OKAY'),
  ]
  replies.push(new ReplyError('ERR "no"'), 1234567890123456, 9223372036854775807n, new Status('QUEUED'))
  const [body, plain] = written(wireOf(replies), replies.length, Infinity)
  expect(body).toBe(pipelineBody([...replies], 'json'))
  expect(plain).toBe(0)
})

test('numbers that no Redis would write so are read as before', () => {
  const [body, plain] = written(Buffer.from(':007\r\n:-0\r\n:+5\r\n$02\r\nab\r\n'), 4, Infinity)
  expect(body).toBe('[{"result":7},{"result":0},{"result":5},{"result":"ab"}]')
  expect(plain).toBe(0)
})

test('any replies, in pieces of any size', () => {
  const bytes = fc.string({ unit: 'binary', maxLength: 30 }).map((text) => Buffer.from(text).toString('latin1'))
  const leaf = fc.oneof(
    fc.constant(OK),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.constant(null),
    fc.stringMatching(/^[ -~]{0,20}$/),
    bytes,
    fc.constantFrom<Reply>(new ReplyError('WRONGTYPE no'), new Status('PONG')),
    fc.integer({ min: 1020, max: 1030 }).map((length) => 'y'.repeat(length)),
  )
  const reply = fc.oneof({ weight: 6, arbitrary: leaf }, fc.array(leaf, { maxLength: 3 })) as fc.Arbitrary<Reply>
  fc.assert(
    fc.property(fc.array(reply, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 60 }), (replies, size) => {
      const wire = wireOf(replies)
      const body = pipelineBody([...replies], 'json')
      expect(written(wire, replies.length, size)[0]).toBe(body)
      expect(written(wire, replies.length, Infinity)[0]).toBe(body)
    }),
    { numRuns: 3000, interruptAfterTimeLimit: 2000 },
  )
})

test('no more is written from where it stands than leaves at once', () => {
  const replies = Array<Reply>(1024).fill('z'.repeat(1000))
  const decoder = new ReplyDecoder()
  decoder.feed(wireOf(replies))
  outcomes.begin('')
  const count = decoder.write(outcomes, replies.length)
  expect(outcomes.isLong).toBe(true)
  expect(count).toBeLessThan(70)
  expect(outcomes.end().length).toBeLessThan(70_000)
})
