/**
 * A production build under `next start`, without the custom server: the routes and the instrumentation hook are bundled apart
 * from each other, and must find one store. The page's own address is the REST URL.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from '@upstash/redis'
import { createClient } from '@vercel/kv'
import { Redis as IoRedis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findChromium, launchChromium } from '../chromium.ts'
import { freePort } from '../clients/ports.ts'
import type { Program } from '../clients/process.ts'
import { TOKEN } from '../clients/rest.ts'
import { buildSite, startSite } from './site.ts'
import { expectFigures, expectSecure } from './visit.ts'

describe('next build && next start', () => {
  let site: Program
  let url: string
  let respPort: number
  beforeAll(async () => {
    await buildSite()
    const port = await freePort()
    respPort = await freePort()
    url = `http://127.0.0.1:${port}`
    site = startSite(port, { ZERODIS_PORT: String(respPort), KV_REST_API_TOKEN: TOKEN })
    await site.until(() => site.output.includes(`RESP on port ${respPort}`))
  }, 240_000)
  afterAll(() => site?.stop())

  const bearer = { authorization: `Bearer ${TOKEN}` }
  const call = async (method: string, path: string, body?: string, headers: Record<string, string> = bearer) => {
    const response = await fetch(url + path, { method, headers, body })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text }
  }

  it('keeps what save points ask for when Next ends the process', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'zerodis-'))
    try {
      for (const expected of [null, '1']) {
        const port = await freePort()
        const environment = { ZERODIS_PORT: String(port), ZERODIS_DIR: dir, ZERODIS_SAVE: '3600 1' }
        const other = startSite(await freePort(), environment)
        await other.until(() => other.output.includes(`RESP on port ${port}`))
        const io = new IoRedis(port, '127.0.0.1')
        expect(await io.get('kept')).toBe(expected)
        await io.set('kept', '1')
        io.disconnect()
        await other.stop('SIGTERM')
      }
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  }, 60_000)

  it('has one store for the routes and the RESP listener', async () => {
    const redis = new Redis({ url, token: TOKEN })
    const io = new IoRedis(respPort, '127.0.0.1')
    await redis.set('from-rest', 'é')
    expect(await io.get('from-rest')).toBe('é')
    await io.set('from-resp', 'x')
    expect(await redis.get('from-resp')).toBe('x')
    expect((await call('GET', '/api/example/limited', undefined, {})).status).toBe(200)
    expect(await io.keys('b_example_*')).not.toEqual([])
    await io.quit()
  })

  it('tells its health to everybody, and nothing else', async () => {
    for (const path of ['/healthz', '/readyz', '/api/redis/healthz']) {
      for (const headers of [{}, bearer]) {
        const { status, text } = await call('GET', path, undefined, headers)
        expect([status, text]).toEqual([200, 'ok\n'])
      }
    }
  })

  it('serves REST at the route', async () => {
    expect((await call('POST', '/api/redis', '["PING"]')).text).toBe('{"result":"PONG"}')
    const script = "return cjson.encode({redis.call('INCRBY', KEYS[1], ARGV[1])})"
    expect((await call('POST', '/api/redis', JSON.stringify(['EVAL', script, '1', 'scripted', '7']))).text).toBe(
      '{"result":"[7]"}',
    )
    expect((await call('GET', '/api/redis/del/scripted')).text).toBe('{"result":1}')
    expect((await call('POST', '/api/redis/pipeline', '[["PING"],["ECHO","a"]]')).text).toBe(
      '[{"result":"PONG"},{"result":"a"}]',
    )
    expect((await call('GET', '/api/redis/echo/a%2Fb%20%C3%A9')).text).toBe('{"result":"a/b é"}')
    expect((await call('GET', '/api/redis/echo/page.rsc')).text).toBe('{"result":"page.rsc"}')
    expect((await call('GET', '/api/redis/ping', undefined, {})).status).toBe(401)
    expect((await call('DELETE', '/api/redis/ping')).status).toBe(405)
  })

  it('serves REST at the bare URL to whoever brings a token', async () => {
    expect((await call('POST', '/', '["PING"]')).text).toBe('{"result":"PONG"}')
    expect((await call('GET', '/ping')).text).toBe('{"result":"PONG"}')
    expect((await call('POST', '/set/path%2Fkey?EX=100', 'body')).text).toBe('{"result":"OK"}')
    expect((await call('GET', '/get/path%2Fkey')).text).toBe('{"result":"body"}')
    expect((await call('POST', '/pipeline', '[["PING"]]')).text).toBe('[{"result":"PONG"}]')
    expect((await call('POST', '/multi-exec', '[["PING"]]')).text).toBe('[{"result":"PONG"}]')
    expect((await call('GET', `/ping?_token=${TOKEN}`, undefined, {})).text).toBe('{"result":"PONG"}')
    const head = await call('HEAD', '/ping')
    expect([head.status, head.text]).toEqual([200, ''])
  })

  it('answers strangers at the bare URL with JSON', async () => {
    const json = { 'content-type': 'application/json' }
    for (const [path, body] of [
      ['/', '["PING"]'],
      ['/pipeline', '[["PING"]]'],
      ['/multi-exec', '[["PING"]]'],
    ]) {
      const { status, text } = await call('POST', path, body, json)
      expect([status, text]).toEqual([401, '{"error":"WRONGPASS invalid or missing auth token"}'])
    }
    const preflight = await call('OPTIONS', '/pipeline', undefined, {
      origin: 'https://app.test',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,upstash-telemetry-sdk',
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
  })

  it('refuses a body past the limit', async () => {
    const { status, text } = await call('POST', '/', JSON.stringify(['SET', 'big', 'x'.repeat(11 * 2 ** 20)]))
    expect([status, text]).toEqual([413, '{"error":"ERR max request size exceeded"}'])
    expect((await call('GET', '/exists/big')).text).toBe('{"result":0}')
  })

  it('carries large values both ways', async () => {
    const value = 'é'.repeat(2 ** 20)
    const redis = new Redis({ url, token: TOKEN })
    await redis.set('large', value)
    expect(await redis.get('large')).toBe(value)
  })

  it('waits in a blocking command', async () => {
    const redis = new Redis({ url, token: TOKEN })
    const waiting = call('GET', '/blpop/list/5')
    await site.until(async () => /blocked_clients:1/.test(String(await redis.exec(['INFO', 'clients']))))
    await redis.rpush('list', 'x')
    expect((await waiting).text).toBe('{"result":["list","x"]}')
  })

  it('streams what the SDK subscribes to, and forgets who has gone', async () => {
    const redis = new Redis({ url, token: TOKEN })
    const count = async (): Promise<number> => Number(await redis.exec(['PUBLISH', 'chat', '"?"']))
    const heard: unknown[] = []
    const subscriber = redis.subscribe<unknown>('chat')
    subscriber.on('message', ({ message }) => heard.push(message))
    await site.until(async () => (await count()) === 1)
    await redis.publish('chat', { text: 'é' })
    await site.until(() => heard.length > 1)
    expect(heard.at(-1)).toEqual({ text: 'é' })
    await subscriber.unsubscribe()
    await site.until(async () => (await count()) === 0)
  })

  it('says that it cannot upgrade to a WebSocket, which is for Vercel and the custom server', async () => {
    const { status, text } = await call('GET', '/api/redis/ws')
    expect([status, text]).toEqual([501, '{"error":"ERR this host cannot upgrade a request to a WebSocket"}'])
    expect((await call('GET', '/api/redis/ws', undefined, {})).status).toBe(401)
  })

  it('works with @vercel/kv', async () => {
    const kv = createClient({ url, token: TOKEN })
    expect(await Promise.all([kv.set('kv', { a: 1 }), kv.get('kv'), kv.get('none')])).toEqual(['OK', { a: 1 }, null])
  })

  it('shows a page without secrets, which nobody may frame', async () => {
    const { text, headers } = await call('GET', '/', undefined, {})
    expect(text).toContain(`KV_REST_API_URL=${url}`)
    expect(text).not.toMatch(/Uptime|The store is up/)
    expect(text).not.toContain(TOKEN)
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-powered-by')).toBe(null)
  })

  it('has a page that runs in a browser under its policy', async (context) => {
    const found = findChromium()
    if ('missing' in found) return context.skip(found.missing)
    const browser = await launchChromium(found)
    await expectSecure(browser, url, TOKEN)
    await expectFigures(browser, url, TOKEN, respPort)
    await browser.close()
  }, 60_000)

  it('ends at once when asked to', async () => {
    const started = Date.now()
    await site.stop()
    expect(Date.now() - started).toBeLessThan(5000)
  })
})
