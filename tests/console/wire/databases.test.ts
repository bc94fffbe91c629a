/** Other databases than the first: SELECT stands before what is asked, in whatever way that is sent. */
import { expect, test } from 'vitest'
import { edit } from '../../../console/model/editing.ts'
import { Failure } from '../../../console/wire/resp.ts'
import { startStore } from '../store.ts'

test('commands, pipelines, transactions, bytes and scripts run in the database', async () => {
  const { rest, server } = startStore()
  const other = rest.inDatabase(3)
  await other.run('SET', 'text', '\xc3\xa9')
  await other.run('SET', '\x00key', '\xff')
  expect(await other.run('GET', '\x00key')).toBe('\xff')
  await edit(other, 'string', '\x00key', '\xff', [], '\xfe')
  expect(await other.run('GET', '\x00key')).toBe('\xfe')
  const [value, refused] = await other.pipeline([
    ['GET', 'text'],
    ['LPUSH', 'text', 'x'],
  ])
  expect([value, refused]).toEqual(['\xc3\xa9', expect.any(Failure)])
  expect(await other.transaction([['STRLEN', 'text'], ['DBSIZE']])).toEqual([2, 2])
  expect(server.execute('DBSIZE')).toBe(0)
  await expect(rest.inDatabase(99).run('GET', 'text')).rejects.toThrow('DB index is out of range')
  await expect(rest.inDatabase(99).run('GET', '\xff')).rejects.toThrow('DB index is out of range')
})
