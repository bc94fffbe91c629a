import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toArray } from '../../../console/wire/bytes.ts'
import { EventReader } from '../../../console/wire/events.ts'

test('events are whole however the stream is cut; comments are none', () => {
  const stream = ': ping\n\ndata: subscribe,chat,1\n\ndata: message,chat,two\ndata: lines\n\ndata:\xff\n\n'
  const expected = ['subscribe,chat,1', 'message,chat,two\nlines', '\xff']
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 6 }), (cuts) => {
      const reader = new EventReader()
      const ends = [...new Set([0, ...cuts, stream.length])].sort((a, b) => a - b)
      const pieces = ends.slice(1).map((end, i) => stream.slice(ends[i], end))
      expect(pieces.flatMap((piece) => reader.feed(toArray(piece)))).toEqual(expected)
    }),
  )
})
