/** The replica's side, as it is wired: sessions and doors are there before it. */
import type { Socket } from 'node:net'
import { Failover } from '../replication/failover.ts'
import { Following } from '../replication/following.ts'
import type { TcpHost } from '../transports/tcp.ts'
import type { Doors } from './doors.ts'
import type { Persistence } from './persistence.ts'
import type { Sessions } from './sessions.ts'
import type { Store } from './store.ts'

/** Directives that say what it means to be a replica. */
const DIRECTIVES = ['replica-read-only', 'replica-serve-stale-data', 'replica-ignore-maxmemory'] as const

export function buildFollowing(
  store: Store,
  { acl }: Sessions,
  { history, replicas, appendOnly, backup }: Persistence,
  host: TcpHost,
  doors: Doors,
): { readonly following: Following; readonly failover: Failover } {
  const { config, engine, log } = store
  const following = new Following({
    engine,
    history,
    log,
    openSession(link, addr, laddr) {
      const session = host.openSession('tcp', link, addr, laddr)
      acl.admitMaster(session)
      return session
    },
    closeSession: (session) => host.closeSession(session),
    listeningPort: () => {
      const { port, tlsPort } = doors.open
      return (config.values['tls-replication'] && tlsPort) || port || tlsPort
    },
    connectSecurely: async (name, port, localAddress): Promise<Socket> => {
      const { connectSecurely } = await import('../transports/securely.ts')
      return connectSecurely(config.values, name, port, localAddress)
    },
    syncState: () => appendOnly.syncState,
    roleChanged: () => replicas.roleChanged(),
    relay: (part) => replicas.relay(part),
    handedOver: (isTaken) => failover.answered(isTaken),
    disconnectReplicas: () => replicas.disconnectAll(),
    dataReplaced: () => {
      appendOnly.restart()
      backup.dataReplaced()
    },
  })
  appendOnly.onSynced = () => following.synced()
  for (const name of DIRECTIVES) config.onChange(name, () => following.settle())
  const failover = new Failover({ engine, replicas, following, log })
  const { replicaof } = config.values
  if (replicaof !== undefined) following.begin(replicaof)
  return { following, failover }
}
