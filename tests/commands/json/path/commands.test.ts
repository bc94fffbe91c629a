/** What an attacker sends to the commands of JSON: one budget a command, errors before changes, and keys that are only keys. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createServer, type Server } from '../../../../lib/server.ts'

const COST = '-ERR the path visits too many nodes'

let server: Server
beforeAll(() => {
  server = createServer({ log() {} })
})
afterAll(() => server.close())
beforeEach(async () => void (await server.execute('FLUSHALL')))

async function tell(...argv: string[]): Promise<string> {
  try {
    return JSON.stringify(await server.execute(...argv))
  } catch (error) {
    return `-${(error as Error).message}`
  }
}

/** Levels of arrays and objects, as deep as one text may be. */
const deep = (levels: number): string => '[{"a":'.repeat(levels / 2) + '1' + '}]'.repeat(levels / 2)

describe('the steps of one command are shared by all that it evaluates', () => {
  // A fifth of what a command may do.
  const path = '$[*][*][*][*][*][*,*,*,*]'
  const costly = `[${new Array(45_000).fill('[[[[[1,2]]]]]').join(',')}]`

  test('JSON.MGET of the same key many times', async () => {
    await tell('JSON.SET', 'doc', '$', costly)
    expect(await tell('JSON.MGET', 'doc', path)).not.toMatch(/^-/)
    expect(await tell('JSON.MGET', ...new Array(100).fill('doc'), path)).toBe(COST)
  })

  test('JSON.GET with many paths', async () => {
    await tell('JSON.SET', 'doc', '$', costly)
    const paths = Array.from({ length: 100 }, (_, i) => `${path}[${i}]`)
    expect(await tell('JSON.GET', 'doc', paths[0])).toBe('"[]"')
    expect(await tell('JSON.GET', 'doc', ...paths)).toBe(COST)
  })

  test('JSON.MSET changes nothing', async () => {
    await tell('JSON.SET', 'doc', '$', costly)
    const triplets = new Array(100).fill(['doc', `${path}.none`, '1']).flat()
    expect(await tell('JSON.MSET', 'other', '$', '1', ...triplets)).toMatch(/^-/)
    expect(await tell('EXISTS', 'other')).toBe('0')
  })

  test('JSON.MSET changes nothing where a triplet makes the path of a later one costly', async () => {
    await tell('JSON.SET', 'doc', '$', '{"x":1}')
    const before = await tell('JSON.GET', 'doc')
    expect(await tell('JSON.MSET', 'other', '$', '1', 'doc', '$.x', deep(126), 'doc', '$..*..*..*..*', '1')).toBe(COST)
    expect(await tell('JSON.GET', 'doc')).toBe(before)
    expect(await tell('EXISTS', 'other')).toBe('0')
    expect(
      await tell('JSON.MSET', 'other', '$', '1', 'doc', '$.x', '{"y":[]}', 'doc', '$.x.y', '[2]', 'doc', '$.z', '3'),
    ).toBe('"OK"')
    expect(await tell('JSON.GET', 'doc')).toBe(JSON.stringify('{"x":{"y":[2]},"z":3}'))
    expect(await tell('JSON.MSET', 'doc', '$.x', '1', 'doc', '$', '{"a":{}}', 'doc', '$.a.b', '2')).toBe('"OK"')
    expect(await tell('JSON.GET', 'doc')).toBe(JSON.stringify('{"a":{"b":2}}'))
  })
})

describe('a path that visits too much', () => {
  test('is refused by all commands, and nothing changes', async () => {
    await tell('JSON.SET', 'doc', '$', deep(126))
    await tell('JSON.SET', 'doc', `$${'[0].a'.repeat(63)}`, deep(126))
    await tell('JSON.SET', 'doc', `$${'[0].a'.repeat(126)}`, deep(126))
    const before = await server.execute('JSON.GET', 'doc')
    const path = '$..*..*..*..*'
    for (const argv of [
      ...[
        ['GET', path],
        ['TYPE', path],
        ['DEL', path],
        ['CLEAR', path],
        ['TOGGLE', path],
        ['OBJKEYS', path],
        ['RESP', path],
      ],
      ...[
        ['SET', path, '1'],
        ['MERGE', path, '{}'],
        ['NUMINCRBY', path, '1'],
        ['STRAPPEND', path, '"x"'],
        ['ARRLEN', path],
      ],
      ...[
        ['ARRAPPEND', path, '1'],
        ['ARRINSERT', path, '0', '1'],
        ['ARRPOP', path],
        ['ARRTRIM', path, '0', '0'],
        ['ARRINDEX', path, '1'],
      ],
    ]) {
      expect(await tell(`JSON.${argv[0]}`, 'doc', ...argv.slice(1)), argv[0]).toBe(COST)
    }
    expect(await server.execute('JSON.GET', 'doc')).toBe(before)
  })
})

