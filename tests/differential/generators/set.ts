/**
 * Random set commands: few keys and few members, so that sets overlap; members that are integers at the edges of 64
 * bits, words, and now and then long ones, with bursts past the thresholds, so that every encoding and conversion is
 * met. Commands that draw at random ask for more members than there are, or for none, so that their result is known.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['s1', 's2', 's3', 's4', 's5', 'missing', 'string']

const EDGE_MEMBERS: readonly Bytes[] = [
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '9007199254740993',
  '9007199254740992',
  '-9007199254740993',
  '-0',
  '007',
  '+1',
  ' 1',
  '1.0',
  '',
  '\x00\xff',
  'x'.repeat(64),
  'y'.repeat(65),
]
const NUMBERS: readonly Bytes[] = ['0', '1', '2', '5', '1000', '-1', 'x', '', '1.5', '9223372036854775808']

function member(random: Random): Bytes {
  if (random.chance(0.08)) return random.pick(EDGE_MEMBERS)
  return random.chance(0.6) ? '' + random.integer(-10, 29) : 'm' + random.integer(0, 19)
}

function key(random: Random): Bytes {
  return random.chance(0.04) ? random.pick(KEYS) : KEYS[random.integer(0, 4)]
}

function several(random: Random, max: number, draw: (random: Random) => Bytes): Bytes[] {
  return random.times(1, max, () => draw(random))
}

/** Many members at once, around the thresholds of the encodings. */
function burst(random: Random): Bytes[] {
  const count = random.pick([120, 128, 129, 300, 511, 512, 513])
  const prefix = random.chance(0.5) ? '' : 'b'
  return Array.from({ length: count }, (_, i) => prefix + i * 3)
}

const COMMANDS: readonly ((random: Random) => Bytes[])[] = [
  (r) => ['SADD', key(r), ...several(r, 5, member)],
  (r) => ['SADD', key(r), ...several(r, 5, member)],
  (r) => ['SADD', key(r), member(r)],
  (r) => ['SADD', key(r), ...(r.chance(0.15) ? burst(r) : several(r, 20, member))],
  (r) => ['SREM', key(r), ...several(r, 6, member)],
  (r) => ['SREM', key(r), ...(r.chance(0.3) ? burst(r) : several(r, 12, member))],
  (r) => ['SMOVE', key(r), key(r), member(r)],
  (r) => ['SISMEMBER', key(r), member(r)],
  (r) => ['SMISMEMBER', key(r), ...several(r, 4, member)],
  (r) => ['SCARD', key(r)],
  (r) => ['SMEMBERS', key(r)],
  (r) => ['SPOP', key(r), r.chance(0.2) ? '5000' : r.pick(['0', '-1', 'x', ''])],
  (r) => ['SRANDMEMBER', key(r), r.pick(['0', '5000', 'x', '1.5', '-9223372036854775808'])],
  (r) => ['SINTER', ...several(r, 4, key)],
  (r) => ['SUNION', ...several(r, 4, key)],
  (r) => ['SDIFF', ...several(r, 6, key)],
  (r) => ['SINTERSTORE', ...several(r, 4, key)],
  (r) => ['SUNIONSTORE', ...several(r, 3, key)],
  (r) => ['SDIFFSTORE', ...several(r, 5, key)],
  (r) => ['SINTERCARD', r.chance(0.8) ? '2' : r.pick(NUMBERS), key(r), key(r)],
  (r) => ['SINTERCARD', '1', key(r), 'LIMIT', r.pick(NUMBERS), ...(r.chance(0.1) ? ['LIMIT'] : [])],
  (r) => ['SSCAN', key(r), r.chance(0.95) ? '0' : r.pick(['x', '1.5', '0x1']), ...scanOptions(r)],
  (r) => (r.chance(0.3) ? ['DEL', key(r)] : ['SET', 'string', 'v']),
]

function scanOptions(random: Random): Bytes[] {
  const options = ['COUNT', '100000']
  if (random.chance(0.4)) options.push('MATCH', random.pick(['*', 'm*', '-*', '?', '[1-3]*', '']))
  if (random.chance(0.05)) options.push(random.pick(['COUNT', 'MATCH', 'LIMIT']))
  return options
}

export const generator: Generator = {
  name: 'set',
  keys: KEYS,
  next: (random) => random.pick(COMMANDS)(random),
}
