/**
 * Bottleneck on zerodis: connections for an unmodified Bottleneck 2.19, which shares its limits through them.
 *
 *     import Bottleneck from 'bottleneck'
 *     import { RestConnection } from 'zerodis/bottleneck'
 *
 *     const connection = new RestConnection({ url: process.env.KV_REST_API_URL, token: process.env.KV_REST_API_TOKEN })
 *     const limiter = new Bottleneck({ id: 'mail', maxConcurrent: 2, connection })
 *
 * `RestConnection` needs fetch and nothing of Node. `InProcessConnection` calls the store of this process, which is shared
 * by what runs in this process and by whoever reaches its doors.
 */
import { Connection, type ConnectionOptions } from './bottleneck/connection.ts'
import { StoreWire } from './bottleneck/inprocess.ts'
import { type RestOptions, RestWire } from './bottleneck/rest.ts'
import type { Server } from './server.ts'

export type { Client, Clients, ConnectionOptions } from './bottleneck/connection.ts'
export type { RestOptions } from './bottleneck/rest.ts'

/** Bottleneck's connection to a store that serves REST: zerodis or Upstash. */
export class RestConnection extends Connection {
  constructor(options: RestOptions & ConnectionOptions) {
    super(new RestWire(options), options)
  }
}

export interface InProcessOptions extends ConnectionOptions {
  /** The store, as `getServer()` and `createServer()` give it. Default: that of the process, if it has one already. */
  readonly server?: Pick<Server, 'inProcess'>
}

/** Bottleneck's connection to a store in this process. */
export class InProcessConnection extends Connection {
  /** @throws Error if no store is given and the process has none */
  constructor(options: InProcessOptions = {}) {
    super(new StoreWire((options.server ?? serverOfProcess()).inProcess()), options)
  }
}

/** Looked up, not imported: where the platform is not Node, the server cannot even be loaded. See SHARED in server.ts. */
function serverOfProcess(): Server {
  const server = (globalThis as { [SHARED]?: Server })[SHARED]
  if (server === undefined) throw new Error("this process has no store yet: pass { server: getServer() } of 'zerodis'")
  return server
}

const SHARED = Symbol.for('zerodis')
