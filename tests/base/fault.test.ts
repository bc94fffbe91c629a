import { expect, test } from 'vitest'
import type { Command } from '../../lib/commands/command.ts'
import { createServer } from '../../lib/server.ts'

test.each([
  [false, /^Internal error in ECHO: Error: sent by a client\n {4}at /],
  [true, /^Internal error in ECHO: Error \(message hidden\)\n {4}at /],
])('with hide-user-data-from-log %s an internal error is logged as that says', (hides, expected) => {
  const logged: string[] = []
  const server = createServer({ 'hide-user-data-from-log': hides, log: (_, message) => logged.push(message) })
  const echo = server.engine.table.find('echo') as { -readonly [Key in keyof Command]: Command[Key] }
  echo.run = (_, a) => {
    throw new Error(a.next())
  }
  expect(() => server.execute('ECHO', 'sent by a client')).toThrow('ERR')
  expect(logged).toEqual([expect.stringMatching(expected)])
  expect(logged[0].includes('sent by')).toBe(!hides)
})

test('what is thrown and is no error is hidden, too', () => {
  const logged: string[] = []
  const server = createServer({ 'hide-user-data-from-log': true, log: (_, message) => logged.push(message) })
  const echo = server.engine.table.find('echo') as { -readonly [Key in keyof Command]: Command[Key] }
  echo.run = (_, a) => {
    throw a.next()
  }
  expect(() => server.execute('ECHO', 'sent by a client')).toThrow('ERR')
  expect(logged).toEqual(['Internal error in ECHO: (string, hidden)'])
})
