/**
 * A store under fake timers: its time of day is theirs, and what a caller waits for; how long things take, what connections
 * do and what goes on in the background is not. Loaded before they were on, or while they are.
 */
import { connect } from 'node:net'
import { mock } from 'node:test'
import { type Clock, install } from '@sinonjs/fake-timers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type * as Zerodis from '../../lib/server.ts'

const START = Date.UTC(2031, 0, 1)

/** Of the machine, whatever stands in their place. */
const realTimeout = setTimeout
const realNow = performance.now.bind(performance)

interface Fakes {
  on(): void
  off(): void
  advance(ms: number): void
  /** Runs all timers there are, and those that they set. */
  runAll(): void
}

let clock: Clock

const FAKES: Record<string, Fakes> = {
  vitest: {
    on: () => void vi.useFakeTimers({ now: START }),
    off: () => void vi.useRealTimers(),
    advance: (ms) => void vi.advanceTimersByTime(ms),
    runAll: () => void vi.runAllTimers(),
  },
  sinon: {
    on: () => {
      // Node's own sockets need nextTick.
      clock = install({ now: START, toNotFake: ['nextTick', 'queueMicrotask'] })
    },
    off: () => clock.uninstall(),
    advance: (ms) => void clock.tick(ms),
    runAll: () => void clock.runAll(),
  },
  'node:test': {
    on: () => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now: START }),
    off: () => mock.timers.reset(),
    advance: (ms) => mock.timers.tick(ms),
    runAll: () => mock.timers.runAll(),
  },
}

const load = (): Promise<typeof Zerodis> => import('../../lib/server.ts')

/** Waits in real time, with a bound. */
async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 10) {
    if (waited > 10_000) throw new Error(`still not: ${holds}`)
    await new Promise((resolve) => realTimeout(resolve, 10))
  }
}

describe.each(Object.entries(FAKES))('under fake timers of %s', (_, fakes) => {
  describe.each(['before they are on', 'while they are on'])('a store that is loaded %s', (when) => {
    let server: Zerodis.Server
    let execute: (...args: string[]) => unknown
    let areOn = false

    beforeEach(async () => {
      vi.resetModules()
      if (when === 'while they are on') {
        fakes.on()
        areOn = true
        server = (await load()).createServer({ log: () => {} })
      } else {
        server = (await load()).createServer({ log: () => {} })
        fakes.on()
        areOn = true
      }
      const door = server.inProcess()
      execute = (...args) => door.execute(...args)
    })
    const end = (): void => {
      if (areOn) fakes.off()
      areOn = false
    }
    afterEach(async () => {
      end()
      await server.close()
    })

    test('tells their time, and keys end by it', () => {
      expect(execute('TIME')).toEqual([`${START / 1000}`, '0'])
      execute('SET', 'k', 'v', 'EX', '10')
      fakes.advance(9999)
      expect(execute('PTTL', 'k')).toBe(1)
      fakes.advance(1)
      expect(execute('GET', 'k')).toBe(null)
      expect(execute('EVAL', "return redis.call('TIME')[1]", '0')).toBe(`${START / 1000 + 10}`)
    })

    test('a blocking command gives up by their time', async () => {
      const answers: unknown[] = []
      const waits = Promise.resolve(execute('BLPOP', 'list', '10')).then((answer) => answers.push(answer))
      fakes.advance(9999)
      await new Promise((resolve) => realTimeout(resolve, 20))
      expect(answers).toEqual([])
      fakes.advance(1)
      await waits
      expect(answers).toEqual([null])
    })

    test('running all timers comes to an end', () => {
      fakes.runAll()
    })

    test('how long something takes is real time', () => {
      execute('CONFIG', 'SET', 'slowlog-log-slower-than', '0')
      execute('EVAL', 'local n = 0 for i = 1, 3e6 do n = n + i end return n', '0')
      const [[, at, microseconds]] = execute('SLOWLOG', 'GET', '1') as [[number, number, number]]
      expect(at).toBe(START / 1000)
      expect(microseconds).toBeGreaterThan(1000)
    })

    test('a script that never ends is ended', () => {
      execute('CONFIG', 'SET', 'lua-hard-time-limit', '50')
      const startedAt = realNow()
      expect(() => execute('EVAL', 'while true do end', '0')).toThrow()
      expect(realNow() - startedAt).toBeGreaterThan(40)
    })

    test('keys whose time has come are removed, also when the fakes are gone', async () => {
      execute('SET', 'a', 'v', 'EX', '10')
      fakes.advance(10_000)
      await until(() => execute('DBSIZE') === 0)
      execute('SET', 'b', 'v', 'EX', '10')
      end()
      // What was to last until 2031 lasts; what is set now does not.
      execute('SET', 'c', 'v', 'PX', '1')
      await until(() => execute('DBSIZE') === 1)
      expect(execute('EXISTS', 'b')).toBe(1)
    })

    test('clients are served without a timer', async () => {
      const { port } = await server.listen({ port: 0, httpPort: false })
      const socket = connect(port, '127.0.0.1')
      let received = ''
      socket.on('data', (text) => {
        received += text
      })
      socket.write('PING\r\n')
      await until(() => received === '+PONG\r\n')
      socket.write('SET k v\r\nGET k\r\n')
      await until(() => received === '+PONG\r\n+OK\r\n$1\r\nv\r\n')
      socket.destroy()
    })
  })
})

test('a store goes on when time is set back', async () => {
  const { createServer } = await load()
  vi.useFakeTimers({ toFake: ['Date'], now: START })
  try {
    const server = createServer({ log: () => {}, timeout: 1 })
    const { port } = await server.listen({ port: 0, httpPort: false })
    server.cron()
    vi.setSystemTime(START - 365 * 86_400_000)
    const socket = connect(port, '127.0.0.1')
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.resume()
    const closed = new Promise((resolve) => socket.once('close', resolve))
    await until(() => server.clientCount === 1)
    server.cron()
    vi.setSystemTime(START - 365 * 86_400_000 + 3000)
    server.cron()
    await closed
    await server.close()
  } finally {
    vi.useRealTimers()
  }
})
