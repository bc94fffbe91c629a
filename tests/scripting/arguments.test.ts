/** KEYS and ARGV from one call to the next: strings that are kept in Lua are those of the call, whatever Lua does meanwhile. */
import { afterAll, describe, expect, test } from 'vitest'
import { createServer } from '../../lib/server.ts'

const server = createServer()
const door = server.inProcess()
afterAll(() => server.close())

const BOTH =
  'local all = {} for _, k in ipairs(KEYS) do all[#all + 1] = k end for _, a in ipairs(ARGV) do all[#all + 1] = a end '

function call(script: string, keys: readonly string[], args: readonly string[]): unknown {
  return door.execute('EVAL', script, keys.length, ...keys, ...args)
}

/** Numbers below 1, the same each time. */
function sequence(): () => number {
  let state = 1
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

describe('arguments', () => {
  test.each([
    ['while the collector runs to its end', "collectgarbage('collect') "],
    ['while it goes on by steps', "for i = 1, 40 do local s = 'made ' .. i .. KEYS[1] end collectgarbage('step', 1) "],
    ['while a script changes KEYS and ARGV', "table.remove(KEYS) KEYS[1] = 'other' table.remove(ARGV) "],
    ['while errors end the scripts', "pcall(error, KEYS) if #KEYS % 3 == 0 then error('on purpose') end "],
  ])('are those of the call, %s', (_, between) => {
    const random = sequence()
    const pick = (): string => {
      const kind = random()
      if (kind < 0.6) return `key:${Math.floor(random() * 3)}`
      if (kind < 0.7) return ''
      if (kind < 0.85) return 'x'.repeat(Math.floor(random() * 130))
      return `job:${random()}\u00e9\0`
    }
    for (let i = 0; i < 2_000; i++) {
      const keys = Array.from({ length: 1 + Math.floor(random() * 20) }, pick)
      const args = Array.from({ length: Math.floor(random() * 20) }, pick)
      let got: unknown
      try {
        got = call(`${BOTH}${between}return all`, keys, args)
      } catch (error) {
        expect((error as Error).message).toContain('on purpose')
        expect(keys.length % 3).toBe(0)
        continue
      }
      expect(got).toEqual([...keys, ...args])
    }
  })

  test('are those of the call, with many and with long ones', () => {
    for (const count of [31, 32, 33, 127, 128, 129, 300]) {
      for (const length of [1, 63, 64, 65, 70_000]) {
        const keys = Array.from({ length: count }, (_, i) => `${i}`.padEnd(length, 'k'))
        for (let again = 0; again < 2; again++)
          expect(call(`${BOTH}return all`, keys, ['end'])).toEqual([...keys, 'end'])
      }
    }
  })

  test.each([
    ['more of them', ''],
    ['a field', 'KEYS.leak = 1 ARGV.leak = 1'],
    [
      'a metatable',
      "for _, t in ipairs({ KEYS, ARGV }) do setmetatable(t, { __index = function() return 'leak' end }) end",
    ],
    ['many elements', 'for i = 1, 1000 do KEYS[i] = i ARGV[i] = i end'],
    ['a few elements', 'for i = 1, 9 do KEYS[i] = i ARGV[i] = i end'],
    ['none', 'while #KEYS > 0 do table.remove(KEYS) end while #ARGV > 0 do table.remove(ARGV) end'],
  ])('are all that a script finds, whatever the one before has left: %s', (_, leave) => {
    const script = `local found = {}
      for _, t in ipairs({ KEYS, ARGV }) do
        local count = 0
        for _ in pairs(t) do count = count + 1 end
        found[#found + 1] = table.concat({ #t, count, tostring(t.leak), tostring(getmetatable(t)), t[#t + 1] or 'nil' }, ' ')
        found[#found + 1] = cjson.encode({ unpack(t) })
        found[#found + 1] = cjson.encode(t)
        found[#found + 1] = cjson.encode(cmsgpack.unpack(cmsgpack.pack(t)))
      end
      return found`
    for (const [keys, args] of [
      [3, 2],
      [2, 1],
      [1, 0],
      [0, 3],
      [20, 30],
      [4, 14],
      [3, 13],
      [200, 1],
      [1, 200],
    ]) {
      const names = (kind: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${kind} ${i}`)
      call(leave, names('before', 12), names('before', 15))
      const expected = [names('key', keys), names('argument', args)].flatMap((all) => {
        const json = all.length === 0 ? '{}' : JSON.stringify(all)
        return [`${all.length} ${all.length} nil nil nil`, json, json, json]
      })
      expect(call(script, names('key', keys), names('argument', args))).toEqual(expected)
    }
  })
})
