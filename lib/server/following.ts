/** The replica's side, as it is wired: sessions and doors are there before it. It is made for who follows somebody. */
import type { Socket } from 'node:net'
import { Late } from '../base/late.ts'
import { Failover } from '../replication/failover.ts'
import { Following } from '../replication/following.ts'
import type { TcpHost } from '../transports/tcp.ts'
import type { OpenDoors } from './doors.ts'
import type { Persistence } from './persistence.ts'
import type { Sessions } from './sessions.ts'
import type { Store } from './store.ts'

/** Directives that say what it means to be a replica. */
const DIRECTIVES = ['replica-read-only', 'replica-serve-stale-data', 'replica-ignore-maxmemory'] as const

export interface ReplicaSide {
  readonly following: Late<Following>
  readonly failover: Late<Failover>
}

export function buildFollowing(
  store: Store,
  sessions: Sessions,
  persistence: Persistence,
  host: TcpHost,
  openDoors: () => OpenDoors,
): ReplicaSide {
  const { config, engine, log } = store
  const following = new Late(() =>
    newFollowing(store, sessions, persistence, host, openDoors, (isTaken) => failover.get().answered(isTaken)),
  )
  const failover = new Late(
    () => new Failover({ engine, replicas: persistence.replicas.get(), following: following.get(), log }),
  )
  persistence.appended.onSynced = () => following.made?.synced()
  for (const name of DIRECTIVES) config.onChange(name, () => following.made?.settle())
  const { replicaof } = config.values
  if (replicaof !== undefined) following.get().begin(replicaof)
  return { following, failover }
}

function newFollowing(
  { config, engine, log }: Store,
  { acl }: Sessions,
  { history, replicas, appendOnly, backup }: Persistence,
  host: TcpHost,
  openDoors: () => OpenDoors,
  handedOver: (isTaken: boolean) => void,
): Following {
  return new Following({
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
      const { port, tlsPort } = openDoors()
      return (config.values['tls-replication'] && tlsPort) || port || tlsPort
    },
    connectSecurely: async (name, port, localAddress): Promise<Socket> => {
      const { connectSecurely } = await import('../transports/securely.ts')
      return connectSecurely(config.values, name, port, localAddress)
    },
    syncState: () => appendOnly.made?.syncState,
    roleChanged: () => replicas.get().roleChanged(),
    relay: (part) => replicas.get().relay(part),
    handedOver,
    disconnectReplicas: () => replicas.made?.disconnectAll(),
    dataReplaced: () => {
      appendOnly.made?.restart()
      backup.made?.dataReplaced()
    },
  })
}
