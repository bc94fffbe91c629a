/**
 * The master's side of replication. A replica that asks to be synchronised gets a snapshot of this moment, and from then on
 * the stream of effects (see journal.ts), with PING in it when there is nothing else. Offsets count the bytes of the stream.
 *
 * Nothing is kept for a replica that comes back: each synchronisation is a full one. While there are no replicas the engine
 * does not collect effects on their account.
 */
import type { Bytes } from '../base/bytes.ts'
import { NO_MASTER_LINK, SYNC_NEEDS_RESP } from '../base/errors.ts'
import { NO_REPLY, type Reply } from '../base/reply.ts'
import { type Engine, Target } from '../engine/engine.ts'
import { commandBytes } from '../journal/commandbytes.ts'
import { Feed, type Journal } from '../journal/journal.ts'
import type { Introduction, ReplicaState, ReplicationPort, SnapshotFilter } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import type { History } from './history.ts'
import { Transfer } from './transfer.ts'

const PING = commandBytes(['PING'])
const GETACK = commandBytes(['REPLCONF', 'GETACK', '*'])

interface Replica extends ReplicaState {
  readonly session: Session
  /** While the snapshot is being sent. */
  transfer: Transfer | undefined
  state: ReplicaState['state']
  ackedOffset: number
  /** Unix ms of the last acknowledgement, or of the synchronisation. */
  ackedAt: number
}

export interface ReplicasParts {
  readonly engine: Engine
  readonly journal: Journal
  /** All that the store holds, or what the filter leaves, with these facts for the reader. */
  readonly snapshot: (
    facts: readonly (readonly [Bytes, Bytes])[],
    filter: SnapshotFilter | undefined,
  ) => readonly Uint8Array[]
  readonly history: History
  /** Runs the command of a waiting client again; see Blocking. */
  readonly retry: (session: Session, onTimeout: Reply) => void
  readonly log: (message: string) => void
}

export class Replicas implements ReplicationPort {
  readonly #parts: ReplicasParts
  readonly #replicas: Replica[] = []
  readonly #introductions = new WeakMap<Session, Introduction>()
  readonly #feed = new Feed({ targets: Target.Replicas, take: (part) => this.#send(part) })
  #seconds = 0
  /** Clients that wait for acknowledgements, and the offset from which they count. */
  readonly #waiting = new Map<Session, number>()
  fullSyncs = 0

  constructor(parts: ReplicasParts) {
    this.#parts = parts
  }

  get goodReplicas(): number {
    const { clock, config } = this.#parts.engine
    const since = clock.now() - (config['min-replicas-max-lag'] + 1) * 1000
    return this.#replicas.filter(({ state, ackedAt }) => state === 'online' && ackedAt > since).length
  }

  /** Lets writes in while enough replicas follow: to be called whenever that may have changed. */
  guardWrites(): void {
    const { config, writes } = this.#parts.engine
    const { 'min-replicas-to-write': least, 'min-replicas-max-lag': lag } = config
    writes.setLacksReplicas(least > 0 && lag > 0 && this.goodReplicas < least)
  }

  get history(): History {
    return this.#parts.history
  }

  readonly failoverState = 'no-failover'

  renewId(): void {
    this.#parts.history.renew()
  }

  get replicas(): readonly ReplicaState[] {
    return this.#replicas
  }

  introduce(session: Session, facts: Introduction): void {
    this.#introductions.set(session, { ...this.#introductions.get(session), ...facts })
  }

