/**
 * Random stream commands: ids that creep forward so that most additions succeed, small nodes so that there are many and
 * approximate trims show where each one ends, entries with the same and with other fields, and consumer groups that read,
 * claim and acknowledge across each other.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Seen } from '../../contract/harness/seen.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['x1', 'x2', 'x3', 'missing', 'string']
const GROUPS = ['g1', 'g2', 'nogroup']
const CONSUMERS = ['alice', 'bob', 'carol', 'c\x00\xff']
const BAD_IDS = ['x', '', '-', '+', '$', '>', '1-x', '1-', '-1', '1-1-1', '18446744073709551616', '1.5', '007-01', '+3']
const EDGE_VALUES = [
  '',
  '0',
  '-1',
  '127',
  '128',
  '4095',
  '4096',
  '-4097',
  '32768',
  '8388608',
  '-8388609',
  '2147483648',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '01',
  '\x00\xff',
  'x'.repeat(63),
  'x'.repeat(64),
  'y'.repeat(127),
  'z'.repeat(4096),
]

/** The ms of ids move on with the commands, back a little now and then. */
let clock = 0

function key(r: Random): Bytes {
  return r.chance(0.04) ? r.pick(KEYS) : KEYS[r.integer(0, 2)]
}

function id(r: Random): Bytes {
  if (r.chance(0.03)) return r.pick(BAD_IDS)
  const ms = Math.max(0, clock - r.integer(0, 60))
  return r.chance(0.5) ? `${ms}` : `${ms}-${r.integer(0, 3)}`
}

function newId(r: Random): Bytes {
  if (r.chance(0.05)) return id(r)
  clock += r.pick([0, 0, 0, 1, 1, 2])
  return r.chance(0.8) ? `${clock}-*` : `${clock}-${r.integer(0, 9)}`
}

function end(r: Random, open: string): Bytes {
  return r.chance(0.4) ? open : r.chance(0.2) ? '(' + id(r) : id(r)
}

function pairs(r: Random): Bytes[] {
  const value = () => (r.chance(0.2) ? r.pick(EDGE_VALUES) : `${r.integer(-200, 5000)}`)
  if (r.chance(0.6)) return ['name', value(), 'age', value()]
  return r.times(1, 3, () => [r.pick(['a', 'b', 'name', '12']), value()]).flat()
}

const count = (r: Random): Bytes[] =>
  r.chance(0.5) ? [] : ['COUNT', r.chance(0.9) ? `${r.integer(0, 12)}` : r.pick(['-1', 'x'])]

function trim(r: Random): Bytes[] {
  const how = r.pick([[], ['='], ['~'], ['~']])
  const to = r.chance(0.5) ? ['MAXLEN', ...how, `${r.integer(-1, 60)}`] : ['MINID', ...how, id(r)]
  return r.chance(0.2) ? [...to, 'LIMIT', r.pick(['0', '5', '25', '-1'])] : to
}

const group = (r: Random): Bytes => (r.chance(0.04) ? r.pick(GROUPS) : GROUPS[r.integer(0, 1)])
const consumer = (r: Random): Bytes => r.pick(CONSUMERS)
const minIdle = (r: Random): Bytes => (r.chance(0.85) ? '0' : r.pick(['100000000', '-1', 'x']))

function claimOptions(r: Random): Bytes[] {
  return r
    .times(0, 2, () =>
      r.pick<Bytes[]>([
        ['FORCE'],
        ['JUSTID'],
        ['RETRYCOUNT', '3'],
        ['IDLE', '5'],
        ['TIME', '1000'],
        ['LASTID', id(r)],
        ['x'],
      ]),
    )
    .flat()
}

/**
 * Fields that tell times, or that later versions reckon otherwise than the one compared with: since 7.2 claiming makes a
 * consumer even where it finds nothing.
 */
const LEFT_OUT = new Set([
  'radix-tree-nodes',
  'consumers',
  'lag',
  'entries-read',
  'idle',
  'inactive',
  'seen-time',
  'active-time',
])

function withoutTimes(seen: Seen): Seen {
  if (Array.isArray(seen)) return leaveOut(seen)
  if (typeof seen === 'object' && seen !== null && 'flat' in seen) return { ...seen, flat: leaveOut(seen.flat) }
  return typeof seen === 'number' && seen > 1e12 ? 'time' : seen
}

function leaveOut(items: readonly Seen[]): Seen[] {
  const kept: Seen[] = []
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    if (typeof item === 'string' && LEFT_OUT.has(item)) i++
    else kept.push(withoutTimes(item))
  }
  return kept
}

function hasPending(consumer: Seen): boolean {
  const items = typeof consumer === 'object' && consumer !== null && 'flat' in consumer ? consumer.flat : consumer
  return Array.isArray(items) && items.at(-1) !== 0
}

