import { beforeEach, describe, expect, test } from 'vitest'
import type { Push } from '../../lib/base/reply.ts'
import { PubSub, type Subscriber } from '../../lib/pubsub/pubsub.ts'

class Reader implements Subscriber {
  readonly seen: unknown[] = []
  deliver(push: Push): void {
    this.seen.push(push.items)
  }
}

let pubsub: PubSub
let one: Reader
let two: Reader
beforeEach(() => {
  pubsub = new PubSub()
  one = new Reader()
  two = new Reader()
})

describe('publish', () => {
  test('reaches every subscriber of the channel and nobody else', () => {
    pubsub.subscribe(one, 'a')
    pubsub.subscribe(two, 'b')
    expect(pubsub.publish('a', 'hello')).toBe(1)
    expect(one.seen).toEqual([['message', 'a', 'hello']])
    expect(two.seen).toEqual([])
  })

  test('delivers once for the channel and once for each pattern that matches', () => {
    pubsub.subscribe(one, 'news.art')
    pubsub.psubscribe(one, 'news.*')
    pubsub.psubscribe(one, '*.art')
    pubsub.psubscribe(one, 'sport.*')
    expect(pubsub.publish('news.art', 'x')).toBe(3)
    expect(one.seen).toEqual([
      ['message', 'news.art', 'x'],
      ['pmessage', 'news.*', 'news.art', 'x'],
      ['pmessage', '*.art', 'news.art', 'x'],
    ])
  })

  test('makes one message for all its receivers', () => {
    const pushes: Push[] = []
    for (let i = 0; i < 3; i++) pubsub.subscribe({ deliver: (push) => void pushes.push(push) }, 'a')
    expect(pubsub.publish('a', 'x')).toBe(3)
    expect(new Set(pushes).size).toBe(1)
  })

  test('keeps shard channels apart', () => {
    pubsub.subscribe(one, 'a')
    pubsub.psubscribe(one, '*')
    pubsub.ssubscribe(two, 'a')
    expect(pubsub.spublish('a', 'x')).toBe(1)
    expect(two.seen).toEqual([['smessage', 'a', 'x']])
    expect(one.seen).toEqual([])
  })

  test('a subscriber may leave while the message is delivered', () => {
    const leaving: Subscriber = { deliver: () => pubsub.forget(leaving) }
    pubsub.subscribe(leaving, 'a')
    pubsub.subscribe(one, 'a')
    expect(pubsub.publish('a', 'x')).toBe(2)
    expect(one.seen).toHaveLength(1)
    expect(pubsub.publish('a', 'y')).toBe(1)
  })
})

describe('subscriptions', () => {
  test('subscribing twice counts once', () => {
    expect(pubsub.subscribe(one, 'a')).toBe(true)
    expect(pubsub.subscribe(one, 'a')).toBe(false)
    expect(pubsub.channels.countOf(one)).toBe(1)
    expect(pubsub.publish('a', 'x')).toBe(1)
  })

  test('a name that nobody subscribes to any more is forgotten', () => {
    pubsub.subscribe(one, 'a')
    pubsub.subscribe(two, 'a')
    expect(pubsub.unsubscribe(one, 'a')).toBe(true)
    expect(pubsub.unsubscribe(one, 'a')).toBe(false)
    expect([...pubsub.channels.names()]).toEqual(['a'])
    pubsub.unsubscribe(two, 'a')
    expect(pubsub.channels.size).toBe(0)
    expect(pubsub.channels.subscribersOf('a')).toBeUndefined()
  })

  test('a subscriber that goes leaves nothing behind', () => {
    pubsub.subscribe(one, 'a')
    pubsub.subscribe(two, 'a')
    pubsub.psubscribe(one, '*')
    pubsub.ssubscribe(one, 's')
    pubsub.forget(one)
    expect([pubsub.channels.size, pubsub.patterns.size, pubsub.shards.size]).toEqual([1, 0, 0])
    expect([...pubsub.channels.namesOf(one)]).toEqual([])
  })
})
