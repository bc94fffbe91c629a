/** What every answer of REST says to browsers and caches, whatever the answer is and whichever host gives it. */
import { afterEach, describe, expect, test } from 'vitest'
import { httpRest, type RestServer, TOKEN, webRest } from '../clients/rest.ts'

let rest: RestServer
afterEach(() => rest.close())

const REQUESTS: readonly (readonly [string, string, string, object])[] = [
  ['a command', 'POST', '/', { body: ['PING'] }],
  ['a path command', 'GET', '/get/k', {}],
  ['HEAD', 'HEAD', '/get/k', {}],
  ['a pipeline', 'POST', '/pipeline', { body: [['PING']] }],
  ['a transaction', 'POST', '/multi-exec', { body: [['PING']] }],
  ['raw RESP', 'POST', '/', { body: ['PING'], headers: { 'upstash-response-format': 'resp2' } }],
  ['a failed command', 'POST', '/', { body: ['GET'] }],
  ['nonsense', 'POST', '/', { body: 'x' }],
  ['no token', 'GET', '/get/k', { token: '' }],
  ['a wrong token', 'GET', `/get/k`, { token: 'wrong' }],
  ['a wrong method', 'DELETE', '/get/k', {}],
  ['too large a body', 'POST', '/', { body: 'x'.repeat(2000) }],
]

describe.each([
  ['node:http', httpRest],
  ['Request and Response', webRest],
])('answers on %s', (_, make) => {
  test.each(REQUESTS)('%s', async (_, method, path, options) => {
    rest = await make({ 'rest-max-request-size': 1024 })
    const { headers } = await rest.call(method, path, options)
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('access-control-allow-origin')).toBe('*')
    expect(headers.has('access-control-allow-credentials')).toBe(false)
    expect(headers.has('set-cookie')).toBe(false)
    expect(JSON.stringify([...headers])).not.toContain(TOKEN)
  })
})
