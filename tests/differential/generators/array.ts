/** Random array commands: few keys, indexes near each other, at the edges of slices and of 64 bits, rings and cursors. */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['ar1', 'ar2', 'ar3']
const EDGES: readonly Bytes[] = [
  '4095',
  '4096',
  '9007199254740991',
  '9007199254740992',
  '18446744073709551614',
  '-1',
  'x',
]

function index(random: Random): Bytes {
  if (random.chance(0.1)) return random.pick(EDGES)
  return random.chance(0.8) ? `${random.integer(0, 60)}` : `${random.integer(0, 100_000) * 37}`
}

function value(random: Random): Bytes {
  return random.chance(0.5) ? `${random.integer(-99, 99)}` : 'v'.repeat(random.integer(0, 40))
}

const several = (random: Random, draw: (random: Random) => Bytes): Bytes[] =>
  Array.from({ length: random.integer(1, 6) }, () => draw(random))

export const generator: Generator = {
  name: 'array',
  since: '8.8',
  keys: KEYS,
  next(random) {
    const key = random.pick(KEYS)
    const pair = (): Bytes[] => [index(random), value(random)]
    switch (random.integer(0, 17)) {
      case 0:
      case 1:
        return ['ARSET', key, index(random), ...several(random, value)]
      case 2:
        return ['ARMSET', key, ...pair(), ...pair(), ...pair()]
      case 3:
      case 4:
        return ['ARDEL', key, ...several(random, index)]
      case 5:
        return ['ARDELRANGE', key, index(random), index(random)]
      case 6:
        return ['ARINSERT', key, ...several(random, value)]
      case 7:
      case 8:
        return ['ARRING', key, `${random.integer(0, 9)}`, ...several(random, value)]
      case 9:
        return ['ARSEEK', key, index(random)]
      case 10:
        return ['ARLASTITEMS', key, `${random.integer(0, 9)}`]
      case 11:
        return ['AROP', key, index(random), index(random), random.pick(['SUM', 'MIN', 'OR', 'USED'])]
      case 12:
        return ['ARSCAN', key, index(random), index(random), 'LIMIT', '5']
      case 13:
        return ['ARGREP', key, '-', '+', 'MATCH', '1', 'LIMIT', '3']
      case 14:
        return ['COPY', key, random.pick(KEYS), 'REPLACE']
      case 15:
        return ['ARMGET', key, ...several(random, index)]
      case 16:
        return ['DEL', key]
      default:
        return ['ARINFO', key, 'FULL']
    }
  },
}
