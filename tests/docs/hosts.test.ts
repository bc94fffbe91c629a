/**
 * The snippets of docs/guides/hosts.md. Where `npm run examples` builds and runs a project of a host, the snippet must be what
 * that project is made of; all others run here, from the page's own text, and are called as their host calls them. NestJS 11,
 * h3 1, SvelteKit 2, React Router 7 and Astro 5 were tried with the real packages.
 */
import { readFileSync } from 'node:fs'
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as next from '../../lib/next.ts'
import * as node from '../../lib/node.ts'
import { createServer as createStore, type Server, shareServer } from '../../lib/server.ts'
import { root, type Snippet, snippetsOf, withoutTypes } from './snippets.ts'

const PAGE = 'docs/guides/hosts.md'
const TOKEN = 'secret-of-the-page'
const PROJECTS = ['express', 'fastify', 'koa', 'hono']

const snippets = snippetsOf(PAGE).filter(({ language }) => language === 'ts')
const tried = new Set<Snippet>()

let store: Server
const listeners: HttpServer[] = []
beforeAll(() => {
  store = shareServer(createStore({ 'rest-token': TOKEN }))
})
afterAll(async () => {
  for (const listener of listeners) listener.close()
  await store.close()
  // Whoever comes next in this process may have one.
  Reflect.deleteProperty(globalThis, Symbol.for('zerodis'))
})

function snippetWith(text: string): Snippet {
  const found = snippets.filter((snippet) => snippet.text.includes(text))
  expect(found).toHaveLength(1)
  tried.add(found[0])
  return found[0]
}

type Exports = Record<string, (...args: never[]) => unknown>

/** Runs a snippet with what the host gives it: modules by their names, and globals. */
function runSnippet(
  { text }: Snippet,
  modules: Record<string, object>,
  globals: Record<string, unknown> = {},
): Exports {
  const code = withoutTypes(text)
    .replace(/^(import|export) \{ (.+) \} from '(.+)'$/gm, (_, word, names, from) =>
      word === 'import' ? `const { ${names} } = modules['${from}']` : `exported.${names} = modules['${from}'].${names}`,
    )
    .replace(/^export default (.+)$/gm, 'exported.default = $1')
    .replace(/^export const (\w+) = (.+)$/gm, 'const $1 = exported.$1 = $2')
    .replace(/^export const \{.+\} = (.+)$/gm, 'Object.assign(exported, $1)')
  const exported: Exports = {}
  new Function('modules', 'exported', ...Object.keys(globals), code)(modules, exported, ...Object.values(globals))
  return exported
}

const headers = { authorization: `Bearer ${TOKEN}` }

async function answerOf(handle: (request: Request) => unknown, base = ''): Promise<unknown> {
  const response = await handle(new Request(`http://x${base}/echo/hello`, { headers }))
  expect(response).toBeInstanceOf(Response)
  return (response as Response).json()
}

async function answerOfListener(listener: HttpServer, base = ''): Promise<unknown> {
  listeners.push(listener)
  if (!listener.listening) await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  return (await fetch(`http://127.0.0.1:${port}${base}/echo/hello`, { headers })).json()
}

const HELLO = { result: 'hello' }

test.each(PROJECTS)('%s: the snippet is what the project in examples/ is made of', (name) => {
  const { text } = snippetWith(`from '${name}'`)
  const project = readFileSync(join(root, 'examples', name, 'server.js'), 'utf8')
  for (const line of withoutTypes(text).split('\n')) expect(project).toContain(line)
})

test('node:http', async () => {
  let made: HttpServer | undefined
  const http = {
    createServer(listener: RequestListener) {
      made = createServer(listener)
      made.listen = () => made as HttpServer // the snippet's port may be taken
      return made
    },
  }
  runSnippet(snippetWith('createServer(redis)'), { 'node:http': http, 'zerodis/node': node })
  const { listen } = Object.getPrototypeOf(made) as HttpServer
  expect(await answerOfListener(Object.assign(made as HttpServer, { listen }))).toEqual(HELLO)
  expect(made?.listenerCount('upgrade')).toBe(1)
})

test('NestJS', async () => {
  const used: unknown[] = []
  const app = { use: (...words: unknown[]) => used.push(...words), listen: () => {} }
  const snippet = snippetWith('NestFactory.create')
  const text = snippet.text.replaceAll('await ', '')
  const nest = { NestFactory: { create: () => app } }
  runSnippet({ ...snippet, text }, { '@nestjs/core': nest, './app.module': { AppModule: {} }, 'zerodis/node': node })
  const [path, handle] = used as [string, RequestListener]
  expect(path).toBe('/redis')
  expect(await answerOfListener(createServer(handle))).toEqual(HELLO)
})

test('Bun and Deno', async () => {
  let served: ((request: Request) => unknown) | undefined
  const Bun = { serve: ({ fetch }: { fetch: (request: Request) => unknown }) => (served = fetch) }
  runSnippet(snippetWith('Bun.serve'), { 'zerodis/node': node }, { Bun })
  expect(await answerOf(served!)).toEqual(HELLO)
  const Deno = { serve: (_: object, fetch: (request: Request) => unknown) => (served = fetch) }
  runSnippet(snippetWith('Deno.serve'), { 'zerodis/node': node }, { Deno })
  expect(await answerOf(served!)).toEqual(HELLO)
})

test.each([
  ['SvelteKit', ['fallback']],
  ['Remix', ['loader', 'action']],
  ['Astro', ['ALL']],
])('%s', async (name, handlers) => {
  const exported = runSnippet(snippetWith(`// ${name}`), { 'zerodis/node': node })
  for (const handler of handlers) {
    const handle = exported[handler] as (event: { request: Request }) => unknown
    expect(await answerOf((request) => handle({ request }), '/redis')).toEqual(HELLO)
  }
})

test('Nuxt', async () => {
  const fromNodeMiddleware = (handle: RequestListener) => handle
  const exported = runSnippet(snippetWith('// Nuxt'), { 'zerodis/node': node }, { fromNodeMiddleware })
  expect(await answerOfListener(createServer(exported['default'] as RequestListener), '/redis')).toEqual(HELLO)
})

test('Next: route, API route and instrumentation', async () => {
  const modules = { 'zerodis/next': next }
  const { GET } = runSnippet(snippetWith('createRoute()'), modules) as unknown as ReturnType<typeof next.createRoute>
  const context = { params: Promise.resolve({ path: ['echo', 'hello'] }) }
  expect(await answerOf((request) => GET(request, context), '/api/redis')).toEqual(HELLO)
  const { default: handle } = runSnippet(snippetWith('createApiRoute()'), modules)
  const listener = createServer((request, response) => {
    const asked = Object.assign(request, { query: { path: ['echo', 'hello'] } })
    void (handle as unknown as ReturnType<typeof next.createApiRoute>)(asked, response)
  })
  expect(await answerOfListener(listener, '/api/redis')).toEqual(HELLO)
  expect(runSnippet(snippetWith('export { register }'), modules)['register']).toBe(next.register)
})

test('none is left out', () => {
  expect(snippets.filter((snippet) => !tried.has(snippet)).map(({ line }) => line)).toEqual([])
})
