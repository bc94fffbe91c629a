/**
 * `appendfsync always`: from when a change is made until it is on disk, nothing that was computed leaves by any door. The
 * disk is held here: what has come by each door is looked at before it goes on, and after.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemAppendFiles } from '../../lib/journal/appendfiles.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { RespClient } from '../clients/resp.ts'
import { EventReader } from '../clients/sse.ts'
import { RespSocket, TextSocket } from '../clients/websocket.ts'
import { show } from '../contract/harness/seen.ts'
import { Folders } from './logs.ts'

const TOKEN = 'token'
const folders = new Folders()
const clients: RespClient[] = []
let server: Server
let port: number
let httpPort: number
/** Syncs that were asked for while the disk is held. */
let held: (() => void)[] | undefined

beforeEach(async () => {
  const sync = systemAppendFiles.syncData
  vi.spyOn(systemAppendFiles, 'syncData').mockImplementation((file, done) => {
    if (held === undefined) sync(file, done)
    else held.push(() => sync(file, done))
  })
  server = createServer({
    dir: folders.make(),
    appendonly: true,
    appendfsync: 'always',
    save: '',
    port: 0,
    'rest-token': TOKEN,
    'notify-keyspace-events': 'KEA',
    log() {},
  })
  server.persist()
  const open = await server.listen({ port: 0, httpPort: 0 })
  port = open.port
  httpPort = open.httpPort
})

afterEach(async () => {
  await release()
  for (const client of clients.splice(0)) client.close()
  await server.close()
  vi.restoreAllMocks()
  folders.removeAll()
})

async function client(...first: string[]): Promise<RespClient> {
  const opened = await RespClient.connect({ host: '127.0.0.1', port })
  clients.push(opened)
  if (first.length > 0) await opened.send(first)
  return opened
}

function hold(): void {
  held = []
}

async function release(): Promise<void> {
  const waiting = held ?? []
  held = undefined
  for (const sync of waiting) sync()
}

