/** `zerodis store`: what is told of a shared store from the command line. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runStoreCommand } from '../../lib/host/storecommand.ts'
import { createServer } from '../../lib/server.ts'
import { NO_SQLD, Sqld } from '../stores/libsql/sqld.ts'

let folder: string
let store: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zerodis-store-'))
  store = `sqlite:${join(folder, 'a é.db')}`
  const server = createServer({ store, log: () => {} })
  for (let i = 0; i < 100; i++) await server.execute('SET', `key ${i}`, 'v'.repeat(100))
  await server.close()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function told(...words: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const code = await runStoreCommand(words, {}, (line) => lines.push(line))
  return { code, text: lines.join('\n') }
}

test('check tells what is there, whichever way the database is named', async () => {
  for (const words of [[store], ['--store', store]]) {
    const { code, text } = await told('check', ...words)
    expect(code).toBe(0)
    expect(text).toContain('100 keys can be read.')
    expect(text).toMatch(/store_log_bytes:[1-9]/)
  }
})

test('a name beyond ASCII is the name of the file', () => {
  expect(readdirSync(folder)).toContain('a é.db')
})

test('compact puts a snapshot in the place of the log, and nothing is lost', async () => {
  expect((await told('compact', store)).text).toContain('A snapshot stands in the place of the log.')
  const { text } = await told('check', store)
  expect(text).toContain('100 keys can be read.')
  expect(text).toMatch(/store_log_bytes:0/)
  expect(text).toMatch(/store_snapshot_bytes:[1-9]/)
})

/** Keys of each kind, some of which JSON has no word for. */
async function fill(): Promise<void> {
  const server = createServer({ store, log: () => {} })
  const door = server.inProcess()
  for (const argv of [
    ['SELECT', '3'],
    ['SET', 'text', 'é "quoted"', 'PXAT', '32503680000000'],
    ['SET', 'number', '17'],
    ['RPUSH', 'list', 'a', 'b', 'a'],
    ['SADD', 'set', 'x', 'y'],
    ['HSET', 'hash', 'f', '1', '__proto__', '2'],
    ['HSET', 'times', 'f', '1', 'g', '2'],
    ['HPEXPIREAT', 'times', '32503680000000', 'FIELDS', '1', 'f'],
    ['ZADD', 'zset', '1.5', 'a', '-inf', 'b', '3', 'c'],
    ['XADD', 'stream', '1-1', 'f', 'v'],
    ['JSON.SET', 'json', '$', '{"a":[1,2.5,null]}'],
    ['PFADD', 'hll', 'a', 'b'],
  ]) {
    await door.execute(...argv)
  }
  await door.execute('SET', Buffer.from([0xff, 0]), Buffer.from([0xfe, 1]))
  await door.execute('FUNCTION', 'LOAD', "#!lua name=lib\nredis.register_function('f', function() return 7 end)")
  await server.close()
}

async function digestOf(database: string): Promise<unknown> {
  const server = createServer({ store: database, 'enable-debug-command': 'yes', log: () => {} })
  try {
    return await server.execute('DEBUG', 'DIGEST')
  } finally {
    await server.close()
  }
}

test('all keys can be exported and imported again, as a snapshot and as lines of JSON', async () => {
  await fill()
  for (const name of ['keys.rdb', 'keys.jsonl']) {
    const file = join(folder, name)
    const other = `sqlite:${join(folder, `${name}.db`)}`
    expect(await told('export', file, store)).toEqual({ code: 0, text: '111 keys were written.' })
    expect(await told('import', file, other)).toEqual({ code: 0, text: '111 keys were restored.' })
    expect(await digestOf(other)).toBe(await digestOf(store))
    await expect(told('export', file, store)).rejects.toThrow('is there already')
  }
  const lines = readFileSync(join(folder, 'keys.jsonl'), 'utf8').trim().split('\n')
  expect(lines).toContain('{"db":3,"key":"text","type":"string","value":"é \\"quoted\\"","expireAt":32503680000000}')
  expect(lines).toContain('{"db":3,"key":"zset","type":"zset","value":[["b","-inf"],["a",1.5],["c",3]]}')
  expect(lines).toContain('{"db":3,"key":"hash","type":"hash","value":{"f":"1","__proto__":"2"}}')
})

