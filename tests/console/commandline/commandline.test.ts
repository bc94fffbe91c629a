/** Lines are cut, and replies printed, as redis-cli does it. */
import { execFile } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dangerOf } from '../../../console/commandline/dangers.ts'
import { printed, rowsOf } from '../../../console/commandline/printed.ts'
import { fromArray, fromText } from '../../../console/wire/bytes.ts'
import { Failure, type Reply, Status } from '../../../console/wire/resp.ts'
import { quoted, wordsOf } from '../../../console/wire/words.ts'
import { createServer } from '../../../lib/server.ts'

describe('wordsOf', () => {
  test.each([
    ['get k', ['get', 'k']],
    ['  set  k   "a b" ', ['set', 'k', 'a b']],
    ['set k "\\x41\\n\\"q\\""', ['set', 'k', 'A\n"q"']],
    ["set k 'a\\'b \\n'", ['set', 'k', "a'b \\n"]],
    ['set k é', ['set', 'k', fromText('é')]],
    ['set k ""', ['set', 'k', '']],
    ['', []],
    ['get "k', undefined],
    ['get "k"x', undefined],
    ["get 'k", undefined],
  ])('%s', (line, words) => expect(wordsOf(line)).toEqual(words))

  test('what is quoted comes back', () => {
    fc.assert(
      fc.property(fc.uint8Array().map(fromArray), (bytes) => {
        expect(wordsOf(quoted(bytes))).toEqual([bytes])
      }),
    )
  })
})

const REPLIES: readonly (readonly [Reply, readonly string[]])[] = [
  ['a"b\\\n\x07\xff', ['GET', 's']],
  [7, ['INCR', 'n']],
  [null, ['GET', 'none']],
  [[], ['LRANGE', 'none', '0', '-1']],
  [new Status('PONG'), ['PING']],
  [new Failure('WRONGTYPE Operation against a key holding the wrong kind of value'), ['LLEN', 's']],
  [
    ['a', null, ['b', ['c', 1]], []],
    ['EVAL', "return {'a', false, {'b', {'c', 1}}, {}}", '0'],
  ],
  [Array.from({ length: 12 }, (_, i) => `${i}`), ['LRANGE', 'l', '0', '-1']],
]

describe('printed', () => {
  test('is what redis-cli prints', async (context) => {
    const server = createServer()
    const { port } = await server.listen({ port: 0, httpPort: false })
    server.execute('SET', 's', Buffer.from('a"b\\\n\x07\xff', 'latin1'))
    server.execute('SET', 'n', 6)
    server.execute('RPUSH', 'l', ...Array.from({ length: 12 }, (_, i) => i))
    try {
      for (const [reply, argv] of REPLIES) {
        const own = await new Promise<string>((resolve, reject) =>
          execFile('redis-cli', ['-p', `${port}`, '--no-raw', ...argv], (error, out, err) =>
            error !== null && out === '' ? reject(error) : resolve(out + err),
          ),
        )
        expect(`${printed(reply)}\n`).toBe(own.replace(/\n+$/, '\n'))
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return context.skip('no redis-cli')
      throw error
    } finally {
      await server.close()
    }
  })

  test('very long replies are cut', () => {
    expect(printed('x'.repeat(300_000))).toMatch(/more characters\)$/)
  })

  test('pairs become rows of a table', () => {
    expect(rowsOf('HGETALL h', ['f', 'v'])).toEqual([['f', 'v']])
    expect(rowsOf('LRANGE l 0 -1', ['a', 'b'])).toEqual([
      ['1', 'a'],
      ['2', 'b'],
    ])
    expect(rowsOf('GET k', 'v')).toBe(undefined)
  })
})

test('what cannot be taken back is asked for once more', () => {
  for (const line of ['flushall', ' FLUSHDB async', 'config  set maxmemory 1', 'keys *', 'shutdown']) {
    expect(dangerOf(line)).toBeTypeOf('string')
  }
  for (const line of ['get k', 'del k', 'config get *', 'scan 0', 'flush']) expect(dangerOf(line)).toBe(undefined)
})
