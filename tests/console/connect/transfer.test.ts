/** Keys that leave a store as a file come into another as they were. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { commandLines, readCommands, runCommands } from '../../../console/connect/commandlines.ts'
import { RdbFile } from '../../../console/connect/rdbfile.ts'
import { addSamples, dumped, exported, imported } from '../../../console/connect/transfer.ts'
import { Status } from '../../../console/wire/resp.ts'
import type { Rest } from '../../../console/wire/rest.ts'
import { createServer } from '../../../lib/server.ts'
import { startStore } from '../store.ts'

async function fill(rest: Rest): Promise<void> {
  await addSamples(rest)
  await rest.run('SET', '\x00\xff', '\xfe', 'PX', 100_000)
  await rest.run('SET', 'x'.repeat(20_000), 'of a long name')
  await rest.run('RPUSH', 'long', ...Array.from({ length: 250 }, (_, i) => `${i}`))
  await rest.run('HSET', 'timed', 'field', 'v', 'other', 'w')
  await rest.run('HPEXPIRE', 'timed', 100_000, 'FIELDS', 1, 'field')
}

/** All keys with what is in them, whatever order it has. */
async function digest(rest: Rest): Promise<unknown> {
  const reply = await rest.run('DEBUG', 'DIGEST')
  return reply instanceof Status ? reply.text : reply
}

test('what was exported comes in whole, and takes the place of nothing', async () => {
  const { rest } = startStore()
  await addSamples(rest)
  await rest.run('SET', '\x00\xff', '\xfe', 'PX', 100_000)
  const count = Number(await rest.run('DBSIZE'))
  let text = ''
  for await (const line of exported(rest, '')) text += line
  expect(text.trimEnd().split('\n')).toHaveLength(count)
  const before = await rest.run('DUMP', 'sample:user:1')
  await rest.run('FLUSHALL')
  await rest.run('SET', 'sample:tags', 'mine')
  expect(await imported(rest, text)).toEqual({ added: count - 1, kept: 1 })
  expect(await rest.run('DUMP', 'sample:user:1')).toBe(before)
  expect(await rest.run('GET', '\x00\xff')).toBe('\xfe')
  expect(await rest.run('PTTL', '\x00\xff')).toBeGreaterThan(90_000)
  expect(await rest.run('GET', 'sample:tags')).toBe('mine')
})

test.each([
  ['nothing', 'it is no JSON'],
  ['null', 'it is to be an object'],
  ['[]', 'it is to be an object'],
  ['{}', 'key is to be text'],
  ['{"key":1,"dump":""}', 'key is to be text'],
  ['{"key":{"base64":"!"},"dump":""}', 'key is to be text'],
  ['{"key":{},"dump":""}', 'key is to be text'],
  ['{"key":"a"}', 'dump is to be'],
  ['{"key":"a","dump":"!"}', 'dump is to be'],
  ['{"key":"a","dump":null}', 'dump is to be'],
  ['{"key":"a","ttl":-5,"dump":"AA=="}', 'ttl is to be'],
  ['{"key":"a","ttl":1.5,"dump":"AA=="}', 'ttl is to be'],
  ['{"key":"a","ttl":"5","dump":"AA=="}', 'ttl is to be'],
  ['{"key":"a","ttl":9007199254740993,"dump":"AA=="}', 'ttl is to be'],
])('a line %s is refused by its number and what is wrong with it', async (text, reason) => {
  const { rest } = startStore()
  await expect(imported(rest, `\n${text}`)).rejects.toThrow(`Line 2: ${reason}`)
  expect(await rest.run('DBSIZE')).toBe(0)
})

test('what is no payload of DUMP is refused by the store', async () => {
  const { rest } = startStore()
  await expect(imported(rest, '{"key":"a","dump":"AA=="}')).rejects.toThrow(/^Line 1: ERR DUMP payload/)
  expect(await rest.run('DBSIZE')).toBe(0)
})

test('commands make the same keys, byte for byte, and their times', async () => {
  const { rest } = startStore({ 'enable-debug-command': 'yes' })
  await fill(rest)
  const before = await digest(rest)
  let text = ''
  for await (const line of commandLines(rest, '')) text += line
  expect(text).toContain('HSET "sample:user:1" "name" "Ada" "plan" "pro"\n')
  await rest.run('FLUSHALL')
  const file = readCommands(`# a note\n\n${text}`)
  expect(file.counts.get('RPUSH')).toBe(4)
  await runCommands(rest, file)
  expect(await digest(rest)).toBe(before)
  expect(await rest.run('PTTL', '\x00\xff')).toBeGreaterThan(90_000)
  expect(await rest.run('HPTTL', 'timed', 'FIELDS', 1, 'field')).toEqual([expect.toSatisfy((ttl) => ttl > 90_000)])
})

test('a file of commands is refused by its line', async () => {
  const { rest } = startStore()
  expect(() => readCommands('SET a 1\nSET "b')).toThrow('Line 2 is no command')
  await expect(runCommands(rest, readCommands('SET a 1\n\nLPUSH a x\nSET b 2'))).rejects.toThrow(/^Line 3: WRONGTYPE/)
  await expect(runCommands(rest, readCommands('SET c "\\xff"\nLPUSH c x'))).rejects.toThrow(/^Line 2: WRONGTYPE/)
})

test('keys as a snapshot are loaded by a store that starts with it', async () => {
  const { rest } = startStore({ 'enable-debug-command': 'yes' })
  await fill(rest)
  const file = new RdbFile(0)
  for await (const each of dumped(rest, '')) file.add(each, Date.now())
  const dir = mkdtempSync(join(tmpdir(), 'zerodis-rdb-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  writeFileSync(join(dir, 'dump.rdb'), new Uint8Array(await file.blob().arrayBuffer()))
  const other = createServer({ dir, 'enable-debug-command': 'yes', save: '3600 1' })
  onTestFinished(() => other.close())
  other.persist()
  expect(other.execute('DBSIZE')).toBe(file.count)
  expect(other.execute('DEBUG', 'DIGEST')).toBe(await digest(rest))
  expect(other.execute('PTTL', Buffer.from([0, 255]))).toBeGreaterThan(90_000)
})
