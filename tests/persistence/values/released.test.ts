/** Entries of a group that belong to no consumer (XNACK), in snapshots: the form that Redis 8.8 writes, only where there are any. */
import { expect, test } from 'vitest'
import { Config } from '../../../lib/config/config.ts'
import type { StreamValue } from '../../../lib/keyspace/values/stream.ts'
import { readPayload, writePayload } from '../../../lib/persistence/snapshot/payload.ts'
import { createServer } from '../../../lib/server.ts'

const TYPE_8_8 = 27
const LINES = [
  'XADD s 1-0 f v',
  'XADD s 2-0 f v',
  'XADD s 3-0 f v',
  'XGROUP CREATE s g 0',
  'XREADGROUP GROUP g a STREAMS s >',
]

test('a payload keeps which they are, in which order, and how often they were delivered', async () => {
  const server = createServer()
  for (const line of LINES) server.execute(...line.split(' '))
  const stream = server.engine.keyspace.dbs[0].peek('s') as StreamValue
  expect(writePayload(stream).charCodeAt(0)).toBeLessThan(TYPE_8_8)
  server.execute('XNACK', 's', 'g', 'FATAL', 'IDS', '1', '2-0')
  server.execute('XNACK', 's', 'g', 'FAIL', 'IDS', '1', '1-0')
  const payload = writePayload(stream)
  expect(payload.charCodeAt(0)).toBe(TYPE_8_8)
  const read = readPayload(payload, new Config().values) as StreamValue
  const group = read.group('g')!
  expect([...group.released()].map(({ id, deliveries }) => [id.ms, deliveries])).toEqual([
    [2, 2n ** 63n - 1n],
    [1, 1],
  ])
  expect(read.idempotence).toBeUndefined()
  await server.close()
})

test('RESTORE and COPY keep them', async () => {
  const server = createServer()
  for (const line of LINES) server.execute(...line.split(' '))
  server.execute('XNACK', 's', 'g', 'FAIL', 'IDS', '2', '2-0', '1-0')
  server.execute('COPY', 's', 'copy')
  server.execute('RENAME', 's', 't')
  for (const key of ['copy', 't']) {
    const pending = server.execute('XPENDING', key, 'g', '-', '+', '10') as unknown[][]
    expect(pending.map(([id, consumer, idle, count]) => [id, consumer, idle === -1, count])).toEqual([
      ['1-0', '', true, 1],
      ['2-0', '', true, 1],
      ['3-0', 'a', false, 1],
    ])
  }
  await server.close()
})
