/** Sessions of the console: who gets a cookie, and when it counts. */
import { request as httpRequest } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { createServer, type Server } from '../../lib/server.ts'

let server: Server | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const OWN = { 'zerodis-console': '1' }
const LOCAL = { ...OWN, origin: 'http://127.0.0.1:PORT' }

interface Answer {
  readonly status: number
  readonly cookie: string | undefined
  readonly text: string
}

/** A request as it stands on the wire, with any Host and Origin. */
async function ask(method: string, path: string, headers: Record<string, string>, body = ''): Promise<Answer> {
  const { httpPort } = server!.doors
  const own = Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', `${httpPort}`)])
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: httpPort, method, path, headers: Object.fromEntries(own), agent: false },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.on('end', () =>
          resolve({ status: response.statusCode!, cookie: response.headers['set-cookie']?.[0], text }),
        )
      },
    )
    request.on('error', reject).end(body)
  })
}

async function start(settings: Record<string, string> = {}, clock?: ManualClock): Promise<void> {
  server = createServer({ 'rest-token': 't', 'rest-read-only-token': 'ro', ...settings, ...(clock && { clock }) })
  await server.listen({ port: false, httpPort: 0 })
}

async function signIn(token: string, headers: Record<string, string> = OWN): Promise<string> {
  const { status, cookie } = await ask('POST', '/session', { ...headers, authorization: `Bearer ${token}` })
  expect(status).toBe(204)
  return cookie!
}

const sent = (cookie: string): Record<string, string> => ({ cookie: cookie.split(';', 1)[0] })

describe('a session', () => {
  test('is given for a token, hides it from scripts and other sites, and stands for it', async () => {
    await start()
    const cookie = await signIn('t')
    expect(cookie).toMatch(/^zerodis-[\da-f]{8}=[\w-]{40,}; Max-Age=43200; HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain('Path')
    const { status, text } = await ask('POST', '/', { ...OWN, ...sent(cookie) }, '["SET","k","v"]')
    expect([status, text]).toEqual([200, '{"result":"OK"}'])
    expect((await ask('POST', '/session', { ...OWN, ...sent(cookie) })).status).toBe(204)
    const secure = await signIn('t', { ...OWN, origin: 'https://store.example' })
    expect(secure).toMatch(/; Secure$/)
  })

  test('has the rights of its token', async () => {
    await start()
    const cookie = await signIn('ro')
    const { text } = await ask('POST', '/', { ...OWN, ...sent(cookie) }, '["SET","k","v"]')
    expect(text).toContain('NOPERM')
    const { cookie: none, status } = await ask('POST', '/session', { ...OWN, authorization: 'Bearer wrong' })
    expect([status, none]).toEqual([401, undefined])
  })

  test.each([
    ['without the header of the console', {}],
    ['from another site', { ...OWN, 'sec-fetch-site': 'cross-site' }],
    ['from another origin of this site', { ...OWN, 'sec-fetch-site': 'same-site' }],
    ['from the address bar', { ...OWN, 'sec-fetch-site': 'none' }],
  ])('does not count %s', async (_, headers) => {
    await start()
    const cookie = await signIn('t')
    const { status } = await ask('POST', '/', { ...headers, ...sent(cookie) }, '["GET","k"]')
    expect(status).toBe(401)
  })

  test('is not to be had across origins: a preflight does not allow its header', async () => {
    await start()
    const response = await fetch(`http://127.0.0.1:${server!.doors.httpPort}/`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-headers': 'zerodis-console' },
    })
    expect(response.headers.get('access-control-allow-headers')).not.toMatch(/zerodis-console/)
    expect(response.headers.get('access-control-allow-credentials')).toBe(null)
  })

  test('ends with its time, with its token, and when one leaves', async () => {
    const clock = new ManualClock(1_700_000_000_000)
    await start({}, clock)
    const cookie = await signIn('t')
    const works = async (): Promise<boolean> =>
      (await ask('POST', '/', { ...OWN, ...sent(cookie) }, '["PING"]')).status === 200
    expect(await works()).toBe(true)
    clock.advance(12 * 3_600_000)
    expect(await works()).toBe(false)
    const again = await signIn('t')
    const { status, cookie: taken } = await ask('DELETE', '/session', { ...OWN, ...sent(again) })
    expect([status, taken]).toEqual([204, expect.stringMatching(/^zerodis-[\da-f]{8}=; Max-Age=0;/)])
    server!.execute('CONFIG', 'SET', 'rest-token', 'other')
    expect((await ask('POST', '/', { ...OWN, ...sent(again) }, '["PING"]')).status).toBe(401)
  })

  test('ends with the rights of its user', async () => {
    await start()
    server!.execute('ACL', 'SETUSER', 'u', 'on', '>p', '~*', '+@all')
    const cookie = await signIn(String(server!.execute('ACL', 'RESTTOKEN', 'u', 'p')))
    const ping = (): Promise<Answer> => ask('POST', '/', { ...OWN, ...sent(cookie) }, '["ACL","WHOAMI"]')
    expect((await ping()).text).toBe('{"result":"u"}')
    server!.execute('ACL', 'DELUSER', 'u')
    expect((await ping()).status).toBe(401)
  })

  test('that somebody has changed is none', async () => {
    await start()
    const cookie = (await signIn('t')).split(';', 1)[0]
    const [name, value] = cookie.split('=')
    for (const other of [
      '',
      'x',
      value.slice(0, -4),
      `${value}AAAA`,
      value.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')),
    ]) {
      expect((await ask('POST', '/', { ...OWN, cookie: `${name}=${other}` }, '["PING"]')).status).toBe(401)
    }
  })

  test('is not given where the console is off', async () => {
    await start({ console: 'no' })
    const { status, cookie } = await ask('POST', '/session', { ...OWN, authorization: 'Bearer t' })
    expect([status, cookie]).toEqual([400, undefined])
    expect((await ask('GET', '/console/', {})).status).toBe(401)
  })

  test('lives on hosts that speak Request and Response, too', async () => {
    server = createServer({ 'rest-token': 't' })
    const post = (headers: Record<string, string>, path: string, body?: string): Promise<Response> =>
      server!.fetch(new Request(`http://x/api/redis${path}`, { method: 'POST', headers, body }), '/api/redis')
    const given = await post({ ...OWN, authorization: 'Bearer t' }, '/session')
    const cookie = given.headers.get('set-cookie')!
    expect(await (await post({ ...OWN, ...sent(cookie) }, '', '["PING"]')).json()).toEqual({ result: 'PONG' })
  })
})

