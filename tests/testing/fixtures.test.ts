/** Stores that runners open and close: Vitest's fixture, node:test's, and one for each worker. Jest's stands in tests/e2e. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, test as plain, vi } from 'vitest'
import setup from '../../lib/global-setup.ts'
import { type TestServer, testServer, workerServer } from '../../lib/testing.ts'
import { test } from '../../lib/vitest.ts'
import { programOfText } from '../clients/program.ts'

const root = join(import.meta.dirname, '../..')

describe('zerodis/vitest', () => {
  let before: TestServer

  test('a test that names the store gets one', async ({ store }) => {
    before = store
    expect(store.execute('SET', 'k', 'v')).toBe('OK')
  })

  test('another test gets another, and the first is closed', async ({ store }) => {
    expect(store.execute('GET', 'k')).toBe(null)
    expect(before.port).toBe(0)
  })
})

describe('testServer', () => {
  plain('closes its store after the test', async () => {
    const ends: (() => Promise<void>)[] = []
    const store = await testServer({ after: (close) => ends.push(close) }, { databases: 2 })
    expect(() => store.server.inProcess().execute('SELECT', '2')).toThrow('out of range')
    for (const end of ends) await end()
    expect(store.port).toBe(0)
  })

  plain('under node:test', () => {
    const script = `
      import test from 'node:test'
      import assert from 'node:assert'
      import { Redis } from 'ioredis'
      const { testServer } = await import('./lib/testing.ts')
      test('a key expires', async (t) => {
        const store = await testServer(t)
        const redis = new Redis(store.url)
        t.after(() => redis.disconnect())
        await redis.set('k', 'v', 'EX', 60)
        store.clock.advance(60_000)
        assert.equal(await redis.get('k'), null)
      })
      test('a store that nobody closes keeps nobody', async () => {
        const { createTestServer } = await import('./lib/testing.ts')
        await createTestServer()
      })`
    const program = programOfText('node-test', script)
    const { status, stdout } = spawnSync(process.execPath, ['--test-reporter=tap', program], {
      ...{ cwd: root, encoding: 'utf8', timeout: 30_000 },
    })
    expect(stdout).toContain('# pass 2')
    expect(status).toBe(0)
  })
})

describe('zerodis/global-setup', () => {
  afterEach(() => vi.unstubAllEnvs())

  plain('gives each worker a store of its own, and closes them', async () => {
    const teardown = await setup({ maxWorkers: 2 })
    const urls = ['1', '2'].map((id) => {
      vi.stubEnv('VITEST_POOL_ID', id)
      return workerServer().url
    })
    expect(new Set(urls).size).toBe(2)
    const clients = urls.map((url) => new Redis(url))
    await clients[0].set('k', 'v')
    expect(await clients[1].get('k')).toBe(null)
    for (const client of clients) client.disconnect()
    vi.stubEnv('VITEST_POOL_ID', '3')
    expect(() => workerServer()).toThrow('worker 3 has no store: 2 were opened')
    await teardown()
    expect(() => workerServer()).toThrow('zerodis/global-setup')
  })
})
