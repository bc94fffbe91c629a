/** What the console makes of keys, figures, addresses and documents, without a page. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { durationOf, durationText, shortCount, sizeText, ttlText } from '../../../console/model/figures.ts'
import { globEscaped, patternOf } from '../../../console/model/glob.ts'
import { fieldsOf, pairsOf, statusOf } from '../../../console/model/info.ts'
import { compact, indented } from '../../../console/model/jsontext.ts'
import { KeyTree } from '../../../console/model/keytree.ts'
import { isMessagePack, unpack } from '../../../console/model/messagepack.ts'
import { hashOf, routeOf } from '../../../console/model/route.ts'
import { fromArray } from '../../../console/wire/bytes.ts'
import { ZERODIS_VERSION } from '../../../lib/base/version.ts'
import { createServer } from '../../../lib/server.ts'

describe('figures', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KB'],
    [200 * 2 ** 20, '200 MB'],
  ])('%d bytes are %s', (bytes, text) => expect(sizeText(bytes)).toBe(text))

  test('durations are read and written', () => {
    expect(durationOf('90')).toBe(90_000)
    expect(durationOf('2h 30m')).toBe(9_000_000)
    expect(durationOf('1.5s')).toBe(1500)
    for (const text of ['', 'soon', '5x', '-1']) expect(durationOf(text)).toBe(undefined)
    expect(durationText(93_784)).toBe('1d 2h')
    expect(durationText(0)).toBe('0s')
    expect([ttlText(-1), ttlText(500), ttlText(61_000)]).toEqual(['', '500ms', '1m 1s'])
    expect([shortCount(7), shortCount(12_345), shortCount(3.25)]).toEqual(['7', '12.3k', '3.3'])
  })
})

describe('INFO', () => {
  test('is read as the store writes it', async () => {
    const server = createServer({ 'rest-token': 't' })
    const door = server.inProcess()
    door.execute('MSET', 'a', '1', 'b', '2')
    door.execute('SELECT', '3')
    door.execute('SET', 'c', '3')
    const { port } = await server.listen({ port: 0, httpPort: false })
    const info = String(server.execute('INFO', 'everything'))
    expect(statusOf(info)).toMatchObject({ keys: 3, version: ZERODIS_VERSION, respPort: port })
    expect(fieldsOf(info).get('used_memory')).toMatch(/^\d+$/)
    door.close()
    await server.close()
  })

  test('nothing is found in nothing', () => {
    expect(statusOf('')).toMatchObject({ version: '', uptimeSeconds: 0, keys: 0, respPort: 0 })
    expect(pairsOf('id=1 name= a')).toEqual(
      new Map([
        ['id', '1'],
        ['name', ''],
      ]),
    )
  })
})

test('a pattern without a wildcard is looked for anywhere', () => {
  expect([patternOf(''), patternOf('a'), patternOf('a*'), patternOf('a\\')]).toEqual(['*', '*a*', 'a*', '*a\\\\*'])
  const server = createServer()
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'a*?[]^\\-'), minLength: 1, maxLength: 6 }), (name) => {
      server.execute('FLUSHALL')
      server.execute('MSET', name, 1, `${name}x`, 1, `y${name}`, 1)
      const [, found] = server.execute('SCAN', 0, 'MATCH', `${globEscaped(name)}*`, 'COUNT', 100) as [string, string[]]
      expect(new Set(found)).toEqual(new Set([name, `${name}x`]))
    }),
  )
})

describe('the tree of keys', () => {
  const rows = (keys: readonly string[], ...open: string[]): string[] => {
    const tree = new KeyTree(':')
    tree.grow(keys)
    return tree
      .rows(new Set(open))
      .map(
        (row) =>
          `${'  '.repeat(row.depth)}${row.kind === 'key' ? row.name : `${row.branch.name}/ ${row.branch.count}`}`,
      )
  }

  test('what begins alike stands below one branch, branches first, each in order', () => {
    const keys = ['b', 'user:2', 'user:1', 'a', 'user:1:name', 'user']
    expect(rows(keys)).toEqual(['user/ 3', 'a', 'b', 'user'])
    expect(rows(keys, 'user:')).toEqual(['user/ 3', '  1/ 1', '  1', '  2', 'a', 'b', 'user'])
  })

  test('separators alone, empty parts, and very deep names', () => {
    expect(rows([':'], ':')).toEqual(['/ 1', '  '])
    expect(rows(['::a'], ':', '::')).toEqual(['/ 1', '  / 1', '    a'])
    const tree = new KeyTree(':')
    tree.grow([':'.repeat(10_000)])
    expect(tree.rows(new Set())).toHaveLength(1)
  })

  test('holds all keys once, however they come in', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', ':') })), (keys) => {
        const tree = new KeyTree(':')
        for (let i = 0; i <= keys.length; i++) tree.grow(keys.slice(0, i))
        const open = new Set(keys.flatMap((key) => Array.from(key, (_, i) => key.slice(0, i + 1))))
        const found = tree.rows(open).flatMap((row) => (row.kind === 'key' ? [row.key] : []))
        expect(found.sort()).toEqual([...keys].sort())
      }),
    )
  })
})

test('an address holds any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }).map(fromArray), (key) => {
      expect(routeOf(hashOf('browser', { key, none: undefined })).query.get('key')).toBe(key)
    }),
  )
  expect(routeOf('')).toEqual({ page: '', query: new Map() })
})

test('JSON is set out and put together without a change to what it says', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(JSON.parse(indented(text))).toEqual(JSON.parse(text))
      expect(compact(indented(text))).toBe(compact(text))
    }),
  )
  expect(compact('{ "n" : 12345678901234567890, "a": [ 1.0 ] }')).toBe('{"n":12345678901234567890,"a":[1.0]}')
  expect(indented('{"a":[],"b":{"c":1}}')).toBe('{\n  "a": [],\n  "b": {\n    "c": 1\n  }\n}')
})

test('MessagePack as the store packs it is unpacked', () => {
  const server = createServer()
  const pack = (lua: string): string =>
    (server.executeBuffer('EVAL', `return cmsgpack.pack(${lua})`, 0) as Buffer).toString('latin1')
  expect(unpack(pack('{a = 1, b = {true, false}, c = "é", d = -5, e = 1.5}'))).toEqual({
    a: 1,
    b: [true, false],
    c: 'é',
    d: -5,
    e: 1.5,
  })
  expect(isMessagePack(pack('{1, 2, 300, 70000, -200}'))).toBe(true)
  for (const text of ['a', '{"a":1}', '\x92\x01', '\xc1', '']) expect(isMessagePack(text)).toBe(false)
  fc.assert(fc.property(fc.uint8Array().map(fromArray), (bytes) => void unpack(bytes)))
})
