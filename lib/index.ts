/**
 * What `import … from 'zerodis'` gives: a Redis inside this process. `createRedis` is the SDK's own `Redis` on the store,
 * `execute` the store without the SDK. Both work on the store of the process (`getServer`), the same that its REST and
 * RESP doors open on. Who wants neither SDK nor its loading time imports `zerodis/server`.
 */
import { errors, Redis, type Requester, type UpstashResponse } from '@upstash/redis'
import { getServer, type Server } from './server.ts'
import type { InProcessDoor, Messages } from './transports/inprocess.ts'
import type { Argument, Plain } from './transports/values.ts'

export {
  CommandError,
  createServer,
  type DoorOptions,
  getServer,
  type OpenDoors,
  type Server,
  type ServerOptions,
} from './server.ts'
export type { Message, Messages } from './transports/inprocess.ts'
export type { Argument, Plain } from './transports/values.ts'

export interface RedisOptions {
  /** Another store than that of the process. */
  readonly server?: Server
  /** JSON values come back parsed. Default true, as in the SDK. */
  readonly automaticDeserialization?: boolean
  /** Commands of one turn go as one pipeline. Default false: in process there is no round trip to save. */
  readonly enableAutoPipelining?: boolean
  readonly latencyLogging?: boolean
}

/** The SDK's class takes options only together with a URL; what they set is in reach of a subclass. */
class InProcessRedis extends Redis {
  constructor(requester: Requester, { automaticDeserialization, latencyLogging }: RedisOptions) {
    super(requester)
    this.opts = { automaticDeserialization, latencyLogging }
  }

  autoPipelined(): Redis {
    return this.autoPipeline() as Redis
  }
}

/** An `@upstash/redis` client whose commands are calls into this process: no URL, no token, no JSON. */
export function createRedis(options: RedisOptions = {}): Redis {
  const door = (options.server ?? getServer()).inProcess()
  const request = async <T>(sent: Parameters<Requester['request']>[0]): Promise<UpstashResponse<T>> => {
    const answer = await door.request(sent)
    if ('error' in answer && answer.error !== undefined) throw new errors.UpstashError(answer.error)
    return answer as UpstashResponse<T>
  }
  const redis = new InProcessRedis({ request }, options)
  return options.enableAutoPipelining ? redis.autoPipelined() : redis
}

let run: Server['execute'] | undefined
let runBuffer: Server['executeBuffer'] | undefined

/**
 * Runs one command on the store of this process and returns its reply in JavaScript's own values, at once; a promise of
 * it only where the command waits (BLPOP), and always with an `upstream` or a `store` behind a network (`postgres://…`, `libsql://…`).
 * Calls share no state: SELECT, MULTI and their like need a connection of one's own, `getServer().inProcess()`.
 * @throws CommandError
 * @throws TypeError for undefined, NaN, an object or whatever else is no argument
 */
export function execute(...args: readonly Argument[]): Plain | Promise<Plain> {
  run ??= getServer().execute
  return run(...args)
}

/** `execute` for values that are not text: strings come back as Buffers. @throws as `execute` does */
export function executeBuffer(...args: readonly Argument[]): Plain<Buffer> | Promise<Plain<Buffer>> {
  runBuffer ??= getServer().executeBuffer
  return runBuffer(...args)
}

let door: InProcessDoor | undefined

/**
 * Messages published to channels of the store of this process, from the call on:
 * `for await (const { channel, message } of subscribe('chat'))`. Leaving the loop ends the subscription; a reader that falls
 * too far behind is cut, and the loop throws.
 * @throws CommandError
 */
export function subscribe(...channels: readonly string[]): Messages {
  door ??= getServer().inProcess()
  return door.subscribe('subscribe', channels)
}

/** `subscribe` to all channels that match one of the patterns; each message says which. @throws CommandError */
export function psubscribe(...patterns: readonly string[]): Messages {
  door ??= getServer().inProcess()
  return door.subscribe('psubscribe', patterns)
}
