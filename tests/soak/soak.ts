/**
 * Many subscribers over TCP (half of them in RESP3) and over SSE, all on one channel, in two processes, one of which is
 * killed halfway. Every reader that lives must receive every message once and in order, the killed ones must be forgotten,
 * and memory must come back to what it was.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createServer, type Server } from '../../lib/server.ts'
import { programOf } from '../clients/program.ts'
import { RespClient } from '../clients/resp.ts'
import type { ReadersOrder, ReadersReport } from './readers.ts'
import { CHANNEL, payload } from './stream.ts'

export interface SoakOptions {
  readonly tcp: number
  readonly sse: number
  readonly messages: number
}

export interface SoakResult {
  readonly deliveries: number
  readonly seconds: number
  /** Receivers of the first and of the last message, as PUBLISH counted them. */
  readonly receivers: readonly [first: number, last: number]
  /** Clients and channels when all readers had gone. */
  readonly left: readonly [clients: number, channels: number]
  /** Heap and buffers in bytes, after garbage collection: before the readers came, and when they had gone. */
  readonly memory: readonly [before: number, after: number]
  /** The largest resident size of the process that holds the server. */
  readonly peakResidentBytes: number
}

/** Messages of one pipeline; the publisher is at most `WINDOW` of them ahead of the slowest reader. */
const STEP = 50
const WINDOW = 6

const TOKEN = 'soak-token'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** One process of readers. */
class Readers {
  readonly #child: ChildProcess
  readonly count: number
  passed = 0
  #failure: Error | undefined
  #ready = false
  #wake: () => void = () => {}

  constructor(order: ReadersOrder) {
    this.count = order.readers.resp2 + order.readers.resp3 + order.readers.sse
    this.#child = fork(programOf('tests/soak/readers.ts'), { execArgv: [] })
    this.#child.send(order)
    this.#child.on('message', (report: ReadersReport) => {
      if ('failure' in report) this.#failure ??= new Error(report.failure)
      else if ('ready' in report) this.#ready = true
      else this.passed = report.passed
      this.#wake()
    })
  }

  /** @throws Error where a reader got what it should not have got */
  async until(passed: number): Promise<void> {
    while (!this.#ready || this.passed < passed) {
      if (this.#failure !== undefined) throw this.#failure
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const server = createServer({ port: 0, 'rest-token': TOKEN, log: () => {} })
  const { port, httpPort } = await server.listen({ port: 0, httpPort: 0 })
  const publisher = await RespClient.connect({ port, host: '127.0.0.1' })
  try {
    // What is made once, and code that is compiled on the way, is no growth.
    await run(server, publisher, { port, httpPort }, { tcp: 40, sse: 20, messages: 20 * STEP })
    const before = memoryInUse()
    const result = await run(server, publisher, { port, httpPort }, options)
    return { ...result, memory: [before, memoryInUse()] }
  } finally {
    publisher.close()
    await server.close()
  }
}

async function run(
  server: Server,
  publisher: RespClient,
  doors: { readonly port: number; readonly httpPort: number },
  { tcp, sse, messages }: SoakOptions,
): Promise<Omit<SoakResult, 'memory'>> {
  const half = { resp2: tcp / 4, resp3: tcp / 4, sse: sse / 2 }
  const order = { ...doors, token: TOKEN, readers: half, messages, step: STEP }
  const [staying, killed] = [new Readers(order), new Readers(order)]
  await Promise.all([staying.until(0), killed.until(0)])

  const startedAt = performance.now()
  let peakResidentBytes = 0
  let deliveries = 0
  let receivers: number[] = []
  let living = [staying, killed]
  for (let sent = 0; sent < messages; sent += STEP) {
    if (sent === messages / 2) {
      await killed.kill()
      living = [staying]
    }
    for (const readers of living) await readers.until(sent - WINDOW * STEP)
    const commands = Array.from({ length: STEP }, (_, i) => ['PUBLISH', CHANNEL, payload(sent + i)])
    const counts = (await publisher.pipeline(commands)) as number[]
    receivers = [receivers[0] ?? counts[0], counts[STEP - 1]]
    for (const count of counts) deliveries += count
    peakResidentBytes = Math.max(peakResidentBytes, process.memoryUsage.rss())
  }
  await staying.until(messages)
  const seconds = (performance.now() - startedAt) / 1000
  await staying.kill()
  await until(() => server.clientCount === 1)
  return {
    deliveries,
    seconds,
    receivers: [receivers[0], receivers[1]],
    left: [server.clientCount, server.pubsub.channels.size],
    peakResidentBytes,
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (const givenUpAt = Date.now() + 10_000; !holds() && Date.now() < givenUpAt; ) {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

function memoryInUse(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
