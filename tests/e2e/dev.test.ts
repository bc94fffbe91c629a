/**
 * `npm run dev`: Next, REST and RESP in one process, from the command line to Ctrl-C; and a real browser on it: the page, and REST from the
 * page's own origin and from another. A folder has one development server at a time.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from '@upstash/redis'
import { Redis as IoRedis } from 'ioredis'
import type { Browser } from 'playwright'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { findChromium, launchChromium } from '../chromium.ts'
import { freePort } from '../clients/ports.ts'
import { Program } from '../clients/process.ts'
import { routeSharesStore, startHost } from './site.ts'
import { expectFigures, expectSecure } from './visit.ts'

const found = findChromium()
const folder = mkdtempSync(join(tmpdir(), 'dev-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The lines for .env.local that a server has printed. */
function linesOf(output: string): Record<string, string> {
  return Object.fromEntries([...output.matchAll(/^([A-Z_]+)=(.*)$/gm)].map((match) => match.slice(1)))
}

describe('npm run dev', () => {
  let [port, httpPort] = [0, 0]
  let flags: string[]
  beforeAll(async () => {
    ;[port, httpPort] = [await freePort(), await freePort()]
    flags = ['--port', `${port}`, '--http-port', `${httpPort}`, '--dir', folder]
  })

  test('takes the token of the environment and a password, and its lines work', async () => {
    const server = startHost('dev', [...flags, '--requirepass', 'a b'], { KV_REST_API_TOKEN: 'mine' })
    await server.sees(/REDIS_URL=.*\n/)
    const url = `http://127.0.0.1:${httpPort}`
    const lines = linesOf(server.output)
    expect(lines).toEqual({
      KV_REST_API_URL: url,
      KV_REST_API_TOKEN: 'mine',
      UPSTASH_REDIS_REST_URL: url,
      UPSTASH_REDIS_REST_TOKEN: 'mine',
      REDIS_URL: `redis://:a%20b@127.0.0.1:${port}`,
    })
    const resp = new IoRedis(lines.REDIS_URL)
    await new Redis({ url, token: 'mine' }).set('k', 'v')
    expect(await resp.get('k')).toBe('v')
    await resp.quit()
    expect(await server.kill('SIGINT')).toBe(0)
  }, 60_000)

  test('a port in use is one line with the port and the flag, and exit code 1', async () => {
    const other = createTcpServer()
    await new Promise<void>((resolve) => other.listen(httpPort, '127.0.0.1', resolve))
    const server = startHost('dev', flags)
    expect(await server.ended).toBe(1)
    expect(server.output).toBe(
      `Failed listening on port ${httpPort} (http) of 127.0.0.1: address already in use; choose another with --http-port or ZERODIS_HTTP_PORT.\n`,
    )
    other.close()
  })
})

