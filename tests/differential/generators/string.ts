/**
 * Random string commands: a handful of keys, values from pools that sit at the borders (of 64 bits, of safe integers, of
 * embstr, of long doubles), options in any number and order, and offsets and ranges on both sides of the ends. Times of
 * expiry are points in time far ahead, so that both servers agree on them to the millisecond.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['s1', 's2', 's3', 's4', 's5', 'missing', 'list', 'float']

const INTEGERS: readonly Bytes[] = [
  '0',
  '1',
  '-1',
  '10',
  '4611686018427387904',
  '-4611686018427387905',
  '9007199254740991',
  '9007199254740992',
  '-9007199254740991',
  '-9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '-9223372036854775807',
]
const ODD_NUMBERS: readonly Bytes[] = [
  '9223372036854775808',
  '-9223372036854775809',
  '+1',
  '01',
  '-0',
  ' 1',
  '1 ',
  '1.0',
  '',
  '-',
  'abc',
  '1\x00',
]
const FLOATS: readonly Bytes[] = [
  '0.1',
  '-0.2',
  '3.0e3',
  '1e-17',
  '-5e-18',
  '1e17',
  '1e40',
  '0x1.8p3',
  'inf',
  '-Infinity',
  'nan',
  '1e4932',
  '1e5000',
  '.5',
  '5.',
  '.',
  '1e',
]
const TEXTS: readonly Bytes[] = [
  '',
  'a',
  'hello world',
  'x'.repeat(44),
  'x'.repeat(45),
  '\x00\xff\r\n',
  'abcabcaabbcc',
  'y'.repeat(300),
]
const OFFSETS: readonly Bytes[] = ['0', '1', '3', '10', '100', '-1', '-3', '-100', '1000', 'x', '', '1.5']
const HUGE_OFFSETS: readonly Bytes[] = ['536870912', '9223372036854775807', '9223372036854775808']
const TIMES: readonly Bytes[] = ['4000000000000', '4000000001234', '0', '-1', 'x', '9223372036854775808']
const key = (r: Random): Bytes => (r.chance(0.2) ? r.pick(KEYS) : KEYS[r.integer(0, 4)])
const number = (r: Random): Bytes =>
  r.chance(0.5) ? '' + r.integer(-50, 50) : r.pick(r.chance(0.8) ? INTEGERS : ODD_NUMBERS)
const float = (r: Random): Bytes => {
  if (r.chance(0.3)) return r.pick(FLOATS)
  return r.chance(0.3) ? number(r) : (r.integer(-1e6, 1e6) / 10 ** r.integer(0, 9)).toString()
}
const value = (r: Random): Bytes =>
  r.weighted<() => Bytes>([
    [4, () => number(r)],
    [2, () => float(r)],
    [3, () => r.pick(TEXTS)],
    [2, () => r.bytes(0, 60)],
  ])()
const offset = (r: Random): Bytes => (r.chance(0.5) ? '' + r.integer(-20, 60) : r.pick(OFFSETS))

/** Options of SET, GETEX and MSETEX; mostly few and right, at times many and wrong. */
function options(r: Random, words: readonly Bytes[]): Bytes[] {
  const chosen: Bytes[] = []
  for (let left = r.pick([0, 0, 1, 1, 1, 2, 2, 3]); left > 0; left--) {
    const word = r.pick(words)
    chosen.push(r.chance(0.3) ? word.toLowerCase() : word)
    if (/^(EX|PX|EXAT|PXAT)$/.test(word) && !r.chance(0.05)) {
      const time = word === 'EXAT' || word === 'PXAT' ? r.pick(TIMES) : r.pick(['0', '-5', 'x', '9223372036854775807'])
      chosen.push(time)
    }
  }
  return chosen
}

const SET_WORDS = ['NX', 'XX', 'GET', 'KEEPTTL', 'EXAT', 'PXAT', 'PXAT', 'EX', 'PX', 'PERSIST', 'bad']
const GETEX_WORDS = ['PERSIST', 'EXAT', 'PXAT', 'PXAT', 'EX', 'PX', 'KEEPTTL', 'NX', 'bad']
const LCS_WORDS = ['IDX', 'LEN', 'WITHMATCHLEN', 'MINMATCHLEN', 'bad']

function lcsOptions(r: Random): Bytes[] {
  return r.times(0, 3, () => r.pick(LCS_WORDS)).flatMap((word) => (word === 'MINMATCHLEN' ? [word, offset(r)] : [word]))
}

const COMMANDS: readonly (readonly [number, (r: Random) => Bytes[]])[] = [
  [6, (r) => ['GET', key(r)]],
  [5, (r) => ['SET', key(r), value(r)]],
  [8, (r) => ['SET', key(r), value(r), ...options(r, SET_WORDS)]],
  [2, (r) => ['SETNX', key(r), value(r)]],
  [1, (r) => ['SETEX', key(r), r.pick(['0', '-1', 'x', '9223372036854775807', '9223372036854775']), value(r)]],
  [1, (r) => ['PSETEX', key(r), r.pick(['0', '-1', 'x', '9223372036854775807']), value(r)]],
  [2, (r) => ['GETSET', key(r), value(r)]],
  [2, (r) => ['GETDEL', key(r)]],
  [4, (r) => ['GETEX', key(r), ...options(r, GETEX_WORDS)]],
  [4, (r) => [r.pick(['GETRANGE', 'SUBSTR']), key(r), offset(r), offset(r)]],
  [5, (r) => ['SETRANGE', key(r), r.chance(0.03) ? r.pick(HUGE_OFFSETS) : offset(r), r.chance(0.2) ? '' : value(r)]],
  [5, (r) => ['APPEND', key(r), value(r)]],
  [3, (r) => ['STRLEN', key(r)]],
  [4, (r) => ['INCR', key(r)]],
  [3, (r) => ['DECR', key(r)]],
  [4, (r) => ['INCRBY', key(r), number(r)]],
  [3, (r) => ['DECRBY', key(r), number(r)]],
  [6, (r) => ['INCRBYFLOAT', 'float', float(r)]],
  [2, (r) => ['MGET', ...r.times(1, 4, () => key(r))]],
  [2, (r) => ['MSET', ...r.times(1, 3, () => [key(r), value(r)]).flat(), ...(r.chance(0.05) ? ['odd'] : [])]],
  [2, (r) => ['MSETNX', ...r.times(1, 3, () => [key(r), value(r)]).flat(), ...(r.chance(0.05) ? ['odd'] : [])]],
  [2, (r) => ['LCS', key(r), key(r), ...lcsOptions(r)]],
  [1, (r) => ['RPUSH', 'list', value(r)]],
  [1, (r) => ['DEL', key(r)]],
]

export const generator: Generator = {
  name: 'string',
  // The state of `float` is not compared, only what is read of it: zerodis names the encoding of an integer beyond 2^53 int
  // even where INCRBYFLOAT made it.
  keys: KEYS.slice(0, -1),
  next: (random) => random.weighted(COMMANDS)(random),
}
