/** Handlers that the package loads with their first call: see LAZY in packaging/entries.ts. */
import { expect, test } from 'vitest'
import { createCommandTable } from '../../lib/commands/index.ts'
import { createServer } from '../../lib/server/server.ts'

test('the first call puts the handler in the line of its command, and of no other', () => {
  const table = createCommandTable()
  const store = createServer()
  const [bitcount, bitop] = [table.find('bitcount')!, table.find('bitop')!]
  const before = [bitcount.run, bitop.run]
  expect(store.execute('BITCOUNT', 'missing')).toBe(0)
  expect(bitcount.run).not.toBe(before[0])
  expect(bitcount.run.name).toBe('bitcount')
  expect(bitop.run).toBe(before[1])
  const first = bitcount.run
  expect(store.execute('BITCOUNT', 'missing')).toBe(0)
  expect(bitcount.run).toBe(first)
})

test('a subcommand and a command inside a transaction or a script are put in their own lines', async () => {
  const table = createCommandTable()
  const store = createServer()
  store.execute('XADD', 'stream', '*', 'field', 'value')
  store.execute('XINFO', 'GROUPS', 'stream')
  expect(table.find('xinfo')!.subcommands!.get('groups')!.run.name).toBe('groups')
  const connection = store.inProcess()
  connection.execute('MULTI')
  connection.execute('PFCOUNT', 'missing')
  expect(await connection.execute('EXEC')).toEqual([0])
  expect(table.find('exec')!.run.name).toBe('exec')
  expect(table.find('pfcount')!.run.name).toBe('pfcount')
  expect(store.execute('EVAL', "return redis.call('GEOPOS', 'missing', 'member')[1]", 0)).toBe(null)
  expect(table.find('geopos')!.run.name).toBe('geopos')
  await store.close()
})
