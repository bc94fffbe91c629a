/** Stores and clients of a test, closed after it in reverse order. */
import { Redis, type RedisOptions } from 'ioredis'
import { afterEach } from 'vitest'
import { createTestServer, type TestServer, type TestServerOptions } from '../../lib/testing.ts'

export const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

export async function create(options?: TestServerOptions): Promise<TestServer> {
  const store = await createTestServer(options)
  closing.push(() => store.close())
  return store
}

/** A client without a socket, which comes again at once where it is cut. */
export function ioredis({ Connector }: TestServer, options: RedisOptions = {}): Redis {
  const redis = new Redis({ Connector, retryStrategy: () => 1, ...options })
  redis.on('error', () => {}) // the commands tell
  closing.push(() => redis.disconnect())
  return redis
}

/** What a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    return `no failure but ${await promise}`
  } catch (error) {
    return error instanceof Error ? error.message : `${error}`
  }
}
