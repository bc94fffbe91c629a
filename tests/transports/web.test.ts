/** What holds on Request and Response besides what REST answers: bodies that stream, callers that go, base paths. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { handleRest, register } from '../../lib/next.ts'
import { createServer, type Server, shareServer } from '../../lib/server.ts'
import { takePort } from '../clients/ports.ts'
import { TOKEN } from '../clients/rest.ts'

let server: Server
beforeEach(() => {
  server = createServer({ port: 0, 'rest-token': TOKEN, log: () => {} })
})
afterEach(() => server.close())

const authorization = { authorization: `Bearer ${TOKEN}` }

function request(path: string, init: RequestInit & { duplex?: 'half' } = {}): Request {
  return new Request(`https://store.test${path}`, { ...init, headers: { ...authorization, ...init.headers } })
}

function stream(chunks: Iterable<string>): ReadableStream<Uint8Array> {
  const source = chunks[Symbol.iterator]()
  return new ReadableStream({
    pull(controller) {
      const { done, value } = source.next()
      if (done) controller.close()
      else controller.enqueue(Buffer.from(value))
    },
  })
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('a body that streams', () => {
  it('is put together', async () => {
    const body = stream(['["SE', 'T","k"', ',"v"]'])
    const response = await server.fetch(request('/', { method: 'POST', body, duplex: 'half' }))
    expect(await response.json()).toEqual({ result: 'OK' })
  })

  it('is left alone past the limit', async () => {
    let sent = 0
    function* endless() {
      for (;;) {
        sent++
        yield 'x'.repeat(2 ** 20)
      }
    }
    const response = await server.fetch(request('/', { method: 'POST', body: stream(endless()), duplex: 'half' }))
    expect([response.status, await response.json()]).toEqual([413, { error: 'ERR max request size exceeded' }])
    expect(sent).toBeLessThan(20)
  })

  it('that breaks off has run nothing', async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('["SET","k"'))
        controller.error(new Error('gone'))
      },
    })
    const response = await server.fetch(request('/', { method: 'POST', body, duplex: 'half' }))
    expect([response.status, await response.json()]).toEqual([400, { error: 'ERR failed to parse command' }])
    expect(await (await server.fetch(request('/dbsize'))).json()).toEqual({ result: 0 })
  })
})

describe('a caller that goes', () => {
  it('ends its wait, and what stood behind it is not run', async () => {
    const abort = new AbortController()
    const body = '[["BLPOP","list",0],["SET","behind",1]]'
    const answer = server.fetch(request('/pipeline', { method: 'POST', body, signal: abort.signal }))
    while (server.engine.blocking.size === 0) await turn()
    abort.abort()
    await answer
    expect(server.engine.blocking.size).toBe(0)
    expect(server.clientCount).toBe(0)
    expect(server.inProcess().execute('EXISTS', 'behind')).toBe(0)
  })

  it('in the midst of a long answer does not have the rest of it made', async () => {
    const { execute } = boundDoor()
    execute('SET', 'big', 'x'.repeat(1_000_000))
    const before = server.engine.stats.netOutputBytes
    const body = JSON.stringify(new Array(100).fill(['GET', 'big']))
    const response = await server.fetch(request('/pipeline', { method: 'POST', body }))
    const reader = response.body!.getReader()
    await reader.read()
    await reader.cancel()
    expect(server.engine.stats.netOutputBytes - before).toBeLessThan(5_000_000)
  })

  it('is ended by CLIENT KILL', async () => {
    const { execute } = boundDoor()
    const answer = server.fetch(request('/blpop/list/0', { headers: { 'x-forwarded-for': '203.0.113.7, 10.0.0.1' } }))
    while (server.engine.blocking.size === 0) await turn()
    expect(execute('CLIENT', 'KILL', 'ADDR', '203.0.113.7:0')).toBe(1)
    expect(await (await answer).json()).toEqual({ result: null })
  })
})

function boundDoor() {
  const door = server.inProcess()
  return { execute: (...args: string[]) => door.execute(...args) }
}

describe('a base path', () => {
  it('is taken off', async () => {
    const ask = async (path: string, base: string) => (await server.fetch(request(path), base)).json()
    expect(await ask('/api/redis/echo/a', '/api/redis')).toEqual({ result: 'a' })
    expect(await ask('/deep/er/echo/a?', '/deep/er')).toEqual({ result: 'a' })
    expect(await ask('/echo/a', '')).toEqual({ result: 'a' })
    expect(await ask('/api/redis', '/api/redis')).toEqual({ error: 'ERR empty command' })
  })

  it('is found by the number of segments that a catch-all route names', async () => {
    shareServer(server)
    try {
      const ask = async (path: string, segments: string[] | undefined) => {
        const response = await handleRest(request(path), { params: Promise.resolve({ path: segments }) })
        return response.json()
      }
      expect(await ask('/api/redis/echo/a%2Fb', ['echo', 'a%2Fb'])).toEqual({ result: 'a/b' })
      expect(await ask('/kv/ping/', ['ping'])).toEqual({ result: 'PONG' })
      expect(await ask('/ping', ['ping'])).toEqual({ result: 'PONG' })
      expect(await ask('/kv', undefined)).toEqual({ error: 'ERR empty command' })
    } finally {
      Reflect.deleteProperty(globalThis, Symbol.for('zerodis'))
    }
  })
})

describe('register, where the port of RESP is taken', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
    Reflect.deleteProperty(globalThis, Symbol.for('zerodis'))
  })

  it('leaves `next dev` running, and ends `next start`', async () => {
    const taken = await takePort()
    const own = shareServer(createServer({ port: taken.port, bind: '127.0.0.1', log: () => {} }))
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    vi.stubEnv('NEXT_RUNTIME', 'nodejs')
    vi.stubEnv('ZERODIS_PORT', `${taken.port}`)
    const fault = `Failed listening on port ${taken.port} (tcp) of 127.0.0.1: address already in use; choose another with --port or ZERODIS_PORT.`
    try {
      vi.stubEnv('NODE_ENV', 'development')
      await register()
      expect(warn).toHaveBeenCalledExactlyOnceWith(`zerodis: no RESP here: ${fault}`)
      vi.stubEnv('NODE_ENV', 'production')
      await expect(register()).rejects.toThrow(fault)
    } finally {
      await own.close()
      await taken.free()
    }
  })
})
