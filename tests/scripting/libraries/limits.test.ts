/** What a script may ask of the libraries that there is no memory for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { show } from '../../contract/harness/seen.ts'
import { Ours } from './beside.ts'

describe('the libraries refuse what would not fit into the memory of scripts', () => {
  let ours: Ours

  beforeAll(async () => {
    ours = await Ours.start({ 'lua-memory-limit': '32mb' })
  })
  afterAll(() => ours.stop())

  const evaluate = async (code: string): Promise<string> => show(await ours.client.send(['EVAL', code, '0']))

  const large = `local s, t = string.rep('x', 2^20), {} for i = 1, 40 do t[i] = s end `
  for (const [what, code] of [
    ['a JSON array that would be all nulls', 'cjson.encode_sparse_array(nil, 0) return cjson.encode({[2^31-1] = 1})'],
    ['JSON of one long string many times', `${large} return cjson.encode(t)`],
    ['MessagePack of one long string many times', `${large} return cmsgpack.pack(t)`],
    ['a format that takes one long string many times', `${large} return string.format(('%s'):rep(40), unpack(t))`],
  ]) {
    test(`${what} is an error, and the next script runs as ever`, async () => {
      expect(await evaluate(code)).toMatch(/^-ERR not enough memory/)
      expect(await evaluate('return cjson.encode({1, 2})')).toBe('"[1,2]"')
    })
  }

  test('tables of cjson.new() go when nothing refers to them', async () => {
    await evaluate('for i = 1, 1000 do cjson.new() end')
    const before = Number(await evaluate("collectgarbage() return collectgarbage('count')"))
    await evaluate('for i = 1, 20000 do cjson.new() end')
    const after = Number(await evaluate("collectgarbage() return collectgarbage('count')"))
    expect(after - before).toBeLessThan(100)
  })
})
