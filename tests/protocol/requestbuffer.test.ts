/** Commands that leave together are the bytes of each, in order, however long they are. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { PipelineScan } from '../../lib/protocol/pipelinescan.ts'
import { requestBytes } from '../../lib/protocol/request.ts'
import { RequestBuffer } from '../../lib/protocol/requestbuffer.ts'

const bytesOf = (buffer: RequestBuffer): Bytes =>
  buffer
    .take()
    .map((piece) => (typeof piece === 'string' ? piece : piece.latin1Slice(0, piece.length)))
    .join('')

test('any commands', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 100 }).map((text) => Buffer.from(text).toString('latin1')),
    fc.integer({ min: 0, max: 70_000 }).map((length) => '\u00ff'.repeat(length)),
  )
  const buffer = new RequestBuffer()
  fc.assert(
    fc.property(fc.array(fc.array(word, { minLength: 1, maxLength: 12 }), { maxLength: 12 }), (commands) => {
      for (const argv of commands) buffer.add(argv)
      expect(buffer.isEmpty).toBe(commands.length === 0)
      expect(bytesOf(buffer)).toBe(commands.map(requestBytes).join(''))
      expect(buffer.isEmpty).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('lengths at the edges of digits', () => {
  const buffer = new RequestBuffer()
  const argv = [0, 1, 9, 10, 11, 64, 65, 99, 100, 999, 1000, 9999, 10_000].map((length) => 'x'.repeat(length))
  buffer.add(argv)
  expect(bytesOf(buffer)).toBe(requestBytes(argv))
})

test('what was taken stays as it is when more is gathered', () => {
  const buffer = new RequestBuffer()
  buffer.add(['SET', 'a', '1'])
  const [first] = buffer.take()
  buffer.add(['SET', 'b', '2'])
  expect(String(first)).toBe(requestBytes(['SET', 'a', '1']))
})

test('commands that stand in the body of a pipeline', () => {
  const scan = new PipelineScan()
  const buffer = new RequestBuffer()
  const word = fc.oneof(
    fc.stringMatching(/^[ !#-Z^-~]{0,80}$/),
    fc.integer({ min: 0, max: 40_000 }).map((length) => 'x'.repeat(length)),
  )
  fc.assert(
    fc.property(
      fc.array(fc.array(word, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 }),
      (commands) => {
        if (!scan.read(Buffer.from(JSON.stringify(commands)))) return
        for (let i = 0; i < scan.length; i++) buffer.addPlaces(scan.open(i))
        expect(bytesOf(buffer)).toBe(commands.map(requestBytes).join(''))
      },
    ),
    { numRuns: 300, interruptAfterTimeLimit: 1000 },
  )
})
