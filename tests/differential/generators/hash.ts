/**
 * Random hash commands: few keys and fields, so that fields are met again; values that count, values at the edges of 64
 * bits and of long doubles, long ones, and bursts past hash-max-listpack-entries. Fields drawn at random are asked for
 * with counts that leave no choice. Expiry of fields is newer than the compared Redis and not part of this.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['h1', 'h2', 'h3', 'missing', 'string']
const FIELDS: readonly Bytes[] = ['', '\x00\xff', '1', '-1', '007', 'x'.repeat(64), 'y'.repeat(65)]
const VALUES: readonly Bytes[] = [
  '',
  '0',
  '-0',
  ' 1',
  '1 ',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '9007199254740993',
  '1.5',
  '0.1',
  '-3.0e2',
  '1e4000',
  'inf',
  'nan',
  '0x10',
  'word',
  'v'.repeat(64),
  'w'.repeat(65),
]
const COUNTS: readonly Bytes[] = ['0', 'x', '', '1.5', '1000', '9223372036854775807', '-9223372036854775808']

const key = (random: Random): Bytes => (random.chance(0.04) ? random.pick(KEYS) : KEYS[random.integer(0, 2)])

function field(random: Random): Bytes {
  return random.chance(0.05) ? random.pick(FIELDS) : 'f' + random.integer(0, 14)
}

function value(random: Random): Bytes {
  if (random.chance(0.25)) return random.pick(VALUES)
  return random.chance(0.6) ? '' + random.integer(-50, 50) : 'v' + random.integer(0, 99)
}

function pairs(random: Random): Bytes[] {
  if (random.chance(0.012)) {
    const count = random.pick([60, 128, 511, 512, 513, 700])
    return Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 'b' : 'v') + (i >> 1))
  }
  const flat = random.times(1, 5, () => [field(random), value(random)]).flat()
  return random.chance(0.03) ? flat.slice(1) : flat
}

function scanOptions(random: Random): Bytes[] {
  const options = ['COUNT', '100000']
  if (random.chance(0.4)) options.push('MATCH', random.pick(['*', 'f*', 'f1?', '?', '[a-b]*', '']))
  if (random.chance(0.05)) options.push(random.pick(['COUNT', 'MATCH', 'LIMIT']))
  return options
}

const COMMANDS: readonly (readonly [number, (random: Random) => Bytes[]])[] = [
  [6, (r) => ['HSET', key(r), ...pairs(r)]],
  [2, (r) => ['HMSET', key(r), ...pairs(r)]],
  [2, (r) => ['HSETNX', key(r), field(r), value(r)]],
  [3, (r) => ['HDEL', key(r), ...r.times(1, 6, () => field(r))]],
  [0.4, (r) => ['HDEL', key(r), ...Array.from({ length: 129 }, (_, i) => 'b' + i)]],
  [4, (r) => ['HINCRBY', key(r), field(r), r.chance(0.7) ? '' + r.integer(-9, 9) : value(r)]],
  [4, (r) => ['HINCRBYFLOAT', key(r), field(r), r.chance(0.6) ? '' + r.integer(-99, 99) / 10 : value(r)]],
  [4, (r) => ['HGET', key(r), field(r)]],
  [2, (r) => ['HMGET', key(r), ...r.times(1, 4, () => field(r))]],
  [2, (r) => ['HEXISTS', key(r), field(r)]],
  [2, (r) => ['HSTRLEN', key(r), field(r)]],
  [2, (r) => ['HLEN', key(r)]],
  [2, (r) => ['HGETALL', key(r)]],
  [1, (r) => [r.pick(['HKEYS', 'HVALS']), key(r)]],
  [
    1,
    (r) => [
      'HRANDFIELD',
      key(r),
      r.pick(['0', 'x', '', '-9223372036854775808']),
      ...(r.chance(0.3) ? ['WITHVALUES'] : []),
    ],
  ],
  [0.3, (r) => ['HRANDFIELD', 'never', ...(r.chance(0.7) ? [r.pick(COUNTS)] : []), ...(r.chance(0.3) ? ['FOO'] : [])]],
  [2, (r) => ['HSCAN', key(r), r.chance(0.95) ? '0' : r.pick(['x', '1.5']), ...scanOptions(r)]],
  [0.5, (r) => ['COPY', key(r), key(r), 'REPLACE']],
  [0.3, (r) => (r.chance(0.7) ? ['DEL', key(r)] : ['SET', 'string', 'v'])],
]

export const generator: Generator = {
  name: 'hash',
  keys: KEYS,
  next: (random) => random.weighted(COMMANDS)(random),
}
