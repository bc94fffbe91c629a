/** Random chunks of Lua, one generator for each of what the libraries do. */
import type { Bytes } from '../../../lib/base/bytes.ts'
import type { Random } from '../../differential/random.ts'
import { damaged, jsonText } from './jsontext.ts'
import { number, quote, string, value } from './literals.ts'

export type Chunk = (random: Random) => string

/** Never a sparse ratio of 0: an array with an element at 2^31 - 1 would then be written in full. */
const SETTINGS: readonly (readonly [string, readonly string[]])[] = [
  [
    'encode_sparse_array',
    ['true', 'false', 'nil', '"on"', 'true, 1, 3', 'nil, 1', 'nil, 3, 20', 'false, 2, 10', 'true, -1', '1, 2, 3, 4'],
  ],
  ['encode_max_depth', ['1', '3', '1000', '', '0', '"2"', '"x"', '{}', '2^31', '1, 2']],
  ['decode_max_depth', ['1', '3', '1000', '', '-1', '2.7', '"x"', 'true']],
  ['encode_number_precision', ['1', '3', '7', '14', '15', '0', '', 'nil']],
  ['encode_keep_buffer', ['true', 'false', '"on"', '"off"', '"maybe"', '']],
  ['encode_invalid_numbers', ['true', 'false', '"on"', '"off"', '"null"', '"nul\\0l"', '1', '']],
  ['decode_invalid_numbers', ['true', 'false', '"on"', '"off"', '"null"', '{}', '']],
]

export const cjsonEncode: Chunk = (random) => `return cjson.encode(${value(random)})`

export const cjsonDecode: Chunk = (random) => `return cjson.decode(${quote(jsonText(random))})`

/**
 * Rows that are alike, so that their tables have one shape, with some that have fewer keys, others, more, or one twice. What is
 * shown tells the order of their pairs; they are changed on the way, as tables that were copied must not stand in each other.
 */
export const cjsonRows: Chunk = (random) => {
  const names = Array.from({ length: random.integer(1, 9) }, () => random.pick(ROW_KEYS))
  const row = (): string => {
    const own = names.slice(0, random.chance(0.8) ? names.length : random.integer(0, names.length))
    if (random.chance(0.2)) own.splice(random.integer(0, own.length), random.integer(0, 1), random.pick(ROW_KEYS))
    const nested = random.chance(0.1)
    const blank = random.pick(['', '', '', ' ', '\n\t'])
    return `{${own.map((key) => `${blank}"${key}"${blank}:${nested ? '{"a":[1,2,3],"b":{}}' : jsonValue(random)}`).join(`${blank},`)}}`
  }
  const rows = Array.from({ length: random.integer(3, 40) }, row)
  const text = quote(`[${rows.join(',')}]`)
  return `
    local t = cjson.decode(${text})
    local out = {cjson.encode(t)}
    for i, row in ipairs(t) do row.${random.pick(['a', 'new', 'id'])} = i; row[i] = true; row.b = nil end
    for i, row in ipairs(cjson.decode(${text})) do
      for k, v in pairs(row) do out[#out + 1] = k .. tostring(v == t[i][k]) end
    end
    return table.concat(out, ' ') .. cjson.encode(t)`
}

const ROW_KEYS = [
  'id',
  'name',
  'a',
  'b',
  'c',
  'score',
  'tags',
  'x\\n',
  'q\\"',
  '',
  'on',
  'é',
  'a longer key of an object',
  'k1',
  'k2',
  'k3',
]

function jsonValue(random: Random): string {
  return random.pick([
    '1',
    '-2.5',
    '"text"',
    'true',
    'null',
    '[]',
    '["a","b"]',
    '[1,2,3,4,5]',
    '{}',
    '{"id":1}',
    '1e3',
    '"\\u00e9"',
  ])
}

/** Settings that later chunks meet, those of other tables, and what they do. */
export const cjsonSettings: Chunk = (random) => {
  const [name, args] = random.pick(SETTINGS)
  return random.weighted<() => string>([
    [2, () => `return cjson.${name}(${random.pick(args)})`],
    [3, () => cjsonEncode(random)],
    [3, () => cjsonDecode(random)],
    [
      1,
      () =>
        `local other = cjson.new() return other.${name}(${random.pick(args)}), other.encode(${value(random)}), other.null`,
    ],
    [
      0.5,
      () =>
        `return cjson.${random.pick(['encode', 'decode'])}(${random.pick(['', 'nil', '1, 2', '12', 'true', '{}'])})`,
    ],
  ])()
}

export const cmsgpackPack: Chunk = (random) =>
  `return cmsgpack.pack(${random.times(random.chance(0.02) ? 0 : 1, 4, () => value(random, 4)).join(',')})`

function big(value: number, size: number): Bytes {
  let bytes = ''
  for (let shift = 8 * (size - 1); shift >= 0; shift -= 8)
    bytes += String.fromCharCode(Math.floor(value / 2 ** shift) & 255)
  return bytes
}

