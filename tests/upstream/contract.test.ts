/**
 * The cases of tests/contract at our doors, in front of a genuine Redis. Where a door must answer otherwise, it says why. All of them at
 * every door take minutes: without ZERODIS_TEST_ALL each door has its share, and together they have all.
 */
import { afterAll, describe, test } from 'vitest'
import type { Suite } from '../contract/dsl.ts'
import { reasonToSkip, runCase } from '../contract/harness/run.ts'
import { singleBehind } from './behind.ts'
import { isForStreams } from './doors.ts'
import { otherwise } from './otherwise.ts'
import { type UpstreamDoor, upstreamSubject } from './subject.ts'

const modules = import.meta.glob<{ cases: Suite }>('../contract/*.cases.ts', { eager: true })
const suites = Object.values(modules).map(({ cases }) => cases)

/** Of so many cases in a row which ones a door has. */
const ROW = 8
const SHARES: Readonly<Record<UpstreamDoor, readonly number[]>> = {
  rest: [0, 2, 4],
  resp3: [1, 5],
  websocket: [3],
  resp2: [6],
  inprocess: [7],
  streams: [0, 1, 2, 3, 4, 5, 6, 7],
}
const isWhole = process.env['ZERODIS_TEST_ALL'] !== undefined

for (const [door, share] of Object.entries(SHARES) as [UpstreamDoor, readonly number[]][]) {
  const subject = upstreamSubject(door, 'genuine Redis', singleBehind)
  describe(subject.label, () => {
    afterAll(() => subject.close!())
    let index = 0
    for (const suite of suites) {
      const cases = suite.cases
        .filter((each) => door !== 'streams' || isForStreams(each))
        .filter(() => isWhole || share.includes(index++ % ROW))
      if (cases.length === 0) continue
      describe(suite.group, () => {
        for (const each of cases) {
          const reason = otherwise(door, suite.group, each) ?? reasonToSkip(subject, each)
          test(each.title, async (context) => {
            if (reason !== undefined) return context.skip(reason)
            await runCase(subject, each)
          })
        }
      })
    }
  })
}
