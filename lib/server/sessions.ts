/** The clients' side: who they are, what they may do, what they subscribe to, watch and track, and what they cost. */
import { getHeapStatistics } from 'node:v8'
import type { Bytes } from '../base/bytes.ts'
import { Late } from '../base/late.ts'
import { EMPTY_STORE_BYTES } from '../keyspace/weight.ts'
import { PubSub } from '../pubsub/pubsub.ts'
import { Acl } from '../session/acl.ts'
import { AclLog } from '../session/acl-log.ts'
import { AuthFailures } from '../session/authfailures.ts'
import { ClientMemory, type Holder } from '../session/clientmemory.ts'
import { Clients } from '../session/clients.ts'
import type { Session } from '../session/session.ts'
import { Tracking } from '../session/tracking.ts'
import { Watches } from '../session/watches.ts'
import { Tokens } from '../transports/access.ts'
import { AclFile } from './aclfile.ts'
import { secrets } from './secrets.ts'
import type { Store } from './store.ts'

export interface Sessions {
  readonly clients: Clients
  readonly acl: Acl
  readonly aclFile: Late<AclFile>
  readonly tokens: Late<Tokens>
  readonly authFailures: AuthFailures
  readonly pubsub: PubSub
  readonly watches: Watches
  readonly tracking: Tracking
  readonly clientMemory: ClientMemory
}

/** `users` are those of redis.conf, each as the words of a line behind `user`. @throws Error if one cannot be */
export function buildSessions(store: Store, users: readonly (readonly Bytes[])[]): Sessions {
  const { config, clock, log, engine, eviction } = store
  const { values } = config
  const clients = new Clients()
  const watches = new Watches()
  const pubsub = new PubSub()
  const tracking = new Tracking(clients)
  tracking.limitTo(values['tracking-table-max-keys'])
  config.onChange('tracking-table-max-keys', (keys) => tracking.limitTo(keys))
  const acl = new Acl({
    book: {
      commands: engine.table,
      secrets,
      get opensChannels() {
        return values['acl-pubsub-default'] === 'allchannels'
      },
    },
    clients,
    pubsub,
    log: new AclLog(clock, values),
  })
  const aclFile = new Late(() => new AclFile(acl, config, log))
  acl.setDefaultPassword(values.requirepass)
  config.onChange('requirepass', (password) => acl.setDefaultPassword(password))
  if (users.length > 0 || values.aclfile !== '') aclFile.get().start(users)
  for (const name of ['rest-token', 'rest-read-only-token'] as const) config.onChange(name, () => acl.tokensChanged())
  return {
    clients,
    acl,
    aclFile,
    tokens: new Late(() => new Tokens(acl, secrets, values, engine.table)),
    authFailures: new AuthFailures(clock, values, (address) =>
      log(
        'notice',
        `Failed authentications from ${address || 'an unknown address'} are answered with delay from now on`,
      ),
    ),
    pubsub,
    watches,
    tracking,
    clientMemory: new ClientMemory({
      clients,
      watches,
      pubsub,
      config: values,
      onTotal(bytes) {
        eviction.otherBytes = EMPTY_STORE_BYTES + bytes
      },
      onEvict: (client) => log('notice', `Evicting client: ${nameOf(client)}`),
      heapLimit: () => getHeapStatistics().heap_size_limit,
    }),
  }
}

/** A client in the log: a session, or a request that has none. */
function nameOf(client: Holder): string {
  const { addr, id } = client as Partial<Session>
  return id === undefined ? `a request from addr=${addr ?? ''}` : `id=${id} addr=${addr}`
}
