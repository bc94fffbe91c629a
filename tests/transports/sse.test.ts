/** Streams of events over REST, on both hosts: what is sent, heartbeats, ends, hang-ups, readers that do not read. */
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import type { ServerOptions } from '../../lib/server.ts'
import { httpRest, READ_ONLY_TOKEN, type RestServer, TOKEN, webRest } from '../clients/rest.ts'
import { EventReader } from '../clients/sse.ts'

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

describe.each([
  ['node:http', httpRest],
  ['Request and Response', webRest],
])('a stream of events on %s', (name, make) => {
  let rest: RestServer
  const start = async (options: ServerOptions = {}): Promise<void> => {
    await rest?.close()
    rest = await make(options)
  }
  beforeEach(() => start())
  afterEach(() => rest.close())

  const execute = (...argv: string[]) => rest.server.inProcess().execute(...argv)
  const request = (path: string, init: RequestInit = {}): Promise<Response> => {
    const withToken = { headers: { authorization: `Bearer ${TOKEN}` }, ...init }
    if (name === 'node:http') return fetch(rest.url + path, withToken)
    return rest.server.fetch(new Request(rest.url + path, withToken), '/api/redis')
  }
  const open = async (path: string, init?: RequestInit): Promise<EventReader> => {
    const response = await request(path, init)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    return new EventReader(response.body!)
  }
  const subscribers = (): number => rest.server.pubsub.channels.size + rest.server.pubsub.patterns.size

  it('says at once what it subscribes to, then each message in order', async () => {
    const reader = await open('/subscribe/chat')
    expect(await reader.next()).toBe('subscribe,chat,1')
    for (let i = 0; i < 1000; i++) expect(await execute('PUBLISH', 'chat', `m${i}`)).toBe(1)
    for (let i = 0; i < 1000; i++) expect(await reader.next()).toBe(`message,chat,m${i}`)
    await reader.cancel()
    await until(() => subscribers() === 0)
  })

  it('takes several channels, POST, and a body that is no channel', async () => {
    const reader = await open('/subscribe/a/b/c%2Fd', {
      method: 'POST',
      body: '[]',
      headers: { authorization: `Bearer ${TOKEN}`, 'upstash-encoding': 'base64', accept: 'text/event-stream' },
    })
    expect([await reader.next(), await reader.next(), await reader.next()]).toEqual([
      'subscribe,a,1',
      'subscribe,b,2',
      'subscribe,c/d,3',
    ])
    await execute('PUBLISH', 'b', '{"x":"é,y"}')
    expect(await reader.next()).toBe('message,b,{"x":"é,y"}')
    await reader.cancel()
  })

  it('takes patterns, unencoded too', async () => {
    const reader = await open('/psubscribe/user:*/100%')
    expect([await reader.next(), await reader.next()]).toEqual(['psubscribe,user:*,1', 'psubscribe,100%,2'])
    await execute('PUBLISH', 'user:1', 'hi')
    expect(await reader.next()).toBe('pmessage,user:*,user:1,hi')
    await reader.cancel()
    await until(() => subscribers() === 0)
  })

  it('shows the commands that run', async () => {
    const reader = await open('/monitor', { method: 'POST', body: '[]', headers: { authorization: `Bearer ${TOKEN}` } })
    expect(await reader.next()).toBe('"OK"')
    await execute('SET', 'k', 'a\nb')
    expect(await reader.next()).toMatch(/^\d+\.\d{6} \[0 inprocess\] "SET" "k" "a\\nb"$/)
    await reader.cancel()
    await until(() => rest.server.engine.monitors.size === 0)
  })

  it('keeps the lines of a message apart', async () => {
    const reader = await open('/subscribe/chat')
    await reader.next()
    await execute('PUBLISH', 'chat', 'one\ntwo\r\n\nthree')
    await execute('PUBLISH', 'chat', 'next')
    expect([await reader.next(), await reader.next()]).toEqual(['message,chat,one\ntwo\n\nthree', 'message,chat,next'])
    await reader.cancel()
  })

  it('asks for a token, and for at least one channel', async () => {
    const stranger = await request('/subscribe/chat', { headers: {} })
    expect([stranger.status, await stranger.json()]).toEqual([
      401,
      { error: 'WRONGPASS invalid or missing auth token' },
    ])
    const nothing = await request('/subscribe')
    expect([nothing.status, await nothing.json()]).toEqual([
      400,
      { error: "ERR wrong number of arguments for 'subscribe' command" },
    ])
    const inQuery = await open(`/subscribe/chat?_token=${TOKEN}`, { headers: {} })
    expect(await inQuery.next()).toBe('subscribe,chat,1')
    await inQuery.cancel()
  })

  it('the read-only token may not subscribe: it runs read commands only', async () => {
    const refused = await request('/subscribe/chat', { headers: { authorization: `Bearer ${READ_ONLY_TOKEN}` } })
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { error: "NOPERM this user has no permissions to run the 'subscribe' command" },
    ])
    expect(subscribers()).toBe(0)
  })

  it('HEAD leaves nothing behind', async () => {
    const { status, body } = await request('/subscribe/chat', {
      method: 'HEAD',
      headers: { authorization: `Bearer ${TOKEN}` },
    })
    expect([status, body]).toEqual([200, null])
    expect(subscribers()).toBe(0)
  })

  it('sends a comment every ten seconds', async () => {
    const clock = new ManualClock()
    await start({ clock })
    const reader = await open('/subscribe/chat')
    await reader.next()
    for (let i = 1; i <= 3; i++) {
      clock.advance(10_000)
      await until(() => reader.comments === i)
    }
    await reader.cancel()
  })

  it('ends in good order after sse-max-duration', async () => {
    const clock = new ManualClock()
    await start({ clock, 'sse-max-duration': 25 })
    const reader = await open('/subscribe/chat')
    await reader.next()
    clock.advance(24_000)
    await execute('PUBLISH', 'chat', 'the last')
    clock.advance(1000)
    await reader.ended
    expect(reader.events).toEqual(['message,chat,the last'])
    expect(subscribers()).toBe(0)
  })

  it('ends when the server ends', async () => {
    const reader = await open('/subscribe/chat')
    await reader.next()
    await rest.server.close()
    await reader.ended
    expect(subscribers()).toBe(0)
  })

  it('is cut by CLIENT KILL', async () => {
    const reader = await open('/subscribe/chat')
    await reader.next()
    expect(await execute('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe(1)
    await reader.ended
    expect(subscribers()).toBe(0)
  })

  it('a message of many lines is one event, and one past the limit of subscribers ends the stream before it is made', async () => {
    const reader = await open('/subscribe/chat')
    await reader.next()
    await execute('PUBLISH', 'chat', `${'\r\n'.repeat(50_000)}a\rb\n\nc${'\n'.repeat(50_000)}`)
    expect(await reader.next()).toBe(`message,chat,${'\n'.repeat(50_000)}a\nb\n\nc${'\n'.repeat(50_000)}`)
    await execute('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1mb 0 0')
    await execute('PUBLISH', 'chat', '\n'.repeat(2_000_000))
    await until(() => subscribers() === 0)
    expect(rest.server.engine.stats.outputBufferDisconnections).toBe(1)
  })

  it('a reader that does not read is cut at the limit of subscribers, and the others get all', async () => {
    await execute('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1mb 0 0')
    const slow = await request('/subscribe/chat')
    const quick = await open('/subscribe/chat')
    await quick.next()
    const message = 'x'.repeat(100_000)
    for (let i = 0; i < 200; i++) {
      await execute('PUBLISH', 'chat', message)
      expect(await quick.next()).toHaveLength('message,chat,'.length + message.length)
    }
    await until(() => rest.server.pubsub.channels.subscribersOf('chat')?.size === 1)
    expect(rest.server.engine.stats.outputBufferDisconnections).toBe(1)
    await slow.body!.cancel().catch(() => {})
    await quick.cancel()
  })
})

describe('a stream of events on node:http', () => {
  it('is told apart by its first bytes, and ends with a reader that hangs up', async () => {
    const rest = await httpRest()
    const socket = connect(Number(new URL(rest.url).port), '127.0.0.1').setEncoding('latin1')
    let received = ''
    socket.on('data', (text: string) => {
      received += text
    })
    socket.write(`GET /subscribe/chat?_token=${TOKEN} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await until(() => received.includes('data: subscribe,chat,1\n\n'))
    expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream\r\n/)
    expect(received).toMatch(/cache-control: no-store, no-transform\r\n/)
    socket.destroy()
    await until(() => rest.server.pubsub.channels.size === 0)
    expect([...rest.server.engine.ports.connections.clients]).toEqual([])
    await rest.close()
  })
})
