/** Which object a request is for, and who comes so far. */
import { expect, test } from 'vitest'
import { createWorker, type WorkerOptions } from '../../lib/durable/worker.ts'

const TOKENS = { KV_REST_API_TOKEN: 'full', KV_REST_API_READ_ONLY_TOKEN: 'reader', ZERODIS_TOKENS: '{"ta":"a"}' }

async function ask(
  path: string,
  headers: Record<string, string> = {},
  options: WorkerOptions = {},
  variables: object = TOKENS,
): Promise<{ status: number; name?: string; path?: string; authorization?: string | null; from?: string | null }> {
  let seen = {}
  const REDIS = {
    idFromName: (name: string) => ({ name }),
    get: (id: object) => ({
      async fetch(request: Request) {
        const { pathname, search } = new URL(request.url)
        const { headers } = request
        seen = {
          ...id,
          path: pathname + search,
          authorization: headers.get('authorization'),
          from: headers.get('x-forwarded-for'),
        }
        return new Response('ok')
      },
    }),
  }
  const worker = createWorker(options)
  const response = await worker.fetch(new Request(`http://x${path}`, { headers }), { REDIS, ...variables })
  return { status: response.status, ...seen }
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

test('a path names the object, else it is the default one', async () => {
  expect(await ask('/get/k', bearer('full'))).toMatchObject({ name: 'default', path: '/get/k' })
  expect(await ask('/db/cache/get/k?x=1', bearer('full'))).toMatchObject({ name: 'cache', path: '/get/k?x=1' })
  expect(await ask('/db/caf%C3%A9', bearer('reader'))).toMatchObject({ name: 'café', path: '/' })
  expect(await ask('/db/cache/ws?token=full')).toMatchObject({ name: 'cache', path: '/ws?token=full' })
  expect(await ask('/redis/db/c/ping', bearer('full'), { base: '/redis' })).toMatchObject({ name: 'c', path: '/ping' })
  expect(await ask('/get/k', bearer('full'), { defaultName: 'main' })).toMatchObject({ name: 'main' })
  expect((await ask('/other', bearer('full'), { base: '/redis' })).status).toBe(404)
})

test('a token of ZERODIS_TOKENS leads to its object, which is shown its own', async () => {
  expect(await ask('/get/k', bearer('ta'))).toMatchObject({ name: 'a', authorization: 'Bearer full' })
  expect(await ask('/get/k?_token=ta')).toMatchObject({ name: 'a', authorization: 'Bearer full' })
  expect(await ask('/ws', { 'sec-websocket-protocol': 'zerodis, ta' })).toMatchObject({ name: 'a' })
})

test('without a token that is known nobody has an object made', async () => {
  expect(await ask('/db/x/get/k')).toEqual({ status: 401 })
  expect(await ask('/db/x/get/k', bearer('wrong'))).toEqual({ status: 401 })
  expect(await ask('/get/k', bearer('full'), {}, {})).toEqual({ status: 503 })
  expect(await ask('/healthz')).toMatchObject({ status: 200, name: 'default' })
  expect(await ask('/db/x/get/k', bearer('wrong'), { checksTokens: false })).toMatchObject({ status: 200, name: 'x' })
})

test('the address of a client is what Cloudflare says, not what the client does', async () => {
  const headers = { ...bearer('full'), 'x-forwarded-for': '6.6.6.6', 'cf-connecting-ip': '1.2.3.4' }
  expect(await ask('/get/k', headers)).toMatchObject({ from: '1.2.3.4' })
})
