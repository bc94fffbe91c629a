/** Makes vitest's tests of a suite: one per case and subject. */
import { afterAll, describe, test } from 'vitest'
import type { Suite } from '../dsl.ts'
import { reasonToSkip, runCase } from './run.ts'
import { subjects } from './subjects.ts'

export function registerSuite(suite: Suite): void {
  describe(suite.group, () => {
    for (const subject of subjects) {
      describe(subject.label, () => {
        if (subject.close !== undefined) afterAll(() => subject.close!())
        for (const each of suite.cases) {
          const reason = reasonToSkip(subject, each)
          test(each.title, async (context) => {
            if (reason !== undefined) return context.skip(reason)
            await runCase(subject, each)
          })
        }
      })
    }
  })
}