describe('edits of what is found twice, or within what is edited', () => {
  test.each<[string, string[], string, string]>([
    ['[1,2,3]', ['DEL', '$[0,0,-3]'], '1', '[2,3]'],
    ['[[1],[2,[3]]]', ['DEL', '$..[0]'], '3', '[[[]]]'],
    ['{"a":{"a":{"a":1}}}', ['DEL', '$..a'], '1', 'nil'],
    ['[1,2]', ['NUMINCRBY', '$[0,0]', '5'], '"[6,11]"', '[11,2]'],
    ['[true]', ['TOGGLE', '$[0,0,0]'], '[0,1,0]', '[false]'],
    ['["a"]', ['STRAPPEND', '$[0,0]', '"b"'], '[2,3]', '["abb"]'],
    ['[[1]]', ['ARRAPPEND', '$[0,0]', '2'], '[2,3]', '[[1,2,2]]'],
    ['[[1,2]]', ['ARRPOP', '$[0,0,0]', '0'], '["1","2",null]', '[[]]'],
    ['[[1,[2]]]', ['ARRPOP', '$..*', '-1'], '["[]",null,"2",null]', '[[1]]'],
    ['[[1,[2]]]', ['CLEAR', '$..*'], '1', '[[]]'],
    ['[[[1]]]', ['ARRTRIM', '$..*', '1', '0'], '[0,0,null]', '[[]]'],
    ['{"__proto__":1,"constructor":2}', ['DEL', '$.__proto__'], '1', '{"constructor":2}'],
    ['{}', ['SET', '$.__proto__', '{"x":1}'], '"OK"', '{"__proto__":{"x":1}}'],
    ['{"a":1}', ['MERGE', '$', '{"__proto__":{"y":2},"a":null}'], '"OK"', '{"__proto__":{"y":2}}'],
    ['[0]', ['SET', '$[99999999999999999999]', '1'], '-ERR array index out of range', '[0]'],
    ['[0]', ['SET', '$[-5]', '1'], '-ERR array index out of range', '[0]'],
  ])('%s JSON.%j', async (document, argv, reply, after) => {
    await tell('JSON.SET', 'doc', '$', document)
    expect(await tell(`JSON.${argv[0]}`, 'doc', ...argv.slice(1))).toBe(reply)
    expect((await server.execute('JSON.GET', 'doc')) ?? 'nil').toBe(after)
  })

  test('numbers that are none are refused', async () => {
    for (const text of ['NaN', 'Infinity', '1e400', '-1e400', '01', '+1', '.5', '1.', '0x10']) {
      expect(await tell('JSON.SET', 'doc', '$', text), text).toMatch(/^-/)
    }
    await tell('JSON.SET', 'doc', '$', '{"n":1.7e308,"i":9223372036854775807}')
    expect(await tell('JSON.NUMINCRBY', 'doc', '$.n', '1.7e308')).toMatch(/^-/)
    expect(await tell('JSON.NUMINCRBY', 'doc', '$.*', '1')).toMatch(/^-/)
    expect(await tell('JSON.GET', 'doc')).toBe(JSON.stringify('{"n":1.7e308,"i":9223372036854775807}'))
  })

  test('what a path computes cannot be changed', async () => {
    await tell('JSON.SET', 'doc', '$', '{"a":1,"o":{"k":1}}')
    for (const argv of [
      ...[
        ['SET', '$.a + 1', '1'],
        ['DEL', '$.o~'],
        ['NUMINCRBY', '-$.a', '1'],
        ['CLEAR', '$.o.keys()'],
        ['TOGGLE', 'abs($.a)'],
      ],
      ...[
        ['MERGE', '$.a * 2', '{}'],
        ['ARRPOP', '$.o.append(1)'],
        ['STRAPPEND', '($.a + 1)', '"x"'],
      ],
    ]) {
      expect(await tell(`JSON.${argv[0]}`, 'doc', ...argv.slice(1)), argv[0]).toMatch(/^-ERR/)
    }
    expect(await tell('JSON.GET', 'doc')).toBe(JSON.stringify('{"a":1,"o":{"k":1}}'))
    expect(await tell('JSON.GET', 'doc', '$.a + 1', '$.o~')).toBe(JSON.stringify('{"$.a + 1":[2],"$.o~":["k"]}'))
    expect(await tell('JSON.MGET', 'doc', 'none', '$.a / 2')).toBe('["[0.5]",null]')
  })
})
