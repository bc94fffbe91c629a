/**
 * Why commands are looked at before they run, besides what their session says: bits of one number, so that a store that gives no
 * reason pays one test a command, and makes no guards. Each is set by the part that knows.
 */
import type { Session } from '../session/session.ts'

export const Concern = {
  /** CLIENT PAUSE holds commands back. */
  Paused: 1,
  /** The state of the server forbids writes. */
  Writes: 2,
  /** An interceptor wants to see each command. */
  Intercepted: 4,
  /** The data is being loaded, or is stale and not to be shown. */
  Unavailable: 8,
  /** The keys are shared with other processes: see sharedport.ts. */
  Shared: 16,
  /** Another server runs the commands. */
  Backend: 64,
  /** This is a node of a cluster, which may have to send a client to another. */
  Cluster: 32,
} as const

export class Concerns {
  bits = 0

  set(concern: number, isOn: boolean): void {
    this.bits = isOn ? this.bits | concern : this.bits & ~concern
  }
}

/** What of an engine gives reason to look at commands. */
interface Reasons {
  readonly keyspace: { readonly bytes: number }
  readonly eviction: { readonly watermark: number }
  readonly concerns: Concerns
}

/** True if the guards must check a command of this session. */
export function isGuarded({ keyspace, eviction, concerns }: Reasons, session: Session): boolean {
  return (session.gate | concerns.bits) !== 0 || keyspace.bytes > eviction.watermark
}

/** The same of all but the store that is shared, which is asked by `lets`, and of `maxmemory`. */
export function isGuardedByState({ concerns }: Reasons, session: Session): boolean {
  return (session.gate | (concerns.bits & ~Concern.Shared)) !== 0
}

/** True if nothing is to be asked before a backend runs commands of this session. */
export function isBackendAlone({ keyspace, eviction, concerns }: Reasons, session: Session): boolean {
  return session.gate === 0 && concerns.bits === Concern.Backend && keyspace.bytes <= eviction.watermark
}
