/**
 * What SRANDMEMBER, ZRANDMEMBER and HRANDFIELD share: their count, and the choice of positions in a collection whose
 * elements stand at positions 0 to length - 1. A count below 0 asks for so many draws that may repeat.
 */
import { COUNT_OUT_OF_LONG, OUT_OF_RANGE } from '../base/errors.ts'
import type { Reply } from '../base/reply.ts'
import type { Args } from './args.ts'

const INT64_MIN = '-9223372036854775808'
/** The most draws with repetition; Redis has no bound and would go on until its memory is full. */
const REPEATS_MAX = 2 ** 24
/** Positions are drawn from a list of all of them where the collection holds fewer than so many times the count. */
const LIST_FACTOR = 3

/** Takes the count. */
export function takeDrawCount(a: Args): number {
  if (a.peek() === INT64_MIN) a.fail(COUNT_OUT_OF_LONG)
  return a.integer()
}

/** Latches an error for a count that is too large, `withValues` halving what Redis allows. */
export function checkDrawCount(a: Args, count: number, withValues: boolean): void {
  if (withValues && (count < -REPEATS_MAX || count > 2 ** 62)) a.fail(OUT_OF_RANGE)
  if (count < -REPEATS_MAX) a.fail(COUNT_OUT_OF_LONG)
}

/** Adds to a reply what stands at a position: the same number of items for each. */
export type AddAt = (reply: Reply[], position: number) => void

/** What was drawn, as a reply: `count` distinct positions, or for a negative count that many independent draws. O(count). */
export function drawnReply(length: number, count: number, addAt: AddAt): Reply[] {
  const reply: Reply[] = []
  if (count >= 0) for (const position of drawPositions(length, count)) addAt(reply, position)
  else if (-count < length) for (let i = count; i < 0; i++) addAt(reply, drawBelow(length))
  else {
    // Each will be drawn more than once: its items are made once.
    const all: Reply[] = []
    for (let position = 0; position < length; position++) addAt(all, position)
    const stride = all.length / length
    for (let i = count; i < 0; i++) {
      const start = drawBelow(length) * stride
      reply.push(all[start])
      if (stride === 2) reply.push(all[start + 1])
    }
  }
  return reply
}

/** Positions drawn uniformly: `count` distinct ones in random order, at most `length`. O(count). */
function drawPositions(length: number, count: number): number[] {
  if (count * LIST_FACTOR <= length) {
    const drawn = new Set<number>()
    while (drawn.size < count) drawn.add(drawBelow(length))
    return [...drawn]
  }
  const positions = Array.from({ length }, (_, position) => position)
  const wanted = Math.min(count, length)
  for (let i = 0; i < wanted; i++) {
    const j = i + drawBelow(length - i)
    const drawn = positions[j]
    positions[j] = positions[i]
    positions[i] = drawn
  }
  positions.length = wanted
  return positions
}

function drawBelow(length: number): number {
  return Math.floor(Math.random() * length)
}
