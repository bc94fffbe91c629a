/** Commands that run by places on a store that is shared: what they change is in the log, in its order, and runs so in another process. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Places } from '../../../lib/base/places.ts'
import { createServer, type Server } from '../../../lib/server.ts'
import { RowReader, RowWriter } from '../../../lib/stores/log/rows.ts'
import { RespClient } from '../../clients/resp.ts'
import { Random, seedOfRun } from '../../differential/random.ts'

let folder: string
const opened: Server[] = []
const clients: RespClient[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerodis-placed-'))
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  for (const server of opened.splice(0)) await server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A server, and how many commands it has run by places. */
function open(): { server: Server; placed: () => number } {
  const server = createServer({ dir: folder, store: 'sqlite:keys.db', 'enable-debug-command': 'yes', log: () => {} })
  opened.push(server)
  const { engine } = server
  const { callPlaced } = engine
  let placed = 0
  engine.callPlaced = (...args) => {
    placed++
    return callPlaced.apply(engine, args)
  }
  return { server, placed: () => placed }
}

async function clientOf(server: Server): Promise<RespClient> {
  const { port } = await server.listen({ port: 0, httpPort: false })
  const client = await RespClient.connect({ port: port!, host: '127.0.0.1' })
  clients.push(client)
  return client
}

const digest = (server: Server): unknown => server.inProcess().execute('DEBUG', 'DIGEST')

function drawn(random: Random): string[] {
  const key = `k${random.integer(0, 9)}`
  const long = 'x'.repeat(random.pick([0, 3, 100, 40_000]))
  return random.pick([
    ['SET', key, `${random.integer(0, 99)}`],
    ['SET', key, long],
    ['SET', key, 'v', 'PX', '100000'],
    ['INCR', key],
    ['MSET', key, '1', `other${key}`, long],
    ['HSET', `h${key}`, 'f', long.slice(0, 200)],
    ['SADD', `s${key}`, `${random.integer(0, 50)}`],
    ['EXPIRE', key, '1000'],
    ['DEL', key],
    ['GET', key],
    ['APPEND', key, 'y'],
    ['LPUSH', `l${key}`, long],
    ['SELECT', `${random.integer(0, 2)}`],
  ])
}

test('pipelines of commands by places and as text have the same keys everywhere', async () => {
  const seed = seedOfRun()
  const random = new Random(seed)
  const [a, b] = [open(), open()]
  const [first, second] = [await clientOf(a.server), await clientOf(b.server)]
  for (let round = 0; round < 30; round++) {
    const pipelines = [first, second].map((client) =>
      client.pipeline(Array.from({ length: random.integer(1, 30) }, () => drawn(random))),
    )
    await Promise.all(pipelines)
  }
  expect(a.placed()).toBeGreaterThan(50)
  expect(b.placed()).toBeGreaterThan(50)
  const here = digest(a.server)
  expect(digest(b.server), `seed ${seed}`).toBe(here)
  expect(digest(open().server), `seed ${seed}`).toBe(here)
})

test('calls in process run by places, on what another process has written, and are in the log as RESP', () => {
  const seed = seedOfRun()
  const random = new Random(seed)
  const [a, b] = [open(), open()]
  const doors = [a, b].map(({ server }) => server.inProcess())
  const odd = ['é', '', 'x\r\n$1\r\n', 'a'.repeat(1100), Buffer.from([0, 255, 13, 10]), 7]
  for (let i = 0; i < 300; i++) {
    const [door, other] = random.chance(0.5) ? doors : [doors[1], doors[0]]
    const args = random.chance(0.5) ? drawn(random) : ['SET', random.pick(['k1', 'é', 8]), random.pick(odd)]
    const isSelect = args[0] === 'SELECT'
    for (const each of isSelect ? doors : [door]) {
      try {
        each.execute(...args)
      } catch {
        // The key may be of another type, or no number.
      }
    }
    const key = args[1]
    if (args[0] === 'SET')
      expect(other.executeBuffer('GET', key), `seed ${seed}`).toEqual(door.executeBuffer('GET', key))
  }
  expect(a.placed()).toBeGreaterThan(100)
  expect(b.placed()).toBeGreaterThan(100)
  const here = digest(a.server)
  expect(digest(b.server), `seed ${seed}`).toBe(here)
  expect(digest(open().server), `seed ${seed}`).toBe(here)
})

test('a command by places runs on what another process has written', async () => {
  const { server } = open()
  const other = open().server
  const client = await clientOf(server)
  await client.send(['SET', 'n', '1'])
  other.inProcess().execute('SET', 'n', '41')
  expect(await client.send(['INCR', 'n'])).toBe(42)
  expect(
    await client.pipeline([
      ['GET', 'n'],
      ['SET', 'n', '7'],
      ['GET', 'n'],
    ]),
  ).toEqual(['42', { kind: 'status', text: 'OK' }, '7'])
})

test('a row is whole, however long it becomes with what was added last', () => {
  const [argv, expected] = [
    ['SET', 'k', 'x'.repeat(9000)],
    `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$9000\r\n${'x'.repeat(9000)}\r\n`,
  ]
  const written = (): RowWriter => {
    const writer = new RowWriter()
    writer.add([{ db: 0, argv, targets: 3 }])
    return writer
  }
  expect(written().view().toString('latin1')).toBe(expected)
  expect(Buffer.from(written().hex(), 'hex').toString('latin1')).toBe(expected)
  expect(written().length).toBe(expected.length)
})

test('a row keeps the order of what was added as text and as bytes', () => {
  const writer = new RowWriter()
  const places = new Places()
  places.use(Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n2\r\n??SET\0k\0' + 'z'.repeat(1000), 'latin1'))
  places.starts.set([8, 17, 24, 29, 33, 35])
  places.ends.set([11, 18, 25, 32, 34, 1035])
  places.count = 3
  const placed = (db: number, first = 0): void => {
    places.first = first
    writer.addPlaced(db, places)
  }
  const text = (db: number, ...argv: string[]): void => writer.add([{ db, argv, targets: 3 }])
  text(0, 'SET', 'k', '1')
  placed(0)
  text(0, 'APPEND', 'k', '3')
  placed(1)
  text(1, 'APPEND', 'k', 'y'.repeat(100_000))
  placed(0)
  text(0, 'APPEND', 'k', '4')
  placed(2, 3)
  text(2, 'APPEND', 'k', '5')
  const row = writer.take()
  expect(writer.isEmpty).toBe(true)
  const plain = createServer({ log: () => {} })
  opened.push(plain)
  new RowReader(plain.engine).apply(row, 1)
  const door = plain.inProcess()
  expect(door.execute('GET', 'k')).toBe('24')
  door.execute('SELECT', '1')
  expect(door.execute('STRLEN', 'k')).toBe(100_001)
  door.execute('SELECT', '2')
  expect(door.execute('GET', 'k')).toBe(`${'z'.repeat(1000)}5`)
})
