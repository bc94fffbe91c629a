/** What it costs to list as Upstash does what stands within a value before the value. */
import { expect, test } from 'vitest'
import type { Context } from '../../../lib/commands/command.ts'
import { JSON_PATH_COST } from '../../../lib/commands/json/errors.ts'
import { listed } from '../../../lib/commands/json/order.ts'
import { STEPS_MAX, Steps } from '../../../lib/commands/json/path/steps.ts'
import { fromValue, parsed, toJson } from './nodes.ts'

const upstash = { session: { asUpstash: true } } as Context
const redis = { session: { asUpstash: false } } as Context

const root = fromValue({
  few: [{ a: 1, b: { a: 2 } }, { a: 3 }],
  many: Array.from({ length: 50_000 }, (_, a) => ({ a, b: { a } })),
})

function listing(c: Context, path: string, steps = new Steps()): string {
  return `[${listed(c, parsed(path), root, steps).map(({ node }) => toJson(node))}]`
}

test.each([
  ['$.few[*].a', '[1,3]', '[1,3]'],
  ['$.few[*]', '[{"a":1,"b":{"a":2}},{"a":3}]', '[{"a":1,"b":{"a":2}},{"a":3}]'],
  ['$.few..a', '[1,2,3]', '[2,1,3]'],
  ['$.few[0,1]..a', '[1,2,3]', '[2,1,3]'],
  ['$["few"][-1,0]..a', '[3,1,2]', '[2,1,3]'],
  ['$.few[0]..a', '[1,2]', '[2,1]'],
])('%s is %s for Redis and %s for Upstash, and costs the part that it leads to', (path, inOrder, innerFirst) => {
  expect(listing(redis, path)).toBe(inOrder)
  const steps = new Steps()
  expect(listing(upstash, path, steps)).toBe(innerFirst)
  expect(steps.spent).toBeLessThan(100)
})

test('many descents in one command end as many paths that find much do', () => {
  const steps = new Steps()
  listing(upstash, '$.many[0,1,2,3]..a', steps)
  const once = steps.spent
  expect(once).toBeGreaterThan(10_000)
  steps.spend(STEPS_MAX - once - 10)
  expect(() => listing(upstash, '$.many[0,1,2,3]..a', steps)).toThrow(expect.objectContaining(JSON_PATH_COST))
})
