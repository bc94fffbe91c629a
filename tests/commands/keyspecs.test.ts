import { describe, expect, test } from 'vitest'
import { createCommandTable } from '../../lib/commands/index.ts'
import { keyReferencesOf, keysOf } from '../../lib/commands/keyspecs.ts'

const table = createCommandTable()

function entryOf(argv: readonly string[]) {
  const entry = table.find(argv[0])!
  return entry.subcommands?.get(argv[1].toLowerCase()) ?? entry
}

const keys = (line: string) => {
  const argv = line.split(' ')
  return keysOf(entryOf(argv), argv)
}

describe('keys are found', () => {
  for (const [line, expected] of [
    ['GET k', ['k']],
    ['PING', []],
    ['MGET a b c', ['a', 'b', 'c']],
    ['MSET a 1 b 2', ['a', 'b']],
    ['BLPOP a b 0', ['a', 'b']],
    ['SINTERCARD 2 a b LIMIT 5', ['a', 'b']],
    ['ZUNIONSTORE d 2 a b WEIGHTS 1 2', ['d', 'a', 'b']],
    ['BLMPOP 0 2 a b LEFT', ['a', 'b']],
    ['OBJECT ENCODING k', ['k']],
    ['BITOP AND d a b', ['d', 'a', 'b']],
    ['XREAD COUNT 2 BLOCK 0 STREAMS a b 0 0', ['a', 'b']],
    ['XREADGROUP GROUP g c STREAMS a b > >', ['a', 'b']],
    ['GEORADIUS k 1 2 3 m', ['k']],
    ['GEORADIUS k 1 2 3 m STORE d', ['k', 'd']],
    ['GEORADIUS k 1 2 3 m STOREDIST d', ['k', 'd']],
  ] as const) {
    test(line, () => expect(keys(line)).toEqual(expected))
  }
})

describe('arguments that make no sense give undefined', () => {
  for (const line of [
    'SINTERCARD x a',
    'SINTERCARD 5 a b',
    'SINTERCARD -1 a',
    'ZUNIONSTORE d 3 a b',
    'XREAD COUNT 1',
  ]) {
    test(line, () => expect(keys(line)).toBeUndefined())
  }
})

test('the access to a key is told, as far as the arguments decide it', () => {
  const flags = (line: string) => {
    const argv = line.split(' ')
    return keyReferencesOf(entryOf(argv), argv)?.map((reference) => reference.flags)
  }
  expect(flags('SET k v')).toEqual(['OW update'])
  expect(flags('SET k v EX 1 get')).toEqual(['RW access update'])
  expect(flags('BITFIELD k GET u8 0')).toEqual(['RO access'])
  expect(flags('BITFIELD k INCRBY u8 0 1')).toEqual(['RW access update'])
  expect(flags('SDIFFSTORE d a')).toEqual(['OW update', 'RO access'])
  expect(flags('GEORADIUS k 1 2 3 m STORE d')).toEqual(['RO access', 'OW update'])
})
