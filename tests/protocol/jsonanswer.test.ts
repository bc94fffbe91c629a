/** What commands that run by places answer in a pipeline of REST is the answer that is made of their values. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OK, type Reply, ReplyError } from '../../lib/base/reply.ts'
import { JsonAnswer } from '../../lib/protocol/jsonanswer.ts'
import { pipelineBody } from '../../lib/protocol/rest.ts'

/** A reply, as a command answers it: what it answers by place stands in `text`. */
type Answered = { text: string } | { integer: number } | { items: readonly Answered[] } | { reply: Reply }

const answer = new JsonAnswer()
const place = Buffer.alloc(64 * 1024)
const view = new DataView(place.buffer, place.byteOffset, place.length)

function give(answered: Answered, isItem: boolean): void {
  if ('text' in answered) {
    const end = 7 + place.write(answered.text, 7, 'latin1')
    answer.bulk(place, view, 7, end)
  } else if ('integer' in answered) answer.bulkInteger(answered.integer)
  else if ('reply' in answered) isItem ? answer.add(answered.reply) : answer.reply(answered.reply)
  else {
    answer.array(answered.items.length)
    for (const item of answered.items) give(item, true)
  }
}

function replyOf(answered: Answered): Reply {
  if ('text' in answered) return answered.text
  if ('integer' in answered) return String(answered.integer)
  return 'reply' in answered ? answered.reply : answered.items.map(replyOf)
}

function answerTo(commands: readonly Answered[]): string {
  answer.begin()
  for (const each of commands) {
    answer.next()
    give(each, false)
  }
  return `${answer.end()}]`
}

const bodyOf = (commands: readonly Answered[]) => pipelineBody(commands.map(replyOf), 'json')

const { answered } = fc.letrec<{ answered: Answered; items: Answered }>((tie) => ({
  answered: fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        text: fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
      }),
    },
    fc.record({ integer: fc.maxSafeInteger() }),
    fc.record({ reply: fc.constantFrom<Reply>(null, 0, 1, -5, 2 ** 53 - 1, OK, new ReplyError('ERR "no"')) }),
    tie('items'),
  ),
  items: fc.record({ items: fc.array(tie('answered'), { maxLength: 4 }) }),
}))

test('strings, numbers, nil, errors and arrays within arrays, of any bytes', () => {
  fc.assert(
    fc.property(fc.array(answered, { minLength: 1, maxLength: 8 }), (commands) => {
      expect(answerTo(commands)).toBe(bodyOf(commands))
    }),
    { numRuns: 500 },
  )
})

test('an array of none, alone and as an item, and one that ends two at once', () => {
  const none = { items: [] }
  const commands = [
    none,
    { items: [none] },
    { items: [{ text: 'a' }, { items: [{ items: [none, { text: 'b' }] }] }] },
    { text: 'c' },
  ]
  expect(answerTo(commands)).toBe('[{"result":[]},{"result":[[]]},{"result":["a",[[[],"b"]]]},{"result":"c"}]')
})

test('a long reply is kept back, and what was answered before it is there', () => {
  const long = 'x'.repeat(60_000)
  expect(answerTo([{ text: 'a' }])).toBe('[{"result":"a"}]')
  expect(answer.isFull).toBe(false)
  const items = Array.from({ length: 40 }, () => ({ text: long.slice(0, 50_000) }))
  expect(answerTo([{ text: 'a' }, { items }])).toBe('[{"result":"a"}]')
  expect(answer.isFull).toBe(true)
  expect(answer.long).toEqual(items.map(({ text }) => text))
  expect(answerTo([{ text: 'b' }])).toBe('[{"result":"b"}]')
  expect(answer.isFull).toBe(false)
})
