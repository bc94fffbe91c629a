/** XNACK (Redis 8.8): consumers give entries back to their group. Replies and errors by Redis's documentation. */
import {
  answered,
  anything,
  array,
  blocks,
  contract,
  type Expected,
  error,
  map,
  nil,
  nilArray,
  ok,
  resp,
  where,
} from './dsl.ts'

const MAX = 9_223_372_036_854_775_807n
const INVALID_ID = error('ERR Invalid stream ID specified as stream command argument')
const NO_GROUP = (key: string, group: string) => error(`NOGROUP No such key '${key}' or consumer group '${group}'`)
const entry = (id: string, ...more: Expected[]) => [id, ['f', id], ...more]
const read = (...entries: Expected[]) => resp([['s', array(entries)]], map(['s', array(entries)]))
/** Group g has 1-0 to 3-0 pending for consumer a, delivered once; 4-0 is not delivered. */
const READ = [
  ...['1-0', '2-0', '3-0'].map((id) => [`XADD s ${id} f ${id}`, id] as const),
  ['XGROUP CREATE s g 0', ok],
  ['XREADGROUP GROUP g a STREAMS s >', anything],
  ['XADD s 4-0 f 4-0', '4-0'],
] as const
const idle = where((ms) => typeof ms === 'number' && ms >= 0, 'a time')
const LIST = 'XPENDING s g - + 10'

