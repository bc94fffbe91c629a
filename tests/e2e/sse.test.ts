/** `@upstash/redis` subscribes to the custom server. */
import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'

const TOKEN = 'token'

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

let server: Server
let httpPort: number
beforeAll(async () => {
  server = createServer({ 'rest-token': TOKEN, log: () => {} })
  httpPort = (await server.listen({ port: false, httpPort: 0 })).httpPort
})
afterAll(() => server.close())

describe('@upstash/redis on the custom server', () => {
  test('subscribe and psubscribe hear messages until they unsubscribe', async () => {
    const redis = new Redis({ url: `http://127.0.0.1:${httpPort}`, token: TOKEN })
    const heard: unknown[] = []
    const channels = redis.subscribe<unknown>(['chat', 'a:b'])
    const patterns = redis.psubscribe<unknown>(['user:*'])
    channels.on('message', ({ channel, message }) => heard.push([channel, message]))
    patterns.on('pmessage', ({ channel, message }) => heard.push([channel, message]))
    await until(() => server.pubsub.channels.size === 2 && server.pubsub.patterns.size === 1)
    await redis.publish('chat', { text: 'é, "x"' })
    await redis.publish('a:b', 'plain')
    await redis.publish('user:1', { n: 1 })
    await until(() => heard.length === 3)
    expect(heard).toContainEqual(['chat', { text: 'é, "x"' }])
    expect(heard).toContainEqual(['a:b', 'plain'])
    expect(heard).toContainEqual(['user:1', { n: 1 }])
    await channels.unsubscribe()
    await patterns.unsubscribe()
    await until(() => server.pubsub.channels.size === 0 && server.pubsub.patterns.size === 0)
  })
})
