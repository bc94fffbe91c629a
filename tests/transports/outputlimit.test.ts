/** The soft limit of what waits for a client, where nothing more is sent to it and so nothing else gives reason to look. */
import { expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { createServer } from '../../lib/server.ts'
import type { Link } from '../../lib/session/session.ts'
import { OutputLimit } from '../../lib/transports/outputlimit.ts'

/** Timers run by so much too early, as Node's do: they count from the beginning of the turn in which they were set. */
class HastyClock extends ManualClock {
  earlyMs = 0

  override after(ms: number, run: () => void): () => void {
    return super.after(Math.max(1, ms - this.earlyMs), run)
  }
}

function watched(earlyMs: number) {
  const clock = new HastyClock()
  const server = createServer({ clock, log() {}, 'client-output-buffer-limit': 'normal 0 100 4' })
  clock.earlyMs = earlyMs
  const link = { push() {}, closeAfterReply() {}, close() {}, inputBytes: 0, outputBytes: 0 }
  const session = server.openSession('tcp', link satisfies Link, '', '')
  let cuts = 0
  const limit = new OutputLimit(server, session, () => cuts++)
  return { clock, link, limit, cuts: () => cuts }
}

test.each([0, 1, 5, 3_000])('a client is cut off at its time, with timers that are %i ms early', (earlyMs) => {
  const { clock, link, limit, cuts } = watched(earlyMs)
  link.outputBytes = 200
  limit.enforce()
  clock.advance(3_999)
  expect(cuts()).toBe(0)
  clock.advance(1)
  expect(cuts()).toBe(1)
})

test('the time counts from when the client was last below the limit', () => {
  const { clock, link, limit, cuts } = watched(0)
  const holds = (bytes: number): void => {
    link.outputBytes = bytes
    limit.enforce()
  }
  holds(200)
  clock.advance(3_000)
  holds(50)
  clock.advance(500)
  holds(200)
  clock.advance(3_999)
  expect(cuts()).toBe(0)
  clock.advance(1)
  expect(cuts()).toBe(1)
})
