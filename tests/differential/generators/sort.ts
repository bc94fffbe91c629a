/** SORT with every mix of options, over lists, sets of integers and sorted sets, and the keys that its patterns name. */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['l1', 'l2', 's1', 'dst', 'string']
/** Redis turns a sorted set that it sorts into a skiplist for good, so its final encoding is not compared. */
const SORTED = [...KEYS, 'z1']
const PATTERNS = ['w_*', 'h_*->f', 'h_*->g', 'w_*->f', '*', '#', 'nosort', 'w_*_x', 'h_*->', 'nothing_*']
const WORDS = ['a', 'b', 'B', '', ' 5', '5 ', '0x10', 'inf', '-inf', 'nan', '1.5', '-0', 'ab']

const number = (r: Random): Bytes => `${r.integer(-5, 12)}`
const element = (r: Random): Bytes => (r.chance(0.03) ? r.pick(WORDS) : number(r))

function options(r: Random): Bytes[] {
  return r
    .times(0, 4, () =>
      r.weighted<Bytes[]>([
        [4, ['DESC']],
        [2, ['asc']],
        [4, ['ALPHA']],
        [5, ['LIMIT', `${r.integer(-1, 6)}`, `${r.integer(-1, 8)}`]],
        [4, ['GET', r.pick(PATTERNS)]],
        [1, [r.pick(['LIMIT', 'GET', 'BY', 'x', 'STORE'])]],
      ]),
    )
    .flat()
}

/** Weights that tie leave the order open under BY ALPHA; so weights there are looked up for the element itself or not at all. */
function by(r: Random): Bytes[] {
  return r.chance(0.5) ? [] : ['BY', r.pick(['w_*', 'nosort', '*->x', 'nothing_*', 'h_*->f'])]
}

const withoutAlpha = (words: readonly Bytes[]): Bytes[] => words.filter((word) => word !== 'ALPHA')

export const generator: Generator = {
  name: 'sort',
  keys: KEYS,
  next(r) {
    return r.weighted<() => Bytes[]>([
      [6, () => ['RPUSH', r.pick(['l1', 'l2']), ...r.times(1, 5, () => element(r))]],
      [3, () => ['LPOP', r.pick(['l1', 'l2']), '6']],
      [4, () => ['SADD', 's1', ...r.times(1, 4, () => number(r))]],
      [1, () => ['SREM', 's1', ...r.times(1, 4, () => number(r))]],
      [4, () => ['ZADD', 'z1', number(r), element(r), number(r), element(r)]],
      [1, () => ['ZREM', 'z1', ...r.times(1, 4, () => number(r))]],
      [5, () => ['SET', `w_${number(r)}`, element(r)]],
      [5, () => ['HSET', `h_${number(r)}`, r.pick(['f', 'g']), element(r)]],
      [2, () => ['DEL', r.pick([`w_${number(r)}`, `h_${number(r)}`, 'dst', 'l1', 'z1'])]],
      [0.3, () => ['SET', 'string', 'v']],
      [12, () => [r.pick(['SORT', 'SORT_RO']), r.pick(SORTED), ...options(r)]],
      [12, () => ['SORT', r.pick(SORTED), ...by(r), ...withoutAlpha(options(r))]],
      [6, () => ['SORT', r.pick(SORTED), ...withoutAlpha(options(r)), 'STORE', r.pick(['dst', 'l2'])]],
    ])()
  },
}
