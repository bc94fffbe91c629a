/**
 * Random sorted set commands: few keys, few members, and scores from a short list with the edges of doubles in it, so that
 * ties, ranges that end on a score, infinities and NaN all happen. One key holds members of one score only, for ranges by
 * member; sets take part in set algebra. Bursts go past the thresholds, so that both encodings are met.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['z1', 'z2', 'z3', 'z4', 'lex', 'set', 'string', 'missing']

const SCORES: readonly Bytes[] = [
  '0',
  '-0',
  '1',
  '2',
  '2.5',
  '-1',
  '3e2',
  '0x10',
  '1e-7',
  '0.1',
  '0.2',
  '3.3',
  '1e100',
  '-1e17',
  '9007199254740993',
  '123456789.123456789',
  '1e21',
  '5e-324',
  'inf',
  '-inf',
  '+inf',
]
const BAD_SCORES: readonly Bytes[] = ['nan', 'x', '', '1e400', ' 1', '1 ', '1e-400', '1.2.3', '--1']
const EDGES: readonly Bytes[] = [
  '(1',
  '(-1',
  '(2.5',
  '(inf',
  '-inf',
  '+inf',
  '(0',
  '',
  '(',
  ' 1',
  '1e400',
  'x',
  '(x',
  '1\x00',
]
const LEX_EDGES: readonly Bytes[] = [
  '-',
  '+',
  '[m',
  '(m',
  '[m1',
  '(m1',
  '[m15',
  '(m3',
  '[z',
  '(',
  '[',
  'm',
  '',
  '-x',
  '+\x00',
]
const LONG = 'y'.repeat(65)
const INTEGERS: readonly Bytes[] = ['0', '1', '-1', '2', '3', '-2', '5', '100', '-100', 'x', '1.5', '']

const member = (r: Random): Bytes =>
  r.chance(0.03) ? r.pick(['', '\x00', '\xff', '12', LONG]) : 'm' + r.integer(0, 24)
const score = (r: Random): Bytes =>
  r.chance(0.02) ? r.pick(BAD_SCORES) : r.chance(0.5) ? '' + r.integer(-5, 9) : r.pick(SCORES)
const key = (r: Random): Bytes => (r.chance(0.02) ? 'string' : KEYS[r.integer(0, 3)])
const anyKey = (r: Random): Bytes => (r.chance(0.9) ? KEYS[r.integer(0, 5)] : r.pick(KEYS))
const edge = (r: Random): Bytes => (r.chance(0.4) ? r.pick(EDGES) : score(r))
const lexEdge = (r: Random): Bytes => r.pick(LEX_EDGES)
const integer = (r: Random): Bytes => (r.chance(0.6) ? '' + r.integer(-8, 12) : r.pick(INTEGERS))
const maybe = (r: Random, share: number, ...words: Bytes[]): Bytes[] => (r.chance(share) ? words : [])
const limit = (r: Random): Bytes[] => maybe(r, 0.3, 'LIMIT', integer(r), integer(r))
// Not the long member among others: before 7.2 the encoding changed in the midst of such a command, and a -0 is kept after it.
const pairs = (r: Random, max: number): Bytes[] =>
  r
    .times(1, max, () => [score(r), member(r)])
    .filter(([, m]) => m !== LONG)
    .flat()

function zaddOptions(r: Random): Bytes[] {
  if (r.chance(0.5)) return []
  return r.times(0, 3, () => r.pick(['NX', 'XX', 'GT', 'LT', 'CH', 'ch', 'INCR']))
}

function burst(r: Random): Bytes[] {
  return Array.from({ length: r.pick([60, 127, 128, 129, 200]) }, (_, i) => ['' + (i % 7), 'b' + i]).flat()
}

function numbered(r: Random): Bytes[] {
  const keys = r.times(1, 3, () => anyKey(r))
  return [r.chance(0.95) ? '' + keys.length : integer(r), ...keys]
}

function algebra(r: Random, keys: readonly Bytes[]): Bytes[] {
  const weights = maybe(r, 0.3, 'WEIGHTS', ...keys.slice(1).map(() => score(r)))
  return [...weights, ...maybe(r, 0.3, 'AGGREGATE', r.pick(['SUM', 'min', 'MAX', 'avg']))]
}

function overNumbered(r: Random, ...words: Bytes[]): Bytes[] {
  const keys = numbered(r)
  return [...words, ...keys, ...algebra(r, keys)]
}

const COMMANDS: readonly (readonly [number, (r: Random) => Bytes[]])[] = [
  [8, (r) => ['ZADD', key(r), ...zaddOptions(r), ...pairs(r, 4)]],
  [3, (r) => ['ZADD', key(r), ...zaddOptions(r), score(r), member(r)]],
  [3, (r) => ['ZADD', 'lex', ...r.times(1, 6, () => ['7', member(r)]).flat()]],
  [0.4, (r) => ['ZADD', key(r), ...burst(r)]],
  [2, (r) => ['ZINCRBY', key(r), score(r), member(r)]],
  [3, (r) => ['ZREM', anyKey(r), ...r.times(1, 5, () => member(r))]],
  [1, (r) => ['ZSCORE', anyKey(r), member(r)]],
  [1, (r) => ['ZMSCORE', anyKey(r), ...r.times(1, 4, () => member(r))]],
  [1, (r) => ['ZCARD', anyKey(r)]],
  [1, (r) => [r.pick(['ZRANK', 'ZREVRANK']), anyKey(r), member(r)]],
  [2, (r) => ['ZCOUNT', anyKey(r), edge(r), edge(r)]],
  [1, (r) => ['ZLEXCOUNT', 'lex', lexEdge(r), lexEdge(r)]],
  [2, (r) => ['ZRANGE', anyKey(r), integer(r), integer(r), ...maybe(r, 0.3, 'REV'), ...maybe(r, 0.4, 'WITHSCORES')]],
  [
    2,
    (r) => [
      'ZRANGE',
      key(r),
      edge(r),
      edge(r),
      'BYSCORE',
      ...maybe(r, 0.3, 'REV'),
      ...limit(r),
      ...maybe(r, 0.4, 'WITHSCORES'),
    ],
  ],
  [
    1,
    (r) => [
      'ZRANGE',
      'lex',
      lexEdge(r),
      lexEdge(r),
      'BYLEX',
      ...maybe(r, 0.3, 'REV'),
      ...limit(r),
      ...maybe(r, 0.1, 'WITHSCORES'),
    ],
  ],
  [
    0.5,
    (r) => [
      'ZRANGE',
      key(r),
      '0',
      '-1',
      ...limit(r),
      ...r.times(0, 2, () => r.pick(['REV', 'BYLEX', 'BYSCORE', 'LIMIT', 'XX'])),
    ],
  ],
  [1, (r) => ['ZREVRANGE', key(r), integer(r), integer(r), ...maybe(r, 0.4, 'WITHSCORES')]],
  [
    2,
    (r) => [
      r.pick(['ZRANGEBYSCORE', 'ZREVRANGEBYSCORE']),
      key(r),
      edge(r),
      edge(r),
      ...maybe(r, 0.4, 'withscores'),
      ...limit(r),
    ],
  ],
  [1, (r) => [r.pick(['ZRANGEBYLEX', 'ZREVRANGEBYLEX']), 'lex', lexEdge(r), lexEdge(r), ...limit(r)]],
  [1, (r) => ['ZRANGESTORE', key(r), anyKey(r), integer(r), integer(r), ...maybe(r, 0.3, 'REV')]],
  [1, (r) => ['ZRANGESTORE', key(r), key(r), edge(r), edge(r), 'BYSCORE', ...maybe(r, 0.3, 'REV'), ...limit(r)]],
  [0.7, (r) => ['ZREMRANGEBYRANK', anyKey(r), integer(r), integer(r)]],
  [0.7, (r) => ['ZREMRANGEBYSCORE', anyKey(r), edge(r), edge(r)]],
  [0.7, (r) => ['ZREMRANGEBYLEX', 'lex', lexEdge(r), lexEdge(r)]],
  [1, (r) => [r.pick(['ZPOPMIN', 'ZPOPMAX']), anyKey(r), ...maybe(r, 0.4, integer(r))]],
  [1, (r) => ['ZMPOP', ...numbered(r), r.pick(['MIN', 'max', 'x']), ...maybe(r, 0.4, 'COUNT', integer(r))]],
  [
    0.5,
    (r) => [
      'ZRANDMEMBER',
      anyKey(r),
      r.pick(['0', '5000', 'x', '-9223372036854775808']),
      ...maybe(r, 0.4, 'WITHSCORES'),
    ],
  ],
  [1, (r) => [...overNumbered(r, 'ZUNION'), ...maybe(r, 0.6, 'WITHSCORES')]],
  [1, (r) => [...overNumbered(r, 'ZINTER'), ...maybe(r, 0.6, 'WITHSCORES')]],
  [1, (r) => ['ZDIFF', ...numbered(r), ...maybe(r, 0.6, 'WITHSCORES')]],
  [1, (r) => overNumbered(r, 'ZUNIONSTORE', key(r))],
  [1, (r) => overNumbered(r, 'ZINTERSTORE', key(r))],
  [1, (r) => ['ZDIFFSTORE', key(r), ...numbered(r)]],
  [1, (r) => ['ZINTERCARD', ...numbered(r), ...maybe(r, 0.4, 'LIMIT', integer(r))]],
  [1, (r) => ['ZSCAN', anyKey(r), '0', 'COUNT', '100000', ...maybe(r, 0.4, 'MATCH', r.pick(['*', 'm1*', '?', 'b*']))]],
  [0.7, (r) => ['SADD', 'set', ...r.times(1, 3, () => member(r))]],
  [0.3, (r) => ['SREM', 'set', ...r.times(1, 5, () => member(r))]],
  [0.5, (r) => ['DEL', r.pick(KEYS)]],
  [0.2, () => ['SET', 'string', 'v']],
]

export const generator: Generator = {
  name: 'sorted-set',
  keys: KEYS,
  next: (random) => random.weighted(COMMANDS)(random),
}
