/**
 * zerodis on Cloudflare: a store in a Durable Object, whose keys are in memory while it is awake, and in its storage always.
 *
 *     // src/index.js
 *     import { createWorker } from 'zerodis/cloudflare'
 *     export { RedisDurableObject } from 'zerodis/cloudflare'
 *     export default createWorker()
 *
 *     // another handler of the same Worker
 *     const redis = createRedis(env.REDIS.get(env.REDIS.idFromName('default')))
 *     await redis.set('k', { a: 1 })
 *
 * docs/guides/cloudflare.md says what stands in `wrangler.toml`.
 */
import { DurableObject, RpcTarget } from 'cloudflare:workers'
import { errors, Redis, type Requester, type UpstashResponse } from '@upstash/redis'
import { StoreObject } from './durable/object.ts'
import type { Bindings, ObjectSocket, ObjectState } from './durable/platform.ts'
import type { UpstashRequest, UpstashResult } from './transports/sdk.ts'
import type { Argument, Plain } from './transports/values.ts'

export { createWorker, type Worker, type WorkerOptions } from './durable/worker.ts'
export type { Argument, Plain } from './transports/values.ts'
export { CommandError } from './transports/values.ts'

/** The commands of `@upstash/redis` that can be called on another machine: those that are answered by a promise. */
export type RemoteRedis = {
  readonly [Name in keyof Redis as Redis[Name] extends (...args: never[]) => Promise<unknown>
    ? Name
    : never]: Redis[Name]
}

/** The store of one Durable Object. REST and WebSockets come by `fetch`, other Workers call its methods (RPC). */
export class RedisDurableObject extends DurableObject {
  readonly #store: StoreObject
  #redis: RemoteRedis | undefined

  /** @throws Error where a variable is nonsense, or what is kept cannot be read */
  constructor(state: ObjectState, bindings: Bindings) {
    super(state, bindings)
    this.#store = new StoreObject(state, bindings)
  }

  /** Answers REST, streams of events and WebSockets, below `/` and `/api/redis`. */
  fetch(request: Request): Promise<Response> {
    return this.#store.fetch(request)
  }

  /** Runs one command: see `execute` of `zerodis`. @throws CommandError, TypeError */
  execute(...args: Argument[]): Plain | Promise<Plain> {
    return this.#store.server.execute(...args)
  }

  /** `execute` for values that are not text: strings come back as bytes. @throws as `execute` does */
  executeBuffer(...args: Argument[]): Plain<Buffer> | Promise<Plain<Buffer>> {
    return this.#store.server.executeBuffer(...args)
  }

  /** The commands of `@upstash/redis`, to be called from another Worker: `await stub.redis().set('k', 'v')`. */
  redis(): RemoteRedis {
    return (this.#redis ??= remoteOf(redisOn((request) => this.#store.door.request(request))))
  }

  /** What `createRedis` asks. */
  request(request: UpstashRequest): Promise<UpstashResult | UpstashResult[]> {
    return this.#store.door.request(request)
  }

  alarm(): Promise<void> {
    return this.#store.alarm()
  }

  webSocketMessage(socket: ObjectSocket, message: string | ArrayBuffer): void {
    this.#store.received(socket, message)
  }

  webSocketClose(socket: ObjectSocket): void {
    this.#store.closed(socket)
  }

  webSocketError(socket: ObjectSocket): void {
    this.#store.closed(socket)
  }
}

type Answers = (request: UpstashRequest) => Promise<UpstashResult | UpstashResult[]>

/** A Durable Object as another Worker reaches it. */
export interface RedisStub {
  readonly request: Answers
}

/**
 * An `@upstash/redis` client of an object: `createRedis(env.REDIS.get(env.REDIS.idFromName('cache')))`. A pipeline or a transaction is one
 * call. Subscriptions are not to be had this way: read `/subscribe/CHANNEL` by the stub's `fetch`.
 */
export function createRedis(stub: RedisStub): Redis {
  // What is called must be data: no function, and no signal.
  return redisOn(({ path, body }) => stub.request(path === undefined ? { body } : { path, body }))
}

function redisOn(answers: Answers): Redis {
  const request = async <T>(sent: Parameters<Requester['request']>[0]): Promise<UpstashResponse<T>> => {
    const answer = await answers(sent)
    if ('error' in answer && answer.error !== undefined) throw new errors.UpstashError(answer.error)
    return answer as UpstashResponse<T>
  }
  return new Redis({ request })
}

/** Only what stands in a class can be called from elsewhere, and the SDK's methods stand in the instance. */
function remoteOf(redis: Redis): RemoteRedis {
  class Remote extends RpcTarget {}
  for (const [name, member] of Object.entries(redis)) {
    if (typeof member === 'function') Object.defineProperty(Remote.prototype, name, { value: member })
  }
  return new Remote() as RemoteRedis
}
