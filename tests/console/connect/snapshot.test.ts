/** Snapshots of this store and of a genuine Redis, cut into keys in the browser, come into a store as they were. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { BrokenSnapshot, readSnapshot } from '../../../console/connect/rdbreader.ts'
import { addSamples, importedSnapshot } from '../../../console/connect/transfer.ts'
import { Status } from '../../../console/wire/resp.ts'
import type { Rest } from '../../../console/wire/rest.ts'
import { createServer } from '../../../lib/server.ts'
import { Genuine, genuineVersion } from '../../contract/harness/genuine.ts'
import { startStore } from '../store.ts'

const LIBRARY = "#!lua name=mine\nredis.register_function('hello', function() return 'hi' end)"

/** Each type in its short form and in its long one. */
const COMMANDS: readonly (readonly (string | number)[])[] = [
  ['SET', 'number', 12345],
  ['SET', 'packed', 'abc'.repeat(500)],
  ['SET', 'name-that-repeats:'.repeat(20), 'v', 'PX', 100_000],
  ['RPUSH', 'list', 'a', 1, 'b'],
  ['RPUSH', 'long-list', ...Array.from({ length: 3000 }, (_, i) => `element ${i}`)],
  ['SADD', 'ints', 1, 2, 3],
  ['SADD', 'set', 'a', 'b'],
  ['SADD', 'long-set', ...Array.from({ length: 600 }, (_, i) => `m${i}`)],
  ['HSET', 'hash', 'f', 'v'],
  ['HSET', 'long-hash', ...Array.from({ length: 1200 }, (_, i) => `f${i}`)],
  ['ZADD', 'zset', 1.5, 'a', '-inf', 'b'],
  ['ZADD', 'long-zset', ...Array.from({ length: 400 }, (_, i) => [i / 3, `m${i}`]).flat()],
  ...Array.from({ length: 150 }, (_, i) => ['XADD', 'stream', `${i + 1}-0`, 'f', `${i}`]),
  ['XGROUP', 'CREATE', 'stream', 'readers', '0'],
  ['XREADGROUP', 'GROUP', 'readers', 'one', 'COUNT', 3, 'STREAMS', 'stream', '>'],
  ['PFADD', 'hll', 'a', 'b'],
  ['FUNCTION', 'LOAD', LIBRARY],
]

async function digest(rest: Rest): Promise<unknown> {
  const reply = await rest.run('DEBUG', 'DIGEST')
  return reply instanceof Status ? reply.text : reply
}

describe('a snapshot', () => {
  test('of this store comes into another, with each database, and what is there stays', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'zerodis-snapshot-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const server = createServer({ dir, 'enable-debug-command': 'yes' })
    onTestFinished(() => server.close())
    for (const command of COMMANDS) server.execute(...command)
    server.execute('HPEXPIRE', 'hash', 100_000, 'FIELDS', 1, 'f')
    server.execute('HPEXPIRE', 'long-hash', 100_000, 'FIELDS', 1, 'f0')
    server.execute('JSON.SET', 'doc', '$', '{"a":[1,{"b":null}]}')
    server.execute('EVAL', "redis.call('SELECT', 2) redis.call('SET', 'other', '1')", 0)
    server.execute('SAVE')
    const snapshot = readSnapshot(readFileSync(join(dir, 'dump.rdb')))
    const { rest, server: second } = startStore({ 'enable-debug-command': 'yes' })
    const count = snapshot.keys.length + 1
    expect(await importedSnapshot(rest, snapshot)).toEqual({ added: count, kept: 0 })
    expect(await digest(rest)).toBe(server.execute('DEBUG', 'DIGEST'))
    expect(second.execute('FCALL', 'hello', 0)).toBe('hi')
    expect(await rest.inDatabase(2).run('GET', 'other')).toBe('1')
    expect(await importedSnapshot(rest, snapshot)).toEqual({ added: 0, kept: count })
  })

  test.skipIf(genuineVersion === undefined)('of a genuine Redis comes in as it is', async () => {
    const genuine = await Genuine.start()
    onTestFinished(() => genuine.stop())
    const client = await genuine.connect()
    for (const command of COMMANDS) await client.send(command.map(String))
    await client.send(['SAVE'])
    const path = genuine.path.replace(/socket$/, 'dump.rdb')
    const snapshot = readSnapshot(readFileSync(path))
    const { rest } = startStore({ 'enable-debug-command': 'yes' })
    expect(await importedSnapshot(rest, snapshot)).toEqual({ added: snapshot.keys.length + 1, kept: 0 })
    expect(await client.send(['DEBUG', 'DIGEST'])).toEqual({ kind: 'status', text: await digest(rest) })
    client.close()
  })

  test('that is broken off, or is something else, is refused', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'zerodis-snapshot-'))
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
    const server = createServer({ dir })
    onTestFinished(() => server.close())
    for (const command of COMMANDS.filter(([name]) => !String(name).startsWith('X'))) server.execute(...command)
    server.execute('SAVE')
    const whole = readFileSync(join(dir, 'dump.rdb'))
    // Behind its last byte is a checksum, which nobody looks at here.
    for (let length = 0; length < whole.length - 9; length += 997) {
      expect(() => readSnapshot(whole.subarray(0, length))).toThrow(BrokenSnapshot)
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const bytes = Buffer.concat([Buffer.from('REDIS0011'), noise])
        try {
          readSnapshot(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(BrokenSnapshot)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('of samples, put together in the browser, is read again', async () => {
    const { rest } = startStore()
    await addSamples(rest)
    const { RdbFile } = await import('../../../console/connect/rdbfile.ts')
    const { dumped } = await import('../../../console/connect/transfer.ts')
    const file = new RdbFile(0)
    const all: string[] = []
    for await (const each of dumped(rest, '')) {
      all.push(each.dump)
      file.add(each, 0)
    }
    const { keys } = readSnapshot(new Uint8Array(await file.blob().arrayBuffer()))
    expect(keys.map(({ dump }) => dump)).toEqual(all)
  })
})
