/**
 * What a build on Vercel puts into its functions, by the traces that Next leaves for it. It is built in a folder below this one,
 * which lends its packages, so that nothing of the other tests' build changes. Vercel's own CLI is too large to be fetched here; its
 * `vercel build` (tried with 48) makes of these traces one function for the three routes, and another for the pages.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from './child.ts'
import { SOURCES } from './sources.ts'

const folder = join(root, '.cache', 'vercel')
const server = join(folder, '.next/server')

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const name of SOURCES) cpSync(join(root, name), join(folder, name), { recursive: true })
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, VERCEL: '1', NEXT_TELEMETRY_DISABLED: '1' }
  const next = join(root, 'node_modules/next/dist/bin/next')
  const built = spawnSync(process.execPath, [next, 'build'], {
    cwd: folder,
    encoding: 'utf8',
    env: env as object as NodeJS.ProcessEnv,
  })
  expect(built.status, built.stdout + built.stderr).toBe(0)
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Every file that a function of this entry holds: its own, and those of the hook that is in each. */
function filesOf(entry: string): string[] {
  const traces = [`app/${entry}.js.nft.json`, 'instrumentation.js.nft.json'].map((name) => join(server, name))
  const files = traces.flatMap((trace) =>
    (JSON.parse(readFileSync(trace, 'utf8')) as { files: string[] }).files.map((file) => resolve(dirname(trace), file)),
  )
  return [...new Set(files)]
}

const REST = ['api/redis/[[...path]]/route', 'api/redis/ws/route', 'api/example/limited/route']
const PAGES = ['page', '_not-found/page']

/** A text that stands once in the store's code. */
const ONLY_IN_THE_STORE = 'Lua redis lib command arguments must be strings or integers'

function holdingTheStore(files: readonly string[]): string[] {
  return files.filter((file) => file.endsWith('.js') && readFileSync(file, 'utf8').includes(ONLY_IN_THE_STORE))
}

describe('a build on Vercel', () => {
  test.each([...REST, ...PAGES])('%s holds none of the sources, and no tests', (entry) => {
    const own = filesOf(entry)
      .map((file) => relative(folder, file))
      .filter((file) => !file.startsWith('..') && !file.startsWith('.next'))
    expect(own.filter((file) => !file.endsWith('package.json'))).toEqual([])
  })

  test.each(REST)('%s holds the code of the store once', (entry) => {
    expect(holdingTheStore(filesOf(entry))).toHaveLength(1)
  })

  test.each(PAGES)('%s holds nothing of the store', (entry) => {
    expect(holdingTheStore(filesOf(entry))).toEqual([])
  })

  test('routes of the store take the same time at most, so that they are one function', () => {
    const routes = readdirSync(join(root, 'app/api'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('route.ts'))
      .map((name) => readFileSync(join(root, 'app/api', name), 'utf8'))
    expect(routes).toHaveLength(REST.length)
    for (const setting of ['runtime', 'dynamic', 'maxDuration']) {
      const found = routes.map((text) => new RegExp(`^export const ${setting} = (.*)$`, 'm').exec(text)?.[1])
      expect([setting, new Set(found).size, found[0]]).toEqual([setting, 1, expect.any(String)])
    }
  })

  test('a function of REST is small', () => {
    const sizeBytes = filesOf(REST[0])
      .filter((file) => !file.includes('node_modules'))
      .reduce((sum, file) => sum + statSync(file).size, 0)
    expect(sizeBytes).toBeLessThan(2_000_000)
  })
})
