import { advance, answered, blocks, contract, double, error, hangsUp, nilArray, ok, on, status } from './dsl.ts'

const WRONG_TYPE = error('WRONGTYPE Operation against a key holding the wrong kind of value')
const SYNTAX = error('ERR syntax error')
const NOT_FLOAT = error('ERR timeout is not a float or out of range')
const NEGATIVE = error('ERR timeout is negative')
const NUMKEYS = error('ERR numkeys should be greater than 0')
const QUEUED = status('QUEUED')

export const cases = contract('sorted-set-blocking', {
  'BZPOPMIN and BZPOPMAX pop at once from the first key that holds a sorted set': [
    ['ZADD z 1 a 2 b 3 c', 3],
    ['ZADD y 9 d', 1],
    ['BZPOPMIN none z y 0', ['z', 'a', double('1')]],
    ['BZPOPMAX none z y 0', ['z', 'c', double('3')]],
    ['BZPOPMIN y z 1', ['y', 'd', double('9')]],
    ['EXISTS y', 0],
    ['BZPOPMIN z 0.5', ['z', 'b', double('2')]],
  ],
  'BZMPOP pops several at once': [
    ['ZADD z 1 a 2 b 3 c', 3],
    [
      'BZMPOP 1 2 none z MIN COUNT 2',
      [
        'z',
        [
          ['a', double('1')],
          ['b', double('2')],
        ],
      ],
    ],
    ['BZMPOP 1 1 z MAX', ['z', [['c', double('3')]]]],
    ['EXISTS z', 0],
  ],
  'blocking pops refuse another type': [
    ['SET k v', ok],
    ['ZADD z 1 a', 1],
    ['BZPOPMIN k 0', WRONG_TYPE],
    ['BZPOPMAX none k z 0', WRONG_TYPE],
    ['BZMPOP 0 2 k z MIN', WRONG_TYPE],
    ['ZCARD z', 1],
  ],
  'blocking pops check their arguments before the keys': [
    ['SET k v', ok],
    ['BZPOPMIN k', error("ERR wrong number of arguments for 'bzpopmin' command")],
    ['BZPOPMIN k abc', NOT_FLOAT],
    ['BZPOPMAX k -1', NEGATIVE],
    ['BZMPOP x 1 k MIN', NOT_FLOAT],
    ['BZMPOP -1 1 k MIN', NEGATIVE],
    ['BZMPOP x 0 k MIN', NUMKEYS],
    ['BZMPOP x 1 k FIRST', SYNTAX],
    ['BZMPOP 0 2 k MIN', SYNTAX],
    ['BZMPOP 0 1 k MIN COUNT 0', error('ERR count should be greater than 0')],
    ['BZMPOP 0 1 k MIN COUNT 1 COUNT 2', SYNTAX],
  ],
  'a waiting BZPOPMIN is served by ZADD': [
    blocks('a', 'BZPOPMIN z 0'),
    ['ZADD z 5 x 4 y', 2],
    answered('a', ['z', 'y', double('4')]),
    ['ZRANGE z 0 -1', ['x']],
  ],
  'a waiting BZPOPMAX and BZMPOP are served in the order of their arrival': [
    blocks('a', 'BZPOPMAX y z 0'),
    blocks('b', 'BZMPOP 0 2 z y MIN COUNT 10'),
    ['ZADD z 1 p 2 q 3 r', 3],
    answered('a', ['z', 'r', double('3')]),
    answered('b', [
      'z',
      [
        ['p', double('1')],
        ['q', double('2')],
      ],
    ]),
    ['EXISTS z', 0],
  ],
  'one entry serves one client, the next goes on waiting': [
    blocks('a', 'BZPOPMIN z 0'),
    blocks('b', 'BZPOPMIN z 0'),
    ['ZADD z 1 x', 1],
    answered('a', ['z', 'x', double('1')]),
    ['ZADD z 2 y', 1],
    answered('b', ['z', 'y', double('2')]),
  ],
  'a key of another type does not serve': [
    blocks('a', 'BZPOPMIN z 0'),
    ['SADD z x', 1],
    ['DEL z', 1],
    ['ZADD z 1 x', 1],
    answered('a', ['z', 'x', double('1')]),
  ],
  'what is stored, incremented or renamed serves too': [
    blocks('a', 'BZPOPMIN d 0'),
    ['ZADD z 1 x', 1],
    ['ZUNIONSTORE d 1 z', 1],
    answered('a', ['d', 'x', double('1')]),
    blocks('b', 'BZPOPMIN d 0'),
    ['ZINCRBY d 7 y', double('7')],
    answered('b', ['d', 'y', double('7')]),
    blocks('e', 'BZPOPMIN d 0'),
    ['RENAME z d', ok],
    answered('e', ['d', 'x', double('1')]),
  ],
  'a transaction serves only when it is over': [
    blocks('a', 'BZPOPMIN z 0'),
    ['MULTI', ok],
    ['ZADD z 1 x', QUEUED],
    ['ZREM z x', QUEUED],
    ['ZADD z 2 y', QUEUED],
    ['EXEC', [1, 1, 1]],
    answered('a', ['z', 'y', double('2')]),
  ],
  'in a transaction a blocking pop does not wait': [
    ['MULTI', ok],
    ['BZPOPMIN z 0', QUEUED],
    ['BZMPOP 0 1 z MIN', QUEUED],
    ['EXEC', [nilArray, nilArray]],
  ],
  'a wait ends with nil when its time is over': [
    blocks('a', 'BZPOPMIN z 1.5'),
    advance(1400),
    blocks('b', 'BZMPOP 0.2 1 z MIN'),
    advance(101),
    answered('a', nilArray),
    advance(100),
    answered('b', nilArray),
  ],
  'a client that hangs up waits no more': {
    skip: { rest: 'a request ends with its answer', inprocess: 'a caller in the process cannot hang up' },
    steps: [blocks('a', 'BZPOPMIN z 0'), hangsUp('a'), on('b', 'ZADD z 1 x', 1), ['ZCARD z', 1]],
  },
})
