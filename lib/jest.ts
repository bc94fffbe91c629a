/**
 * Jest's environment for Node with a store for each file of tests: `testEnvironment: 'zerodis/jest'`. Tests find it as the
 * global `store`, and clients that are configured by the environment (`REDIS_URL`, `KV_REST_API_URL`, `UPSTASH_REDIS_REST_URL` and
 * their tokens) find it by themselves. Its keys go after each test unless `keepsKeys` is set:
 *
 *     testEnvironmentOptions: { zerodis: { maxmemory: '10mb', keepsKeys: true } }
 */
import { createRequire } from 'node:module'
import { missingPeer } from './testing/peers.ts'
import { createTestServer, type TestServer, type TestServerOptions } from './testing.ts'

export interface StoreOptions extends TestServerOptions {
  /** What a test leaves is there for the next one of its file. Default false. */
  readonly keepsKeys?: boolean
}

type Peer = typeof import('jest-environment-node')

/** Loaded by hand, so that a missing package is told by the line that installs it. As CommonJS, a module has no URL. */
function loadPeer(): Peer {
  try {
    return createRequire(import.meta.url ?? __filename)('jest-environment-node') as Peer
  } catch (error) {
    missingPeer('jest-environment-node', 'zerodis/jest', error)
  }
}

const { TestEnvironment } = loadPeer()

export default class ZerodisEnvironment extends TestEnvironment {
  readonly #options: StoreOptions
  #store: TestServer | undefined

  constructor(...given: ConstructorParameters<typeof TestEnvironment>) {
    super(...given)
    this.#options = (given[0].projectConfig.testEnvironmentOptions['zerodis'] ?? {}) as StoreOptions
  }

  override async setup(): Promise<void> {
    await super.setup()
    const { keepsKeys, ...options } = this.#options
    const store = await createTestServer(options)
    this.#store = store
    const { url, restUrl, token } = store
    this.global['store'] = store
    Object.assign(this.global.process.env, {
      REDIS_URL: url,
      KV_URL: url,
      KV_REST_API_URL: restUrl,
      KV_REST_API_TOKEN: token,
      UPSTASH_REDIS_REST_URL: restUrl,
      UPSTASH_REDIS_REST_TOKEN: token,
    })
  }

  handleTestEvent({ name }: { readonly name: string }): void {
    if (name === 'test_done' && !this.#options.keepsKeys) this.#store?.flush()
  }

  override async teardown(): Promise<void> {
    await this.#store?.close()
    await super.teardown()
  }
}
