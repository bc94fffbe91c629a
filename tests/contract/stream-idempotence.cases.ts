/** Idempotent producers of streams (Redis 8.6), by the examples of their documentation. */
import { advance, contract, error, nil, ok, where } from './dsl.ts'

const SYNTAX = error('ERR syntax error')
const wrongArity = (name: string) => error(`ERR wrong number of arguments for '${name}' command`)
/** The fields of XINFO STREAM, whether it came as a map or flat. */
const fields = (expected: Readonly<Record<string, unknown>>) =>
  where((v) => {
    const flat: unknown[] = Array.isArray(v) ? v : (v.flat ?? v.map ?? Object.entries(v).flat())
    return Object.entries(expected).every(([name, value]) => flat[flat.indexOf(name) + 1] === value)
  }, JSON.stringify(expected))
const anId = where((v) => /^\d+-\d+$/.test(v), 'an id')

export const cases = contract(
  'stream-idempotence',
  {
    'XADD IDMP adds an entry once': [
      ['XADD s IDMP p m1 * f v', anId],
      ['XADD s IDMP p m1 * f other', anId],
      ['XLEN s', 1],
      ['XADD s IDMP p m2 * f v', anId],
      ['XADD s IDMP q m1 * f v', anId],
      ['XLEN s', 3],
      [
        'XINFO STREAM s',
        fields({
          'idmp-duration': 100,
          'idmp-maxsize': 100,
          'pids-tracked': 2,
          'iids-tracked': 3,
          'iids-added': 3,
          'iids-duplicates': 1,
        }),
      ],
      ['XINFO STREAM s FULL', fields({ 'pids-tracked': 2, 'iids-duplicates': 1 })],
    ],
    'XADD IDMPAUTO tells entries apart by their fields and values': [
      ['XADD s IDMPAUTO p * a 1 b 2', anId],
      ['XADD s IDMPAUTO p * b 2 a 1', anId],
      ['XLEN s', 1],
      ['XADD s IDMPAUTO p * a 2 b 1', anId],
      ['XADD s IDMPAUTO p * a 1 b 2 b 2', anId],
      ['XADD s IDMPAUTO q * a 1 b 2', anId],
      ['XADD s IDMPAUTO p * a1 "" b 2', anId],
      ['XLEN s', 5],
    ],
    'a mark is forgotten when its time is over': [
      ['XADD s IDMP p m * f v', anId],
      advance(99_000),
      ['XADD s IDMP p m * f v', anId],
      ['XLEN s', 1],
      advance(1_001),
      ['XADD s IDMP p m * f v', anId],
      ['XLEN s', 2],
      ['XINFO STREAM s', fields({ 'iids-tracked': 1, 'iids-added': 2, 'iids-duplicates': 1 })],
    ],
    'the oldest mark of a producer goes where there are too many': [
      ['XADD s IDMP p m1 * f v', anId],
      ['XCFGSET s IDMP-MAXSIZE 2', ok],
      ['XADD s IDMP p m1 * f v', anId],
      ['XADD s IDMP p m2 * f v', anId],
      ['XADD s IDMP p m3 * f v', anId],
      ['XADD s IDMP p m2 * f v', anId],
      ['XLEN s', 4],
      ['XADD s IDMP p m1 * f v', anId],
      ['XLEN s', 5],
    ],
    'XADD IDMP goes with the other options': [
      ['XADD s NOMKSTREAM IDMP p m * f v', nil],
      ['XADD s IDMP p m1 MAXLEN 1 * f v', anId],
      ['XADD s MAXLEN 1 IDMP p m2 * f v', anId],
      ['XADD s IDMP p m1 * f v', anId],
      ['XLEN s', 1],
      ['XADD s IDMPAUTO p DELREF MAXLEN 0 * f v', anId],
      ['XLEN s', 0],
    ],
    'XADD IDMP checks its arguments': [
      ['XADD s IDMP p m 1-1 f v', error('ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs')],
      ['XADD s IDMPAUTO p 1-* f v', error('ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs')],
      ['XADD s IDMP p m IDMPAUTO p * f v', error('ERR syntax error, IDMP/IDMPAUTO specified multiple times')],
      ['XADD s IDMPAUTO "" * f v', error('ERR syntax error, IDMPAUTO requires a non-empty producer ID')],
      ['XADD s IDMP "" m * f v', error('ERR syntax error, IDMP requires a non-empty producer ID')],
      ['XADD s IDMP p "" * f v', error('ERR syntax error, IDMP requires a non-empty idempotent ID')],
      ['EXISTS s', 0],
    ],
    'XCFGSET sets what a stream remembers, and forgets all where it changes': [
      ['XCFGSET s IDMP-DURATION 300', error('ERR no such key')],
      ['XADD s IDMP p m * f v', anId],
      ['XCFGSET s IDMP-DURATION 100', ok],
      ['XINFO STREAM s', fields({ 'iids-tracked': 1 })],
      ['XCFGSET s IDMP-DURATION 300 IDMP-MAXSIZE 1000', ok],
      ['XINFO STREAM s', fields({ 'idmp-duration': 300, 'idmp-maxsize': 1000, 'iids-tracked': 0, 'iids-added': 1 })],
      ['XADD s IDMP p m * f v', anId],
      ['XLEN s', 2],
    ],
    'XCFGSET checks its arguments': [
      ['XADD s 1-0 f v', '1-0'],
      ['XCFGSET s IDMP-DURATION 0', error('ERR IDMP-DURATION must be between 1 and 86400 seconds')],
      ['XCFGSET s IDMP-DURATION 86401', error('ERR IDMP-DURATION must be between 1 and 86400 seconds')],
      ['XCFGSET s IDMP-MAXSIZE 10001', error('ERR IDMP-MAXSIZE must be between 1 and 10000 entries')],
      ['XCFGSET s IDMP-DURATION 1 IDMP-DURATION 2', error('ERR IDMP-DURATION specified multiple times')],
      ['XCFGSET s IDMP-MAXSIZE 1 IDMP-MAXSIZE 2', error('ERR IDMP-MAXSIZE specified multiple times')],
      ['XCFGSET s', error('ERR At least one parameter must be specified')],
      ['XCFGSET s FOO 1', SYNTAX],
      ['XCFGSET', wrongArity('xcfgset')],
      ['SET k v', ok],
      ['XCFGSET k IDMP-DURATION 1', error('WRONGTYPE Operation against a key holding the wrong kind of value')],
    ],
    'XIDMPRECORD marks an entry that is there': [
      ['XADD s 9000000000000-0 f v', '9000000000000-0'],
      ['XADD s 9000000000000-1 f v', '9000000000000-1'],
      ['XIDMPRECORD s p m 9000000000000-0', ok],
      ['XIDMPRECORD s p m 9000000000000-0', ok],
      [
        'XIDMPRECORD s p m 9000000000000-1',
        error('ERR IID already exists for this producer with a different stream ID'),
      ],
      ['XADD s IDMP p m * f v', '9000000000000-0'],
      ['XIDMPRECORD s p m2 1-1', error('ERR No such message in stream')],
      ['XIDMPRECORD s "" m 1-1', error('ERR producer ID must be non-empty')],
      ['XIDMPRECORD s p "" 1-1', error('ERR idempotent ID must be non-empty')],
      ['XIDMPRECORD s p m x', error('ERR Invalid stream ID specified as stream command argument')],
      ['XIDMPRECORD nothing p m 1-1', error('ERR no such key')],
    ],
    'COPY takes along what is known of producers': [
      ['XADD s IDMP p m * f v', anId],
      ['COPY s t', 1],
      ['XADD t IDMP p m * f v', anId],
      ['XLEN t', 1],
      ['XADD t IDMP p m2 * f v', anId],
      ['XINFO STREAM s', fields({ 'iids-tracked': 1 })],
    ],
  },
  { since: '8.6' },
)