// The development server compiles the page when it is first asked for: one for all tests.
describe('npm run dev, with its pages', { timeout: 60_000 }, () => {
  let site: Program
  let url: string
  let token: string
  let respPort: number
  let browser: Browser
  let stranger: Server
  let strangerUrl: string

  beforeAll(async () => {
    const port = await freePort()
    respPort = await freePort()
    url = `http://127.0.0.1:${port}`
    const own = ['--import', 'tsx', 'lib/host/nexthost.ts', 'dev']
    site = new Program([...own, '--http-port', String(port), '--port', String(respPort), '--dir', folder], {
      NODE_ENV: 'development',
    })
    await site.until(() => site.output.includes('Pages are ready'), 120_000)
    token = linesOf(site.output).KV_REST_API_TOKEN
    await fetch(url) // compiles the page
    stranger = createServer((_, response) => {
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html><title>another origin</title>')
    })
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
    strangerUrl = `http://127.0.0.1:${(stranger.address() as { port: number }).port}`
    if (!('missing' in found)) browser = await launchChromium(found)
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    stranger?.close()
    await site?.stop()
  })

  it('prints the doors and the lines for .env.local, and those lines work', async () => {
    const lines = linesOf(site.output)
    expect(lines).toEqual({
      KV_REST_API_URL: url,
      KV_REST_API_TOKEN: expect.stringMatching(/^[\w-]{32}$/),
      UPSTASH_REDIS_REST_URL: url,
      UPSTASH_REDIS_REST_TOKEN: token,
      REDIS_URL: `redis://127.0.0.1:${respPort}`,
    })
    expect(site.output).toContain(`${url}/#token=${token}\n`)
    const rest = new Redis({ url, token })
    const resp = new IoRedis(lines.REDIS_URL)
    await rest.set('k', 'v')
    expect(await resp.get('k')).toBe('v')
    expect(await routeSharesStore(url, resp)).toBe(true)
    await resp.quit()
  })

  describe.skipIf('missing' in found)('in a browser', { timeout: 60_000 }, () => {
    it('shows the page, without errors and without the token', async () => {
      const page = await browser.newPage()
      const problems: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text())
      })
      page.on('pageerror', (error) => problems.push(error.message))
      await page.goto(url, { waitUntil: 'load' })
      expect(await page.title()).toBe('zerodis')
      await page.getByText('Choose a key').waitFor() // this browser is of this machine
      expect(await page.content()).not.toContain(token)
      expect(problems).toEqual([])
      await page.setViewportSize({ width: 360, height: 640 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
      await page.close()
    })

    it('shows figures for a token typed in, or behind the address that the server prints', async () => {
      await expectFigures(browser, url, token, respPort)
      const page = await browser.newPage()
      const asked: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      await page.goto(`${url}/#token=${token}`)
      await page.getByText('Choose a key').waitFor()
      expect(page.url()).toBe(`${url}/`)
      expect(asked.filter((address) => address.split('#', 1)[0].includes(token))).toEqual([])
      await page.close()
    })

    it('runs under its policy, and keeps tokens out of what it prints', async () => {
      await expectSecure(browser, url, token)
      const told = 'printed-nowhere'
      const paths = [
        '/?_token=',
        '/?%5Ftoken=',
        '/nowhere?token=',
        '/ws?token=',
        '/api/redis/get/k?_token=',
        '/_next/x?_token=',
      ]
      for (const path of paths) await fetch(url + path + told)
      await fetch(`${url}/`, { headers: { authorization: `Bearer ${told}` } })
      await site.until(async () => (await fetch(`${url}/marker`)).status === 404 && site.output.includes('/marker'))
      expect(site.output).not.toContain(told)
    })

    it('keeps its development connection to Next', async () => {
      const page = await browser.newPage()
      const frames = new Promise<string>((resolve) => {
        page.on('websocket', (socket) =>
          socket.on('framereceived', ({ payload }) => resolve(`${socket.url()} ${payload}`)),
        )
      })
      await page.goto(url, { waitUntil: 'load' })
      expect(await frames).toContain('/_next/')
      await page.close()
    })

    it.each(['its own', 'another'])(
      'lets pages of %s origin hear messages by EventSource and WebSocket',
      async (whose) => {
        const page = await browser.newPage()
        await page.goto(whose === 'another' ? strangerUrl : url)
        const heard = await page.evaluate(
          async ([base, token]) => {
            const events = new EventSource(`${base}/subscribe/chat/other?_token=${token}`)
            const socket = new WebSocket(`ws${base.slice(4)}/ws?format=json`, ['zerodis', token])
            const fromEvents: string[] = []
            const fromSocket: unknown[] = []
            await new Promise<void>((resolve) => {
              const look = () => {
                // Both have said that they are subscribed: now somebody may publish.
                if (fromEvents.length === 2 && fromSocket.length === 1) {
                  socket.send(JSON.stringify(['PUBLISH', 'chat', 'two\nlines, é']))
                }
                if (fromEvents.length === 3 && fromSocket.length === 3) resolve()
              }
              events.onmessage = ({ data }) => {
                fromEvents.push(data)
                look()
              }
              socket.onopen = () => socket.send('["SUBSCRIBE","chat"]')
              socket.onmessage = ({ data }) => {
                fromSocket.push(JSON.parse(data))
                look()
              }
            })
            events.close()
            socket.close()
            return { fromEvents, fromSocket, protocol: socket.protocol }
          },
          [url, token],
        )
        expect(heard.fromEvents).toEqual(['subscribe,chat,1', 'subscribe,other,2', 'message,chat,two\nlines, é'])
        expect(heard.fromSocket).toHaveLength(3)
        expect(heard.fromSocket).toContainEqual({ push: ['subscribe', 'chat', 1] })
        expect(heard.fromSocket).toContainEqual({ push: ['message', 'chat', 'two\nlines, é'] })
        expect(heard.fromSocket).toContainEqual({ result: 2 })
        expect(heard.protocol).toBe('zerodis')
        await page.close()
      },
    )

    it.each(['its own', 'another'])('lets scripts of %s origin call REST', async (whose) => {
      const page = await browser.newPage()
      await page.goto(whose === 'another' ? strangerUrl : url)
      const answer = await page.evaluate(
        async ([base, token]) => {
          const headers = {
            Authorization: `Bearer ${token}`,
            'Content-Type': 'application/json',
            'Upstash-Encoding': 'base64',
            'upstash-sync-token': '',
            'Upstash-Telemetry-Sdk': 'test',
          }
          const init = { method: 'POST', headers }
          const one = await fetch(base, { ...init, body: '["SET","k","v"]' })
          const many = await fetch(`${base}/pipeline`, { ...init, body: '[["GET","k"],["INCR","k"]]' })
          const refused = await fetch(base, { method: 'POST', body: '["PING"]' })
          return {
            one: await one.json(),
            many: await many.json(),
            syncToken: one.headers.get('upstash-sync-token'),
            refused: [refused.status, await refused.json()],
          }
        },
        [url, token],
      )
      expect(answer).toEqual({
        one: { result: 'OK' },
        many: [{ result: 'dg==' }, { error: 'ERR value is not an integer or out of range' }],
        syncToken: expect.stringMatching(/./),
        refused: [401, { error: 'WRONGPASS invalid or missing auth token' }],
      })
      await page.close()
    })
  })

  if ('missing' in found) it('in a browser', (context) => context.skip(found.missing))

  it('ends in order when it is interrupted', async () => {
    expect(await site.stop('SIGINT')).toBe(0)
  })
})
