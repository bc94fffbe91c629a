/**
 * Bodies at random: what reads long ones in slices takes what JSON.parse takes, and makes the same commands of it, wherever
 * a slice ends. ZERODIS_FUZZ_SEED repeats a run.
 */
import { describe, expect, test } from 'vitest'
import type { Bytes } from '../../lib/base/bytes.ts'
import { parseCommand, parseCommands } from '../../lib/protocol/json.ts'
import { JsonReader } from '../../lib/protocol/jsonreader.ts'
import { Random, seedOfRun } from '../differential/random.ts'

const seed = seedOfRun()
const rounds = Number(process.env.ZERODIS_FUZZ_OPS ?? 20_000) / 4

/** The commands of a body, or undefined where it is not right. */
function read(body: Bytes, depth: 1 | 2, sliceBytes?: number): (readonly Bytes[])[] | undefined {
  const reader = new JsonReader(Buffer.from(body, 'latin1'), depth, sliceBytes)
  while (!reader.check()) {}
  if (!reader.isRight) return undefined
  const commands: (readonly Bytes[])[] = []
  while (commands.length < reader.length) if (reader.advance()) commands.push(reader.command)
  return commands
}

function readBefore(body: Bytes, depth: 1 | 2): readonly (readonly Bytes[])[] | undefined {
  if (depth === 2) return parseCommands(body)
  const command = parseCommand(body)
  return command === undefined ? undefined : [command]
}

const STRINGS = [
  'a',
  'SET',
  'key',
  ' ',
  '\x7f',
  '\x80',
  '\xff\xfe',
  '\xc3\xa9',
  '\xf0\x9f\x98\x80',
  '[',
  ']',
  ',',
  '1',
  '\xef\xbb\xbf',
]
const ESCAPES = ['\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t', '\\u0041', '\\u0000', '\\u007F', '\\u0080']
const UNITS = [
  '\\u07ff',
  '\\u0800',
  '\\uFFFF',
  '\\ud83d\\ude00',
  '\\uD800',
  '\\udC00',
  '\\ud800\\u0041',
  '\\ud800\\ud83d\\ude00',
  '\\u0022',
  '\\u005c',
]
const NUMBERS = ['0', '-0', '1', '-12', '100', '9007199254740993', '1.50', '0.1', '1e3', '1E+2', '-2.5e-10', '1e999']
const BAD = [
  '01',
  '-',
  '1.',
  '.5',
  '+1',
  '1e',
  '0x1',
  'nul',
  'tru',
  'NaN',
  'True',
  '\\',
  '\\u12',
  '\\x',
  "'a'",
  '{}',
  '{"a":1}',
  '\x00',
  '\n',
  '"',
  '//',
  '\xa0',
  '\x0b',
  ':',
]

function scalar(random: Random): Bytes {
  return random.weighted<() => Bytes>([
    [
      6,
      () =>
        `"${random.times(0, 4, () => random.pick(random.chance(0.6) ? STRINGS : random.chance(0.5) ? ESCAPES : UNITS)).join('')}"`,
    ],
    [3, () => random.pick(NUMBERS)],
    [1, () => random.pick(['true', 'false', 'null'])],
    [0.2, () => random.pick(['[]', '[1]', '{}', '[[]]'])],
    [0.1, () => random.bytes(0, 3)],
  ])()
}

function array(random: Random, item: (random: Random) => Bytes): Bytes {
  const space = (): Bytes => (random.chance(0.9) ? '' : random.pick([' ', '\t', '\r\n', '   ', '\x0c']))
  const items = random.times(0, random.chance(0.05) ? 40 : 4, () => space() + item(random) + space())
  return `${space()}[${items.join(',')}${items.length === 0 ? space() : ''}]${space()}`
}

/** A right body, or one in which something was changed. */
function body(random: Random, depth: 1 | 2): Bytes {
  const right = array(
    random,
    depth === 1 ? scalar : (each) => (random.chance(0.97) ? array(each, scalar) : scalar(each)),
  )
  if (random.chance(0.6)) return right
  const at = random.integer(0, right.length)
  const rest = right.slice(at + random.integer(0, 2))
  return random.weighted<() => Bytes>([
    [3, () => right.slice(0, at) + random.pick(BAD) + rest],
    [2, () => right.slice(0, at) + rest],
    [2, () => right.slice(0, at)],
    [1, () => right.slice(0, at) + random.pick(['[', ']', ',', '"', '\\', ' ']) + right.slice(at)],
    [1, () => right + random.pick(BAD)],
    [1, () => random.pick(['\xef\xbb\xbf', ...BAD]) + right],
  ])()
}

describe(`bodies read in slices (seed ${seed})`, () => {
  test('are what JSON.parse makes of them', () => {
    const random = new Random(seed)
    let right = 0
    for (let round = 0; round < rounds; round++) {
      const depth = random.chance(0.5) ? 1 : 2
      const text = body(random, depth)
      const expected = readBefore(text, depth)
      if (expected !== undefined) right++
      const made = read(text, depth, random.integer(1, 40))
      if (JSON.stringify(made) !== JSON.stringify(expected)) expect(made, JSON.stringify(text)).toEqual(expected)
    }
    expect(right).toBeGreaterThan(rounds / 4)
  })

  test('of long strings, with anything anywhere in them', () => {
    const random = new Random(seed)
    for (let round = 0; round < rounds / 10; round++) {
      const length = random.integer(40, 300)
      const at = random.integer(0, length)
      const odd = random.pick(['', '\n', '\x00', '\x1f', '\x7f', '\xff\x9f', '"', '\\', '\\n', '\\u00e9', '\\u12'])
      const text = `${' '.repeat(random.integer(0, 4))}["a","${'x'.repeat(at)}${odd}${random.pick(['\xff', 'y'])}${'z'.repeat(length - at)}"]`
      const expected = readBefore(text, 1)
      const body = Buffer.from('.'.repeat(random.integer(0, 7)) + text, 'latin1')
      const reader = new JsonReader(body.subarray(body.length - text.length), 1, random.integer(1, 400))
      while (!reader.check()) {}
      expect(reader.isRight, JSON.stringify(text)).toBe(expected !== undefined)
      expect(read(text, 1, random.integer(1, 400)), JSON.stringify(text)).toEqual(expected)
    }
  })

  test('of many arguments and many commands', () => {
    const random = new Random(seed)
    for (const length of [1022, 1023, 1024, 1025, 5000]) {
      const command = `[${random.times(length, length, () => scalar(random).replace(/^[^"].*/s, '10')).join(',')}]`
      expect(read(command, 1)).toEqual(readBefore(command, 1))
      const list = `[[],["PING"],${command},[ ],["a"],${command},${command.slice(0, 30).replace(/,[^,]*$/, ']')}]`
      expect(read(list, 2, 1000)).toEqual(readBefore(list, 2))
    }
  })
})