export const generator: Generator = {
  name: 'stream',
  keys: KEYS,
  setup: [
    ['CONFIG', 'SET', 'stream-node-max-entries', '10'],
    ['CONFIG', 'SET', 'stream-node-max-bytes', '400'],
  ],
  next(r) {
    const k = key(r)
    return r.weighted<() => Bytes[]>([
      [24, () => ['XADD', k, newId(r), ...pairs(r)]],
      [5, () => ['XADD', k, ...(r.chance(0.2) ? ['NOMKSTREAM'] : []), ...trim(r), newId(r), ...pairs(r)]],
      [1, () => ['XADD', k, ...trim(r), ...trim(r), newId(r), ...pairs(r).slice(r.integer(0, 1))]],
      [2, () => ['XTRIM', k, ...trim(r)]],
      [4, () => ['XDEL', k, ...r.times(1, 4, () => id(r))]],
      [3, () => ['XLEN', k]],
      [6, () => ['XRANGE', k, end(r, '-'), end(r, '+'), ...count(r)]],
      [6, () => ['XREVRANGE', k, end(r, '+'), end(r, '-'), ...count(r)]],
      [4, () => ['XREAD', ...count(r), 'STREAMS', k, key(r), id(r), r.chance(0.2) ? '$' : id(r)]],
      [
        1,
        () => [
          'XSETID',
          k,
          r.chance(0.9) ? `${clock + r.integer(0, 3)}` : r.pick(['x', '-', '1-1-1']),
          ...r.pick([[], ['ENTRIESADDED', `${r.integer(-1, 999)}`], ['MAXDELETEDID', id(r)]]),
        ],
      ],
      [
        4,
        () => [
          'XGROUP',
          'CREATE',
          k,
          group(r),
          r.pick(['0', '$', id(r)]),
          ...r.pick([[], ['MKSTREAM'], ['ENTRIESREAD', '3']]),
        ],
      ],
      [1, () => ['XGROUP', 'SETID', k, group(r), r.pick(['0', '$', id(r)])]],
      [0.5, () => ['XGROUP', 'DESTROY', k, group(r)]],
      [1, () => ['XGROUP', r.pick(['CREATECONSUMER', 'DELCONSUMER']), k, group(r), consumer(r)]],
      [
        10,
        () => [
          'XREADGROUP',
          'GROUP',
          group(r),
          consumer(r),
          ...count(r),
          ...(r.chance(0.1) ? ['NOACK'] : []),
          'STREAMS',
          k,
          r.chance(0.8) ? '>' : id(r),
        ],
      ],
      [4, () => ['XACK', k, group(r), ...r.times(1, 4, () => id(r))]],
      [2, () => ['XPENDING', k, group(r)]],
      [
        3,
        () => [
          'XPENDING',
          k,
          group(r),
          end(r, '-'),
          end(r, '+'),
          `${r.integer(-1, 9)}`,
          ...r.times(0, 1, () => consumer(r)),
        ],
      ],
      [1, () => ['XPENDING', k, group(r), 'IDLE', minIdle(r), '-', '+', '5']],
      [4, () => ['XCLAIM', k, group(r), consumer(r), minIdle(r), ...r.times(1, 3, () => id(r)), ...claimOptions(r)]],
      [
        4,
        () => [
          'XAUTOCLAIM',
          k,
          group(r),
          consumer(r),
          minIdle(r),
          end(r, '-'),
          ...count(r),
          ...(r.chance(0.3) ? ['JUSTID'] : []),
        ],
      ],
      [2, () => ['XINFO', 'STREAM', k, ...r.pick([[], ['FULL'], ['FULL', 'COUNT', '3']])]],
      [1, () => ['XINFO', r.pick(['GROUPS', 'CONSUMERS']), k, ...r.times(0, 1, () => group(r))]],
      [0.5, () => ['COPY', k, key(r), 'REPLACE']],
      [0.5, () => ['DEL', k]],
      [0.3, () => ['SET', 'string', 'v']],
      [0.3, () => ['SADD', 'missing', '1']],
    ])()
  },
  normalise(argv, reply) {
    if (argv[0] === 'XPENDING' && argv.length > 3 && Array.isArray(reply)) {
      return reply.map((entry) => (Array.isArray(entry) ? [entry[0], entry[1], entry[3]] : entry))
    }
    if (argv[0] !== 'XINFO') return reply
    if (argv[1] === 'CONSUMERS' && Array.isArray(reply)) return reply.map(withoutTimes).filter(hasPending)
    return withoutTimes(reply)
  },
  ignoresReply: (argv) => argv[1] === 'CREATECONSUMER' || (argv[0].startsWith('XREAD') && argv.includes('+')),
}
