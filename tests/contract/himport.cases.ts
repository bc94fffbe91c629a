/** HIMPORT (Redis 8.10), by the examples of its documentation and what Redis's own test suite holds of it. */
import { contract, error, map, nil, ok, on, push, pushed, sends, status, where } from './dsl.ts'

const NO_SUCH = error('ERR no such fieldset')
const wrongArity = (name: string) => error(`ERR wrong number of arguments for '${name}' command`)
/** A request over HTTP is a connection of its own. */
const KEPT = { rest: 'a fieldset is of a connection' } as const

export const cases = contract(
  'himport',
  {
    'HIMPORT SET makes hashes of a fieldset': [
      ['HIMPORT PREPARE u name email age', ok],
      ['HIMPORT SET user:1 u alice alice@example.com 30', ok],
      ['HIMPORT SET user:2 u bob bob@example.com 25', ok],
      ['HGET user:1 name', 'alice'],
      ['HGET user:1 email', 'alice@example.com'],
      ['HGET user:2 age', '25'],
      ['HLEN user:2', 3],
      ['HINCRBY user:2 age 1', 26],
      ['TYPE user:1', status('hash')],
      ['HGETALL user:1', map(['age', '30', 'email', 'alice@example.com', 'name', 'alice'])],
    ],
    'HIMPORT SET replaces the whole hash and its expiry': [
      ['HIMPORT PREPARE u a b', ok],
      ['HSET h x 1 a 2', 2],
      ['EXPIRE h 100', 1],
      ['HIMPORT SET h u 3 4', ok],
      ['HGETALL h', map(['a', '3', 'b', '4'])],
      ['TTL h', -1],
    ],
    'HIMPORT SET leaves a key of another type': [
      ['HIMPORT PREPARE u a b', ok],
      ['SET s v', ok],
      ['HIMPORT SET s u 1 2', error('WRONGTYPE Operation against a key holding the wrong kind of value')],
      ['GET s', 'v'],
    ],
    'HIMPORT SET needs a fieldset, and as many values': [
      ['HIMPORT SET h u 1 2', NO_SUCH],
      ['HIMPORT PREPARE u a b', ok],
      ['HIMPORT SET h u 1', error('ERR value count does not match fieldset field count')],
      ['HIMPORT SET h u 1 2 3', error('ERR value count does not match fieldset field count')],
      ['HIMPORT SET h U 1 2', NO_SUCH],
      ['EXISTS h', 0],
    ],
    'HIMPORT PREPARE replaces a fieldset, and refuses a field that comes twice': [
      ['HIMPORT PREPARE u a b', ok],
      ['HIMPORT PREPARE u c', ok],
      ['HIMPORT PREPARE u d e d', error('ERR duplicate field name in fieldset')],
      ['HIMPORT SET h u 1', ok],
      ['HGETALL h', map(['c', '1'])],
      ['HIMPORT PREPARE new d e d', error('ERR duplicate field name in fieldset')],
      ['HIMPORT DISCARD new', 0],
    ],
    'HIMPORT DISCARD removes one fieldset, DISCARDALL all': [
      ['HIMPORT PREPARE u a', ok],
      ['HIMPORT PREPARE v a', ok],
      ['HIMPORT PREPARE w a', ok],
      ['HIMPORT DISCARD u', 1],
      ['HIMPORT DISCARD u', 0],
      ['HIMPORT SET h u 1', NO_SUCH],
      ['HIMPORT DISCARDALL', 2],
      ['HIMPORT DISCARDALL', 0],
      ['HIMPORT SET h v 1', NO_SUCH],
    ],
    'names may be empty': [
      ['HIMPORT PREPARE "" "" b', ok],
      ['HIMPORT SET h "" 1 2', ok],
      ['HGET h ""', '1'],
    ],
    'a fieldset is of one connection, and RESET ends it': {
      skip: { rest: 'RESET is of a connection' },
      steps: [
        ['HIMPORT PREPARE u a', ok],
        on('other', 'HIMPORT SET h u 1', NO_SUCH),
        ['HIMPORT SET h u 1', ok],
        ['RESET', status('RESET')],
        ['HIMPORT SET h u 1', NO_SUCH],
      ],
    },
    'HIMPORT works in a transaction': [
      ['MULTI', ok],
      ['HIMPORT PREPARE u a', status('QUEUED')],
      ['HIMPORT SET h u 1', status('QUEUED')],
      ['EXEC', [ok, ok]],
      ['HGET h a', '1'],
    ],
    'scripts have fieldsets of their own': [
      ['HIMPORT PREPARE u a', ok],
      [
        ['EVAL', "return redis.pcall('himport', 'set', KEYS[1], 'u', '1')", '1', 'h'],
        where((e) => /no such fieldset/.test(JSON.stringify(e)), 'no such fieldset'),
      ],
      [
        [
          'EVAL',
          "redis.call('himport', 'prepare', 'u', 'b', 'c') return redis.call('himport', 'set', KEYS[1], 'u', '1', '2')",
          '1',
          'h',
        ],
        ok,
      ],
      ['HGETALL h', map(['b', '1', 'c', '2'])],
      ['HIMPORT SET h u 3', ok],
      ['HGETALL h', map(['a', '3'])],
    ],
    'HIMPORT tells of an hset': {
      skip: KEPT,
      steps: [
        ['CONFIG SET notify-keyspace-events KA', ok],
        sends('ear', 'PSUBSCRIBE *'),
        pushed('ear', push(['psubscribe', '*', 1])),
        ['HIMPORT PREPARE u a', ok],
        ['HIMPORT SET h u 1', ok],
        pushed('ear', push(['pmessage', '*', '__keyspace@0__:h', 'hset'])),
        ['CONFIG SET notify-keyspace-events ""', ok],
      ],
    },
    'HIMPORT checks its arguments': [
      ['HIMPORT', wrongArity('himport')],
      ['HIMPORT PREPARE u', wrongArity('himport|prepare')],
      ['HIMPORT SET h u', wrongArity('himport|set')],
      ['HIMPORT DISCARD', wrongArity('himport|discard')],
      ['HIMPORT DISCARDALL u', wrongArity('himport|discardall')],
      ['HIMPORT FOO', error("ERR unknown subcommand 'FOO'. Try HIMPORT HELP.")],
      ['HGET h a', nil],
    ],
  },
  { since: '8.10', skip: KEPT },
)
