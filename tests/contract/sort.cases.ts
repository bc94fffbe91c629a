import { contract, error, nil, ok, unordered } from './dsl.ts'

const SYNTAX = error('ERR syntax error')

/** Three users: their ages in strings, their names in hashes. */
const USERS = [
  ['RPUSH users 1 2 3', 3],
  ['MSET age_1 40 age_2 20 age_3 30', ok],
  ['HSET user_1 name carol city x', 2],
  ['HSET user_2 name alice city y', 2],
  ['HSET user_3 name bob', 1],
] as const

export const cases = contract('sort', {
  'SORT orders lists, sets and sorted sets by number': [
    ['RPUSH l 10 9 -1.5 1e2 0', 5],
    ['SORT l', ['-1.5', '0', '9', '10', '1e2']],
    ['SORT l DESC', ['1e2', '10', '9', '0', '-1.5']],
    ['SADD s 3 1 2', 3],
    ['SORT s', ['1', '2', '3']],
    ['ZADD z 1 3 2 2 3 1', 3],
    ['SORT z', ['1', '2', '3']],
    ['LRANGE l 0 -1', ['10', '9', '-1.5', '1e2', '0']],
  ],
  'SORT of a missing key is empty': [
    ['SORT nothing', []],
    ['SORT nothing STORE dst', 0],
  ],
  'SORT refuses what is no number': [
    ['RPUSH l 1 x', 2],
    ['SORT l', error("ERR One or more scores can't be converted into double")],
    ['SORT l ALPHA', ['1', 'x']],
    ['DEL l', 1],
    ['RPUSH l 1 nan', 2],
    ['SORT l', error("ERR One or more scores can't be converted into double")],
  ],
  'SORT reads the empty string as 0': [
    [['RPUSH', 'l', '1', '', '-1'], 3],
    ['SORT l', ['-1', '', '1']],
  ],
  'SORT orders equal numbers by their bytes': [
    ['RPUSH l 1.0 1 01', 3],
    ['SORT l', ['01', '1', '1.0']],
    ['SORT l DESC', ['1.0', '1', '01']],
  ],
  'SORT ALPHA orders by bytes': [
    [['RPUSH', 'l', 'b', 'a', 'B', '\xff', '10', '9'], 6],
    [
      ['SORT', 'l', 'alpha'],
      ['10', '9', 'B', 'a', 'b', '\xff'],
    ],
    [
      ['SORT', 'l', 'ALPHA', 'DESC', 'LIMIT', '0', '2'],
      ['\xff', 'b'],
    ],
  ],
  'SORT LIMIT answers a part': [
    ['RPUSH l 5 4 3 2 1', 5],
    ['SORT l LIMIT 1 2', ['2', '3']],
    ['SORT l LIMIT 3 10', ['4', '5']],
    ['SORT l LIMIT 10 2', []],
    ['SORT l LIMIT 0 0', []],
    ['SORT l LIMIT 2 -1', ['3', '4', '5']],
    ['SORT l LIMIT -3 2', ['1', '2']],
    ['SORT l LIMIT 0 1 DESC', ['5']],
  ],
  'SORT BY a pattern orders by other keys': [
    ...USERS,
    ['SORT users BY age_*', ['2', '3', '1']],
    ['SORT users BY age_* DESC', ['1', '3', '2']],
    ['SORT users BY user_*->name ALPHA', ['2', '3', '1']],
    ['SORT users BY age_* LIMIT 1 1', ['3']],
  ],
  'a missing weight is 0, or comes first': [
    ...USERS,
    ['DEL age_1', 1],
    ['SORT users BY age_*', ['1', '2', '3']],
    ['SORT users BY user_*->city ALPHA', ['3', '1', '2']],
    ['SORT users BY user_*->city ALPHA DESC', ['2', '1', '3']],
  ],
  'SORT BY a name without * keeps the order that there is': [
    ['RPUSH l 3 1 2', 3],
    ['SORT l BY nosort', ['3', '1', '2']],
    ['SORT l BY nosort DESC', ['2', '1', '3']],
    ['SORT l BY nosort DESC LIMIT 0 2', ['2', '1']],
    ['SORT l BY nosort LIMIT 1 5', ['1', '2']],
    ['ZADD z 1 c 2 a 3 b', 3],
    ['SORT z BY nosort', ['c', 'a', 'b']],
    ['SORT z BY nosort DESC LIMIT 1 2', ['a', 'c']],
    ['SADD s b a', 2],
    ['SORT s BY nosort', unordered(['a', 'b'])],
  ],
  'what is stored of a set is sorted all the same': [
    ['SADD s c a b', 3],
    ['SORT s BY nosort STORE dst', 3],
    ['LRANGE dst 0 -1', ['a', 'b', 'c']],
    ['SORT s BY nosort DESC STORE dst', 3],
    ['LRANGE dst 0 -1', ['c', 'b', 'a']],
  ],
  'SORT GET answers what other keys hold': [
    ...USERS,
    ['SORT users GET age_*', ['40', '20', '30']],
    ['SORT users BY age_* GET # GET user_*->name', ['2', 'alice', '3', 'bob', '1', 'carol']],
    ['SORT users GET user_*->city GET nothing_* GET nostar', ['x', nil, nil, 'y', nil, nil, nil, nil, nil]],
    ['SORT users GET user_*', [nil, nil, nil]],
    ['SORT users GET age_*->name', [nil, nil, nil]],
  ],
  'an arrow without a field is part of the key': [
    ['RPUSH l 1', 1],
    ['SET a_1-> v', ok],
    ['SORT l GET a_*->', ['v']],
  ],
  'SORT STORE puts a list in place of what was there': [
    ['RPUSH l 3 1 2', 3],
    ['SET dst x EX 100', ok],
    ['SORT l STORE dst', 3],
    ['LRANGE dst 0 -1', ['1', '2', '3']],
    ['TTL dst', -1],
    ['SORT l LIMIT 0 1 GET # GET w_* STORE dst', 2],
    ['LRANGE dst 0 -1', ['1', '']],
    ['SORT nothing STORE dst', 0],
    ['EXISTS dst', 0],
    ['SORT l STORE l', 3],
    ['LRANGE l 0 -1', ['1', '2', '3']],
  ],
  'SORT_RO sorts, and stores nothing': [
    ['RPUSH l 3 1 2', 3],
    ['SORT_RO l DESC LIMIT 0 2', ['3', '2']],
    ['SORT_RO l STORE dst', SYNTAX],
    ['SORT_RO l BY nosort GET #', ['3', '1', '2']],
  ],
  'SORT checks type and options': [
    ['SET k v', ok],
    ['HSET h f v', 1],
    ['SORT k', error('WRONGTYPE Operation against a key holding the wrong kind of value')],
    ['SORT h', error('WRONGTYPE Operation against a key holding the wrong kind of value')],
    ['SORT k LIMIT 1', SYNTAX],
    ['SORT k LIMIT x 1', error('ERR value is not an integer or out of range')],
    ['SORT k BY', SYNTAX],
    ['SORT k GET', SYNTAX],
    ['SORT k STORE', SYNTAX],
    ['SORT k FOO', SYNTAX],
  ],
  'COMMAND GETKEYS finds the last STORE of SORT': [
    ['COMMAND GETKEYS SORT l STORE a BY STORE LIMIT 0 1 STORE b', ['l', 'b']],
    ['COMMAND GETKEYS SORT l GET STORE', ['l']],
    ['COMMAND GETKEYS SORT_RO l BY w_*', ['l']],
  ],
})