  synchronise(session: Session, announcesOffset: boolean): Reply {
    const { engine, history, log } = this.#parts
    const { link } = session
    if (link.write === undefined) return SYNC_NEEDS_RESP
    if (session.replica) return NO_REPLY
    if (engine.ports.persistence.following.master !== undefined) return NO_MASTER_LINK
    const { ip, port = 0, rdbOnly = false, filter } = this.#introductions.get(session) ?? {}
    const facts: [Bytes, Bytes][] = [
      ['repl-stream-db', '0'],
      ['repl-id', history.id],
      ['repl-offset', `${history.offset}`],
    ]
    const snapshot = this.#parts.snapshot(facts, filter)
    if (announcesOffset) link.write(`+FULLRESYNC ${history.id} ${history.offset}\r\n`)
    let length = 0
    for (const piece of snapshot) length += piece.length
    link.write(`$${length}\r\n`)
    this.fullSyncs++
    const succeeded = (): void => log(`Synchronization with replica ${session.addr} succeeded`)
    session.replica = true
    if (rdbOnly) {
      const ended = (): void => {
        succeeded()
        link.closeAfterReply()
      }
      new Transfer(link, snapshot, { progressed() {}, ended })
      return NO_REPLY
    }
    if (this.#replicas.length === 0) {
      this.#feed.offset = this.#parts.history.offset
      this.#parts.journal.add(this.#feed)
      this.#seconds = 0
    }
    const address = ip ?? session.addr.slice(0, session.addr.lastIndexOf(':'))
    const replica: Replica = {
      session,
      ip: address,
      port,
      acknowledges: announcesOffset,
      transfer: undefined,
      state: 'send_bulk',
      ackedOffset: 0,
      ackedAt: engine.clock.now(),
    }
    replica.transfer = new Transfer(link, snapshot, {
      progressed() {
        replica.ackedAt = engine.clock.now()
      },
      ended: () => {
        replica.transfer = undefined
        replica.state = 'online'
        this.guardWrites()
        succeeded()
      },
    })
    this.#replicas.push(replica)
    this.#feed.db = -1
    return NO_REPLY
  }

  acknowledge(session: Session, offset: number): void {
    const replica = this.#replicas.find((one) => one.session === session)
    if (replica === undefined) return
    replica.ackedAt = this.#parts.engine.clock.now()
    if (offset > replica.ackedOffset) replica.ackedOffset = offset
    for (const waiting of [...this.#waiting.keys()]) {
      if (waiting.parked !== undefined) this.#parts.retry(waiting, this.countAcked(waiting))
      if (waiting.parked === undefined) this.#waiting.delete(waiting)
    }
  }

  countAcked(session: Session): number {
    // A command that runs again asks about the offset at which its wait began.
    const target = session.parked === undefined ? this.#feed.effectOffset : (this.#waiting.get(session) ?? 0)
    return this.#replicas.filter(({ state, ackedOffset }) => state === 'online' && ackedOffset >= target).length
  }

  askForAcks(session: Session): void {
    if (session.parked !== undefined) return
    this.#waiting.set(session, this.#feed.effectOffset)
    if (this.#replicas.length > 0) this.#feed.add(GETACK)
  }

  /** The connection of a session is gone. */
  forget(session: Session): void {
    this.#waiting.delete(session)
    const position = this.#replicas.findIndex((one) => one.session === session)
    if (position === -1) return
    const [replica] = this.#replicas.splice(position, 1)
    replica.transfer?.stop()
    this.guardWrites()
    if (this.#replicas.length === 0) this.#parts.journal.remove(this.#feed)
  }

  /** Ends the links of all of them: they come again and ask for what they lack. */
  disconnectAll(): void {
    for (const { session } of [...this.#replicas]) session.link.close()
  }

  /** To be called once a second: tells replicas that the link is alive. */
  everySecond(): void {
    const { clock, config } = this.#parts.engine
    this.guardWrites()
    const since = clock.now() - config['repl-timeout'] * 1000
    // One that was synchronised by SYNC does not acknowledge.
    for (const { session, acknowledges, ackedAt } of [...this.#replicas]) {
      if (acknowledges && ackedAt < since) session.link.close()
    }
    if (this.#replicas.length === 0 || ++this.#seconds % config['repl-ping-replica-period'] !== 0) return
    this.#feed.add(PING)
  }

  #send(part: Bytes): void {
    this.#parts.history.append(part)
    for (const { session, transfer } of this.#replicas) {
      if (transfer === undefined) session.link.write!(part)
      else transfer.add(part)
    }
    this.#cutSlow()
  }

  /** Those for whom more waits behind their snapshot than their class may have. */
  #cutSlow(): void {
    const { hard } = this.#parts.engine.config['client-output-buffer-limit'].replica
    if (hard === 0) return
    for (const { session, transfer } of [...this.#replicas]) {
      if (transfer !== undefined && transfer.waitingBytes > hard) session.link.close()
    }
  }
}
