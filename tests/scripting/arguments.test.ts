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
})
