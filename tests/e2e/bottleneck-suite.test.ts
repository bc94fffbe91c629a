/**
 * Bottleneck's own tests, unmodified: through the clients that it knows, over TCP, and through our connections. Genuine
 * Redis 7 passes 125 of the 130 for node_redis and 127 of the 132 for ioredis: it puts `ERR ` before Bottleneck's errors, which
 * the directive leaves out. The four runs wait for time to pass rather than work, so they go side by side.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../clients/ports.ts'
import { runSuite, type Subject } from './bottleneck/suite.ts'
import { buildSite, startSite } from './site.ts'
import { startStore } from './store.ts'

const ALL = { redis: 130, ioredis: 132 }
const passes = (passing: number) => ({ passing, pending: 0, failing: [] })

describe.concurrent("Bottleneck's own tests pass", { timeout: 300_000 }, () => {
  beforeAll(buildSite, 240_000)

  test.each(['redis', 'ioredis'] as const)('with the package %s, over TCP', async (client) => {
    const start = async (env: Record<string, string>): Promise<Subject> => {
      const { port, stop } = await startStore({ flags: ['--lua-bare-error-replies', 'yes'], env })
      const address = { REDIS_HOST: '127.0.0.1', REDIS_PORT: `${port}` }
      return { setup: 'clients', env: { DATASTORE: client, ...address }, stop }
    }
    expect(await runSuite(start)).toEqual(passes(ALL[client]))
  })

  test('through RestConnection, to the Next route of a production build', async () => {
    const start = async (env: Record<string, string>): Promise<Subject> => {
      const port = await freePort()
      const site = startSite(port, { KV_REST_API_TOKEN: 'token', ...env })
      await site.until(() => site.output.includes('Ready in'))
      const address = { BOTTLENECK_URL: `http://127.0.0.1:${port}/api/redis`, BOTTLENECK_TOKEN: 'token' }
      return { setup: 'adapter', env: { DATASTORE: 'redis', ...address }, stop: () => site.stop() }
    }
    expect(await runSuite(start)).toEqual(passes(ALL.redis))
  })

  test('through InProcessConnection', async () => {
    const start = async (): Promise<Subject> => ({
      setup: 'adapter',
      env: { DATASTORE: 'redis' },
      stop: async () => {},
    })
    expect(await runSuite(start)).toEqual(passes(ALL.redis))
  })
})
