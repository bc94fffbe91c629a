/**
 * Random HyperLogLog commands: elements from small and large pools, so that sparse values split and join their runs, grow
 * past the threshold (which is lowered now and then) and turn dense. GET compares the bytes themselves.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['h1', 'h2', 'h3', 'h4', 'missing', 'string', 'list']

const key = (r: Random): Bytes => (r.chance(0.05) ? r.pick(KEYS) : KEYS[r.integer(0, 3)])

function element(r: Random): Bytes {
  return r.weighted<() => Bytes>([
    [5, () => '' + r.integer(0, 500)],
    [5, () => '' + r.integer(0, 1_000_000_000)],
    [2, () => r.bytes(0, 40)],
  ])()
}

const COMMANDS: readonly (readonly [number, (r: Random) => Bytes[]])[] = [
  [10, (r) => ['PFADD', key(r), ...r.times(0, r.pick([2, 10, 100]), () => element(r))]],
  [0.3, (r) => ['PFADD', key(r), ...r.times(1000, 5000, () => element(r))]],
  [4, (r) => ['PFCOUNT', key(r)]],
  [2, (r) => ['PFCOUNT', ...r.times(2, 4, () => key(r))]],
  [2, (r) => ['PFMERGE', ...r.times(1, 4, () => key(r))]],
  [4, (r) => ['GET', key(r)]],
  [1, (r) => ['PFDEBUG', r.pick(['GETREG', 'DECODE', 'decode', 'ENCODING', 'bad']), key(r)]],
  [0.1, (r) => ['PFDEBUG', 'TODENSE', key(r)]],
  [
    0.3,
    (r) => ['CONFIG', 'SET', 'hll-sparse-max-bytes', r.pick(['0', '100', '1000', '3000', '3000', '3000', '16000'])],
  ],
  [2, (r) => ['DEL', key(r)]],
  [
    0.2,
    (r) => ['SET', 'string', r.pick(['1', 'HYLL', 'HYLL\x01' + '\0'.repeat(11) + 'ab', 'HYLL\0' + '\0'.repeat(11)])],
  ],
  // Nearly right: a byte of a value is overwritten.
  [0.2, (r) => ['SETRANGE', key(r), '' + r.integer(0, 40), r.bytes(1, 1)]],
  [0.1, () => ['RPUSH', 'list', 'x']],
]

export const generator: Generator = {
  name: 'hyperloglog',
  keys: KEYS,
  setup: [['CONFIG', 'SET', 'hll-sparse-max-bytes', '3000']],
  next: (random) => random.weighted(COMMANDS)(random),
}
