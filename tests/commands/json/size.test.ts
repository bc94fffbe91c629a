/** What documents may weigh: each command that would make one heavier is refused, and changes nothing. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../../lib/server.ts'

const TOO_LARGE = '-ERR document exceeds maximum allowed size (json-max-document-size)'
const LIMIT = 20_000

let server: Server
beforeEach(() => {
  server = createServer({ log() {}, 'json-max-document-size': `${LIMIT}` })
})
afterEach(() => server.close())

async function tell(...argv: string[]): Promise<string> {
  try {
    return JSON.stringify(await server.execute(...argv))
  } catch (error) {
    return `-${(error as Error).message}`
  }
}

const items = (count: number): string => JSON.stringify(new Array(count).fill(1.5))
const letters = (count: number): string => JSON.stringify('x'.repeat(count))

describe('json-max-document-size', () => {
  test.each([
    ['a text that is longer', ' '.repeat(LIMIT) + '1'],
    ['a string', letters(LIMIT)],
    ['fractions', items(400)],
    ['empty arrays', `[${'[],'.repeat(300)}[]]`],
    ['empty objects', `[${'{},'.repeat(300)}{}]`],
    ['objects in objects', `[${'{"a":{}},'.repeat(150)}{}]`],
    ['names', JSON.stringify(Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`n${i}`, 0])))],
    ['large integers', `[${'9007199254740993,'.repeat(600)}1]`],
  ])('refuses %s', async (_, text) => {
    await tell('JSON.SET', 'doc', '$', '{"a":1}')
    for (const argv of [
      ['JSON.SET', 'doc', '$'],
      ['JSON.SET', 'new', '$'],
      ['JSON.SET', 'doc', '$.a'],
      ['JSON.MERGE', 'doc', '$'],
      ['JSON.MERGE', 'new', '$'],
      ['JSON.MSET', 'new', '$', '1', 'doc', '$'],
      ['JSON.ARRINDEX', 'doc', '$.a'],
      ['JSON.NUMINCRBY', 'doc', '$.a'],
      ['JSON.STRAPPEND', 'doc', '$.a'],
    ]) {
      expect(await tell(...argv, text), argv.join(' ')).toBe(TOO_LARGE)
    }
    expect(await tell('JSON.GET', 'doc')).toBe('"{\\"a\\":1}"')
    expect(await tell('EXISTS', 'new')).toBe('0')
  })

  test('refuses what would make a document heavier, and lets it become lighter', async () => {
    await tell(
      'JSON.SET',
      'doc',
      '$',
      `{"a":${items(170)},"b":[],"s":${letters(5000)},"n":${items(20).replaceAll('1.5', '1')}}`,
    )
    const before = await server.execute('JSON.GET', 'doc')
    for (const argv of [
      ['JSON.SET', 'doc', '$.new', items(100)],
      ['JSON.SET', 'doc', '$.b', items(100)],
      ['JSON.SET', 'doc', '$.*', items(30)],
      ['JSON.SET', 'doc', '$.n', '[1.5]', 'NX', 'FPHA', 'FP16', 'x'],
      ['JSON.MERGE', 'doc', '$', `{"m":${items(100)}}`],
      ['JSON.MERGE', 'doc', '$.m', items(100)],
      ['JSON.MSET', 'other', '$', '1', 'doc', '$.b', items(100)],
      ['JSON.MSET', 'doc', '$.b', items(60), 'doc', '$.c', items(60)],
      ['JSON.MSET', 'k1', '$', items(150), 'k2', '$', items(150), 'k3', '$', items(150)],
      ['JSON.ARRAPPEND', 'doc', '$.b', ...new Array<string>(100).fill('1.5')],
      ['JSON.ARRINSERT', 'doc', '$.a', '0', items(100)],
      ['JSON.STRAPPEND', 'doc', '$.s', letters(6000)],
    ]) {
      expect(await tell(...argv), argv.join(' ').slice(0, 40)).toBe(
        argv.at(-1) === 'x' ? '-ERR syntax error' : TOO_LARGE,
      )
    }
    expect(await server.execute('JSON.GET', 'doc')).toBe(before)
    expect(await tell('EXISTS', 'other', 'k1', 'k2', 'k3')).toBe('0')
    // What takes the place of as much is no more.
    expect(await tell('JSON.SET', 'doc', '$.a', items(170))).toBe('"OK"')
    expect(await tell('JSON.SET', 'doc', '$', before as string)).toBe('"OK"')
    expect(await tell('JSON.DEL', 'doc', '$.a')).toBe('1')
    expect(await tell('JSON.SET', 'doc', '$.b', items(100))).toBe('"OK"')
  })

  test('holds for what becomes fractions', async () => {
    expect(await tell('JSON.SET', 'doc', '$', `[1.5${',1'.repeat(1000)}]`)).toBe('"OK"')
    expect(await tell('JSON.SET', 'doc', '$', `[1.5${',1'.repeat(1000)}]`, 'FPHA', 'FP64')).toBe(TOO_LARGE)
    expect(await tell('JSON.NUMINCRBY', 'doc', '$[*]', '0.5')).toBe(TOO_LARGE)
    expect(await tell('JSON.GET', 'doc', '$[1]')).toBe('"[1]"')
  })

  test('lets a document that is too heavy already become lighter, and be kept', async () => {
    expect(await tell('JSON.SET', 'doc', '$', `{"a":${items(150)},"b":${items(100)}}`)).toBe('"OK"')
    await server.execute('CONFIG', 'SET', 'json-max-document-size', '10000')
    expect(await tell('JSON.SET', 'doc', '$.c', items(10))).toBe(TOO_LARGE)
    expect(await tell('COPY', 'doc', 'copy')).toBe('1')
    const payload = (await server.execute('DUMP', 'doc')) as string
    expect(payload.length).toBeGreaterThan(0)
    expect(await tell('JSON.ARRTRIM', 'doc', '$.a', '0', '0')).toBe('[1]')
    expect(await tell('JSON.SET', 'doc', '$.c', items(10))).toBe('"OK"')
  })

  test('can be no more than what can be printed whatever it holds', async () => {
    await server.execute('CONFIG', 'SET', 'json-max-document-size', '1gb')
    expect(await server.execute('CONFIG', 'GET', 'json-max-document-size')).toEqual([
      'json-max-document-size',
      '89478481',
    ])
  })
})
