/**
 * What a server's process takes of the machine's memory (docs/adr/0015-memory-is-given-back.md). The bounds leave room for a
 * machine that is busy, where V8's threads fall behind: `npm run bench` has the figures. By V8's own settings the first
 * would be 530 MB, and nothing would come back.
 */
import { expect, test } from 'vitest'
import { freePort } from '../clients/ports.ts'
import { encodeCommand, RespClient } from '../clients/resp.ts'
import { zerodis } from './child.ts'

const MB = 1024 * 1024
const BATCH = 500
/** Within this, memory is back; two seconds where the machine does nothing else. */
const BACK_MS = 20_000

class Server {
  readonly #client: RespClient

  private constructor(client: RespClient) {
    this.#client = client
  }

  static async start(...args: string[]): Promise<Server> {
    const port = await freePort()
    const child = zerodis(['--port', `${port}`, '--http-port', '0', '--enable-debug-command', 'yes', ...args])
    await child.sees(/Ready to accept connections tcp/)
    return new Server(await RespClient.connect({ port, host: '127.0.0.1' }))
  }

  send(...argv: string[]): Promise<unknown> {
    return this.#client.send(argv)
  }

  /** Sends so many commands, a batch at a time. */
  async fill(count: number, command: (i: number) => string[]): Promise<void> {
    for (let i = 0; i < count; i += BATCH) {
      let batch = ''
      for (let j = i; j < i + BATCH; j++) batch += encodeCommand(command(j))
      this.#client.write(batch)
      await Promise.all(Array.from({ length: BATCH }, () => this.#client.reply()))
    }
  }

  /** Megabytes that are resident. */
  async rss(): Promise<number> {
    const info = (await this.#client.send(['INFO', 'memory'])) as string
    return Number(/used_memory_rss:(\d+)/.exec(info)![1]) / MB
  }
}

const value = (i: number): string => `${i}`.padEnd(2000, 'x')

test('under maxmemory a process takes about three times as much, and gives it back', async () => {
  const server = await Server.start('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru')
  const idle = await server.rss()
  let highest = 0
  for (let round = 0; round < 6; round++) {
    await server.fill(40_000, (i) => ['SET', `key:${round * 40_000 + i}`, value(i)])
    highest = Math.max(highest, await server.rss())
  }
  expect(highest).toBeGreaterThan(idle + 100)
  expect(highest).toBeLessThan(400)

  await server.send('CONFIG', 'SET', 'maxmemory', '10mb')
  await expect.poll(() => server.rss(), { timeout: BACK_MS }).toBeLessThan(idle + 120)
  await server.send('FLUSHALL')
  await expect.poll(() => server.rss(), { timeout: BACK_MS }).toBeLessThan(idle + 80)
}, 60_000)

test('FLUSHALL, DEL of a large key and expiry of most keys give memory back', async () => {
  const server = await Server.start()
  const idle = await server.rss()
  const fills = async (fill: Promise<void>): Promise<void> => {
    await fill
    expect(await server.rss()).toBeGreaterThan(idle + 75)
  }
  const givesBack = (): Promise<void> => expect.poll(() => server.rss(), { timeout: BACK_MS }).toBeLessThan(idle + 75)

  await fills(server.fill(50_000, (i) => ['SET', `key:${i}`, value(i)]))
  await server.send('FLUSHALL')
  await givesBack()

  await fills(server.fill(50_000, (i) => ['RPUSH', 'list', value(i)]))
  await server.send('DEL', 'list')
  await givesBack()

  await server.send('DEBUG', 'SET-ACTIVE-EXPIRE', '0')
  await fills(server.fill(50_000, (i) => ['SET', `key:${i}`, value(i), 'PX', '1']))
  await server.send('DEBUG', 'SET-ACTIVE-EXPIRE', '1')
  await givesBack()
}, 60_000)
