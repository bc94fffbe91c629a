/** Random JSON commands: small documents with few names, so that paths meet, nest and miss; numbers at the edges of 64 bits. */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Generator } from '../generator.ts'
import type { Random } from '../random.ts'

const KEYS: readonly Bytes[] = ['j1', 'j2', 'j3']
const NAMES: readonly Bytes[] = ['a', 'b', 'c']
const SCALARS: readonly Bytes[] = [
  ...['null', 'true', 'false', '"x"', '"\\u00e9\\n"', '0', '-1', '7', '1.5', '-0.0', '1e300'],
  ...['9223372036854775807', '-9223372036854775808', '18446744073709551615', '9007199254740993'],
]
const NOT_JSON: readonly Bytes[] = ['', '{', '[1,]', 'x', '"\xff"', '1e999']

function value(random: Random, depth = 3): Bytes {
  if (random.chance(0.02)) return random.pick(NOT_JSON)
  return valid(random, depth)
}

function valid(random: Random, depth: number): Bytes {
  const kind = depth === 0 ? 0 : random.integer(0, 4)
  if (kind < 2) return random.pick(SCALARS)
  const parts = random.times(0, 4, () => valid(random, depth - 1))
  if (kind < 4) return `{${parts.map((part) => `"${random.pick(NAMES)}":${part}`).join(',')}}`
  return `[${parts.join(',')}]`
}

function path(random: Random): Bytes {
  if (random.chance(0.15)) return random.pick(['$', '.', '$..*', '$.*', '$..a', '..b', '$[0,1,0]', '$..[0]', '$[::-1]'])
  const isLegacy = random.chance(0.3)
  let text = isLegacy ? '' : '$'
  for (let left = random.integer(1, 3); left > 0; left--) {
    if (random.chance(0.25)) text += `[${random.integer(-2, 3)}]`
    else text += `${random.chance(0.15) ? '..' : '.'}${random.chance(0.1) ? '*' : random.pick(NAMES)}`
  }
  return text
}

const index = (random: Random): Bytes => (random.chance(0.05) ? 'x' : `${random.integer(-4, 4)}`)

export const generator: Generator = {
  name: 'json',
  since: '8.8',
  keys: KEYS,
  next(random) {
    const key = random.pick(KEYS)
    switch (random.integer(0, 24)) {
      case 0:
      case 1:
        return ['JSON.SET', key, '$', value(random)]
      case 2:
      case 3:
      case 4:
        return [
          'JSON.SET',
          key,
          path(random),
          value(random),
          ...random.pick([[], [], ['NX'], ['XX'], ['FPHA', 'FP16']]),
        ]
      case 5:
        return ['JSON.MSET', key, path(random), value(random), random.pick(KEYS), path(random), value(random)]
      case 6:
      case 7:
        return ['JSON.MERGE', key, path(random), value(random)]
      case 8:
      case 9:
        return ['JSON.DEL', key, path(random)]
      case 10:
        return ['JSON.CLEAR', key, path(random)]
      case 11:
        return [
          'JSON.NUMINCRBY',
          key,
          path(random),
          random.pick(['1', '-2', '0.5', '9223372036854775807', '1e308', 'x']),
        ]
      case 12:
        return [
          random.pick(['JSON.NUMMULTBY', 'JSON.NUMPOWBY']),
          key,
          path(random),
          random.pick(['2', '-1', '1.5', '0', '1e200']),
        ]
      case 13:
        return ['JSON.STRAPPEND', key, path(random), random.pick(['"y"', '""', '1'])]
      case 14:
        return ['JSON.TOGGLE', key, path(random)]
      case 15:
      case 16:
        return ['JSON.ARRAPPEND', key, path(random), ...random.times(1, 3, () => value(random))]
      case 17:
        return ['JSON.ARRINSERT', key, path(random), index(random), ...random.times(1, 2, () => value(random))]
      case 18:
        return ['JSON.ARRPOP', key, path(random), index(random)]
      case 19:
        return ['JSON.ARRTRIM', key, path(random), index(random), index(random)]
      case 20:
        return ['JSON.ARRINDEX', key, path(random), value(random), index(random), index(random)]
      case 21:
        return ['COPY', key, random.pick(KEYS), 'REPLACE']
      case 22:
        return ['JSON.MGET', ...KEYS, path(random)]
      case 23:
        return random.pick([
          ['JSON.TYPE', key, path(random)],
          ['JSON.RESP', key, path(random)],
          ['DEL', key],
        ])
      default:
        return ['JSON.GET', key, ...random.times(0, 2, () => path(random))]
    }
  },
}
