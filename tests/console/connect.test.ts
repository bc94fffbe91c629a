/** Keys that leave a store as a file come into another as they were. */
import { expect, test } from 'vitest'
import { addSamples, exported, imported } from '../../console/connect/transfer.ts'
import { startStore } from './store.ts'

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

test('a file of something else is refused by its line', async () => {
  const { rest } = startStore()
  for (const text of [
    'nothing',
    '{}',
    'null',
    '{"key":"a","dump":"!"}',
    '{"key":1,"dump":""}',
    '{"key":"a","ttl":-5,"dump":"AA=="}',
  ]) {
    await expect(imported(rest, `\n${text}`)).rejects.toThrow('Line 2 is none')
  }
  await expect(imported(rest, '{"key":"a","dump":"AA=="}')).rejects.toThrow(/^Line 1: ERR DUMP payload/)
  expect(await rest.run('DBSIZE')).toBe(0)
})
