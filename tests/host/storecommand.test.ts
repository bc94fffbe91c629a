/** `zerodis store`: what is told of a shared store from the command line. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runStoreCommand } from '../../lib/host/storecommand.ts'
import { createServer } from '../../lib/server.ts'

let folder: string
let store: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zerodis-store-'))
  store = `sqlite:${join(folder, 'a b.db')}`
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

test('compact puts a snapshot in the place of the log, and nothing is lost', async () => {
  expect((await told('compact', store)).text).toContain('A snapshot stands in the place of the log.')
  const { text } = await told('check', store)
  expect(text).toContain('100 keys can be read.')
  expect(text).toMatch(/store_log_bytes:0/)
  expect(text).toMatch(/store_snapshot_bytes:[1-9]/)
})

test('what makes no sense is told in a line', async () => {
  await expect(told('mend', store)).rejects.toThrow('usage: zerodis store check|compact')
  await expect(told('check')).rejects.toThrow('name a database, as in sqlite:PATH')
  await expect(told('check', `sqlite:${join(folder, 'none.db')}`)).rejects.toThrow('there is no')
})