export const cases = contract(
  'stream-nack',
  {
    'XNACK FAIL gives entries back, which count as delivered as often as they were': [
      ...READ,
      ['XNACK s g FAIL IDS 2 1-0 2-0', 2],
      [
        LIST,
        [
          ['1-0', '', -1, 1],
          ['2-0', '', -1, 1],
          ['3-0', 'a', idle, 1],
        ],
      ],
    ],
    'SILENT takes the delivery back, and never more than there were': [
      ...READ,
      ['XCLAIM s g b 0 2-0 RETRYCOUNT 5', anything],
      ['XNACK s g silent IDS 2 1-0 2-0', 2],
      [
        'XPENDING s g - 2-0 10',
        [
          ['1-0', '', -1, 0],
          ['2-0', '', -1, 4],
        ],
      ],
      ['XNACK s g SILENT IDS 2 1-0 2-0', 2],
      [
        'XPENDING s g - 2-0 10',
        [
          ['1-0', '', -1, 0],
          ['2-0', '', -1, 3],
        ],
      ],
    ],
    'FATAL counts as many deliveries as there can be': [
      ...READ,
      ['XNACK s g FATAL IDS 1 1-0', 1],
      ['XPENDING s g - 1-0 10', [['1-0', '', -1, MAX]]],
      ['XCLAIM s g b 0 1-0 JUSTID', ['1-0']],
      ['XPENDING s g - 1-0 10', [['1-0', 'b', idle, MAX]]],
      ['XNACK s g SILENT IDS 1 1-0', 1],
      ['XPENDING s g - 1-0 10', [['1-0', '', -1, MAX - 1n]]],
    ],
    'RETRYCOUNT says how many deliveries there were, whatever the mode': [
      ...READ,
      ['XNACK s g FATAL IDS 1 1-0 RETRYCOUNT 5', 1],
      ['XNACK s g SILENT IDS 1 2-0 RETRYCOUNT 0', 1],
      ['XNACK s g FAIL IDS 1 3-0 FORCE RETRYCOUNT 9223372036854775807', 1],
      [
        LIST,
        [
          ['1-0', '', -1, 5],
          ['2-0', '', -1, 0],
          ['3-0', '', -1, MAX],
        ],
      ],
    ],
    'what is not pending is passed over, without FORCE': [
      ...READ,
      ['XNACK s g FAIL IDS 3 4-0 1-0 9-9', 1],
      ['XPENDING s g', [3, '1-0', '3-0', [['a', '2']]]],
      ['XNACK s g FAIL IDS 2 4-0 9-9 FORCE', 1],
      ['XPENDING s g 4-0 + 10', [['4-0', '', -1, 0]]],
      ['XPENDING s g', [4, '1-0', '4-0', [['a', '2']]]],
      [
        'XINFO GROUPS s',
        [map(['name', 'g', 'consumers', 1, 'pending', 4, 'last-delivered-id', '3-0', 'entries-read', 3, 'lag', 1])],
      ],
    ],
    'FORCE with FATAL or RETRYCOUNT': [
      ...READ,
      ['XNACK s g FATAL IDS 1 4-0 FORCE', 1],
      ['XPENDING s g 4-0 + 10', [['4-0', '', -1, MAX]]],
      ['XACK s g 4-0', 1],
      ['XNACK s g FATAL IDS 1 4-0 RETRYCOUNT 7 FORCE', 1],
      ['XPENDING s g 4-0 + 10', [['4-0', '', -1, 7]]],
    ],
    'an entry that is gone from the stream is given back, but not made': [
      ...READ,
      ['XDEL s 1-0 4-0', 2],
      ['XNACK s g FAIL IDS 2 1-0 4-0 FORCE', 1],
      ['XPENDING s g - 1-0 10', [['1-0', '', -1, 1]]],
      ['XAUTOCLAIM s g b 0 - COUNT 1', ['2-0', [], ['1-0']]],
    ],
    'what was given back can be claimed at once, however long the others were idle': [
      ...READ,
      ['XNACK s g FAIL IDS 1 2-0', 1],
      ['XAUTOCLAIM s g b 3600000 - JUSTID', ['0-0', ['2-0'], []]],
      ['XPENDING s g - + 10 b', [['2-0', 'b', idle, 1]]],
      ['XNACK s g FAIL IDS 1 3-0', 1],
      ['XCLAIM s g c 3600000 1-0 3-0', [entry('3-0')]],
      ['XPENDING s g - + 10 c', [['3-0', 'c', idle, 2]]],
      ['XINFO CONSUMERS s g', where((list) => (list as unknown[]).length === 3, 'three consumers')],
    ],
    'XREADGROUP CLAIM reads what was given back first, in its order, then the rest': [
      ...READ,
      ['XNACK s g FAIL IDS 2 3-0 1-0', 2],
      [
        'XREADGROUP GROUP g b CLAIM 3600000 STREAMS s >',
        read(entry('3-0', idle, 1), entry('1-0', idle, 1), entry('4-0', 0, 0)),
      ],
      [
        'XPENDING s g',
        [
          4,
          '1-0',
          '4-0',
          [
            ['a', '1'],
            ['b', '3'],
          ],
        ],
      ],
    ],
    'given back again, it goes behind the others': [
      ...READ,
      ['XNACK s g FAIL IDS 3 1-0 2-0 3-0', 3],
      ['XNACK s g FAIL IDS 1 1-0', 1],
      [
        'XREADGROUP GROUP g b COUNT 3 CLAIM 1000 STREAMS s >',
        read(entry('2-0', idle, 1), entry('3-0', idle, 1), entry('1-0', idle, 1)),
      ],
    ],
    'it is no new entry, and nobody has it in its history': [
      ...READ,
      ['XNACK s g FAIL IDS 1 1-0', 1],
      ['XREADGROUP GROUP g b STREAMS s >', read(entry('4-0'))],
      ['XREADGROUP GROUP g a STREAMS s 0', read(entry('2-0'), entry('3-0'))],
    ],
    'who waits with CLAIM is served': [
      ...READ,
      ['XREADGROUP GROUP g a STREAMS s >', anything],
      blocks('reader', 'XREADGROUP GROUP g b BLOCK 0 CLAIM 3600000 STREAMS s >'),
      ['XNACK s g SILENT IDS 1 2-0', 1],
      answered('reader', read(entry('2-0', idle, 0))),
    ],
    'it stays when its consumer goes, and is acknowledged like others': [
      ...READ,
      ['XNACK s g FAIL IDS 2 1-0 2-0', 2],
      ['XGROUP DELCONSUMER s g a', 1],
      ['XPENDING s g', [2, '1-0', '2-0', []]],
      ['XACK s g 1-0 2-0', 2],
      ['XPENDING s g', [0, nil, nil, nilArray]],
    ],
    'XINFO STREAM FULL tells how many there are': [
      ...READ,
      ['XNACK s g FAIL IDS 1 2-0', 1],
      [
        'XINFO STREAM s FULL',
        where((reply) => JSON.stringify(reply).includes('"pel-count",3,"nacked-count",1,"pending"'), 'a count of one'),
      ],
    ],
    'COPY, RENAME, DUMP and RESTORE keep it': [
      ...READ,
      ['XNACK s g FATAL IDS 2 3-0 1-0', 2],
      ['COPY s copy', 1],
      ['XACK s g 1-0 2-0 3-0', 3],
      ['RENAME copy s', ok],
      [
        LIST,
        [
          ['1-0', '', -1, MAX],
          ['2-0', 'a', idle, 1],
          ['3-0', '', -1, MAX],
        ],
      ],
      ['XREADGROUP GROUP g b COUNT 2 CLAIM 1000 STREAMS s >', read(entry('3-0', idle, MAX), entry('1-0', idle, MAX))],
    ],
    'its options come in any order, and of ids the last that are named': [
      ...READ,
      ['XNACK s g FAIL FORCE RETRYCOUNT 7 IDS 1 4-0', 1],
      ['XPENDING s g 4-0 4-0 1', [['4-0', '', -1, 7]]],
      ['XNACK s g FAIL IDS 1 1-0 IDS 2 2-0 3-0', 2],
      ['XPENDING s g 1-0 1-0 1', [['1-0', 'a', idle, 1]]],
    ],
    'XNACK checks what it is given': [
      ['XNACK nothing g FAIL IDS 1 1-0', NO_GROUP('nothing', 'g')],
      ...READ,
      ['XNACK s h MAYBE IDS 1 1-0', NO_GROUP('s', 'h')],
      ['XNACK s g MAYBE IDS 1 1-0', error('ERR mode must be SILENT, FAIL, or FATAL')],
      ['XNACK s g FAIL FORCE RETRYCOUNT 1 FORCE', error('ERR syntax error, expected IDS keyword')],
      ['XNACK s g FAIL 1 1-0 2-0', error("ERR Unrecognized XNACK option '1'")],
      ['XNACK s g FAIL IDS 1 x RETRYCOUNT -1', error('ERR Invalid RETRYCOUNT value, must be >= 0')],
      ['XNACK s g FAIL IDS 0 1-0', error('ERR numids must be a positive integer')],
      ['XNACK s g FAIL IDS x 1-0', error('ERR numids must be a positive integer')],
      ['XNACK s g FAIL IDS 2 1-0', error("ERR number of IDs doesn't match numids")],
      ['XNACK s g FAIL IDS 1 x', INVALID_ID],
      ['XNACK s g FAIL IDS 2 1-0 x', INVALID_ID],
      ['XNACK s g FAIL IDS 1 1-0 2-0', error("ERR Unrecognized XNACK option '2-0'")],
      ['XNACK s g FAIL IDS 1 1-0 RETRYCOUNT', error("ERR Unrecognized XNACK option 'RETRYCOUNT'")],
      ['XNACK s g FAIL IDS 1 1-0 RETRYCOUNT x', error('ERR value is not an integer or out of range')],
      ['XNACK s g FAIL IDS 1 1-0 RETRYCOUNT -1', error('ERR Invalid RETRYCOUNT value, must be >= 0')],
      ['XNACK s g FAIL IDS 1', error("ERR wrong number of arguments for 'xnack' command")],
      ['XPENDING s g', [3, '1-0', '3-0', [['a', '3']]]],
      ['SET k v', ok],
      ['XNACK k g FAIL IDS 1 1-0', error('WRONGTYPE Operation against a key holding the wrong kind of value')],
    ],
  },
  { since: '8.8' },
)
