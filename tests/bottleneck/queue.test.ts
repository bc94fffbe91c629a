import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CommandQueue } from '../../lib/bottleneck/queue.ts'
import { WireError } from '../../lib/bottleneck/wire.ts'
import { settled, unreached, WireOfTest } from './wire.ts'

let wire: WireOfTest
let queue: CommandQueue
let errors: string[]
let recovered: number

beforeEach(async () => {
  vi.useFakeTimers()
  wire = new WireOfTest()
  errors = []
  recovered = 0
  queue = new CommandQueue(wire, 30_000, {
    onError: ({ message }) => errors.push(message),
    onRecovered: () => recovered++,
  })
  const loading = queue.loadScripts()
  const load = wire.requests.shift()!
  // Each script's digest is its name.
  const names = [
    'init',
    'group_check',
    'register_client',
    'blacklist_client',
    'heartbeat',
    'update_settings',
    'running',
  ]
  names.push('queued', 'done', 'check', 'submit', 'register', 'free', 'current_reservoir', 'increment_reservoir')
  load.answer(names.map((result) => ({ result })))
  await loading
})
afterEach(() => vi.useRealTimers())

const script = (name: string, ...args: (string | number)[]) =>
  queue.run({ script: name, limiterId: 'x', args: [1, 'client', ...args] })

/** What became of a promise so far. */
function fate(promise: Promise<unknown>): { state: unknown } {
  const fate: { state: unknown } = { state: 'waits' }
  promise.then(
    (result) => (fate.state = result),
    (error: Error) => (fate.state = `failed: ${error.message}`),
  )
  return fate
}

/** The pause after the first failure is over. */
async function pause(): Promise<void> {
  await settled()
  await vi.advanceTimersByTimeAsync(2_000)
}

describe('the order of commands', () => {
  it('sends together what was given in one turn, and the rest when that is answered', async () => {
    const first = [fate(queue.run(['A'])), fate(queue.run(['B']))]
    await settled()
    const later = fate(queue.run(['C']))
    await settled()
    expect(wire.requests.map(({ names }) => names)).toEqual([['A', 'B']])
    wire.requests[0].answer([{ result: 1 }, { error: 'ERR no' }])
    await settled()
    expect(first.map(({ state }) => state)).toEqual([1, 'failed: ERR no'])
    expect(wire.requests[1].names).toEqual(['C'])
    wire.requests[1].ok()
    await settled()
    expect(later.state).toBe('OK')
  })

  it('is kept by commands of a request that broke off: they go ahead of what came later', async () => {
    const free = fate(script('free', 'job'))
    await settled()
    wire.requests[0].fail(unreached())
    await settled()
    void queue.run(['LATER'])
    expect(wire.requests).toHaveLength(1)
    await pause()
    expect(wire.requests[1].names).toEqual(['free', 'LATER'])
    wire.requests[1].ok()
    await settled()
    expect([free.state, errors, recovered]).toEqual(['OK', ['not reached'], 1])
  })
})

describe('a request that broke off', () => {
  it('is not repeated for what must not happen twice', async () => {
    const fates = [fate(queue.run(['PUBLISH', 'b_x', 'message:1'])), fate(script('increment_reservoir', 5))]
    await settled()
    wire.requests[0].fail(unreached())
    await pause()
    expect(fates.map(({ state }) => state)).toEqual(['failed: not reached', 'failed: not reached'])
    expect(wire.requests).toHaveLength(1)
  })

  it('is repeated for register after what it may have registered is freed, and with the time of the repetition', async () => {
    void script('register', 'job', '1', '')
    await settled()
    wire.requests[0].fail(unreached())
    await pause()
    const [free, register] = wire.requests[1].commands
    expect([free[1], free.slice(-2)]).toEqual(['free', ['client', 'job']])
    expect([register[1], register.slice(-4)]).toEqual(['register', ['client', 'job', '1', '']])
    expect(Date.now() - Number(register.at(-5))).toBeLessThanOrEqual(2_000)
  })

  it('is repeated with growing pauses until patience ends', async () => {
    const submit = fate(script('submit'))
    const sentAt: number[] = []
    for (let seen = 0; submit.state === 'waits'; await vi.advanceTimersByTimeAsync(10)) {
      for (; seen < wire.requests.length; seen++) {
        sentAt.push(Date.now())
        wire.requests[seen].fail(unreached())
      }
    }
    expect(submit.state).toBe('failed: not reached')
    expect(vi.getTimerCount()).toBe(1)
    await pause()
    expect([vi.getTimerCount(), wire.requests.length]).toEqual([0, sentAt.length])
    const pauses = sentAt.slice(1).map((at, i) => at - sentAt[i])
    expect(pauses[0]).toBeLessThanOrEqual(60)
    expect(pauses.at(-1)).toBeGreaterThanOrEqual(1_000)
    expect(Math.max(...pauses)).toBeLessThanOrEqual(2_010)
    expect(sentAt.at(-1)! - sentAt[0]).toBeGreaterThanOrEqual(30_000)
  })

  it('is repeated for the setting up of a limiter for as long as it takes', async () => {
    const init = fate(script('init'))
    for (let seen = 0; seen < 30; await pause()) {
      for (; seen < wire.requests.length; seen++)
        wire.requests[seen].fail(seen % 2 ? unreached() : new WireError('', true))
    }
    expect(init.state).toBe('waits')
    wire.requests.at(-1)!.ok()
    await settled()
    expect(init.state).toBe('OK')
  })

  it('is repeated for a job that ended, though it has failed for the one who waited', async () => {
    const free = fate(script('free', 'job'))
    for (let seen = 0; seen < 30; await pause()) {
      for (; seen < wire.requests.length; seen++) wire.requests[seen].fail(unreached())
    }
    expect([free.state, wire.requests.at(-1)!.names]).toEqual(['failed: not reached', ['free']])
    wire.requests.at(-1)!.ok()
    await pause()
    expect(wire.requests).toHaveLength(31)
  })

  it('fails at once where asking again will not help', async () => {
    const free = fate(script('free', 'job'))
    await settled()
    wire.requests[0].fail(new WireError('401', true))
    await pause()
    expect([free.state, wire.requests.length]).toEqual(['failed: 401', 1])
  })
})

