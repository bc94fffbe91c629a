import { advance, contract, error, ok, unordered, where } from './dsl.ts'

const SYNTAX = error('ERR syntax error')
const INVALID_CURSOR = error('ERR invalid cursor')

export const cases = contract('scan', {
  'SCAN with a large COUNT answers all keys and cursor 0': [
    ['MSET a 1 b 2 c 3', ok],
    ['SCAN 0 COUNT 1000', ['0', unordered(['a', 'b', 'c'])]],
  ],
  'SCAN of an empty database answers nothing': [['SCAN 0', ['0', []]]],
  'SCAN MATCH filters by pattern': [
    ['MSET key:1 1 key:2 2 other 3', ok],
    ['SCAN 0 MATCH key:* COUNT 1000', ['0', unordered(['key:1', 'key:2'])]],
    ['SCAN 0 COUNT 1000 match *', ['0', unordered(['key:1', 'key:2', 'other'])]],
  ],
  'SCAN TYPE removes keys past their time, of whatever type': [
    ['DEBUG SET-ACTIVE-EXPIRE 0', ok],
    ['SET a 1 PX 10', ok],
    ['SET b 1 PX 10', ok],
    ['SADD s x', 1],
    advance(11),
    ['SCAN 0 MATCH s TYPE set', ['0', ['s']]],
    ['DBSIZE', 3],
    ['SCAN 0 TYPE set', ['0', ['s']]],
    ['DBSIZE', 1],
    ['DEBUG SET-ACTIVE-EXPIRE 1', ok],
  ],
  'SCAN TYPE filters by type, in any case': [
    ['SET a 1', ok],
    ['SADD s x', 1],
    ['SCAN 0 TYPE set', ['0', ['s']]],
    ['SCAN 0 TYPE STRING MATCH a*', ['0', ['a']]],
    ['SCAN 0 TYPE zset', ['0', []]],
    ['SCAN 0 TYPE nothing', ['0', []]],
  ],
  'SCAN answers the cursor as a string': [
    ['MSET a 1 b 2', ok],
    ['SCAN 0 COUNT 1', [where((cursor) => /^\d+$/.test(cursor), 'digits'), where(Array.isArray, 'an array')]],
  ],
  'a cursor that was never given is no error': [
    ['SCAN 12345', ['0', []]],
    ['SCAN 18446744073709551615', ['0', []]],
  ],
  'SCAN refuses what is no cursor': [
    ['SCAN x', INVALID_CURSOR],
    ['SCAN 1.5', INVALID_CURSOR],
    ['SCAN 18446744073709551616', INVALID_CURSOR],
    [['SCAN', ' 1'], INVALID_CURSOR],
    ['SCAN x COUNT y', INVALID_CURSOR],
  ],
  'SCAN refuses a negative cursor': { since: '7.2', steps: [['SCAN -1', INVALID_CURSOR]] },
  'SCAN checks its options': [
    ['SCAN 0 COUNT 0', SYNTAX],
    ['SCAN 0 COUNT -1', SYNTAX],
    ['SCAN 0 COUNT x', error('ERR value is not an integer or out of range')],
    ['SCAN 0 COUNT', SYNTAX],
    ['SCAN 0 MATCH', SYNTAX],
    ['SCAN 0 TYPE', SYNTAX],
    ['SCAN 0 FOO bar', SYNTAX],
    ['SCAN', error("ERR wrong number of arguments for 'scan' command")],
  ],
  'SCAN knows NOVALUES only to refuse it': {
    since: '7.4',
    steps: [['SCAN 0 NOVALUES', error('ERR NOVALUES option can only be used in HSCAN')]],
  },
  'SCAN leaves out keys past their time': [
    ['SET a 1 PX 100', ok],
    ['SET b 1', ok],
    advance(100),
    ['SCAN 0', ['0', ['b']]],
    ['DBSIZE', 1],
  ],
  'the cursor is read before the key is looked up, the options after': [
    ['SSCAN nothing x', INVALID_CURSOR],
    ['SSCAN nothing 0 COUNT x', ['0', []]],
    ['SET a 1', ok],
    ['SSCAN a 0 COUNT x', error('WRONGTYPE Operation against a key holding the wrong kind of value')],
  ],
})
