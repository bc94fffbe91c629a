/** Subscriptions in process: the SDK's own, and the iterator. No socket is opened. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRedis, type Messages } from '../../lib/index.ts'
import { createServer, type Server } from '../../lib/server.ts'

let server: Server
beforeEach(() => {
  server = createServer({ log: () => {} })
})
afterEach(() => server.close())

const publish = (channel: string, message: string) => server.inProcess().execute('PUBLISH', channel, message)
const subscribe = (...channels: string[]): Messages => server.inProcess().subscribe('subscribe', channels)
const subscribed = (): number => server.pubsub.channels.size + server.pubsub.patterns.size

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

describe('the iterator of messages', () => {
  it('gives what is published from the call on, in order, until it is left', async () => {
    const messages = subscribe('chat', 'é')
    for (let i = 0; i < 5000; i++) publish('chat', `${i}`)
    publish('é', 'ü')
    let expected = 0
    for await (const { channel, message } of messages) {
      if (channel === 'é') {
        expect(message).toBe('ü')
        break
      }
      expect(message).toBe(`${expected++}`)
      if (expected === 2500) publish('chat', '5000')
    }
    expect(expected).toBe(5000)
    expect(subscribed()).toBe(0)
  })

  it('says which pattern matched', async () => {
    const messages = server.inProcess().subscribe('psubscribe', ['user:*'])
    publish('user:1', 'hi')
    expect((await messages.next()).value).toEqual({ pattern: 'user:*', channel: 'user:1', message: 'hi' })
    messages.close()
  })

  it('waits for what is to come, and ends with close and with the server', async () => {
    const [closed, served] = [subscribe('chat'), subscribe('chat')]
    const waiting = closed.next()
    setImmediate(() => publish('chat', 'late'))
    expect((await waiting).value).toEqual({ channel: 'chat', message: 'late' })
    const last = closed.next()
    closed.close()
    expect((await last).done).toBe(true)
    await server.close()
    expect(await served.next()).toEqual({ done: false, value: { channel: 'chat', message: 'late' } })
    expect((await served.next()).done).toBe(true)
    expect(subscribed()).toBe(0)
  })

  it('cuts a reader that falls too far behind, and tells it', async () => {
    server.inProcess().execute('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1mb 0 0')
    const [slow, quick] = [subscribe('chat'), subscribe('chat')]
    for (let i = 0; i < 30; i++) {
      publish('chat', 'x'.repeat(100_000))
      expect((await quick.next()).value.message).toHaveLength(100_000)
    }
    await expect(slow.next()).rejects.toThrow('the subscription was cut')
    expect(server.pubsub.channels.subscribersOf('chat')?.size).toBe(1)
    quick.close()
  })

  it('refuses what the command refuses', () => {
    expect(() => subscribe()).toThrow("ERR wrong number of arguments for 'subscribe' command")
  })
})

describe('subscribe of the SDK', () => {
  it('hears messages, parsed, and may publish from within', async () => {
    const redis = createRedis({ server })
    const heard: unknown[] = []
    const subscriber = redis.subscribe<{ n: number }>(['a', 'b'])
    subscriber.on('subscribe', (count) => heard.push(count))
    subscriber.on('message', ({ channel, message }) => {
      heard.push([channel, message])
      if (channel === 'a') void redis.publish('b', { n: 2 })
    })
    await until(() => heard.length === 2)
    expect(await redis.publish('a', { n: 1 })).toBe(1)
    await until(() => heard.length === 4)
    expect(heard).toEqual([1, 1, ['a', { n: 1 }], ['b', { n: 2 }]])
    await subscriber.unsubscribe()
    await until(() => subscribed() === 0)
  })

  it('hears patterns', async () => {
    const redis = createRedis({ server })
    const heard: unknown[] = []
    const subscriber = redis.psubscribe('user:*')
    subscriber.on('pmessage', (message) => heard.push(message))
    await until(() => subscribed() === 1)
    await redis.publish('user:1', '{"é":1}')
    await until(() => heard.length === 1)
    expect(heard).toEqual([{ pattern: 'user:*', channel: 'user:1', message: { é: 1 } }])
    await subscriber.unsubscribe()
    await until(() => subscribed() === 0)
  })
})
