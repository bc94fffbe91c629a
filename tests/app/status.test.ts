/** The figures of the page, out of INFO as it comes over REST. */
import { afterEach, expect, test, vi } from 'vitest'
import { fetchHealth, fetchStatus, statusOf } from '../../app/status.ts'
import { ZERODIS_VERSION } from '../../lib/base/version.ts'
import { createServer, type Server } from '../../lib/server.ts'

let server: Server | undefined
afterEach(async () => {
  vi.unstubAllGlobals()
  await server?.close()
})

/** The browser's fetch, answered by a store in this process. */
function serve(settings: Record<string, string>): Server {
  server = createServer(settings)
  const own = server
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) =>
    own.fetch(new Request(`http://x${path}`, init), path.startsWith('/api/redis') ? '/api/redis' : ''),
  )
  return own
}

test('counts the keys of all databases', async () => {
  const own = serve({ 'rest-token': 't' })
  const door = own.inProcess()
  door.execute('MSET', 'a', '1', 'b', '2')
  door.execute('SELECT', '3')
  door.execute('SET', 'c', '3')
  door.close()
  expect(await fetchStatus('t')).toMatchObject({ keys: 3, version: ZERODIS_VERSION, respPort: 0 })
  expect(await fetchHealth()).toBe(true)
})

test('knows the port of RESP where it is served', async () => {
  const own = serve({ 'rest-token': 't' })
  const { port } = await own.listen({ port: 0, httpPort: false })
  expect((await fetchStatus('t')).respPort).toBe(port)
})

test('says why there are none in the words of REST', async () => {
  serve({ 'rest-token': 't' })
  await expect(fetchStatus('wrong')).rejects.toThrow('WRONGPASS invalid or missing auth token')
  await server?.close()
  expect(await fetchHealth()).toBe(false)
  serve({})
  await expect(fetchStatus('t')).rejects.toThrow(/token/)
})

test('takes an INFO without what it looks for', () => {
  expect(statusOf('')).toEqual({
    version: '',
    redisVersion: '',
    uptimeSeconds: 0,
    keys: 0,
    memory: '',
    clients: 0,
    commands: 0,
    respPort: 0,
  })
})
