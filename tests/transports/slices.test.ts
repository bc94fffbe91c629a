/** Slow commands that come in one piece, in whatever frames or requests, give way to other clients between them. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { createServer, type Server } from '../../lib/server.ts'
import { RespClient } from '../clients/resp.ts'
import { RespSocket, request, TextSocket } from '../clients/websocket.ts'

const TOKEN = 'slices-token'
const SLOW = ['DEBUG', 'SLEEP', '0.015']
/** It takes a few of them to use up a slice. */
const SHORT = ['DEBUG', 'SLEEP', '0.004']
const COUNT = 20

let server: Server
let port: number
let httpPort: number
let other: RespClient

beforeAll(async () => {
  server = createServer({ port: 0, 'rest-token': TOKEN, 'enable-debug-command': 'yes', log: () => {} })
  ;({ port, httpPort } = await server.listen({ port: 0, httpPort: 0 }))
  other = await RespClient.connect({ port, host: '127.0.0.1' })
  await other.send(['PING'])
})

afterAll(async () => {
  other.close()
  await server.close()
})

/** Sends a frame so often, all in one write. */
function sendTogether(socket: WebSocket, frame: string | Buffer): void {
  const { _socket: stream } = socket as unknown as { readonly _socket: { cork(): void; uncork(): void } }
  stream.cork()
  for (let i = 0; i < COUNT; i++) socket.send(frame)
  stream.uncork()
}

/** How many of the slow commands had run when each of some PINGs of another client was answered. */
async function servedBetween(ran: () => number, done: Promise<unknown>): Promise<number[]> {
  const seen: number[] = []
  let isDone = false
  void done.then(() => {
    isDone = true
  })
  while (!isDone) {
    await other.send(['PING'])
    seen.push(ran())
  }
  return seen.filter((count) => count > 0 && count < COUNT)
}

const ranSoFar = (): number => server.engine.stats.commands

describe('a pipeline of slow commands', () => {
  test.each([
    [
      'RESP',
      async () => {
        const client = await RespClient.connect({ port, host: '127.0.0.1' })
        const replies = await client.pipeline(Array.from({ length: COUNT }, () => SLOW))
        client.close()
        return replies.length
      },
    ],
    [
      'JSON over a WebSocket',
      async () => {
        const page = new TextSocket(`ws://127.0.0.1:${httpPort}/ws?format=json&token=${TOKEN}`)
        await page.opened
        sendTogether(page.socket, JSON.stringify(SHORT))
        let replies = 0
        for (; replies < COUNT; replies++) expect(await page.next()).toEqual({ result: 'OK' })
        page.socket.close()
        return replies
      },
    ],
    [
      'RESP over a WebSocket, a frame each',
      async () => {
        const client = new RespSocket(`ws://127.0.0.1:${httpPort}/ws?token=${TOKEN}`)
        await client.opened
        sendTogether(client.socket, Buffer.from(request(SLOW)))
        let replies = 0
        for (; replies < COUNT; replies++) expect(await client.next()).toEqual({ kind: 'status', text: 'OK' })
        client.socket.close()
        return replies
      },
    ],
    [
      'requests of REST on one connection',
      async () => {
        const socket = connect(httpPort, '127.0.0.1')
        const get = `GET /${SLOW.join('/')} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`
        socket.write(get.repeat(COUNT))
        let answers = ''
        let replies = 0
        while (replies < COUNT) {
          const [chunk] = await once(socket, 'data')
          answers += chunk
          replies = answers.split('{"result":"OK"}').length - 1
        }
        socket.destroy()
        return replies
      },
    ],
    [
      'REST',
      async () => {
        const response = await fetch(`http://127.0.0.1:${httpPort}/pipeline`, {
          method: 'POST',
          headers: { authorization: `Bearer ${TOKEN}` },
          body: JSON.stringify(Array.from({ length: COUNT }, () => SLOW)),
        })
        return ((await response.json()) as unknown[]).length
      },
    ],
  ] as const)('over %s gives way to others, and is answered in full', async (_, run) => {
    const before = ranSoFar()
    let pings = 0
    const done = run()
    const between = await servedBetween(() => ranSoFar() - before - ++pings, done)
    expect(between.length).toBeGreaterThan(2)
    expect(await done).toBe(COUNT)
  })
})
