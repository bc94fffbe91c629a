/**
 * The events of keys, in their order, against genuine Redis: the commands of every generator run on both with all classes
 * of notification on, and what a subscriber to all of them hears after each command is compared.
 */
/// <reference types="vite/client" />
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { createServer } from '../../lib/server.ts'
import { TcpListener } from '../../lib/transports/tcp.ts'
import { RespClient } from '../clients/resp.ts'
import { Genuine, genuineVersion } from '../contract/harness/genuine.ts'
import { printable, type Seen } from '../contract/harness/seen.ts'
import { atLeast } from '../contract/harness/subjects.ts'
import { lengthOf } from '../length.ts'
import type { Generator } from './generator.ts'
import { Random, seedOfRun } from './random.ts'

const operations = lengthOf(600, 2000)
const seed = seedOfRun()
/** Few, so that a difference is found close to its cause. */
const EPISODE = 50
const END = 'end of command'

const modules = import.meta.glob<{ generator?: Generator }>('./generators/*.ts', { eager: true })

/** One of the two servers: a client that commands, and one that listens. */
interface Side {
  readonly client: RespClient
  readonly listener: RespClient
}

async function side(connect: () => Promise<RespClient>): Promise<Side> {
  const client = await connect()
  const listener = await connect()
  await client.send(['CONFIG', 'SET', 'notify-keyspace-events', 'KEAmn'])
  listener.tell(['PSUBSCRIBE', '__key*__:*', END])
  await listener.push()
  await listener.push()
  return { client, listener }
}

/**
 * Since 7.2 a claim, or a read, makes its consumer even where it finds nothing, which XGROUP CREATECONSUMER and
 * DELCONSUMER then find there.
 * Members of a set are sorted in an order of their own, and a claim looks for the key before it reads its options.
 */
function mayDiffer(name: Bytes, event: string): boolean {
  if (event.includes('keymiss')) return name.startsWith('SORT') || name.endsWith('CLAIM')
  return event.includes('xgroup-createconsumer') || event.includes('xgroup-delconsumer')
}

/** Runs commands from an empty store, and returns what was heard after each. */
async function play({ client, listener }: Side, commands: readonly (readonly Bytes[])[]): Promise<string[][]> {
  await client.send(['FLUSHALL'])
  // A message after each command tells whose events are whose.
  await client.pipeline(commands.flatMap((argv) => [argv, ['PUBLISH', END, '']]))
  const heard: string[][] = []
  for (let i = 0; i < commands.length; i++) {
    const events: string[] = []
    for (;;) {
      const [, , channel, message] = (await listener.push()) as Seen[]
      if (channel === END) break
      if (mayDiffer(commands[i][0].toUpperCase(), `${channel} ${message}`)) continue
      events.push(`${channel} ${message}`)
    }
    heard.push(events)
  }
  return heard
}

describe.skipIf(genuineVersion === undefined)(`events of ${operations} random commands, seed ${seed}`, () => {
  let genuine: Genuine
  let listener: TcpListener
  let ours: Side
  let theirs: Side
  beforeAll(async () => {
    genuine = await Genuine.start()
    listener = await TcpListener.listen(createServer({ 'enable-debug-command': 'yes' }), { host: '127.0.0.1', port: 0 })
    ours = await side(() => RespClient.connect({ port: listener.port, host: '127.0.0.1' }))
    theirs = await side(() => genuine.connect())
  })
  afterAll(async () => {
    for (const client of [ours.client, ours.listener, theirs.client, theirs.listener]) client.close()
    await listener.close()
    await genuine.stop()
  })

  for (const [path, { generator }] of Object.entries(modules)) {
    test(generator?.name ?? path, { timeout: 30_000 + operations * 5 }, async (context) => {
      if (generator!.since !== undefined && !atLeast(genuineVersion!, generator!.since))
        return context.skip(`new in ${generator!.since}`)
      for (const argv of generator!.setup ?? []) {
        await ours.client.send(argv)
        await theirs.client.send(argv)
      }
      const random = new Random(seed)
      for (let done = 0; done < operations; done += EPISODE) {
        const drawn = Array.from({ length: EPISODE }, () => generator!.next(random))
        const commands = drawn.filter(([name]) => name !== 'MULTI') // it would queue the messages in between
        const [a, b] = await Promise.all([play(ours, commands), play(theirs, commands)])
        for (let i = 0; i < commands.length; i++) {
          const story = commands.slice(Math.max(0, i - 20), i + 1).map((other) => other.map(printable).join(' '))
          expect(a[i], story.join('\n')).toEqual(b[i])
        }
      }
    })
  }
})
