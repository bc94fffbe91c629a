/** Pushes that go to many clients share their text; each client must still read what it was sent, in its own order. */
import { describe, expect, test } from 'vitest'
import { Double, OK, Push, type Reply } from '../../lib/base/reply.ts'
import { Encoder, encode, PART_BYTES } from '../../lib/protocol/encode.ts'
import { Random } from '../differential/random.ts'

class Receiver {
  text = ''
  expected = ''
  readonly encoder = new Encoder((part) => {
    this.text += part
  })

  constructor(proto: 2 | 3) {
    this.encoder.proto = proto
  }

  take(reply: Reply): void {
    if (reply instanceof Push) this.encoder.push(reply)
    else this.encoder.add(reply)
    this.expected += encode(reply, this.encoder.proto)
  }

  settle(): void {
    this.encoder.flush()
    expect(this.text).toBe(this.expected)
  }
}

const message = (text: string): Push => new Push(['message', 'news', text])

describe('a push to many clients', () => {
  test('reads as each version of the protocol writes it', () => {
    const [two, three] = [new Receiver(2), new Receiver(3)]
    for (const push of [message('a'), message('b'), new Push(['invalidate', null]), new Push(['invalidate', ['k']])]) {
      two.take(push)
      three.take(push)
    }
    expect(two.expected).toMatch(/^\*3\r\n/)
    expect(three.expected).toMatch(/^>3\r\n/)
    two.settle()
    three.settle()
  })

  test('has the same text for all who have got the same so far', () => {
    const encoded: unknown[] = []
    const encoders = Array.from({ length: 3 }, () => new Encoder((part) => encoded.push(part)))
    for (const push of [message('a'), message('b')]) for (const encoder of encoders) encoder.push(push)
    for (const encoder of encoders) encoder.flush()
    expect(encoded).toEqual(Array(3).fill(encode(message('a'), 2) + encode(message('b'), 2)))
  })

  test('comes after the replies before it and before those after it', () => {
    const [one, other] = [new Receiver(2), new Receiver(2)]
    one.take(OK)
    for (const receiver of [one, other]) receiver.take(message('a'))
    other.take(5)
    for (const receiver of [other, one]) receiver.take(message('b'))
    one.settle()
    other.settle()
  })

  test('leaves at once where it is long, and in order', () => {
    const receivers = [new Receiver(2), new Receiver(3), new Receiver(2)]
    for (const length of [10, 40_000, 10, 100_000, 70_000, 10]) {
      const push = message('x'.repeat(length))
      for (const receiver of receivers) receiver.take(push)
    }
    for (const receiver of receivers) receiver.settle()
  })

  test('reaches each in its order, whatever each is sent between', () => {
    const random = new Random(20261125)
    const receivers = Array.from({ length: 20 }, (_, i) => new Receiver(i % 3 === 0 ? 3 : 2))
    for (let i = 0; i < 5000; i++) {
      const push = message('m'.repeat(random.integer(0, 8)) + i)
      for (const receiver of receivers) {
        const draw = random.integer(0, 49)
        if (draw === 0) receiver.encoder.proto = receiver.encoder.proto === 2 ? 3 : 2
        else if (draw < 4) receiver.take(draw)
        else if (draw < 10) receiver.encoder.flush()
        if (draw < 45) receiver.take(push)
      }
    }
    for (const receiver of receivers) receiver.settle()
  })
})

test('a long array leaves in parts, whatever its items are', () => {
  const items: readonly Reply[] = [1, 'text', null, new Double(1.5), true, OK, ['a', 2]]
  for (const item of items) {
    let longest = 0
    let whole = ''
    const encoder = new Encoder((part) => {
      longest = Math.max(longest, part.length)
      whole += part
    })
    const reply = Array.from({ length: 50_000 }, () => item)
    encoder.add(reply)
    encoder.flush()
    expect(longest).toBeLessThan(PART_BYTES + 100)
    expect(whole).toBe(`*50000\r\n${encode(item, 2).repeat(50_000)}`)
  }
})
