/**
 * Random geo commands: places all over the world, with clusters, the poles' rim and the date line, and scores that are no
 * geohash at all; searches of all forms with radii from nothing to more than the world.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'
import { plain, type Seen } from '../../contract/harness/seen.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['g1', 'g2', 'g3', 'string', 'missing']
/** Holds distances, of which the last digit depends on the C library: its state is compared by `normalise` alone. */
const DISTANCES = 'dst'

/** Each with a member of its own: members at one place would come in any order. */
const EDGE_PLACES: readonly (readonly [Bytes, Bytes])[] = [
  ['0', '0'],
  ['180', '85.05112878'],
  ['-180', '-85.05112878'],
  ['180', '0'],
  ['-180', '0'],
  ['179.9999', '-85'],
  ['-179.9999', '84.9'],
]
const BAD_PLACES: readonly (readonly [Bytes, Bytes])[] = [
  ['180.1', '0'],
  ['0', '85.06'],
  ['x', '0'],
  ['0', ''],
  ['inf', '0'],
  ['-0', '-90'],
  ['1e30', '1'],
]
const UNITS: readonly Bytes[] = ['m', 'km', 'KM', 'ft', 'mi']
const RADII: readonly Bytes[] = ['0', '0.001', '1', '50', '700', '5000', '12000', '30000', '1e9', '-1', 'x', '']

const member = (r: Random): Bytes => 'm' + r.integer(0, 40)
const key = (r: Random): Bytes => (r.chance(0.04) ? r.pick(KEYS) : KEYS[r.integer(0, 2)])
const unit = (r: Random): Bytes => (r.chance(0.02) ? r.pick(['x', '']) : r.pick(UNITS))
const radius = (r: Random): Bytes => (r.chance(0.5) ? (r.next() * 10 ** r.integer(0, 5)).toFixed(3) : r.pick(RADII))
const maybe = (r: Random, share: number, ...words: Bytes[]): Bytes[] => (r.chance(share) ? words : [])

function place(r: Random): readonly [Bytes, Bytes] {
  if (r.chance(0.02)) return r.pick(BAD_PLACES)
  if (r.chance(0.03)) return r.pick(EDGE_PLACES)
  return anyPlace(r)
}

/** Ever other places, half of them close together. */
function anyPlace(r: Random): readonly [Bytes, Bytes] {
  const cluster = r.chance(0.5)
  const lon = cluster ? 15 + r.next() * 0.5 : r.next() * 360 - 180
  const lat = cluster ? 37 + r.next() * 0.5 : r.next() * 170 - 85
  return ['' + lon, '' + lat]
}

function placed(r: Random): Bytes[] {
  if (r.chance(0.02)) return [...r.pick(BAD_PLACES), member(r)]
  if (r.chance(0.97)) return [...anyPlace(r), member(r)]
  const edge = r.integer(0, EDGE_PLACES.length - 1)
  return [...EDGE_PLACES[edge], 'edge' + edge]
}

function options(r: Random): Bytes[] {
  return [
    ...maybe(r, 0.3, 'WITHDIST'),
    ...maybe(r, 0.2, 'withhash'),
    ...maybe(r, 0.3, 'WITHCOORD'),
    ...maybe(r, 0.3, 'COUNT', r.pick(['1', '2', '5', '100', '0', '-1', 'x'])),
    ...maybe(r, 0.1, 'ANY'),
    ...maybe(r, 0.5, r.pick(['ASC', 'DESC'])),
    ...maybe(r, 0.01, r.pick(['COUNT', 'STORE', 'x'])),
  ]
}

function storeOptions(r: Random): Bytes[] {
  return options(r).filter((word) => !word.toUpperCase().startsWith('WITH') || r.chance(0.1))
}

function centre(r: Random): Bytes[] {
  return r.chance(0.5) ? ['FROMMEMBER', member(r)] : ['FROMLONLAT', ...place(r)]
}

function shape(r: Random): Bytes[] {
  return r.chance(0.5) ? ['BYRADIUS', radius(r), unit(r)] : ['BYBOX', radius(r), radius(r), unit(r)]
}

const store = (r: Random): Bytes[] =>
  maybe(
    r,
    0.15,
    ...r.pick([
      ['STORE', 'g3'],
      ['STOREDIST', DISTANCES],
    ]),
  )

const COMMANDS: readonly (readonly [number, (r: Random) => Bytes[]])[] = [
  [
    6,
    (r) => [
      'GEOADD',
      key(r),
      ...maybe(r, 0.3, r.pick(['NX', 'XX', 'CH', 'ch'])),
      ...r.times(1, 5, () => placed(r)).flat(),
    ],
  ],
  [
    0.2,
    (r) => [
      'ZADD',
      key(r),
      r.pick(['-5', '4.5e15', '1e17', '1e30', '-inf', 'inf', '7.5', '-1e19', '9.9e18']),
      member(r),
    ],
  ],
  [2, (r) => ['GEODIST', key(r), member(r), member(r), ...maybe(r, 0.6, unit(r)), ...maybe(r, 0.02, 'x')]],
  [1, (r) => ['GEOHASH', key(r), ...r.times(0, 4, () => member(r))]],
  [1, (r) => ['GEOPOS', key(r), ...r.times(0, 4, () => member(r))]],
  [3, (r) => ['GEOSEARCH', key(r), ...centre(r), ...shape(r), ...options(r)]],
  [
    1,
    (r) => ['GEOSEARCH', key(r), ...r.times(2, 3, () => (r.chance(0.5) ? centre(r) : shape(r))).flat(), ...options(r)],
  ],
  [1, (r) => ['GEOSEARCHSTORE', 'g3', key(r), ...centre(r), ...shape(r), ...storeOptions(r), ...maybe(r, 0.02, 'x')]],
  [0.5, (r) => ['GEOSEARCHSTORE', DISTANCES, key(r), ...centre(r), ...shape(r), ...storeOptions(r), 'STOREDIST']],
  [
    2,
    (r) => [r.pick(['GEORADIUS', 'GEORADIUS_RO']), key(r), ...place(r), radius(r), unit(r), ...options(r), ...store(r)],
  ],
  [
    2,
    (r) => [
      r.pick(['GEORADIUSBYMEMBER', 'GEORADIUSBYMEMBER_RO']),
      key(r),
      member(r),
      radius(r),
      unit(r),
      ...options(r),
      ...store(r),
    ],
  ],
  [0.5, (r) => ['ZRANGE', key(r), '0', '-1', 'WITHSCORES']],
  [0.5, () => ['ZRANGE', DISTANCES, '0', '-1', 'WITHSCORES']],
  [1, (r) => ['ZREM', key(r), member(r), member(r)]],
  [0.1, (r) => ['DEL', r.pick(KEYS)]],
  [0.1, () => ['SET', 'string', 'v']],
]

export const generator: Generator = {
  name: 'geo',
  keys: KEYS,
  normalise: (argv, reply) => (argv[1] === DISTANCES ? roughly(reply) : reply),
  next: (random) => random.weighted(COMMANDS)(random),
}

/** Doubles to 13 digits. */
function roughly(seen: Seen): Seen {
  if (Array.isArray(seen)) return seen.map(roughly)
  const text = plain(seen)
  return typeof text === 'string' && /^\d/.test(text) ? Number(text).toPrecision(13) : seen
}
