/**
 * PUBLISH beside redis-server: one publisher, and 1, 100 or 1,000 subscribers in a process of their own (subscribers.ts),
 * which take bytes and do nothing else. The publisher waits for the replies of one pipeline before it sends the next. A
 * round is over when the last byte has reached the last subscriber. Both servers run all the while and are measured in
 * turn; medians are compared. Beside the wall time stands the processor time that the server itself spent, which other
 * programs of the machine do not change.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectClient, type RespClient } from './client.ts'
import { type Running, root, startRedis, startZerodis } from './process.ts'
import { atLeast, median, type Row, type Section } from './report.ts'
import { interleaved, SIDES } from './rounds.ts'
import type { SubscriberOrder, SubscriberReport } from './subscribers.ts'

const CHANNEL = 'news'
const MESSAGE = 'x'.repeat(32)
const FRAME_BYTES = `*3\r\n$7\r\nmessage\r\n$4\r\n${CHANNEL}\r\n$32\r\n${MESSAGE}\r\n`.length

/** Messages of one round. */
const LAYOUT = [
  { subscribers: 1, pipeline: 1, messages: 20_000 },
  { subscribers: 1, pipeline: 16, messages: 100_000 },
  { subscribers: 100, pipeline: 1, messages: 2_000 },
  { subscribers: 100, pipeline: 16, messages: 6_400 },
  { subscribers: 1000, pipeline: 1, messages: 200 },
  { subscribers: 1000, pipeline: 16, messages: 800 },
] as const

interface Figures {
  readonly deliveriesPerSecond: number
  readonly serverMicroseconds: number
}

/** Subscribers of one server. */
class Audience {
  readonly #child = fork(join(root, 'bench/subscribers.ts'), { execArgv: ['--import', 'tsx'] })

  async subscribe(port: number, count: number): Promise<void> {
    await this.#ask({ port, count, channel: CHANNEL })
  }

  /** Settles when each of them has received so many bytes more. */
  async receive(bytes: number): Promise<void> {
    await this.#ask({ bytes })
  }

  stop(): void {
    this.#child.kill('SIGKILL')
  }

  async #ask(order: SubscriberOrder): Promise<void> {
    const reported = once(this.#child, 'message') as Promise<[SubscriberReport]>
    this.#child.send(order)
    const [report] = await reported
    if (report.error !== undefined) throw new Error(report.error)
  }
}

async function round(
  server: Running,
  publisher: RespClient,
  audience: Audience,
  { subscribers, pipeline, messages }: (typeof LAYOUT)[number],
): Promise<Figures> {
  const rounds = Math.ceil(messages / pipeline)
  const batch = Array.from({ length: pipeline }, () => ['PUBLISH', CHANNEL, MESSAGE])
  const received = audience.receive(rounds * pipeline * FRAME_BYTES)
  const before = processorSeconds(server.pid)
  const startedAt = performance.now()
  for (let i = 0; i < rounds; i++) await publisher.all(batch)
  await received
  const seconds = (performance.now() - startedAt) / 1000
  const deliveries = rounds * pipeline * subscribers
  return {
    deliveriesPerSecond: deliveries / seconds,
    serverMicroseconds: ((processorSeconds(server.pid) - before) * 1e6) / deliveries,
  }
}

/** User and system time of a process, in units of a hundredth of a second, as Linux tells it. */
function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function compare(layout: (typeof LAYOUT)[number], rounds: number): Promise<Row[]> {
  const servers = [await startZerodis(), await startRedis()]
  const audiences = servers.map(() => new Audience())
  const publishers = await Promise.all(servers.map(({ port }) => connectClient(port)))
  try {
    for (const [i, audience] of audiences.entries()) await audience.subscribe(servers[i].port, layout.subscribers)
    const figures = await interleaved(rounds, (side) => {
      const i = SIDES.indexOf(side)
      return round(servers[i], publishers[i], audiences[i], layout)
    })
    const name = `${layout.subscribers} subscriber${layout.subscribers === 1 ? '' : 's'}, pipeline ${layout.pipeline}`
    const row = (key: keyof Figures): Pick<Row, 'ours' | 'reference'> => ({
      ours: median(figures.ours.map((each) => each[key])),
      reference: median(figures.reference.map((each) => each[key])),
    })
    return [
      { name, unit: 'deliveries/s', ...row('deliveriesPerSecond'), aim: atLeast(0.8) },
      { name, unit: 'us of the server per delivery', ...row('serverMicroseconds') },
    ]
  } finally {
    for (const publisher of publishers) publisher.close()
    for (const audience of audiences) audience.stop()
    await Promise.all(servers.map((server) => server.stop()))
  }
}

export async function pubsubSection(rounds: number): Promise<Section> {
  const rows: Row[] = []
  for (const layout of LAYOUT) rows.push(...(await compare(layout, rounds)))
  return { title: 'PUBLISH', reference: 'redis-server', rows }
}
