/** Stores that runners of tests open and close by themselves. */
import { createTestServer, type TestServer, type TestServerOptions } from './server.ts'

/** What Vitest's and Playwright's `test.extend` take. */
export interface Fixtures {
  /** A store of its own for each test that names it. */
  readonly store: (context: object, use: (store: TestServer) => Promise<void>) => Promise<void>
}

/**
 * Fixtures for Playwright and Vitest:
 *
 *     import { test as base } from '@playwright/test'
 *     import { fixtures } from 'zerodis/testing'
 *     const test = base.extend(fixtures())
 *     test('a page', async ({ page, store }) => { … })
 */
export function fixtures(options?: TestServerOptions): Fixtures {
  return {
    // Both runners read off the pattern of the first parameter which other fixtures are needed.
    // biome-ignore lint/correctness/noEmptyPattern: none
    async store({}, use) {
      const store = await createTestServer(options)
      try {
        await use(store)
      } finally {
        await store.close()
      }
    },
  }
}

/** What node:test hands to a test, as far as it is needed here; Vitest's `onTestFinished` fits as `{ after }`, too. */
export interface TestContext {
  after(close: () => Promise<void>): void
}

/**
 * A store for one test of node:test, closed after it:
 *
 *     test('a limit', async (t) => {
 *       const store = await testServer(t)
 *     })
 */
export async function testServer(context: TestContext, options?: TestServerOptions): Promise<TestServer> {
  const store = await createTestServer(options)
  context.after(() => store.close())
  return store
}
