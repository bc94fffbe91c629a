/** What all doors need of the server. */
import type { Bytes } from '../base/bytes.ts'
import type { Engine } from '../engine/engine.ts'
import type { Gate } from '../journal/gate.ts'
import type { Pass } from '../session/pass.ts'
import type { DoorName, Link, Session } from '../session/session.ts'
import type { Tokens } from './access.ts'
import type { MetricsPort } from './metrics.ts'
import type { Streams } from './streams.ts'
import type { Turn } from './turn.ts'

/** Whether commands are served, for those who probe it. */
export interface Health {
  state: 'loading' | 'serving' | 'closing'
}

export interface Host {
  readonly health: Health
  readonly engine: Engine
  readonly tokens: Tokens
  readonly streams: Streams
  readonly turn: Turn
  readonly gate: Gate
  readonly metrics: MetricsPort
  /** `pass` is what a token lets in by; without one the session is the default user, or must say AUTH. */
  openSession(door: DoorName, link: Link, addr: Bytes, laddr: Bytes, pass?: Pass): Session
  closeSession(session: Session): void
  log(level: 'debug' | 'verbose' | 'notice' | 'warning', message: string): void
}
