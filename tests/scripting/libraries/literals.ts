/** Random Lua values, as the source text of an expression. */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Random } from '../../differential/random.ts'

/** A string literal of any bytes. */
export function quote(bytes: Bytes): string {
  return `"${bytes.replace(/[^ !#-[\]-~]/g, (byte) => `\\${String(byte.charCodeAt(0)).padStart(3, '0')}`)}"`
}

const ODD_NUMBERS = [
  ...[
    '0',
    '-0',
    '1/0',
    '-1/0',
    '0/0',
    '-(0/0)',
    '0.1',
    '-0.5',
    '1e14',
    '1e15',
    '123456789012345',
    '1e-5',
    '1e-4',
    '5e-324',
  ],
  ...[
    '1.7976931348623157e308',
    '2^31',
    '2^31-1',
    '-2^31',
    '-2^31-1',
    '2^32',
    '2^32-1',
    '2^53',
    '2^63',
    '-2^63',
    '2^64',
    '2^64-1',
  ],
  ...[
    '2^24+1',
    '3.4028234663852886e38',
    '1e39',
    '-32',
    '-33',
    '127',
    '128',
    '255',
    '256',
    '-128',
    '-129',
    '65535',
    '65536',
  ],
  ...['-32768', '-32769', '99999999999999', '12345678901234.5', '1234567890123.25', '9.5e-5', '0.00012345', '2^100'],
]

export function number(random: Random): string {
  return random.weighted<() => string>([
    [4, () => String(random.integer(-10, 300))],
    [2, () => String(random.integer(-(2 ** 40), 2 ** 40))],
    [2, () => (random.next() * 10 ** random.integer(-8, 20)).toPrecision(random.integer(1, 17))],
    [1, () => (random.integer(-100, 100) / 8).toString()],
    [1, () => (random.next() * 10 ** random.integer(-300, 300)).toString()],
    [3, () => random.pick(ODD_NUMBERS)],
  ])()
}

export function string(random: Random): string {
  return quote(
    random.weighted<() => Bytes>([
      [4, () => random.bytes(0, 6)],
      [
        3,
        () =>
          random.pick(['', 'a', 'id', 'key', '1', '10', '0x10', ' 7 ', 'inf', 'nan', 'x/y', '"', '\\', '\x7f', '\0']),
      ],
      [1, () => random.pick(['é', 'x'.repeat(31), 'x'.repeat(32), 'y'.repeat(255), 'z'.repeat(256)])],
      [0.01, () => 'w'.repeat(random.integer(65530, 65540))],
    ])(),
  )
}

function key(random: Random, isOdd: boolean): string {
  return random.weighted<() => string>([
    [4, () => string(random)],
    [2, () => String(random.integer(1, 12))],
    [1, () => String(random.integer(-3, 100))],
    [0.5, () => random.pick(['1.5', '-0.25', '2^31', '2^31-1', '2^53', '1e300', '1/0', '0'])],
    [isOdd ? 0.2 : 0, () => random.pick(['true', 'false', 'cjson.null'])],
  ])()
}

function table(random: Random, depth: number): string {
  const some = (): string => value(random, depth - 1)
  return random.weighted<() => string>([
    [1, () => '{}'],
    // Objects as keys stand where their addresses say, so only alone.
    [0.2, () => `{[${random.pick(['type', '{}'])}]=${some()}}`],
    [3, () => `{${random.times(1, 5, some).join(',')}}`],
    [0.3, () => `{${random.times(14, 18, () => number(random)).join(',')}}`],
    [4, () => `{${random.times(1, 5, () => `[${key(random, true)}]=${some()}`).join(',')}}`],
    [
      1,
      () =>
        `{${random.times(1, 3, some).join(',')},${random.times(1, 3, () => `[${key(random, false)}]=${some()}`).join(',')}}`,
    ],
    [1, () => `{${random.times(1, 4, () => `[${random.integer(1, 15)}]=${some()}`).join(',')}}`],
  ])()
}

/** Any value; tables are nested at most `depth` deep. */
export function value(random: Random, depth = 3): string {
  return random.weighted<() => string>([
    [3, () => number(random)],
    [3, () => string(random)],
    [1, () => random.pick(['true', 'false', 'nil', 'cjson.null'])],
    [0.1, () => random.pick(['type', 'coroutine.create(type)'])],
    [depth > 0 ? 5 : 0, () => table(random, depth)],
  ])()
}
