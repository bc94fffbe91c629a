/** WebSockets of the command `zerodis`, from its start to its end. */
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { connector } from '../../lib/ioredis.ts'
import { freePort } from '../clients/ports.ts'
import { TextSocket } from '../clients/websocket.ts'
import { zerodis } from './child.ts'

test('RESP and JSON over WebSocket reach the store that RESP over TCP reaches, and end in good order', async () => {
  const [port, httpPort] = [await freePort(), await freePort()]
  const server = zerodis(['--port', `${port}`, '--http-port', `${httpPort}`, '--rest-token', 'secret'])
  await server.sees(/Ready to accept connections http/)
  const tcp = new Redis(port, '127.0.0.1')
  const ws = new Redis({ Connector: connector(`ws://127.0.0.1:${httpPort}`, { token: 'secret' }) })
  const page = new TextSocket(`ws://127.0.0.1:${httpPort}/ws?format=json&token=secret`)
  await ws.set('k', 'v')
  expect(await tcp.get('k')).toBe('v')
  expect(await page.ask('GET', 'k')).toEqual({ result: 'v' })
  expect(await page.ask('SUBSCRIBE', 'chat')).toEqual({ push: ['subscribe', 'chat', 1] })
  expect(await tcp.publish('chat', 'hi')).toBe(1)
  expect(await page.next()).toEqual({ push: ['message', 'chat', 'hi'] })
  tcp.disconnect()
  ws.disconnect()
  const ended = server.kill('SIGTERM')
  expect(await page.ended).toBe(1000)
  expect(await ended).toBe(0)
}, 30_000)
