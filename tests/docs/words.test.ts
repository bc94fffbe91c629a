/**
 * Pages that explain by words and tables have no snippets to run: what they quote of us must be there. Entries and what is imported of
 * them, members of a test store, lines that start the command, and variables.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { unknownVariables } from '../../lib/config/environment.ts'
import { parseArguments, startUp } from '../../lib/host/startup.ts'
import { createTestServer, type TestServer } from '../../lib/testing.ts'
import { root } from './snippets.ts'

const PAGES = [
  'docs/guides/figures.md',
  'docs/guides/hosts.md',
  'docs/guides/testing.md',
  'docs/guides/vercel.md',
  ...readdirSync(join(root, 'docs/guides/migrate')).map((name) => `docs/guides/migrate/${name}`),
]

let store: TestServer
beforeAll(async () => {
  store = await createTestServer()
})
afterAll(() => store.close())

/** What stands between backticks in the page's own sentences and tables. */
function quotesOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replace(/^```[\s\S]*?^```$/gm, '')
  return [...text.matchAll(/`([^`]+)`/g)].map(([, quote]) => quote)
}

test.each(PAGES)('%s quotes what is there', async (page) => {
  for (const quote of quotesOf(page)) {
    for (const [, entry] of quote.matchAll(/\bzerodis\/([\w-]+)/g)) {
      expect(existsSync(join(root, `lib/${entry}.ts`)), quote).toBe(true)
    }
    for (const [, names, entry] of quote.matchAll(/^import \{ (.+) \} from 'zerodis(?:\/(\w+))?'/g)) {
      const module: object = await import(`../../lib/${entry ?? 'index'}.ts`)
      for (const name of names.split(', ')) expect(module, quote).toHaveProperty(name)
    }
    for (const [, path] of quote.matchAll(/\bstore\.(\w+(?:\.\w+)?)/g)) {
      expect(store, quote).toHaveProperty(path)
    }
    if (quote.startsWith('npx zerodis')) {
      const { wants, options } = parseArguments(quote.split(' ').slice(2))
      expect(wants).toBe('run')
      expect(startUp({ wants, options, file: undefined, fromStdin: false }, {}).config, quote).toBeDefined()
    }
    const variables = [...quote.matchAll(/\bZERODIS_\w+/g)].map(([name]) => name)
    expect(unknownVariables(Object.fromEntries(variables.map((name) => [name, '1'])))).toEqual([])
  }
})