/** MessagePack in all its forms, also those that a packer would not choose. */
function messagePack(random: Random, depth: number): Bytes {
  const head = (type: number, size: number, count: number): Bytes => String.fromCharCode(type) + big(count, size)
  const items = (count: number): Bytes => Array.from({ length: count }, () => messagePack(random, depth - 1)).join('')
  const length = random.chance(0.9) ? random.integer(0, 5) : random.integer(14, 40)
  const few = random.integer(0, random.chance(0.9) ? 3 : 18)
  const [raw, rawSize] = random.pick([
    [0xd9, 1],
    [0xda, 2],
    [0xdb, 4],
  ] as const)
  const [list, listSize, each] = random.pick([
    [0xdc, 2, 1],
    [0xdd, 4, 1],
    [0xde, 2, 2],
    [0xdf, 4, 2],
  ] as const)
  const fixed: readonly (readonly [number, number])[] = [
    ...([
      [0xcc, 1],
      [0xcd, 2],
      [0xce, 4],
      [0xcf, 8],
      [0xd0, 1],
      [0xd1, 2],
      [0xd2, 4],
      [0xd3, 8],
      [0xca, 4],
      [0xcb, 8],
    ] as const),
  ]
  const [type, size] = random.pick(fixed)
  return random.weighted<() => Bytes>([
    [3, () => String.fromCharCode(random.integer(0, 127))],
    [1, () => String.fromCharCode(random.integer(0xe0, 0xff))],
    [1, () => random.pick(['\xc0', '\xc2', '\xc3'])],
    [
      4,
      () =>
        String.fromCharCode(type) +
        (random.chance(0.3) ? random.pick(['\x00', '\xff', '\x7f', '\x80']).repeat(size) : random.bytes(size, size)),
    ],
    [2, () => String.fromCharCode(0xa0 | (length & 31)) + random.bytes(length & 31, length & 31)],
    [1, () => head(raw, rawSize, length) + random.bytes(length, length)],
    [depth > 0 ? 2 : 0, () => String.fromCharCode(0x90 | (few & 15)) + items(few & 15)],
    [depth > 0 ? 2 : 0, () => String.fromCharCode(0x80 | (few & 15)) + items(2 * (few & 15))],
    [depth > 0 ? 1 : 0, () => head(list, listSize, few) + items(few * each)],
    [0.05, () => String.fromCharCode(random.pick([0xc1, 0xc4, 0xc7, 0xd4, 0xd8]))],
  ])()
}

export const cmsgpackUnpack: Chunk = (random) => {
  const bytes = random.times(0, 4, () => messagePack(random, 3)).join('')
  const sent = random.chance(0.3) ? damaged(random, bytes, '\x00\x80\x93\xa5\xc1\xcf\xdd\xff') : bytes
  const input = quote(sent)
  // An object may be the key of that nil, wherever reading starts.
  const start = sent.includes('\xc0') ? '(...)() ' : ''
  const place = (): string =>
    random.pick(['0', '1', '2', '5', '-1', 'nil', '"1"', '1.9', '2^32', '2^63', '-2^63', '"x"', '{}', `#${input}`])
  const call = random.weighted<() => string>([
    [5, () => `cmsgpack.unpack(${input})`],
    [1, () => `cmsgpack.unpack(${input}, ${place()})`],
    [1, () => `cmsgpack.unpack_one(${input}${random.chance(0.7) ? `, ${place()}` : ''})`],
    [2, () => `cmsgpack.unpack_limit(${input}, ${place()}${random.chance(0.7) ? `, ${place()}` : ''})`],
    [
      0.2,
      () =>
        `cmsgpack.${random.pick(['unpack', 'unpack_one', 'unpack_limit'])}(${random.pick(['', 'nil', '12', '{}', 'true, 1'])})`,
    ],
  ])()
  return `${start}return ${call}`
}

function structFormat(random: Random): Bytes {
  const count = (): string => random.pick(['', '', '1', '2', '3', '4', '5', '7', '8', '0'])
  const option = (): string =>
    random.weighted<() => string>([
      [8, () => random.pick([...'bBhHlLTfdx'])],
      [
        4,
        () =>
          random.pick(['i', 'I']) +
          random.pick(['', '1', '2', '3', '4', '5', '6', '7', '8', '0', '9', '12', '16', '32']),
      ],
      [2, () => 'c' + count()],
      [2, () => 's'],
      [3, () => random.pick(['<', '>', ' ', '!', '!1', '!2', '!4', '!8', '!16'])],
      [
        0.2,
        () =>
          random.pick([
            'i33',
            'I99999999999',
            '!3',
            '!0',
            'z',
            'A',
            '?',
            '-',
            '\x80',
            '\0',
            'c2147483647',
            'c2147483648',
            'é',
            '5',
          ]),
      ],
    ])()
  return random.times(0, 6, option).join('')
}

const structArgument = (random: Random): string =>
  random.weighted<() => string>([
    [6, () => number(random)],
    [4, () => string(random)],
    [1, () => random.pick(['"12"', '"-1.5"', '"0x7f"', '"abcdefgh"'])],
    [0.2, () => random.pick(['nil', 'true', '{}'])],
  ])()

