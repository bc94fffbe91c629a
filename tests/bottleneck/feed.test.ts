import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Feeds } from '../../lib/bottleneck/feed.ts'
import { type StreamOfTest, settled, unreached, WireOfTest } from './wire.ts'

let wire: WireOfTest
let feeds: Feeds
let heard: string[]
let errors: string[]
let gaps: number
let marks: { channel: string; mark: string; fail: () => void }[]

beforeEach(() => {
  vi.useFakeTimers()
  wire = new WireOfTest()
  heard = []
  errors = []
  gaps = 0
  marks = []
  feeds = new Feeds(wire, {
    onMessage: (channel, message) => heard.push(`${channel} ${message}`),
    onError: ({ message }) => errors.push(message),
    onGap: () => gaps++,
    publish: (channel, mark) => new Promise((_, fail) => marks.push({ channel, mark, fail: () => fail(unreached()) })),
  })
})
afterEach(() => {
  feeds.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const channelsOf = (stream: StreamOfTest) => stream.channels.filter((channel) => channel !== stream.markChannel)
const open = () => wire.streams.filter(({ signal }) => !signal.aborted)

describe('a stream', () => {
  it('carries the channels of all limiters that were made in one turn', async () => {
    await Promise.all([feeds.add(['a', 'a1']), feeds.add(['b', 'b1'])])
    expect(wire.streams.map(channelsOf)).toEqual([['a', 'a1', 'b', 'b1']])
    wire.streams[0].say('b', 'capacity:1')
    await settled()
    expect(heard).toEqual(['b capacity:1'])
  })

  it('is not opened again for channels that it has', async () => {
    await feeds.add(['a', 'b'])
    feeds.remove(['b'])
    await feeds.add(['b'])
    expect(wire.streams).toHaveLength(1)
  })

  it('ends with its last channel', async () => {
    await feeds.add(['a', 'b'])
    feeds.remove(['a'])
    expect(open()).toHaveLength(1)
    feeds.remove(['b'])
    expect(open()).toHaveLength(0)
  })

  it('has a bound, and then there is another', async () => {
    wire.channelsMax = 10
    await feeds.add(['aaaa', 'bbbb'])
    await feeds.add(['c'])
    expect(open().map(channelsOf)).toEqual([['aaaa', 'bbbb'], ['c']])
  })
})

describe('a new stream that takes over', () => {
  it('is heard from the mark on, the old one up to it, and the new channels at once', async () => {
    await feeds.add(['a'])
    await feeds.add(['b'])
    const [old, next] = wire.streams
    expect([channelsOf(next), marks[0].channel]).toEqual([['a', 'b'], old.markChannel])
    next.say('b', 'new:1')
    for (const stream of [old, next]) {
      stream.say('a', 'before:1')
      stream.say(stream.markChannel, marks[0].mark)
      stream.say('a', 'after:1')
    }
    await settled()
    expect(heard.sort()).toEqual(['a after:1', 'a before:1', 'b new:1'])
    expect([old.signal.aborted, next.signal.aborted, gaps]).toEqual([true, false, 0])
  })

  it.each(['next', 'old'])('is heard once, whichever comes first to the mark: %s', async (first) => {
    await feeds.add(['a'])
    await feeds.add(['b'])
    const [old, next] = wire.streams
    for (const stream of first === 'next' ? [next, old] : [old, next]) {
      for (const text of ['before:1', marks[0].mark, 'after:1']) {
        stream.say(text === marks[0].mark ? stream.markChannel : 'a', text)
        await settled()
      }
    }
    expect(heard.sort()).toEqual(['a after:1', 'a before:1'])
  })

  it('does so without the mark after a while, and says that there may be a gap', async () => {
    await feeds.add(['a'])
    await feeds.add(['b'])
    await vi.advanceTimersByTimeAsync(5_000)
    expect([wire.streams[0].signal.aborted, gaps]).toEqual([true, 1])
    wire.streams[1].say('a', 'capacity:1')
    await settled()
    expect(heard).toEqual(['a capacity:1'])
  })

  it('does so at once if the mark cannot be published, or if the old one breaks', async () => {
    await feeds.add(['a'])
    await feeds.add(['b'])
    marks[0].fail()
    await settled()
    expect([open().map(channelsOf), gaps]).toEqual([[['a', 'b']], 1])
    await feeds.add(['c'])
    wire.streams[1].break()
    await settled()
    expect([open().map(channelsOf), gaps]).toEqual([[['a', 'b', 'c']], 2])
  })

  it('takes over once for all that was added meanwhile', async () => {
    await feeds.add(['a'])
    await feeds.add(['b'])
    const later = [feeds.add(['c']), feeds.add(['d'])]
    await settled()
    expect(wire.streams).toHaveLength(2)
    for (const stream of wire.streams) stream.say(stream.markChannel, marks[0].mark)
    await Promise.all(later)
    expect(wire.streams.map(channelsOf)).toEqual([['a'], ['a', 'b'], ['a', 'b', 'c', 'd']])
  })
})

describe('a stream that breaks', () => {
  it('is opened again, without channels that nobody wants any more, and says that there was a gap', async () => {
    await feeds.add(['a', 'b'])
    await vi.advanceTimersByTimeAsync(60_000)
    feeds.remove(['b'])
    wire.streams[0].break()
    await settled()
    expect([open().map(channelsOf), gaps, errors]).toEqual([[['a']], 1, []])
  })

  it('is opened again and again, with pauses, until the store is there', async () => {
    await feeds.add(['a'])
    await vi.advanceTimersByTimeAsync(60_000)
    wire.refusal = unreached()
    wire.streams[0].break()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(errors.length).toBeGreaterThan(10)
    expect(errors.length).toBeLessThan(80)
    expect(gaps).toBe(0)
    wire.refusal = undefined
    await vi.advanceTimersByTimeAsync(5_000)
    expect([open().length, gaps]).toEqual([1, 1])
  })

  it('as soon as it is open is opened again after a pause only', async () => {
    await feeds.add(['a'])
    for (let i = 0; i < 1_000; i++) {
      wire.streams.at(-1)!.break()
      await vi.advanceTimersByTimeAsync(10)
    }
    expect(wire.streams.length).toBeLessThan(20)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(open()).toHaveLength(1)
  })
})

it('lets a limiter wait until the store is there', async () => {
  wire.refusal = unreached()
  let added = false
  void feeds.add(['a']).then(() => {
    added = true
  })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(added).toBe(false)
  wire.refusal = undefined
  await vi.advanceTimersByTimeAsync(5_000)
  expect(added).toBe(true)
})
