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
import type { TestAPI } from 'vitest'
import { missingPeer } from './testing/peers.ts'
import { fixtures, type TestServer } from './testing.ts'

/** Loaded by hand, so that a missing package is told by the line that installs it. */
const { test: base } = await import('vitest').catch((error) => missingPeer('vitest', 'zerodis/vitest', error))

export const test: TestAPI<{ store: TestServer }> = base.extend<{ store: TestServer }>(fixtures())
export const it: typeof test = test
