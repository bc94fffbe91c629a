/** What the doors see of the store: they open and close sessions, and hand commands to the engine. */
import type { Bytes } from '../base/bytes.ts'
import type { Pass } from '../session/pass.ts'
import { type DoorName, type Link, Session } from '../session/session.ts'
import { Streams } from '../transports/streams.ts'
import type { TcpHost } from '../transports/tcp.ts'
import { Turn } from '../transports/turn.ts'
import type { Persistence } from './persistence.ts'
import type { Sessions } from './sessions.ts'
import type { Store } from './store.ts'

/** `firstDb` is the database at which a client looks that says nothing of it. */
export function createHost(
  store: Store,
  sessions: Sessions,
  { replicas, gate, appendOnly }: Persistence,
  firstDb: number,
): TcpHost {
  const { config, clock, log, keyspace, engine, blocking, info } = store
  const { clients, acl, tokens, watches, pubsub, tracking, clientMemory } = sessions
  return {
    engine,
    log,
    get tokens() {
      return tokens.get()
    },
    health: { state: 'serving' },
    streams: new Streams(config.values),
    gate,
    metrics: { expose: async () => (await import('../observability/metrics.ts')).expose(engine, info) },
    turn: new Turn(engine, gate),
    get clientCount() {
      return clients.size
    },
    get asksForPassword() {
      return acl.asksForPassword
    },
    openSession(door: DoorName, link: Link, addr: Bytes, laddr: Bytes, pass?: Pass): Session {
      const session = new Session(
        clients.nextId(),
        door,
        link,
        keyspace.dbs[firstDb],
        acl.default,
        clock.now(),
        addr,
        laddr,
      )
      session.pass = pass
      acl.admit(session)
      clients.add(session)
      engine.stats.peakClients = Math.max(engine.stats.peakClients, clients.size)
      return session
    },
    closeSession(session: Session): void {
      blocking.forget(session)
      replicas.made?.forget(session)
      appendOnly.made?.forget(session)
      watches.clear(session)
      pubsub.forget(session)
      engine.monitors.remove(session.link)
      tracking.disable(session)
      clients.remove(session)
      clientMemory.forget(session)
    },
  }
}
