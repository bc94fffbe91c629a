/**
 * CLUSTER SLOT-STATS (Redis 8.2), by its documentation and the figures that Redis's own tests name: what is counted, for which slot, and
 * when it is forgotten.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { slotOf } from '../../lib/base/slots.ts'
import { createServer, type Server } from '../../lib/server.ts'
import { RespClient } from '../clients/resp.ts'
import { show } from '../contract/harness/seen.ts'

const KEY = 'key'
const SLOT = slotOf(KEY)

describe('CLUSTER SLOT-STATS', () => {
  let server: Server
  let client: RespClient
  let other: RespClient

  beforeEach(async () => {
    server = createServer({ 'cluster-enabled': 'yes', 'cluster-slot-stats-enabled': 'yes', log: () => {} })
    const { port } = await server.listen({ port: 0, httpPort: false })
    client = await RespClient.connect({ host: '127.0.0.1', port })
    other = await RespClient.connect({ host: '127.0.0.1', port })
  })
  afterEach(async () => {
    client.close()
    other.close()
    await server.close()
  })

  const tell = async (line: string): Promise<string> => show(await client.send(line.split(' ')))

  type Stats = Readonly<Record<string, number>>

  /** Of all slots of which there is anything to be said. */
  function stats(): ReadonlyMap<number, Stats> {
    const reply = server.inProcess().execute('CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', '0', '16383') as [
      number,
      unknown[],
    ][]
    expect(reply.length).toBeGreaterThan(0)
    const found = new Map<number, Stats>()
    for (const [slot, flat] of reply) {
      const of: Record<string, number> = {}
      for (let i = 0; i < flat.length; i += 2) of[String(flat[i])] = Number(flat[i + 1])
      if (Object.values(of).some((value) => value !== 0)) found.set(slot, of)
    }
    return found
  }

  /** Of the one slot that anything was spent on. */
  function only(slot = SLOT): Stats {
    const found = stats()
    expect([...found.keys()]).toEqual([slot])
    return found.get(slot)!
  }

  test('a command is counted for the slot of its key, in and out', async () => {
    expect(await tell('SET key value')).toBe('+OK')
    const after = only()
    expect(after).toMatchObject({ 'key-count': 1, 'network-bytes-in': 33, 'network-bytes-out': 5 })
    expect(after['cpu-usec']).toBeGreaterThanOrEqual(0)
    await tell('GET key')
    expect(only()).toMatchObject({ 'network-bytes-in': 33 + 22, 'network-bytes-out': 5 + 11 })
  })

  test('time is that of INFO commandstats', async () => {
    for (let i = 0; i < 300; i++) await client.send(['SET', KEY, 'v'.repeat(i)])
    const info = String(await client.send(['INFO', 'commandstats']))
    const usec = Number(/cmdstat_set:calls=300,usec=(\d+)/.exec(info)![1])
    const counted = only()['cpu-usec']
    // What takes part of a microsecond is cut off there and here at different times.
    expect(Math.abs(counted - usec)).toBeLessThanOrEqual(usec * 0.1 + 2)
  })

  test('what has no key, and messages to all, are nobody’s', async () => {
    other.tell(['SUBSCRIBE', 'channel'])
    await other.push()
    await tell('INFO')
    await tell('PING')
    await tell('PUBLISH channel message')
    await tell('CONFIG GET hz')
    expect(stats().size).toBe(0)
  })

  test('who waits is counted when the wait is over', async () => {
    const popped = other.send(['BLPOP', KEY, '0'])
    await expect.poll(() => server.engine.blocking.size).toBe(1)
    expect(stats().size).toBe(0)
    expect(await tell('LPUSH key value')).toBe('1')
    expect(show(await popped)).toBe('["key", "value"]')
    expect(only()).toMatchObject({ 'network-bytes-in': 31 + 35, 'network-bytes-out': 4 + 24 })
  })

  test('a transaction counts at its end, with all that was sent for it', async () => {
    expect(await tell('MULTI')).toBe('+OK')
    expect(await tell('SET key value')).toBe('+QUEUED')
    expect(show(await other.send(['CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', `${SLOT}`, `${SLOT}`]))).toContain(
      '"network-bytes-in", 0',
    )
    expect(await tell('EXEC')).toBe('[+OK]')
    expect(only()).toMatchObject({ 'key-count': 1, 'network-bytes-in': 15 + 33 + 14 })
  })

  test('a script counts for the slot of what it touches, and for none if it may touch several', async () => {
    await client.send(['EVAL', "#!lua\nredis.call('set', 'key', 'bar') redis.call('get', 'key')", '0'])
    expect(only()['network-bytes-in']).toBeGreaterThan(0)
    await tell('CONFIG RESETSTAT')
    await tell('FLUSHALL')
    const crossing = "#!lua flags=allow-cross-slot-keys\nredis.call('set', 'key', '1') redis.call('get', 'other')"
    await client.send(['EVAL', crossing, '0'])
    const found = stats()
    expect(found.get(SLOT)).toMatchObject({
      'key-count': 1,
      'cpu-usec': 0,
      'network-bytes-in': 0,
      'network-bytes-out': 0,
    })
  })

  test('CONFIG RESETSTAT forgets, and so does a slot that goes', async () => {
    await tell('SET key value')
    await tell('CONFIG RESETSTAT')
    expect(only()).toMatchObject({ 'key-count': 1, 'network-bytes-in': 0, 'network-bytes-out': 0, 'cpu-usec': 0 })
    await tell('SET key value')
    await tell('DEL key')
    await tell('CONFIG SET cluster-require-full-coverage no')
    await tell(`CLUSTER DELSLOTS ${SLOT}`)
    expect(stats().has(SLOT)).toBe(false)
    await tell(`CLUSTER ADDSLOTS ${SLOT}`)
    expect(stats().size).toBe(0)
  })

  test('a slot that is another’s is not shown', async () => {
    await tell('CONFIG SET cluster-require-full-coverage no')
    await tell('CLUSTER DELSLOTS 100')
    const reply = (await client.send(['CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', '99', '101'])) as [number, unknown][]
    expect(reply.map(([slot]) => slot)).toEqual([99, 101])
  })

  test('ORDERBY sorts by what is counted, equal slots by their number; LIMIT cuts', async () => {
    for (const [i, tag] of ['0', '1', '2', '3'].entries())
      for (let n = 0; n <= i; n++) await client.send(['SET', `${n}{${tag}}`, 'v'.repeat(10)])
    for (const metric of ['key-count', 'network-bytes-in', 'network-bytes-out']) {
      for (const order of ['ASC', 'DESC']) {
        // In process, as there are many.
        const reply = server.inProcess().execute('CLUSTER', 'SLOT-STATS', 'ORDERBY', metric, order) as [
          number,
          unknown[],
        ][]
        const values = reply.map(([, flat]) => Number(flat[flat.indexOf(metric) + 1]))
        expect(reply).toHaveLength(16_384)
        expect(values).toEqual(values.toSorted((a, b) => (order === 'ASC' ? a - b : b - a)))
      }
    }
    await tell('FLUSHALL')
    await tell('CONFIG RESETSTAT')
    for (const order of ['ASC', 'DESC']) {
      const reply = (await client.send([...['CLUSTER', 'SLOT-STATS', 'ORDERBY', 'cpu-usec', 'LIMIT', '5', order]])) as [
        number,
        unknown,
      ][]
      expect(reply.map(([slot]) => slot)).toEqual([0, 1, 2, 3, 4])
    }
  })

  test('what is wrong is an error, and so is an order by what is not counted', async () => {
    for (const line of [
      'CLUSTER SLOT-STATS ORDERBY key-count colour',
      'CLUSTER SLOT-STATS ORDERBY key-count DESC LIMIT -1',
      'CLUSTER SLOT-STATS ORDERBY key-count LIMIT 0',
      'CLUSTER SLOT-STATS ORDERBY key-count LIMIT 16385',
      'CLUSTER SLOT-STATS ORDERBY key-count ASC DESC',
      'CLUSTER SLOT-STATS ORDERBY colour',
      'CLUSTER SLOT-STATS SLOTSRANGE 0',
      'CLUSTER SLOT-STATS SLOTSRANGE 2 1',
      'CLUSTER SLOT-STATS SLOTSRANGE -1 1',
      'CLUSTER SLOT-STATS SLOTSRANGE 0 16384',
      'CLUSTER SLOT-STATS',
    ])
      expect(await tell(line)).toMatch(/^-ERR /)
    await tell('CONFIG SET cluster-slot-stats-enabled no')
    for (const metric of ['cpu-usec', 'network-bytes-in', 'network-bytes-out']) {
      expect(await tell(`CLUSTER SLOT-STATS ORDERBY ${metric}`)).toMatch(/^-ERR /)
    }
    expect(await tell('CLUSTER SLOT-STATS SLOTSRANGE 0 0')).toBe('[[0, ["key-count", 0]]]')
  })

  test('sharded messages count for the slot of their channel, with every subscriber', async () => {
    other.tell(['SSUBSCRIBE', 'channel'])
    await other.push()
    const slot = slotOf('channel')
    expect(only(slot)).toMatchObject({ 'network-bytes-in': 34, 'network-bytes-out': 38 })
    await tell('CONFIG RESETSTAT')
    expect(await tell('SPUBLISH channel hello')).toBe('1')
    expect(only(slot)).toMatchObject({ 'network-bytes-in': 42, 'network-bytes-out': 4 + 42 })
  })
})