/** Arguments that suit the format for the most part. */
function structArguments(random: Random, format: Bytes): string[] {
  const options = format.match(/[bBhHlLTfdiIcs]/g) ?? []
  const fitting = options.map((option) => {
    if (random.chance(0.05)) return structArgument(random)
    return 'cs'.includes(option) ? quote(random.bytes(0, 9)) : number(random)
  })
  return random.chance(0.05) ? fitting.slice(0, -1) : fitting
}

export const structPack: Chunk = (random) => {
  const format = structFormat(random)
  return `return struct.pack(${[quote(format), ...structArguments(random, format)].join(',')})`
}

export const structUnpack: Chunk = (random) => {
  const format = quote(structFormat(random))
  const data = quote(
    random.chance(0.3)
      ? random.bytes(0, 60)
      : random.times(0, 20, () => random.pick(['\0', '\x01', '\x03', '\xff', 'ab\0', '\x7f'])).join(''),
  )
  const position = random.pick([
    '',
    '',
    '',
    '1',
    '2',
    '5',
    '0',
    '-1',
    '-2',
    '1000',
    'nil',
    '"3"',
    '1.5',
    '2^40',
    '-2^63',
    '2^63',
    '"x"',
    '{}',
  ])
  return `return struct.unpack(${format}, ${data}${position && ', '}${position})`
}

export const structSize: Chunk = (random) => `return struct.size(${quote(structFormat(random))})`

const BIT_FUNCTIONS = [
  'tobit',
  'bnot',
  'bswap',
  'band',
  'bor',
  'bxor',
  'lshift',
  'rshift',
  'arshift',
  'rol',
  'ror',
  'tohex',
]

export const bit: Chunk = (random) => {
  const argument = (): string =>
    random.weighted<() => string>([
      [6, () => number(random)],
      [3, () => `${random.integer(-(2 ** 31), 2 ** 32)}`],
      [
        1,
        () =>
          random.pick([
            '0.5',
            '1.5',
            '2.5',
            '-0.5',
            '2^51+0.5',
            '"0xff"',
            '"12"',
            '"x"',
            '"0"',
            '31',
            '32',
            '-1',
            '8',
            '-8',
            '0',
          ]),
      ],
      [0.3, () => random.pick(['nil', 'true', '{}', '""'])],
    ])()
  return `return bit.${random.pick(BIT_FUNCTIONS)}(${random.times(random.chance(0.05) ? 0 : 1, 3, argument).join(', ')})`
}

/** string.format and tonumber are not of a library of ours, but C's long is in them, which is shorter in our Lua. */
export const stringFormat: Chunk = (random) => {
  const flags = (): string => random.times(0, 3, () => random.pick([...'-+ #0'])).join('')
  const item = (): [string, string] => {
    const letter = random.pick([...'dddixXouceEfgGqss'])
    const width = random.pick(['', '', '1', '5', '20', '99'])
    const precision = random.pick(['', '', '', '.', '.0', '.3', '.20'])
    const argument =
      'qs'.includes(letter) && random.chance(0.8)
        ? string(random)
        : random.chance(0.95)
          ? number(random)
          : value(random, 1)
    // What C does with other flags of these is not defined.
    const allowed = 'sc'.includes(letter) ? flags().replace(/[^-]/g, '') : flags()
    return [`%${letter === 'q' ? '' : allowed + width + (letter === 'c' ? '' : precision)}${letter}`, argument]
  }
  const items = random.times(0, 4, item)
  const text = items.map(([form]) => random.pick(['', ' ', 'a', '%%', '\0', 'é']) + form).join('')
  const odd = random.chance(0.05)
    ? random.pick(['%', '%y', '%5', '%------d', '%123d', '%.123d', '%ld', '%5%', '%p', '%n', '%'])
    : ''
  return `return string.format(${[quote(text + odd), ...items.map(([, argument]) => argument)].join(', ')})`
}

export const toNumber: Chunk = (random) => {
  const digits = (): string => random.times(1, 20, () => random.pick([...'0123456789abcdefzABCXx'])).join('')
  const text = random.weighted<() => string>([
    [
      3,
      () =>
        quote(
          random.pick(['', ' ', '\t', '-', '+', '- ', '0x', '-0x', '.']) +
            digits() +
            random.pick(['', '', ' ', '\n', '.', '\0z']),
        ),
    ],
    [2, () => quote(random.pick(['', '-', '+', '0x']) + random.integer(0, 2 ** 31))],
    [2, () => value(random, 1)],
  ])()
  const base = random.pick([
    '',
    '',
    ', 10',
    ', 16',
    ', 2',
    ', 36',
    ', 8',
    ', 1',
    ', 37',
    ', 0',
    ', nil',
    ', "16"',
    ', 16.9',
    ', {}',
    ', 2^32 + 16',
  ])
  return random.chance(0.02) ? 'return tonumber()' : `return tonumber(${text}${base})`
}
