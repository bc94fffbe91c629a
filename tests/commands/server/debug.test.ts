/** DEBUG POPULATE makes what it is asked for, unless the process could not hold it. */
import { expect, test } from 'vitest'
import { createServer } from '../../../lib/server.ts'

function ask(...argv: string[]): unknown {
  const server = createServer({ 'enable-debug-command': 'yes' })
  const link = { push() {}, closeAfterReply() {}, close() {}, inputBytes: 0, outputBytes: 0 }
  const reply = server.engine.execute(server.openSession('tcp', link, '127.0.0.1:1', ''), [
    'DEBUG',
    'POPULATE',
    ...argv,
  ])
  return [(reply as { text: string }).text, server.engine.keyspace.dbs[0].size]
}

test.each([
  ['9223372036854775807'],
  ['4611686018427387904', 'k'],
  ['1000000000000', 'k', '1'],
  ['1000', 'k', '1000000000'],
  ['1', 'k', '9223372036854775807'],
  ['1', 'k', '600000000'],
])('POPULATE %s %s %s is refused before it begins', (...argv) => {
  expect(ask(...argv)).toEqual(['ERR OOM in dictTryExpand', 0])
})

test('what can be held is made', () => {
  expect(ask('10000', 'k', '100')).toEqual(['OK', 10_000])
  expect(ask('0', 'k', '1')).toEqual(['OK', 0])
})
