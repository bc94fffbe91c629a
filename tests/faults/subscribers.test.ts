/**
 * Subscribers that do not read, at every door that sends messages: they are cut at `client-output-buffer-limit`, what waits
 * for them is bounded until then, and the others get every message.
 */
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openRaw } from '../clients/raw.ts'
import { RespClient } from '../clients/resp.ts'
import { httpRest, type RestServer, TOKEN } from '../clients/rest.ts'

const MB = 1024 * 1024
const MESSAGE = 'x'.repeat(100_000)

describe('a subscriber that does not read', () => {
  let rest: RestServer
  let port: number
  let quick: RespClient
  let publisher: RespClient
  beforeEach(async () => {
    rest = await httpRest({ 'client-output-buffer-limit': 'pubsub 2mb 0 0' })
    port = (await rest.server.listen({ port: 0, httpPort: false })).port
    publisher = await RespClient.connect({ port, host: '127.0.0.1' })
    quick = await RespClient.connect({ port, host: '127.0.0.1' })
    quick.tell(['SUBSCRIBE', 'news'])
    await quick.push()
  })
  afterEach(async () => {
    quick.close()
    publisher.close()
    await rest.close()
  })

  const subscribers = (): number => rest.server.pubsub.channels.subscribersOf('news')?.size ?? 0

  const until = async (holds: () => boolean, what: string): Promise<void> => {
    for (const givenUpAt = Date.now() + 10_000; !holds(); await pause(1)) {
      if (Date.now() > givenUpAt) throw new Error(`still not: ${what}`)
    }
  }

  async function tcp(proto: 2 | 3): Promise<Socket> {
    const socket = await openRaw({ port, host: '127.0.0.1' })
    socket.pause()
    socket.write(`HELLO ${proto}\r\nSUBSCRIBE news\r\n`)
    return socket
  }

  async function webSocket(query: string, first: string): Promise<WebSocket> {
    const socket = new WebSocket(`${rest.url.replace('http', 'ws')}/ws?token=${TOKEN}${query}`)
    await new Promise((resolve) => socket.once('open', resolve))
    socket.on('error', () => {})
    socket.pause()
    socket.send(first)
    return socket
  }

  async function sse(): Promise<Socket> {
    const socket = connect(Number(new URL(rest.url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.pause()
    socket.write(`GET /subscribe/news?_token=${TOKEN} HTTP/1.1\r\nHost: x\r\n\r\n`)
    return socket
  }

  test.each([
    ['over TCP in RESP2', () => tcp(2)],
    ['over TCP in RESP3', () => tcp(3)],
    ['over WebSocket', () => webSocket('', 'SUBSCRIBE news\r\n')],
    ['over WebSocket in JSON', () => webSocket('&format=json', '["SUBSCRIBE","news"]')],
    ['over SSE', sse],
  ])('%s is cut at its limit, and the others get all', async (_, open) => {
    const slow = await open()
    await until(() => subscribers() === 2, 'both subscribed')
    let sent = 0
    let most = 0
    for (; subscribers() === 2; sent++) {
      if (sent > 1000) throw new Error('not cut after 100 MB')
      await publisher.send(['PUBLISH', 'news', MESSAGE])
      for (const { link } of rest.server.engine.ports.connections.clients) most = Math.max(most, link.outputBytes)
    }
    expect(most).toBeGreaterThan(MB)
    expect(most).toBeLessThan(3 * MB)
    expect(rest.server.engine.stats.outputBufferDisconnections).toBe(1)
    for (let i = 0; i < sent; i++) expect(await quick.push()).toEqual(['message', 'news', MESSAGE])
    await publisher.send(['PUBLISH', 'news', 'the last'])
    expect(await quick.push()).toEqual(['message', 'news', 'the last'])
    if (slow instanceof WebSocket) slow.terminate()
    else slow.destroy()
  })
})