/** Lets everything happen that would happen by itself. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 2))
}

const rest = (path: string): Promise<Response> =>
  fetch(`http://127.0.0.1:${httpPort}${path}`, { headers: { authorization: `Bearer ${TOKEN}` } })

test('nothing that was computed after a change leaves by any door before the change is on disk', async () => {
  const writer = await client()
  const reader = await client('PING')
  const subscriber = await client()
  subscriber.tell(['SUBSCRIBE', 'ch', '__keyspace@0__:k'])
  await subscriber.push()
  await subscriber.push()
  const tracker = await client('HELLO', '3')
  await tracker.send(['CLIENT', 'TRACKING', 'ON'])
  await tracker.send(['GET', 'k'])
  const events = new EventReader((await rest('/subscribe/ch')).body!)
  await events.next()
  const json = new TextSocket(`ws://127.0.0.1:${httpPort}/ws?format=json&token=${TOKEN}`)
  await json.ask('SUBSCRIBE', 'ch')
  const binary = new RespSocket(`ws://127.0.0.1:${httpPort}/ws?token=${TOKEN}`)
  await binary.ask('PING')
  const messages = server.inProcess().subscribe('subscribe', ['ch'])
  const monitor = await client('MONITOR')

  hold()
  const came: string[] = []
  const note = (name: string, promise: Promise<unknown>): Promise<void> =>
    promise.then((value) => {
      came.push(`${name}: ${JSON.stringify(value)}`)
    })
  const waiting = [note('write', writer.send(['SET', 'k', '1']))]
  await settle()
  waiting.push(
    note('read', reader.send(['GET', 'k'])),
    note('second read of the writer', writer.send(['GET', 'k'])),
    note('event', subscriber.push()),
    note('invalidation', tracker.push()),
    note('monitor', monitor.push()),
    note(
      'REST',
      rest('/get/k').then((response) => response.json()),
    ),
    note(
      'REST on a Request',
      server
        .fetch(new Request('http://h/get/k', { headers: { authorization: `Bearer ${TOKEN}` } }))
        .then((response) => response.json()),
    ),
    note(
      'SDK',
      server
        .inProcess()
        .request({ body: ['GET', 'k'] })
        .then((result) => result),
    ),
    note('WebSocket', binary.ask('GET', 'k')),
  )
  await settle()
  await reader.write('*3\r\n$7\r\nPUBLISH\r\n$2\r\nch\r\n$2\r\nhi\r\n')
  waiting.push(note('published', reader.reply()))
  waiting.push(
    note('message', subscriber.push()),
    note('SSE', events.next()),
    note('WebSocket with JSON', json.next()),
    note(
      'message in process',
      messages.next().then(({ value }) => value),
    ),
  )
  await settle()
  expect(came).toEqual([])
  await release()
  await Promise.all(waiting)
  expect(came.length).toBe(waiting.length)
  expect(came).toContain('read: "1"')
  messages.close()
  json.socket.close()
  binary.socket.close()
  await events.cancel()
}, 20_000)

test('a later reply does not leave with an earlier sync', async () => {
  const writer = await client()
  hold()
  const came: string[] = []
  const first = writer.send(['SET', 'a', '1']).then(() => came.push('first'))
  await settle()
  const second = writer.send(['SET', 'a', '2']).then(() => came.push('second'))
  await settle()
  expect(held!.length).toBe(1) // one at a time
  const [sync] = held!.splice(0)
  sync()
  await first
  await settle()
  expect(came).toEqual(['first'])
  await release()
  await second
  expect(came).toEqual(['first', 'second'])
})

test('what changes nothing is not held back, and waits for nobody', async () => {
  const reader = await client()
  hold()
  expect(await reader.send(['GET', 'a'])).toBe(null)
  expect(held).toEqual([])
})

test('a reply that is longer than what is sent at once waits, too, and the end of a connection behind it', async () => {
  const writer = await client()
  const long = 'x'.repeat(300_000)
  await writer.send(['SET', 'long', long])
  hold()
  let came = false
  const replies = writer.pipeline([['SET', 'a', '1'], ['GET', 'long'], ['QUIT']]).then((all) => {
    came = true
    return all
  })
  await settle()
  expect(came).toBe(false)
  await release()
  expect((await replies)[1]).toBe(long)
  await writer.closed
})

test('a call in process that does not wait is on disk when it returns', () => {
  const syncs = vi.spyOn(systemAppendFiles, 'syncDataSync')
  expect(server.execute('SET', 'a', '1')).toBe('OK')
  expect(syncs).toHaveBeenCalledTimes(1)
  expect(server.execute('GET', 'a')).toBe('1')
  expect(syncs).toHaveBeenCalledTimes(1)
})

test('a sync that fails ends the store: nothing is acknowledged, and nothing answered any more', async () => {
  const writer = await client()
  const web = rest('/ping')
  await web
  const sync = vi.spyOn(systemAppendFiles, 'syncData').mockImplementation((_, done) => {
    setImmediate(() => done(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' })))
  })
  const outcome = await writer.send(['SET', 'a', '1']).catch((error: Error) => error.message)
  expect(outcome).toBe('the server closed the connection')
  expect(() => server.execute('GET', 'a')).toThrow('MISCONF Errors writing to the AOF file: Input/output error')
  sync.mockRestore()
})

test('short, long and many replies of several turns leave in order, then the connection ends', async () => {
  const one = await client('SET', 'long', 'x'.repeat(300_000))
  await one.send(['SET', 'short', 's'])
  const other = await client('PING')
  hold()
  const came: string[] = []
  const ask = (...argv: string[]): Promise<void> =>
    one.send(argv).then((reply) => void came.push(show(reply).slice(0, 5)))
  const waiting = [ask('SET', 'k', '1')]
  const wanted = ['+OK']
  for (let turn = 0; turn < 30; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1))
    const [name, reply] = turn % 3 === 1 ? ['long', '"xxxx'] : ['short', '"s"']
    for (let i = 0; i < (turn === 20 ? 5000 : 1); i++) {
      waiting.push(ask('GET', name))
      wanted.push(reply)
    }
  }
  let hasSecond = false
  const second = other.send(['GET', 'short']).then(() => (hasSecond = true))
  waiting.push(ask('QUIT'))
  await settle()
  expect([came, hasSecond]).toEqual([[], false])
  await release()
  await Promise.all([...waiting, second])
  expect(came).toEqual([...wanted, '+OK'])
})