describe('in development', () => {
  test('a browser of this machine is signed in already', async () => {
    await start({ 'console-signed-in': 'yes' })
    const { status, cookie } = await ask('POST', '/session', { ...LOCAL, host: '127.0.0.1:PORT' })
    expect(status).toBe(204)
    expect((await ask('POST', '/', { ...OWN, ...sent(cookie!) }, '["PING"]')).status).toBe(200)
    const named = { ...OWN, host: 'localhost:PORT', origin: 'http://localhost:PORT', 'sec-fetch-site': 'same-origin' }
    expect((await ask('POST', '/session', named)).status).toBe(204)
  })

  test.each([
    ['a name that was made to lead here', { host: 'evil.example:PORT', origin: 'http://evil.example:PORT' }],
    ['another origin', { host: '127.0.0.1:PORT', origin: 'https://evil.example' }],
    ['another port of this machine', { host: '127.0.0.1:PORT', origin: 'http://127.0.0.1:1' }],
    ['no origin', { host: '127.0.0.1:PORT' }],
    ['a proxy', { host: '127.0.0.1:PORT', origin: 'http://127.0.0.1:PORT', 'x-forwarded-for': '127.0.0.1' }],
    ['a name that begins alike', { host: 'localhost.evil.example', origin: 'http://localhost.evil.example' }],
  ])('nobody is who comes by %s', async (_, headers) => {
    await start({ 'console-signed-in': 'yes' })
    const { status, cookie } = await ask('POST', '/session', { ...OWN, ...(headers as Record<string, string>) })
    expect([status, cookie]).toEqual([200, undefined])
  })

  test('and nowhere else', async () => {
    await start()
    const { status, cookie } = await ask('POST', '/session', { ...LOCAL, host: '127.0.0.1:PORT' })
    expect([status, cookie]).toEqual([200, undefined])
  })
})
