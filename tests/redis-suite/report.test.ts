/** When a unit of Redis's suite is run again. */
import { expect, test } from 'vitest'
import { lostRaces } from './report.ts'

const UNIT = 'unit/client-eviction'
const RACE = 'client no-evict off'
const GENUINE = { passed: ['a', 'b', RACE], failed: [], skipped: [] }

const lost = (unit: string, passed: readonly string[], brokeOff?: string) =>
  lostRaces(
    unit,
    {
      passed,
      failed: GENUINE.passed.filter((name) => !passed.includes(name)).map((name) => ({ name, detail: '' })),
      skipped: [],
      brokeOff,
      seconds: 1,
    },
    GENUINE,
  )

test.each([
  ['nothing failed', UNIT, GENUINE.passed, undefined, []],
  ['a race alone was lost', UNIT, ['a', 'b'], undefined, [RACE]],
  ['something else failed too', UNIT, ['a'], undefined, []],
  ['something else failed alone', UNIT, ['a', RACE], undefined, []],
  ['the file broke off', UNIT, ['a', 'b'], 'timeout', []],
  ['a test of that name failed in another unit', 'unit/auth', ['a', 'b'], undefined, []],
] as const)('where %s', (_, unit, passed, brokeOff, races) => {
  expect(lost(unit, passed, brokeOff)).toEqual(races)
})
