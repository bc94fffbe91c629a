/** `@upstash/redis` subscribes to the custom server; a thousand readers over TCP and half as many over SSE hear all. */
import { connect, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../lib/server.ts'

const TOKEN = 'token'
/** Readers over TCP, readers over SSE, messages: small enough for every run, larger by the environment. */
const [TCP, SSE, MESSAGES] = (process.env.SOAK ?? '100 50 500').split(' ').map(Number)

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}

let server: Server
let port: number
let httpPort: number
beforeAll(async () => {
  server = createServer({ 'rest-token': TOKEN, log: () => {} })
  const open = await server.listen({ port: 0, httpPort: 0 })
  port = open.port
  httpPort = open.httpPort
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

/** A reader of bare bytes that looks for the numbers of the messages. */
class Reader {
  readonly socket: Socket
  next = 0
  ordered = true
  #rest = ''

  constructor(port: number, hello: string) {
    this.socket = connect(port, '127.0.0.1').setEncoding('latin1')
    this.socket.on('error', () => {})
    this.socket.on('data', (text: string) => {
      const whole = this.#rest + text
      const end = whole.lastIndexOf('>') + 1
      this.#rest = whole.slice(end)
      for (const [, number] of whole.slice(0, end).matchAll(/<(\d+)>/g)) {
        if (Number(number) !== this.next++) this.ordered = false
      }
    })
    this.socket.write(hello)
  }
}

/** Bytes of the heap that are in use, once what is not has been collected. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

describe('many readers', () => {
  test(`${TCP} over TCP and ${SSE} over SSE hear ${MESSAGES} messages in order, also when half of them go`, async () => {
    await round()
    const before = heapBytes()
    await round()
    expect(heapBytes() - before).toBeLessThan(8 * 2 ** 20)
  }, 600_000)

  async function round(): Promise<void> {
    const subscribeTcp = '*2\r\n$9\r\nSUBSCRIBE\r\n$4\r\nsoak\r\n'
    const subscribeSse = `GET /subscribe/soak?_token=${TOKEN} HTTP/1.1\r\nHost: x\r\n\r\n`
    const readers: Reader[] = []
    for (let i = 0; i < TCP; i++) readers.push(new Reader(port, subscribeTcp))
    for (let i = 0; i < SSE; i++) readers.push(new Reader(httpPort, subscribeSse))
    const subscribers = (): number => server.pubsub.channels.subscribersOf('soak')?.size ?? 0
    await until(() => subscribers() === readers.length)
    const door = server.inProcess()
    const publish = async (from: number, to: number): Promise<void> => {
      for (let i = from; i < to; i++) {
        door.execute('PUBLISH', 'soak', `<${i}>`)
        if (i % 100 === 99) await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const half = Math.floor(MESSAGES / 2)
    await publish(0, half)
    const gone = readers.filter((_, i) => i % 2 === 1)
    const kept = readers.filter((_, i) => i % 2 === 0)
    for (const { socket } of gone) socket.destroy()
    await publish(half, MESSAGES)
    await until(() => kept.every(({ next }) => next === MESSAGES))
    expect(readers.every(({ ordered }) => ordered)).toBe(true)
    await until(() => subscribers() === kept.length)
    for (const { socket } of kept) socket.destroy()
    await until(() => server.pubsub.channels.size === 0)
    door.close()
    await until(() => server.clientCount === 0)
  }
})
