/** Short paths that find much: what they may cost. */
import { expect, test } from 'vitest'
import { createServer } from '../../../lib/server.ts'

const WORK = '-ERR the path finds more than one command may handle'
const TOO_LONG = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)'

/** The same item, so many times. */
const times = (count: number): string => `$[${'0,'.repeat(count - 1)}0]`

type Server = ReturnType<typeof createServer>

async function tell(server: Server, ...argv: string[]): Promise<string> {
  try {
    return JSON.stringify(await server.execute(...argv))
  } catch (error) {
    return `-${(error as Error).message}`
  }
}

test('a command that would answer, copy or move too much is refused, and changes nothing', async () => {
  const server = createServer({ log() {} })
  const big = JSON.stringify(Array.from({ length: 20_000 }, (_, i) => `item ${i}`))
  expect(await tell(server, 'JSON.SET', 'doc', '$', `[${big},"${'x'.repeat(100_000)}"]`)).toBe('"OK"')
  const before = await server.execute('JSON.GET', 'doc')
  const path = times(10_000)
  expect(await tell(server, 'JSON.GET', 'doc', path)).toBe(TOO_LONG)
  expect(await tell(server, 'JSON.GET', 'doc', 'INDENT', ' '.repeat(100_000))).toBe(TOO_LONG)
  expect(await tell(server, 'JSON.RESP', 'doc', path)).toBe(WORK)
  expect(await tell(server, 'JSON.DEBUG', 'MEMORY', 'doc', path)).toBe(WORK)
  expect(await tell(server, 'JSON.SET', 'doc', path, big)).toBe(WORK)
  expect(await tell(server, 'JSON.MERGE', 'doc', path, big)).toBe(WORK)
  expect(await tell(server, 'JSON.MSET', 'other', '$', '1', 'doc', path, big)).toBe(WORK)
  expect(await tell(server, 'JSON.ARRAPPEND', 'doc', path, big)).toBe(WORK)
  expect(await tell(server, 'JSON.ARRINSERT', 'doc', path, '0', '1')).toBe(WORK)
  expect(await tell(server, 'JSON.ARRPOP', 'doc', path, '0')).toBe(WORK)
  expect(await tell(server, 'JSON.ARRTRIM', 'doc', path, '0', '-1')).toBe(WORK)
  expect(await tell(server, 'JSON.ARRINDEX', 'doc', path, '1')).toBe(WORK)
  expect(await tell(server, 'JSON.STRAPPEND', 'doc', path.replaceAll('0', '1'), '"x"')).toBe(WORK)
  expect(await tell(server, 'JSON.MGET', ...new Array(1000).fill('doc'), '.')).toBe(WORK)
  expect(await server.execute('JSON.GET', 'doc')).toBe(before)
  expect(await server.execute('EXISTS', 'other')).toBe(0)
  // What costs no more than it says is done, however often a place is found.
  expect(await tell(server, 'JSON.STRLEN', 'doc', path)).toMatch(/^\[null/)
  expect(await tell(server, 'JSON.ARRLEN', 'doc', path)).toMatch(/^\[20000,20000/)
  expect(await tell(server, 'JSON.GET', 'doc', '$..*')).not.toMatch(/^-/)
  expect(await tell(server, 'JSON.DEL', 'doc', path)).toBe('1')
  await server.close()
})

test('an array that is searched over and over for what is long', async () => {
  const server = createServer({ log() {} })
  const rows = new Array(100).fill(new Array(5000).fill('a'))
  expect(await tell(server, 'JSON.SET', 'doc', '$', JSON.stringify([rows]))).toBe('"OK"')
  const sought = JSON.stringify([...rows[0].slice(1), 'b'])
  expect(await tell(server, 'JSON.ARRINDEX', 'doc', times(100), sought)).toBe('-ERR the path visits too many nodes')
  expect(await tell(server, 'JSON.ARRINDEX', 'doc', times(2), sought)).toBe('[-1,-1]')
  await server.close()
})
