/** Rights are checked when a command runs: what was let in may have lost them by then, at every door that takes a token. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Server, ServerOptions } from '../../lib/server.ts'
import { type OpenSocket, WebSocketDoor } from '../../lib/transports/websocket.ts'
import { openRaw } from '../clients/raw.ts'
import { httpRest, type RestServer, webRest } from '../clients/rest.ts'
import { EventReader } from '../clients/sse.ts'
import { RespSocket, TextSocket } from '../clients/websocket.ts'

let rest: RestServer

const OPTIONS: ServerOptions = { 'auth-throttle-max-delay': 0 }

function open(started: RestServer): void {
  rest = started
  execute('ACL', 'SETUSER', 'alice', 'on', '>pw', '~*', '&*', '+@all')
}
afterEach(() => rest.close())

const execute = (...argv: string[]) => rest.server.execute(...argv)
const token = () => execute('ACL', 'RESTTOKEN', 'alice', 'pw') as string

const CHANGES: [string, string[]][] = [
  ['is deleted', ['ACL', 'DELUSER', 'alice']],
  ['is switched off', ['ACL', 'SETUSER', 'alice', 'off']],
  ['has another password', ['ACL', 'SETUSER', 'alice', 'resetpass', '>new']],
  ['is another under the same name', ['ACL', 'SETUSER', 'alice', 'reset', 'on', '>other', '+@all', '~*']],
  ['finds the configured token changed', ['CONFIG', 'SET', 'rest-token', 'other']],
]

describe.each(CHANGES)('a user who %s', (_, change) => {
  describe('over HTTP', () => {
    beforeEach(async () => open(await httpRest(OPTIONS)))

    test('has no command run whose body comes later', async () => {
      const socket = await openRaw({ port: rest.server.doors.httpPort, host: '127.0.0.1' })
      let received = ''
      const saw = (text: string) =>
        new Promise<void>((resolve) => {
          socket.on('data', (chunk) => {
            received += chunk.toString('latin1')
            if (received.includes(text)) resolve()
          })
        })
      const admitted = saw('100 Continue')
      const body = JSON.stringify(['SET', 'k', 'v'])
      socket.write(
        `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token()}\r\nExpect: 100-continue\r\n` +
          `Content-Length: ${body.length}\r\n\r\n`,
      )
      await admitted
      execute(...change)
      const answered = saw('WRONGPASS')
      socket.write(body)
      await answered
      socket.destroy()
      expect(received).toContain('HTTP/1.1 401 ')
      expect(execute('EXISTS', 'k')).toBe(0)
    })

    test('loses streams and WebSockets, and what waits in them', async () => {
      const headers = { authorization: `Bearer ${token()}` }
      const reader = new EventReader((await fetch(`${rest.url}/subscribe/c`, { headers })).body!)
      expect(await reader.next()).toBe('subscribe,c,1')
      const base = `ws${rest.url.slice(4)}/ws?token=${token()}`
      const resp = new RespSocket(base)
      expect(await resp.ask('PING')).toMatchObject({ text: 'PONG' })
      const json = new TextSocket(`${base}&format=json`)
      expect(await json.ask('PING')).toEqual({ result: 'PONG' })
      const waits = new TextSocket(`${base}&format=json`)
      expect(await waits.ask('PING')).toEqual({ result: 'PONG' })
      waits.socket.send(JSON.stringify(['BLPOP', 'list', 0]))
      const { blocked } = rest.server.engine.ports.connections
      while (blocked.size === 0) await nextTurn()
      execute(...change)
      await Promise.all([reader.ended, resp.ended, json.ended, waits.ended])
      expect(blocked.size).toBe(0)
    })
  })

  describe('over Requests', () => {
    beforeEach(async () => open(await webRest(OPTIONS)))

    test('has no command run whose body comes later', async () => {
      let pulled = () => {}
      const isPulled = new Promise<void>((resolve) => {
        pulled = resolve
      })
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            pulled()
            await nextTurn()
            execute(...change)
            controller.enqueue(Buffer.from(JSON.stringify(['SET', 'k', 'v'])))
            controller.close()
          },
        },
        { highWaterMark: 0 },
      )
      const headers = { authorization: `Bearer ${token()}` }
      const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit
      const response = rest.server.fetch(new Request('http://store.test/', init))
      await isPulled
      expect((await response).status).toBe(401)
      expect(execute('EXISTS', 'k')).toBe(0)
    })

    test('has nothing more of a long pipeline run', async () => {
      const commands = Array.from({ length: 20_000 }, (_, i) => ['SET', `k${i}`, ''])
      const answer = rest.call('POST', '/pipeline', { token: token(), body: commands })
      while (execute('EXISTS', 'k0') === 0) await nextTurn()
      execute(...change)
      const size = execute('DBSIZE')
      expect(size).toBeLessThan(commands.length)
      const { status, json } = await answer
      // Who has changed the tokens may have been this very pipeline: it gets its replies.
      if (change[0] === 'CONFIG')
        expect((json as unknown[]).at(-1)).toEqual({ error: expect.stringMatching(/^NOPERM/) })
      else expect(status).toBe(401)
      expect(execute('DBSIZE')).toBe(size)
    })

    test('is answered no more where it waits', async () => {
      const answer = rest.call('POST', '/', { token: token(), body: ['BLPOP', 'list', 0] })
      const { blocked } = rest.server.engine.ports.connections
      while (blocked.size === 0) await nextTurn()
      execute(...change)
      expect(blocked.size).toBe(0)
      expect((await answer).status).toBe(401)
      expect([...rest.server.engine.ports.connections.clients].filter(({ door }) => door === 'rest')).toEqual([])
    })
  })
})

describe('whoever changes itself', () => {
  beforeEach(async () => open(await httpRest(OPTIONS)))

  test.each([
    ['its password', ['ACL', 'SETUSER', 'alice', 'resetpass', '>new']],
    ['its being there', ['ACL', 'DELUSER', 'alice']],
    ['the configured token', ['CONFIG', 'SET', 'rest-token', 'other']],
  ])('is told that %s was changed, and no more', async (_, change) => {
    const own = token()
    const call = async (body: unknown, path = '/') => (await rest.call('POST', path, { token: own, body })).status
    expect(await call(change)).toBe(200)
    expect(await call(['PING'])).toBe(401)
  })

  test('runs nothing behind that in a pipeline', async () => {
    const body = [
      ['ACL', 'SETUSER', 'alice', 'off'],
      ['SET', 'k', 'v'],
    ]
    const { json } = await rest.call('POST', '/pipeline', { token: token(), body })
    expect(json).toEqual([{ result: 'OK' }, { error: expect.stringMatching(/^NOPERM/) }])
    expect(execute('EXISTS', 'k')).toBe(0)
  })
})

describe('others', () => {
  beforeEach(async () => open(await httpRest(OPTIONS)))

  test('keep their streams when one is changed, and rules alone end nothing', async () => {
    execute('ACL', 'SETUSER', 'bob', 'on', '>pw', '+@all', '~*')
    const base = `ws${rest.url.slice(4)}/ws?format=json&token=`
    const bob = new TextSocket(base + (execute('ACL', 'RESTTOKEN', 'bob', 'pw') as string))
    const alice = new TextSocket(base + token())
    expect(await bob.ask('PING')).toEqual({ result: 'PONG' })
    expect(await alice.ask('PING')).toEqual({ result: 'PONG' })
    execute('ACL', 'SETUSER', 'alice', '-set', '>second')
    expect(await alice.ask('SET', 'k', 'v')).toEqual({ error: expect.stringMatching(/^NOPERM/) })
    execute('ACL', 'DELUSER', 'alice')
    await alice.ended
    expect(await bob.ask('SET', 'k', 'v')).toEqual({ result: 'OK' })
  })

  test('have their tokens looked at again only where they may have changed', () => {
    execute('ACL', 'SETUSER', 'bob', 'on', '>pw')
    const { tokens } = rest.server
    const pass = tokens.admit(token())!
    let looks = 0
    const { bearer } = tokens
    tokens.bearer = (sent) => {
      looks++
      return bearer.call(tokens, sent)
    }
    execute('ACL', 'SETUSER', 'bob', 'off')
    execute('ACL', 'SETUSER', 'alice', '-get')
    expect([pass.holds, looks]).toEqual([true, 0])
    execute('ACL', 'SETUSER', 'alice', '>second')
    expect([pass.holds, pass.holds, looks]).toEqual([true, true, 1])
    execute('ACL', 'SETUSER', 'alice', '<pw')
    expect([pass.holds, looks]).toEqual([false, 2])
  })
})

test('a WebSocket whose user is gone when the handshake is over gets no session', async () => {
  open(await webRest(OPTIONS))
  const door = new WebSocketDoor(rest.server as Server)
  const request = { method: 'GET', path: '/ws', query: `token=${token()}`, header: () => undefined }
  const admission = door.admit(request, '')
  if ('status' in admission) throw new Error('refused')
  execute('ACL', 'DELUSER', 'alice')
  const { clientCount } = rest.server
  let code = 0
  const socket = { readyState: 1, OPEN: 1, on() {}, close: (given: number) => (code = given) }
  door.accept(socket as unknown as OpenSocket, admission, '', '')
  expect(code).toBe(1008)
  expect(rest.server.clientCount).toBe(clientCount)
})
