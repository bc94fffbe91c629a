/**
 * Random bitmap commands over short strings and a few of some kilobytes (so that words, not only bytes, are counted and
 * searched), with runs of equal bits, ranges on both sides of the ends in bytes and bits, and BITFIELD with every width,
 * sign and kind of overflow. What 7.0 judged later than 7.4 does is left out: wrong arguments of BITCOUNT and BITPOS.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['b1', 'b2', 'b3', 'b4', 'b5', 'missing', 'list']

const OFFSETS: readonly Bytes[] = ['0', '7', '8', '63', '64', '12345', '-1', 'x', '', '4294967296', '1.5']
const INTEGERS: readonly Bytes[] = [
  '0',
  '1',
  '-1',
  '127',
  '128',
  '255',
  '-128',
  '9223372036854775807',
  '-9223372036854775808',
  '4611686018427387904',
  '9007199254740993',
]

const key = (r: Random): Bytes => (r.chance(0.1) ? r.pick(KEYS) : KEYS[r.integer(0, 4)])
const offset = (r: Random): Bytes => (r.chance(0.9) ? '' + r.integer(0, r.pick([20, 200, 3000])) : r.pick(OFFSETS))
const bound = (r: Random): Bytes => {
  const reach = r.pick([3, 30, 300, 5000])
  return '' + r.integer(-reach, reach)
}
const bit = (r: Random): Bytes => (r.chance(0.97) ? '' + r.integer(0, 1) : r.pick(['2', '-1', 'x']))

function content(r: Random): Bytes {
  const runs = r.times(0, 4, () =>
    r.pick(['\x00', '\xff', '\x01', '\x80', 'a']).repeat(r.integer(0, r.pick([4, 40, 400]))),
  )
  return runs.join(r.chance(0.5) ? '' : r.bytes(0, 3))
}

function range(r: Random): Bytes[] {
  const unit = r.pick([[], [], ['BIT'], ['byte']])
  return r.chance(0.2) ? [] : [bound(r), bound(r), ...unit]
}

function fieldOperation(r: Random): Bytes[] {
  const type = r.chance(0.03) ? r.pick(['u64', 'i65', 'u0', 'x8', 'i', '']) : r.pick(['u', 'i']) + r.integer(1, 63)
  const field = [r.chance(0.05) ? 'i64' : type, (r.chance(0.3) ? '#' : '') + offset(r)]
  const operand = r.chance(0.5) ? '' + r.integer(-300, 300) : r.chance(0.97) ? r.pick(INTEGERS) : 'x'
  return r.weighted<() => Bytes[]>([
    [3, () => [r.chance(0.2) ? 'get' : 'GET', ...field]],
    [3, () => ['SET', ...field, operand]],
    [3, () => ['INCRBY', ...field, operand]],
    [2, () => ['OVERFLOW', r.chance(0.02) ? 'bad' : r.pick(['WRAP', 'SAT', 'FAIL', 'sat'])]],
    [0.1, () => ['bad']],
  ])()
}

const COMMANDS: readonly (readonly [number, (r: Random) => Bytes[]])[] = [
  [3, (r) => ['SET', key(r), r.chance(0.2) ? '' + r.integer(-999, 99999) : content(r)]],
  [5, (r) => ['SETBIT', key(r), offset(r), bit(r)]],
  [4, (r) => ['GETBIT', key(r), offset(r)]],
  [5, (r) => ['BITCOUNT', key(r), ...range(r)]],
  [4, (r) => ['BITPOS', key(r), '' + r.integer(0, 1), ...range(r)]],
  [2, (r) => ['BITPOS', key(r), '' + r.integer(0, 1), bound(r)]],
  [4, (r) => ['BITOP', r.pick(['AND', 'OR', 'XOR', 'and']), key(r), ...r.times(1, 4, () => key(r))]],
  [1, (r) => ['BITOP', 'NOT', key(r), ...r.times(1, r.chance(0.9) ? 1 : 2, () => key(r))]],
  [8, (r) => ['BITFIELD', key(r), ...r.times(0, 4, () => fieldOperation(r)).flat()]],
  [2, (r) => ['BITFIELD_RO', key(r), ...r.times(0, 3, () => fieldOperation(r)).flat()]],
  [2, (r) => ['GET', key(r)]],
  [1, (r) => ['APPEND', key(r), content(r)]],
  [1, (r) => ['DEL', key(r)]],
  [0.3, () => ['RPUSH', 'list', 'x']],
  [0.5, () => ['DEL', 'list']],
]

export const generator: Generator = {
  name: 'bitmap',
  keys: KEYS,
  next: (random) => random.weighted(COMMANDS)(random),
}
