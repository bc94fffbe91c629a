/**
 * Random list commands: few keys and few elements, so that searches hit; integers and long elements, bursts that need
 * several nodes, and changes of list-max-listpack-size, so that nodes are filled, split, merged, packed and opened.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['l1', 'l2', 'l3', 'l4', 'missing', 'string']
const INDEXES: readonly Bytes[] = ['0', '-1', '1', '-2', '3', '-5', '40', '-700', '9999', '', 'x', '1.5']
const ENDS: readonly Bytes[] = ['LEFT', 'RIGHT', 'left', 'Right']
const FILLS: readonly Bytes[] = ['-2', '-1', '1', '3', '5', '16', '128']
/** What a list of some size is told apart by: its size in bytes and the bounds of the encodings of lengths. */
const LONG: readonly Bytes[] = [63, 64, 127, 254, 255, 256, 300, 2000, 4095, 4096, 8000, 8192, 8193, 20000].map((n) =>
  'x'.repeat(n),
)

function element(random: Random): Bytes {
  if (random.chance(0.03)) return random.pick(LONG)
  if (random.chance(0.03))
    return random.pick(['', '\x00\xff', '-0', '007', '9223372036854775807', '-9223372036854775809'])
  return random.chance(0.5) ? '' + random.integer(-5, 20) : 'e' + random.integer(0, 15)
}

const key = (random: Random): Bytes => (random.chance(0.05) ? random.pick(KEYS) : KEYS[random.integer(0, 3)])
const index = (random: Random): Bytes => (random.chance(0.15) ? random.pick(INDEXES) : '' + random.integer(-400, 400))
const end = (random: Random): Bytes => (random.chance(0.02) ? 'MIDDLE' : random.pick(ENDS))
const count = (random: Random): Bytes => (random.chance(0.2) ? random.pick(INDEXES) : '' + random.integer(0, 12))

function elements(random: Random): Bytes[] {
  if (random.chance(0.06)) {
    const prefix = random.pick(['', 'burst', 'a somewhat longer element '])
    return Array.from({ length: random.pick([30, 127, 128, 129, 400]) }, (_, i) => prefix + (i % 37))
  }
  return random.times(1, 6, () => element(random))
}

function posOptions(random: Random): Bytes[] {
  const options: Bytes[] = []
  if (random.chance(0.5)) options.push('RANK', random.pick(['1', '-1', '2', '-2', '3', '-3', '0', 'x', '100']))
  if (random.chance(0.6)) options.push('COUNT', random.pick(['0', '1', '2', '5', '-1', 'x']))
  if (random.chance(0.4)) options.push('MAXLEN', random.pick(['0', '1', '7', '60', '-1', 'x']))
  if (random.chance(0.03)) options.push(random.pick(['RANK', 'COUNT', 'MAXLEN', 'FOO']))
  return options
}

const COMMANDS: readonly (readonly [number, (random: Random) => Bytes[]])[] = [
  [5, (r) => ['RPUSH', key(r), ...elements(r)]],
  [5, (r) => ['LPUSH', key(r), ...elements(r)]],
  [1, (r) => [r.pick(['LPUSHX', 'RPUSHX']), key(r), ...elements(r)]],
  [6, (r) => [r.pick(['LPOP', 'RPOP']), key(r)]],
  [3, (r) => [r.pick(['LPOP', 'RPOP']), key(r), count(r)]],
  [4, (r) => ['LINSERT', key(r), r.pick(['BEFORE', 'AFTER', 'after', 'AT']), element(r), element(r)]],
  [3, (r) => ['LSET', key(r), index(r), element(r)]],
  [3, (r) => ['LREM', key(r), r.pick(['0', '1', '-1', '2', '-3', 'x', '']), element(r)]],
  [1, (r) => ['LTRIM', key(r), index(r), index(r)]],
  [1, (r) => ['LTRIM', key(r), '' + r.integer(0, 5), '' + r.integer(-6, -1)]],
  [4, (r) => ['LRANGE', key(r), index(r), index(r)]],
  [4, (r) => ['LINDEX', key(r), index(r)]],
  [2, (r) => ['LLEN', key(r)]],
  [3, (r) => ['LPOS', key(r), element(r), ...posOptions(r)]],
  [3, (r) => ['LMOVE', key(r), key(r), end(r), end(r)]],
  [2, (r) => ['RPOPLPUSH', key(r), key(r)]],
  [
    2,
    (r) => [
      'LMPOP',
      r.pick(['1', '2', '2', '3', '0', 'x']),
      key(r),
      key(r),
      end(r),
      ...(r.chance(0.5) ? ['COUNT', count(r)] : []),
    ],
  ],
  [1, (r) => ['LMPOP', '1', key(r), end(r)]],
  [0.5, (r) => ['COPY', key(r), key(r), 'REPLACE']],
  [0.3, (r) => (r.chance(0.7) ? ['DEL', key(r)] : ['SET', 'string', 'v'])],
  [0.3, (r) => ['CONFIG', 'SET', 'list-max-listpack-size', r.pick(FILLS)]],
]

export const generator: Generator = {
  name: 'list',
  keys: KEYS,
  next: (random) => random.weighted(COMMANDS)(random),
}
