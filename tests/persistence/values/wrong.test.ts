/** Payloads that make no sense: refused, and the log says in Redis's words what is wrong; in a snapshot, keys of nothing are left out. */
import { describe, expect, test } from 'vitest'
import { crc64 } from '../../../lib/persistence/format/crc64.ts'
import { createServer } from '../../../lib/server.ts'
import { show } from '../../contract/harness/seen.ts'
import { engineClient } from '../../contract/harness/subjects.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

function open(): { log: string[]; restore: (hex: string) => Promise<string>; load: (hex: string) => number } {
  const log: string[] = []
  const server = createServer({ log: (_, line) => log.push(line) })
  const client = engineClient(server)
  return {
    log,
    async restore(hex) {
      const body = Buffer.concat([bytes(hex), bytes('0a00')])
      const payload = Buffer.concat([body, crc64(body, body.length)])
      return show(await client.send(['RESTORE', 'k', '0', payload.toString('latin1')]))
    },
    load(hex) {
      const body = Buffer.concat([Buffer.from('REDIS0010'), bytes(hex), bytes('ff')])
      server.engine.ports.persistence.rdb.replaceAll([Buffer.concat([body, crc64(body, body.length)])])
      return server.engine.keyspace.size
    },
  }
}

describe('RESTORE refuses', () => {
  test.each([
    ['a plain node of a list without bytes', '12 01 01 00', 'a plain node without element'],
    ['a node of an unknown kind', '12 01 03 00', 'Quicklist integrity check failed: unknown kind of node'],
    ['a zipmap without entries', '09 02 00 ff', 'Zipmap integrity check failed'],
    [
      'a ziplist whose tail is elsewhere',
      '0c 0f 0f000000 02000000 0200 00f1 02f2 ff',
      'Zset ziplist integrity check failed',
    ],
    ['a listpack of another length', '10 07 09000000 0000 ff', 'Hash listpack integrity check failed'],
    ['a set without members', '02 00', 'an empty set'],
  ])('%s', async (_, payload, fault) => {
    const { log, restore } = open()
    expect(await restore(payload)).toBe('-ERR Bad data format')
    expect(log.at(-1)).toContain(`Bad payload: ${fault}`)
  })
})

test('a snapshot is loaded without the keys that hold nothing', () => {
  const { log, load } = open()
  // A set, a hash and a sorted set without elements, a list of one empty ziplist; a string between them.
  expect(load('02 0161 00  04 0162 00  00 0163 0176  05 0164 00  0e 0165 01 0b 0b000000 0a000000 0000 ff')).toBe(1)
  expect(log).toEqual(['a', 'b', 'd', 'e'].map((key) => `rdbLoadObject skipping empty key: ${key}`))
})