describe('a store that has lost its scripts', () => {
  it('is given each that is missed, once, and runs what it could not, in order', async () => {
    const fates = [script('submit'), script('free'), script('submit'), queue.run(['GET', 'k'])].map(fate)
    await settled()
    const lost = { error: 'NOSCRIPT No matching script.' }
    wire.requests[0].answer([lost, lost, lost, { result: 'v' }])
    await settled()
    expect(fates.map(({ state }) => state)).toEqual(['waits', 'waits', 'waits', 'v'])
    expect(wire.requests[1].names).toEqual(['SCRIPT', 'submit', 'SCRIPT', 'free', 'submit'])
    wire.requests[1].answer([1, 2, 3, 4, 5].map((result) => ({ result })))
    await settled()
    expect(fates.map(({ state }) => state)).toEqual([2, 4, 5, 'v'])
  })

  it('is given up if it does not keep them', async () => {
    const submit = fate(script('submit'))
    await settled()
    for (const request of wire.requests) {
      request.answer(request.commands.map(() => ({ error: 'NOSCRIPT No matching script.' })))
      await settled()
    }
    expect([submit.state, wire.requests.length]).toEqual(['failed: NOSCRIPT No matching script.', 4])
  })
})

it('gives Bottleneck its own errors bare, and others as they are', async () => {
  const errors = ['SETTINGS_KEY_NOT_FOUND', 'UNKNOWN_CLIENT', 'OVERWEIGHT:3:2', 'UNKNOWN_CLIENTS', 'syntax error']
  const fates = errors.map(() => fate(script('submit')))
  await settled()
  wire.requests[0].answer(errors.map((error) => ({ error: `ERR ${error}` })))
  await settled()
  expect(fates.map(({ state }) => state)).toEqual([
    'failed: SETTINGS_KEY_NOT_FOUND',
    'failed: UNKNOWN_CLIENT',
    'failed: OVERWEIGHT:3:2',
    'failed: ERR UNKNOWN_CLIENTS',
    'failed: ERR syntax error',
  ])
})

const ENDED = 'failed: the connection to the store was ended'

describe('closing', () => {
  it('with flush carries out what was given, and fails what comes later', async () => {
    const given = fate(queue.run(['A']))
    const closed = fate(queue.close(true))
    const later = fate(queue.run(['B']))
    await settled()
    wire.requests[0].ok()
    await settled()
    expect([given.state, closed.state, later.state]).toEqual(['OK', undefined, ENDED])
    expect(wire.requests).toHaveLength(1)
  })

  it('with flush tries once', async () => {
    const given = fate(script('free'))
    const closed = fate(queue.close(true))
    await settled()
    wire.requests[0].fail(unreached())
    await settled()
    expect([given.state, closed.state, vi.getTimerCount()]).toEqual(['failed: not reached', undefined, 0])
  })

  it('never fails the setting up of a limiter, whose promise nobody may hold', async () => {
    const fates = [script('init'), script('register_client')].map(fate)
    await settled()
    await queue.close(false)
    fates.push(fate(script('init')))
    await settled()
    expect(fates.map(({ state }) => state)).toEqual(['waits', 'waits', 'waits'])
  })

  it('without flush ends at once', async () => {
    const given = fate(queue.run(['A']))
    await settled()
    const closed = fate(queue.close(false))
    await settled()
    wire.requests[0].ok()
    await settled()
    expect([given.state, closed.state, vi.getTimerCount()]).toEqual([ENDED, undefined, 0])
  })
})
