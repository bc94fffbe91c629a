/** The figures of `zerodis top`, from what stores answer, and how they stand on a screen. */
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Options } from '../../../lib/host/watch/options.ts'
import { type StoreSample, StoreSampler } from '../../../lib/host/watch/storesample.ts'
import { linkTo } from '../../../lib/host/watch/target.ts'
import { runTop } from '../../../lib/host/watch/top.ts'
import { TOP_HEAD, topLine, topScreen } from '../../../lib/host/watch/topscreen.ts'
import { createServer, type Server } from '../../../lib/server.ts'

let server: Server
beforeAll(() => {
  server = createServer()
})
afterAll(() => server.close())

const ask = (...argv: string[]) => server.execute(...argv) as never

function look(sampler: StoreSampler, at: number): StoreSample {
  return sampler.take(ask('INFO', 'everything'), ask('LATENCY', 'HISTOGRAM'), at)
}

describe('a sample', () => {
  test('has figures of time from the second look on, without what is asked for it', () => {
    const sampler = new StoreSampler()
    const first = look(sampler, 1000)
    expect([first.perSecond, first.hitRate, first.p50].every(Number.isNaN)).toBe(true)
    expect(first.commands).toEqual([])
    expect(first.memoryBytes).toBeGreaterThan(0)
    for (let i = 0; i < 30; i++) server.execute('SET', `k${i}`, 'v')
    for (let i = 0; i < 60; i++) server.execute('GET', `k${i}`)
    const second = look(sampler, 3000)
    expect(second.perSecond).toBe(45)
    expect(second.hitRate).toBe(0.5)
    expect(second.keys).toBe(30)
    expect(second.version).toMatch(/^zerodis .*, Redis 7\.4/)
    expect(Object.fromEntries(second.commands.map(({ name, perSecond }) => [name, perSecond]))).toEqual({
      set: 15,
      get: 30,
    })
    expect(second.commands.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
    const { p50, p99, p999 } = second
    expect([p50 > 0, p50 <= p99, p99 <= p999]).toEqual([true, true, true])
    const third = look(sampler, 4000)
    expect([third.perSecond, third.commands.length, third.hitRate]).toEqual([0, 0, Number.NaN])
  })

  test('begins anew behind CONFIG RESETSTAT', () => {
    const sampler = new StoreSampler()
    look(sampler, 0)
    server.execute('CONFIG', 'RESETSTAT')
    expect(look(sampler, 1000).perSecond).toBe(Number.NaN)
    server.execute('PING')
    expect(look(sampler, 2000).commands.map(({ name }) => name)).toEqual(['ping'])
  })

  test('is made of what a store tells that tells little', () => {
    const sampler = new StoreSampler()
    sampler.take('redis_version:6.0.0\r\ntotal_commands_processed:5\r\n', null, 0)
    const sample = sampler.take('redis_version:6.0.0\r\ntotal_commands_processed:17\r\n', null, 1000)
    expect(sample.perSecond).toBe(10)
    expect(topLine(sample)).toMatch(/^ +0 +- +- +- +10 +-/)
  })
})

describe('the screen', () => {
  const sampler = new StoreSampler()
  test('fits, whatever the store says', () => {
    look(sampler, 0)
    server.execute('SET', 'k', 'v')
    const sample = { ...look(sampler, 1000), role: '\x1b[2Jmaster' }
    const lines = topScreen('redis://127.0.0.1:6379', sample, { answeredMs: 1.5, columns: 80, rows: 24, problem: '' })
    expect(lines[0]).toMatch(/^redis:\/\/127\.0\.0\.1:6379 {3}zerodis/)
    expect(lines.join('\n')).not.toContain('\x1b')
    expect(lines.join('\n')).toMatch(/commands .*\nhits .*\nreceived .*\nsent .*\np50 .*answered in +1\.5 ms\np99 /)
    expect(lines.at(-1)).toMatch(/^set +1 +[\d.]+ us +100 %$/)
    const small = topScreen('x', sample, { answeredMs: 1, columns: 20, rows: 5, problem: 'lost' })
    expect([small.length, Math.max(...small.map(({ length }) => length)), small[1]]).toEqual([5, 20, 'lost'])
  })

  test('is lines below a head where there is none', () => {
    const sample = look(sampler, 2000)
    const at = TOP_HEAD.indexOf('most time')
    expect([topLine(sample).slice(at - 2, at), topLine(sample).slice(at)]).toEqual(['  ', '-'])
  })
})

describe('where it looks', () => {
  const link = (words: string[], environment = {}) =>
    linkTo(new Options('top', new Map([['token', 'TOKEN']]), words), environment).label
  test.each([
    [[], {}, 'redis://127.0.0.1:6379'],
    [[], { REDIS_URL: 'redis://:secret@h:7/2' }, 'redis://h:7'],
    [['rediss://bob:secret@h'], {}, 'rediss://h:6379'],
    [['unix:/tmp/s'], {}, 'unix:/tmp/s'],
    [['https://u:secret@h/base/?q', '--token', 't'], {}, 'https://h/base'],
    [['http://h'], { KV_REST_API_TOKEN: 't' }, 'http://h'],
  ])('%j', (words, environment, label) => {
    expect(link(words, environment)).toBe(label)
  })

  test.each([
    [['--intreval', '2'], 'there is no option --intreval. It has --token TOKEN.'],
    [['--tokn=x'], "there is no option --tokn. Did you mean '--token'?"],
    [['--token'], '--token takes TOKEN'],
    [['a', 'b'], "one address is enough, and 'b' is another"],
    [['ftp://x'], 'an address is redis://'],
    [['http://h'], 'REST wants a token'],
    [['redis://h', '--token', 't'], '--token is for REST'],
    [['redis+sentinel://h/m'], 'name one server'],
  ])('refuses %j', (words, reason) => {
    expect(() => link(words)).toThrow(reason)
  })
})

describe('what cannot be looked at is told in a line', () => {
  const told = async (...words: string[]): Promise<readonly [number, string]> => {
    const lines: string[] = []
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0)
    try {
      const streams = { stdin: new PassThrough(), stdout: new PassThrough() } as object as NodeJS.Process
      return [await runTop(words, {}, streams), lines.join('')]
    } finally {
      spy.mockRestore()
    }
  }

  test('a store that is not there, a secret that is wrong, a user that may not, and who is no Redis', async () => {
    const store = createServer({ requirepass: 'p', 'rest-token': 't', log: () => {} })
    const { port, httpPort } = await store.listen({ port: 0, httpPort: 0 })
    store.execute('ACL', 'SETUSER', 'bob', 'on', '>p', '+ping')
    expect(await told('redis://:secret@127.0.0.1:1')).toEqual([
      1,
      'zerodis top: redis://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1\n',
    ])
    expect(await told(`redis://:wrong@127.0.0.1:${port}`)).toEqual([1, expect.stringMatching(/: WRONGPASS .*\n$/)])
    expect(await told(`redis://bob:p@127.0.0.1:${port}`)).toEqual([1, expect.stringMatching(/: NOPERM .*'info'.*\n$/)])
    expect(await told(`http://127.0.0.1:${httpPort}`, '--token', 'x')).toEqual([
      1,
      expect.stringMatching(/: WRONGPASS .*\n$/),
    ])
    expect(await told(`redis://127.0.0.1:${httpPort}`)).toEqual([1, expect.stringMatching(/: this is no Redis: .*\n$/)])
    await store.close()
  })
})
