/** The cases of tests/contract at our doors, in front of a genuine Redis. Where a door must answer otherwise, it says why. */
import { afterAll, describe, test } from 'vitest'
import type { Suite } from '../contract/dsl.ts'
import { reasonToSkip, runCase } from '../contract/harness/run.ts'
import { type UpstreamDoor, upstreamSubject } from './subject.ts'

const modules = import.meta.glob<{ cases: Suite }>('../contract/*.cases.ts', { eager: true })
const suites = Object.values(modules).map(({ cases }) => cases)

/** Whole groups that are about the server itself, which is two servers here. */
const GROUPS: Readonly<Record<string, string>> = {}

/** Titles of cases, of all doors. */
const DIFFERENT: Readonly<Record<string, string>> = {}

for (const door of ['rest', 'inprocess'] as const satisfies readonly UpstreamDoor[]) {
  const subject = upstreamSubject(door)
  describe(subject.label, () => {
    afterAll(() => subject.close!())
    for (const suite of suites) {
      describe(suite.group, () => {
        for (const each of suite.cases) {
          const reason =
            GROUPS[suite.group] ?? DIFFERENT[each.title] ?? each.skip?.genuine ?? reasonToSkip(subject, each)
          test(each.title, async (context) => {
            if (reason !== undefined) return context.skip(reason)
            await runCase(subject, each)
          })
        }
      })
    }
  })
}
