/** The page that the package ships: its size, its policy, and where it is served. */
import { readdirSync, readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { toNodeHandler, toWebHandler } from '../../lib/node.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { buildConsole, CONSOLE_FOLDER } from '../../packaging/console.ts'

/** Packed, of what a page needs before it shows anything. */
const FIRST_LOAD_MAX = 250 * 1024

beforeAll(() => buildConsole())

let server: Server | undefined
afterEach(() => server?.close())

const file = (name: string): Buffer => readFileSync(join(CONSOLE_FOLDER, name))
const page = (): string => file('index.html').toString()

/** What the page names, and what its scripts import at once. */
function firstLoad(): Set<string> {
  const names = new Set([...page().matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, name]) => name))
  for (const name of names) {
    for (const [, imported] of file(name)
      .toString()
      .matchAll(/\bfrom\s*"\.\/([^"]+)"/g))
      names.add(imported)
    for (const [, imported] of file(name)
      .toString()
      .matchAll(/\bimport\s*"\.\/([^"]+)"/g))
      names.add(imported)
  }
  return names
}

describe('the page', () => {
  test('is small at first, and brings the rest when it is looked at', () => {
    const names = firstLoad()
    const bytes = [...names].reduce((sum, name) => sum + gzipSync(file(name)).length, gzipSync(page()).length)
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_MAX)
    expect(
      readdirSync(CONSOLE_FOLDER).filter((name) => name.endsWith('.js') && !names.has(name)).length,
    ).toBeGreaterThan(2)
  })

  test('names no other host, and has no script or style in it', () => {
    expect(page()).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|\son\w+=/)
    for (const name of readdirSync(CONSOLE_FOLDER)) {
      const hosts = [
        ...file(name)
          .toString()
          .matchAll(/https?:\/\/([\w.-]+)/g),
      ].map(([, host]) => host)
      // Names of XML, what React says of errors, and what is said of directives.
      expect(hosts.filter((host) => !/^(www\.w3\.org|react\.dev|a\.example)$/.test(host))).toEqual([])
    }
  })
})

describe('the HTTP port', () => {
  test('serves it at /console/, under a policy without exceptions', async () => {
    server = createServer({ 'rest-token': 't' })
    const { httpPort } = await server.listen({ port: false, httpPort: 0 })
    const url = `http://127.0.0.1:${httpPort}`
    const moved = await fetch(`${url}/console`, { redirect: 'manual' })
    expect([moved.status, moved.headers.get('location')]).toEqual([308, './console/'])
    const response = await fetch(`${url}/console/`)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(page())
    const policy = response.headers.get('content-security-policy')!
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(response.headers.get('x-frame-options')).toBe('DENY')
    const script = /src="\.\/([^"]+)"/.exec(page())![1]
    const packed = await fetch(`${url}/console/${script}`)
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(packed.headers.get('cache-control')).toContain('immutable')
    expect(Buffer.from(await packed.arrayBuffer())).toEqual(file(script))
    const plain = await fetch(`${url}/console/${script}`, { headers: { 'accept-encoding': 'identity' } })
    expect(plain.headers.get('content-encoding')).toBe(null)
    const head = await fetch(`${url}/console/`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test.each([
    '/console/../package.json',
    '/console/%2e%2e/package.json',
    '/console/none',
    '/console/index.html/',
    '/console//',
  ])('has nothing at %s', async (path) => {
    server = createServer({ 'rest-token': 't' })
    const { httpPort } = await server.listen({ port: false, httpPort: 0 })
    const { request } = await import('node:http')
    const status = await new Promise((resolve) =>
      request({ host: '127.0.0.1', port: httpPort, path }, (response) => resolve(response.resume().statusCode)).end(),
    )
    expect([401, 404]).toContain(status)
  })

  test('takes nothing there, and shows it without a token to ask for', async () => {
    server = createServer()
    const { httpPort } = await server.listen({ port: false, httpPort: 0 })
    expect((await fetch(`http://127.0.0.1:${httpPort}/console/`, { method: 'POST' })).status).toBe(405)
    expect((await fetch(`http://127.0.0.1:${httpPort}/console/`)).status).toBe(200)
  })
})

describe('hosts', () => {
  test('serve it below their base if they are told to', async () => {
    server = createServer({ 'rest-token': 't' })
    for (const [base, options] of [
      ['', { console: true }],
      ['/redis', { base: '/redis', console: true }],
    ] as const) {
      const http = createHttpServer(toNodeHandler(server, options)).listen(0, '127.0.0.1')
      await new Promise((resolve) => http.once('listening', resolve))
      const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}${base}`
      expect(await (await fetch(`${url}/console/`)).text()).toBe(page())
      expect(await (await fetch(`${url}/ping?_token=t`)).json()).toEqual({ result: 'PONG' })
      http.close()
      http.closeAllConnections()
      const handle = toWebHandler(server, options)
      expect(await (await handle(new Request(`http://x${base}/console/`))).text()).toBe(page())
      expect(await (await handle(new Request(`http://x${base}/ping?_token=t`))).json()).toEqual({ result: 'PONG' })
    }
    const silent = toWebHandler(server)
    expect((await silent(new Request('http://x/console/'))).status).toBe(401)
  })
})
