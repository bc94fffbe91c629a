/** REST on servers that are not ours: node:http with a parser before it and without, and hosts that speak Request and Response. */
import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Redis } from '@upstash/redis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { toNodeHandler, toWebHandler } from '../lib/node.ts'
import { createServer, type Server } from '../lib/server.ts'
import { EventReader } from './clients/sse.ts'

let server: Server
const listening: HttpServer[] = []

beforeEach(() => {
  server = createServer({ 'rest-token': 't' })
})

afterEach(async () => {
  for (const each of listening.splice(0)) {
    each.closeAllConnections()
    each.close()
  }
  await server.close()
})

async function listen(handle: RequestListener): Promise<{ url: string; http: HttpServer }> {
  const http = createHttpServer(handle)
  listening.push(http)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, http }
}

const bearer = { authorization: 'Bearer t' }

describe('toNodeHandler', () => {
  test('answers the SDK at the root and below /api/redis, binary bodies and long answers', async () => {
    const { url } = await listen(toNodeHandler(server))
    for (const base of ['', '/api/redis']) {
      const redis = new Redis({ url: url + base, token: 't' })
      await redis.set('k', { a: 1 })
      expect(await redis.pipeline().get('k').incr('n').exec()).toEqual([{ a: 1 }, expect.any(Number)])
    }
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
    await fetch(`${url}/set/bytes`, { method: 'POST', headers: bearer, body: bytes })
    expect(server.inProcess().executeBuffer('GET', 'bytes')).toEqual(bytes)
    await fetch(`${url}/setrange/long/5000000/x`, { headers: bearer })
    const { result } = (await (await fetch(`${url}/get/long`, { headers: bearer })).json()) as { result: string }
    expect(result).toHaveLength(5_000_001)
  })

  test('below a base of its own it answers REST, and hands the rest on', async () => {
    const handler = toNodeHandler(server, { base: '/redis' })
    const { url } = await listen((request, response) => handler(request, response, () => response.end('a page')))
    const text = async (path: string): Promise<string> => (await fetch(url + path, { headers: bearer })).text()
    expect(await text('/redis/ping')).toBe('{"result":"PONG"}')
    expect(await text('/redistribute')).toBe('a page')
    const alone = await listen(handler)
    expect((await fetch(`${alone.url}/ping`, { headers: bearer })).status).toBe(404)
  })

  test('takes the body that a parser before it has left', async () => {
    const handler = toNodeHandler(server)
    const { url } = await listen(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      Object.assign(request, { body: text.startsWith('[') ? JSON.parse(text) : text })
      handler(request, response)
    })
    const redis = new Redis({ url, token: 't' })
    await redis.set('k', 'ü')
    expect(await redis.get('k')).toBe('ü')
    await fetch(`${url}/set/text`, { method: 'POST', headers: bearer, body: 'plain ü' })
    expect(await redis.get('text')).toBe('plain ü')
    const large = JSON.stringify(['SET', 'k', 'x'.repeat(11_000_000)])
    const refused = await fetch(url, { method: 'POST', headers: bearer, body: large })
    expect([refused.status, await refused.json()]).toEqual([413, { error: 'ERR max request size exceeded' }])
  })

  test('keeps its headers behind middleware that takes those of writeHead for an object, as compression does', async () => {
    const handler = toNodeHandler(server)
    const { url } = await listen((request, response) => {
      const own = response.writeHead.bind(response)
      Object.assign(response, {
        writeHead(status: number, headers: Record<string, string> = {}) {
          for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
          return own(status)
        },
      })
      handler(request, response)
    })
    for (const path of ['/ping', '/healthz', '/nosuch']) {
      const expected = await server.fetch(new Request(`http://x${path}`, { headers: bearer }), '')
      const answer = await fetch(url + path, { headers: bearer })
      expect([answer.status, await answer.text()]).toEqual([expected.status, await expected.text()])
      expect(answer.headers.get('content-type')).toBe(expected.headers.get('content-type'))
    }
  })

  test('streams messages, and gives way to RESP over WebSocket', async () => {
    const handler = toNodeHandler(server)
    const { url, http } = await listen(handler)
    http.on('upgrade', handler.upgrade)
    const events = new EventReader((await fetch(`${url}/subscribe/chat`, { headers: bearer })).body!)
    expect(await events.next()).toBe('subscribe,chat,1')
    server.inProcess().execute('PUBLISH', 'chat', 'hello')
    expect(await events.next()).toBe('message,chat,hello')
    await events.cancel()
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { headers: bearer })
    await new Promise((resolve) => socket.once('open', resolve))
    const answer = new Promise((resolve) => socket.once('message', (data) => resolve(String(data))))
    socket.send('*1\r\n$4\r\nPING\r\n')
    expect(await answer).toBe('+PONG\r\n')
    socket.terminate()
  })
})

describe('toWebHandler', () => {
  test.each([undefined, '/redis'])('answers below base %s', async (base) => {
    const handle = toWebHandler(server, base === undefined ? {} : { base })
    const origin = `http://x${base ?? ''}`
    const answer = await handle(new Request(`${origin}/set/k/v`, { headers: bearer }))
    expect([answer.status, await answer.json()]).toEqual([200, { result: 'OK' }])
    const below = await handle(new Request(`http://x${base ?? '/api/redis'}/get/k?_token=t`))
    expect(await below.json()).toEqual({ result: 'v' })
    const elsewhere = await handle(new Request('http://x/elsewhere', { headers: bearer }))
    expect(elsewhere.status).toBe(base === undefined ? 400 : 404)
  })
})

describe('/healthz and /readyz', () => {
  const paths = ['/healthz', '/readyz', '/api/redis/healthz']

  test.each(['node', 'web', 'listener'])(
    'on the host %s answer without a token, and with one, and tell nothing else',
    async (kind) => {
      let ask: (path: string, init?: RequestInit) => Promise<Response>
      if (kind === 'web') {
        const handle = toWebHandler(server)
        ask = (path, init) => handle(new Request(`http://x${path}`, init))
      } else if (kind === 'node') {
        const { url } = await listen(toNodeHandler(server))
        ask = (path, init) => fetch(url + path, init)
      } else {
        const { httpPort } = await server.listen({
          httpPort: 0,
          port: false,
          fallback: (_, response) => response.end('page'),
        })
        ask = (path, init) => fetch(`http://127.0.0.1:${httpPort}${path}`, init)
      }
      for (const path of paths) {
        for (const headers of [new Headers(), bearer, { authorization: 'Bearer wrong' }, { accept: 'text/html' }]) {
          const answer = await ask(path, { headers })
          expect([answer.status, await answer.text()]).toEqual([200, 'ok\n'])
          expect(answer.headers.get('upstash-sync-token')).toBe(null)
        }
        expect((await ask(path, { method: 'POST', body: '[]' })).status).toBe(405)
        const head = await ask(path, { method: 'HEAD' })
        expect([head.status, await head.text()]).toEqual([200, ''])
      }
    },
  )

  test('answer 503 once the store is closing', async () => {
    const handle = toWebHandler(server)
    await server.close()
    for (const path of paths) {
      const answer = await handle(new Request(`http://x${path}`))
      expect([answer.status, await answer.text()]).toEqual([503, 'unavailable\n'])
    }
  })
})
