/**
 * Loaded into mocha ahead of Bottleneck's own tests, of which no file is changed: where they, or Bottleneck, make a
 * RedisConnection they get one of ours, and for the package redis its stand-in. With BOTTLENECK_URL that is a
 * RestConnection, without an InProcessConnection on a store of this process.
 *
 * The tests look at limiters' keys through the client, as node_redis 2 has it: a method for each command, with a callback.
 */
import { type Client, InProcessConnection, RestConnection } from '../../../lib/bottleneck.ts'
import { createServer } from '../../../lib/server.ts'
import { standIn, warmUp } from './before.ts'

const { BOTTLENECK_URL: url, BOTTLENECK_TOKEN: token = '' } = process.env

type Connection = RestConnection | InProcessConnection
type Callback = (error: Error | null, reply?: unknown) => void

interface Options {
  readonly clientOptions?: { readonly port?: number }
  readonly client?: { readonly connection: Connection }
  readonly Events?: { trigger(name: string, error: Error): void }
}

const server = url === undefined ? createServer() : undefined

function connect({ clientOptions, client, Events }: Options = {}): Connection {
  if (client !== undefined) return client.connection
  // Nobody listens on port 1: the tests want to see errors.
  const isDead = clientOptions?.port === 1
  const connection =
    isDead || server === undefined
      ? new RestConnection({ url: isDead ? 'http://127.0.0.1:1' : url!, token })
      : new InProcessConnection({ server })
  const manners = withManners(connection.client, connection)
  Object.assign(connection, { client: manners })
  if (Events !== undefined) connection.on('error', (error) => Events.trigger('error', error))
  return connection
}

function withManners(client: Client, connection: Connection): object {
  return new Proxy(Object.assign(client, { connection, ready: true }), {
    get(target, name) {
      if (name in target || typeof name === 'symbol' || name === 'then') return Reflect.get(target, name)
      return (...args: unknown[]) => {
        const callback = args.pop() as Callback
        client.command(name, ...(args.flat() as string[])).then(
          (reply) => callback(null, name === 'hgetall' ? asObject(reply as string[]) : reply),
          (error: Error) => callback(error),
        )
      }
    },
  })
}

function asObject(flat: readonly string[]): Record<string, string> {
  const pairs = Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]])
  return Object.fromEntries(pairs)
}

standIn('./RedisConnection', function RedisConnection(options?: Options) {
  return connect(options)
})
standIn('redis', { createClient: () => connect().client })

warmUp()
