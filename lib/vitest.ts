/**
 * Vitest's `test` with a fixture: a store for each test that names it.
 *
 *     import { expect } from 'vitest'
 *     import { test } from 'zerodis/vitest'
 *     test('counts', async ({ store }) => { … })
 *
 * Another kind of store for a file: `const test = base.extend(fixtures({ maxmemory: '10mb' }))`, with `fixtures` of
 * `zerodis/testing`.
 */
import { test as base, type TestAPI } from 'vitest'
import { fixtures } from './testing/fixtures.ts'
import type { TestServer } from './testing/server.ts'

export const test: TestAPI<{ store: TestServer }> = base.extend<{ store: TestServer }>(fixtures())
export const it: typeof test = test
