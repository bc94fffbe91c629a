/** WATCH sees what happens to a key, by whichever door it comes, and what nobody does. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../lib/base/clock.ts'
import { RespClient } from '../clients/resp.ts'
import { httpRest, type RestServer, TOKEN } from '../clients/rest.ts'
import { TextSocket } from '../clients/websocket.ts'

const clock = new ManualClock()
let rest: RestServer
let port: number
let client: RespClient

beforeEach(async () => {
  rest = await httpRest({ clock, 'enable-debug-command': 'yes' })
  port = (await rest.server.listen({ port: 0, httpPort: false })).port
  client = await RespClient.connect({ port, host: '127.0.0.1' })
})
afterEach(async () => {
  client.close()
  await rest.close()
})

/** True if the next EXEC runs what was queued. */
async function execRuns(): Promise<boolean> {
  const replies = await client.pipeline([['MULTI'], ['PING'], ['EXEC']])
  return Array.isArray(replies[2])
}

describe('WATCH sees a write', () => {
  test.each<[string, () => unknown]>([
    ['over REST', () => rest.call('GET', '/set/k/2')],
    ['in a pipeline over REST', () => rest.call('POST', '/pipeline', { body: [['INCR', 'k']] })],
    ['in a transaction over REST', () => rest.call('POST', '/multi-exec', { body: [['INCR', 'k']] })],
    ['in process', () => rest.server.inProcess().execute('INCR', 'k')],
    ['over WebSocket', () => overWebSocket('INCR', 'k')],
    ['over RESP', () => overResp('INCR', 'k')],
    ['by a client that waited for another key', waited],
  ])('%s', async (_, write) => {
    await client.send(['SET', 'k', '1'])
    await client.send(['WATCH', 'k'])
    await write()
    expect(await execRuns()).toBe(false)
    expect(await execRuns()).toBe(true)
  })
})

describe('WATCH sees that a key is gone', () => {
  test.each<[string, () => void]>([
    ['when somebody looks for it', () => rest.server.inProcess().execute('GET', 'k')],
    ['when the cycle has removed it', () => rest.server.cron()],
    ['when nobody has removed it yet', () => {}],
    ['and there again', () => rest.server.inProcess().execute('SET', 'k', '1')],
  ])('whose time has come, %s', async (_, afterwards) => {
    await client.send(['SET', 'k', '1', 'PX', '100'])
    await client.send(['WATCH', 'k'])
    clock.advance(101)
    afterwards()
    expect(await execRuns()).toBe(false)
    expect(await execRuns()).toBe(true)
  })

  test('with its database', async () => {
    await client.send(['SET', 'k', '1'])
    await client.send(['WATCH', 'k'])
    rest.server.inProcess().execute('FLUSHALL')
    expect(await execRuns()).toBe(false)
  })

  test('into the place of another database', async () => {
    await client.send(['SET', 'k', '1'])
    await client.send(['WATCH', 'k'])
    rest.server.inProcess().execute('SWAPDB', '0', '3')
    expect(await execRuns()).toBe(false)
  })
})

test('a client that goes leaves no watch behind', async () => {
  await client.send(['WATCH', 'a', 'b', 'c'])
  expect(rest.server.engine.watches.keys).toBe(3)
  client.close()
  while (rest.server.engine.watches.size !== 0) await new Promise(setImmediate)
  expect(rest.server.engine.watches.keys).toBe(0)
})

async function overWebSocket(...command: string[]): Promise<void> {
  const socket = new TextSocket(`${rest.url.replace('http', 'ws')}/ws?token=${TOKEN}&format=json`)
  await socket.ask(...command)
  socket.socket.close()
}

async function overResp(...command: string[]): Promise<void> {
  const other = await RespClient.connect({ port, host: '127.0.0.1' })
  await other.send(command)
  other.close()
}

/** The watched key becomes the target of a BLMOVE that is served later. */
async function waited(): Promise<void> {
  const other = await RespClient.connect({ port, host: '127.0.0.1' })
  await other.send(['DEL', 'k'])
  await client.send(['UNWATCH'])
  await client.send(['WATCH', 'k'])
  const moved = other.send(['BLMOVE', 'source', 'k', 'LEFT', 'LEFT', '0'])
  while (rest.server.engine.blocking.size === 0) await new Promise(setImmediate)
  await rest.call('GET', '/rpush/source/a')
  await moved
  other.close()
}
