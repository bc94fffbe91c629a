/** Random JSON, well-formed or nearly so. */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Random } from '../../differential/random.ts'

const ODD_NUMBERS = [
  ...[
    '-0',
    '00',
    '007',
    '-01',
    '+1',
    '+',
    '-',
    '- 1',
    '.5',
    '-.5',
    '1.',
    '1.e3',
    '1e',
    '1e+',
    '1E5',
    '1e-5',
    '1e400',
    '-1e400',
    '1e-400',
  ],
  ...[
    '0x10',
    '0xfF',
    '-0x1p4',
    '0x',
    '0x.8',
    '0x1.8p-1',
    '0xg',
    'inf',
    'Inf',
    'INFINITY',
    '-inf',
    '+inf',
    'infinit',
    'nan',
    'NaN',
  ],
  ...[
    '-nan',
    '+nan',
    'nan(1)',
    'nan(',
    'nanx',
    '123456789012345',
    '1234567890123456',
    '12345678901234567890',
    '0.1',
    '1.5e3',
    '1_0',
  ],
  ...[
    '9007199254740993',
    '1.7976931348623157e308',
    '5e-324',
    '0e0',
    '1x',
    '1-1',
    '1..2',
    'i',
    'n',
    'I',
    'N',
    '1.5.5',
    '0b1',
  ],
]
const ODD_ESCAPES = [
  ...[
    '\\u0041',
    '\\u00e9',
    '\\u20ac',
    '\\uD83D\\uDE00',
    '\\ud83d\\ude00',
    '\\ud83d',
    '\\ude00',
    '\\ud83d\\u0041',
    '\\ud83dx',
  ],
  ...[
    '\\u0000',
    '\\u12',
    '\\uzzzz',
    '\\u',
    '\\x',
    '\\',
    '\\"',
    '\\/',
    '\\b\\f\\n\\r\\t',
    '\\0',
    '\\U0041',
    '\\uFFFF',
    '\\ud83d\\u',
  ],
]

function string(random: Random): Bytes {
  const piece = (): Bytes =>
    random.weighted<() => Bytes>([
      [5, () => random.pick(['a', 'id', 'x y', 'é', '€', '/', "'", '\x01', '\n', '\x7f', '\xff'])],
      [2, () => random.pick(ODD_ESCAPES)],
      [0.3, () => random.bytes(1, 4)],
    ])()
  return `"${random.times(0, 4, piece).join('')}"`
}

function space(random: Random): Bytes {
  return random.chance(0.8) ? '' : random.pick([' ', '\n', '\t', '\r\n', '  ', '\v', '\f'])
}

function number(random: Random): Bytes {
  return random.weighted<() => Bytes>([
    [4, () => String(random.integer(-1000, 1000))],
    [2, () => (random.next() * 10 ** random.integer(-20, 20)).toString()],
    [2, () => random.pick(ODD_NUMBERS)],
  ])()
}

function list(random: Random, open: string, close: string, item: () => Bytes): Bytes {
  const items = random.times(0, 4, () => space(random) + item() + space(random))
  return open + (items.length === 0 ? space(random) : items.join(',')) + close
}

function value(random: Random, depth: number): Bytes {
  return random.weighted<() => Bytes>([
    [3, () => number(random)],
    [3, () => string(random)],
    [1, () => random.pick(['true', 'false', 'null'])],
    [0.1, () => random.pick(['True', 'nul', 'tru', 'falsey', 'nulll', 'undefined', "'a'", '//', ''])],
    [depth > 0 ? 3 : 0, () => list(random, '[', ']', () => value(random, depth - 1))],
    [
      depth > 0 ? 3 : 0,
      () =>
        list(random, '{', '}', () => string(random) + space(random) + ':' + space(random) + value(random, depth - 1)),
    ],
  ])()
}

/** A text with a byte of it left out, put in, or replaced. */
export function damaged(random: Random, text: Bytes, bytes: Bytes): Bytes {
  const at = random.integer(0, text.length)
  const put = random.chance(0.3) ? '' : random.pick([...bytes])
  return text.slice(0, at) + put + text.slice(at + random.integer(0, 2))
}

export function jsonText(random: Random): Bytes {
  const text = space(random) + value(random, 4) + space(random)
  return random.chance(0.4) ? damaged(random, text, '{}[],:"\\0123456789eE+-.xintfu \0\xff') : text
}
