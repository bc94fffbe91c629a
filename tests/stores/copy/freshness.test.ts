/** What reads see of what another process has written, by `store-consistency`, and what a token of REST adds to that. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../lib/base/clock.ts'
import { seenBy, syncTokenOf } from '../../../lib/stores/log/synctoken.ts'
import { type RestServer, webRest } from '../../clients/rest.ts'

const FOREVER = 2 ** 31 - 1

let folder: string
let a: RestServer
let b: RestServer

/** Two on one database; nothing goes on in the background. */
async function open(consistency: 'auto' | 'strong' | 'session' | 'eventual', staleness = FOREVER): Promise<void> {
  const options = {
    dir: folder,
    store: 'sqlite:keys.db',
    'store-consistency': consistency,
    'store-max-staleness': staleness,
    clock: new ManualClock(),
  }
  a = await webRest(options)
  b = await webRest(options)
  await Promise.all([a, b].map(({ server }) => server.load()))
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zerodis-fresh-'))
})

afterEach(async () => {
  await a.close()
  await b.close()
  rmSync(folder, { recursive: true, force: true })
})

async function ask(server: RestServer, argv: readonly string[], token?: string): Promise<[unknown, string]> {
  const headers: Record<string, string> = token === undefined ? {} : { 'upstash-sync-token': token }
  const answer = await server.call('POST', '/', { body: argv, headers })
  return [(answer.json as { result: unknown }).result, answer.headers.get('upstash-sync-token')!]
}

describe('a read', () => {
  test('sees all that others have written, by default and under strong', async () => {
    for (const level of ['auto', 'strong'] as const) {
      if (level === 'strong') await Promise.all([a.close(), b.close()])
      await open(level)
      for (const value of ['1', '2']) {
        await ask(a, ['SET', 'k', value])
        expect((await ask(b, ['GET', 'k']))[0]).toBe(value)
      }
    }
  })

  test('sees what is there under session and eventual, until that is older than store-max-staleness', async () => {
    for (const level of ['session', 'eventual'] as const) {
      if (level === 'eventual') await Promise.all([a.close(), b.close()])
      await open(level)
      await ask(a, ['SET', level, '1'])
      expect((await ask(b, ['GET', level]))[0]).toBe(null)
      await ask(b, ['CONFIG', 'SET', 'store-max-staleness', '0'])
      expect((await ask(b, ['GET', level]))[0]).toBe('1')
    }
  })

  test('sees what the same process has written, and what was there when it wrote', async () => {
    await open('eventual')
    await ask(a, ['SET', 'k', '1'])
    expect(b.server.execute('SET', 'other', 'v')).toBe('OK')
    expect(b.server.execute('MGET', 'k', 'other')).toEqual(['1', 'v'])
  })
})

describe('a token', () => {
  test('of a write is honoured by another process', async () => {
    await open('session')
    const [, token] = await ask(a, ['SET', 'k', '1'])
    expect((await ask(b, ['GET', 'k'], ''))[0]).toBe(null)
    expect((await ask(b, ['GET', 'k'], token))[0]).toBe('1')
  })

  test('of a read is: a client never sees anything older than it has seen', async () => {
    await open('session')
    await ask(a, ['SET', 'k', '1'])
    const [seen, token] = await ask(a, ['GET', 'k'])
    expect(seen).toBe('1')
    expect((await ask(b, ['GET', 'k'], token))[0]).toBe('1')
  })

  test('holds for pipelines and transactions', async () => {
    await open('session')
    for (const path of ['/pipeline', '/multi-exec']) {
      const [, token] = await ask(a, ['SET', 'k', path])
      const answer = await b.call('POST', path, { body: [['GET', 'k']], headers: { 'upstash-sync-token': token } })
      expect(answer.json).toEqual([{ result: path }])
    }
  })

  test('of another store, or past the end of the log, has all shown, and never waits', async () => {
    await open('session')
    const { id } = b.server.engine.shared!
    for (const token of ['x y z', 'abc.1.n', 'MjA=', `${id}.x.n`, `${id}.999999.n`, `${id}.1`]) {
      await ask(a, ['SET', 'k', token])
      expect((await ask(b, ['GET', 'k'], token))[0]).toBe(token)
    }
  })

  test('is not looked at under eventual', async () => {
    await open('eventual')
    const [, token] = await ask(a, ['SET', 'k', '1'])
    expect((await ask(b, ['GET', 'k'], token))[0]).toBe(null)
  })

  test('tells the store, the position and a nonce', async () => {
    await open('session')
    const { id } = a.server.engine.shared!
    const [[, first], [, second], [, third]] = [
      await ask(a, ['SET', 'k', '1']),
      await ask(a, ['GET', 'k']),
      await ask(b, ['GET', 'k']),
    ]
    expect([first, second, third].map((token) => token.split('.').slice(0, 2))).toEqual([
      [id, '1'],
      [id, '1'],
      [id, '0'],
    ])
    expect(new Set([first, second, third]).size).toBe(3)
    expect(seenBy(syncTokenOf({ id, position: 7 }, 'n'), { id, position: 0 })).toBe(7)
  })
})