test('what is imported takes the place of keys of the same name, and leaves the others', async () => {
  const file = join(folder, 'few.jsonl')
  writeFileSync(file, '{"key":"key 1","type":"list","value":["a",2]}\n\n{"key":"new","type":"string","value":"v"}\n')
  expect((await told('import', file, store)).text).toBe('2 keys were restored.')
  const server = createServer({ store, log: () => {} })
  expect(await server.execute('LRANGE', 'key 1', '0', '-1')).toEqual(['a', '2'])
  expect(await server.execute('DBSIZE')).toBe(101)
  await server.close()
})

test('a file that is none changes nothing, and its line is told', async () => {
  const before = await digestOf(store)
  for (const [line, reason] of [
    ['{"key":"a","type":"string"}', 'its value is no text'],
    ['{"type":"string","value":"v"}', 'it is no object'],
    ['{"key":"a","type":"graph","value":"v"}', 'type graph is not known'],
    ['{"key":"a","dump":"AAAA"}', 'DUMP payload version or checksum are wrong'],
    ['{"key":"a","type":"list","value":[]}', 'wrong number of arguments'],
    ['[]', 'it is no object'],
    ['{', 'JSON'],
  ]) {
    const file = join(folder, 'bad.jsonl')
    writeFileSync(file, `{"key":"b","type":"string","value":"v"}\n${line}\n`)
    await expect(told('import', file, store)).rejects.toThrow(new RegExp(`line 2: .*${reason}`))
  }
  const file = join(folder, 'bad.rdb')
  writeFileSync(file, 'REDIS0011')
  await expect(told('import', file, store)).rejects.toThrow('bad.rdb')
  expect(await digestOf(store)).toBe(before)
})

test.skipIf(NO_SQLD !== undefined)(
  'a database behind a network is told of, compacted, exported and imported in the same way',
  async () => {
    const sqld = await Sqld.start()
    try {
      const server = createServer({ store: sqld.url, log: () => {} })
      const writes = Array.from({ length: 100 }, (_, i) => server.execute('SET', `key ${i}`, 'v'.repeat(100)))
      await Promise.all(writes)
      await server.close()
      const { code, text } = await told('check', sqld.url)
      expect(code).toBe(0)
      expect(text).toContain('store_kind:libsql')
      expect(text).toContain('100 keys can be read.')
      expect((await told('compact', sqld.url)).text).toContain('A snapshot stands in the place of the log.')
      for (const name of ['keys.rdb', 'keys.jsonl']) {
        const file = join(folder, name)
        const words = ['--store-name', name.replace('.', '_')]
        expect((await told('export', file, sqld.url)).text).toBe('100 keys were written.')
        await expect(told('check', sqld.url, ...words)).rejects.toThrow('the database has no tables of zerodis')
        expect((await told('import', file, sqld.url, ...words)).text).toBe('100 keys were restored.')
        expect((await told('check', sqld.url, ...words)).text).toContain('100 keys can be read.')
      }
      expect((await told('upgrade', sqld.url)).text).toContain('The format is 1')
      await sqld.ask('DELETE FROM zerodis_default_snapshot')
      await expect(told('check', sqld.url)).rejects.toThrow(/the snapshot has 0 bytes where it should have/)
    } finally {
      await sqld.close()
    }
  },
)

test('upgrade says what the format is', async () => {
  expect((await told('upgrade', store)).text).toBe(
    'The format is 1, the newest that this version knows: there was nothing to be done.',
  )
})

test('what makes no sense is told in a line', async () => {
  await expect(told('mend', store)).rejects.toThrow('usage: zerodis store check|compact')
  await expect(told('export', store)).rejects.toThrow('name a file that ends in .rdb or .jsonl')
  await expect(told('import', join(folder, 'none.rdb'), store)).rejects.toThrow('there is no')
  await expect(told('check')).rejects.toThrow('name a database, as in sqlite:PATH')
  await expect(told('check', `sqlite:${join(folder, 'none.db')}`)).rejects.toThrow('there is no')
})
