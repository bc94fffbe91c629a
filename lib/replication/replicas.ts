/**
 * The master's side of replication. A replica that has come to a place of our history is sent what follows it; any other gets
 * everything (fullsync.ts), and then the stream. The stream is that of effects (see journal.ts) with PING in it when there is
 * nothing else, or, in a store that follows a master itself, that of the master, byte for byte. It goes into the backlog, from
 * which all replicas are sent it before the replies of a turn (replicastream.ts), and whose latest bytes are kept for those
 * who come back. While there is no replica, and none is expected, the engine does not collect effects.
 */
import type { Bytes } from '../base/bytes.ts'
import {
  FAILING_OVER_SYNC,
  FILTER_NEEDS_MARK,
  NO_MASTER_LINK,
  SYNC_NEEDS_RESP,
  SYNC_WITH_PENDING_OUTPUT,
} from '../base/errors.ts'
import { NO_REPLY, type Reply } from '../base/reply.ts'
import { type Engine, Target } from '../engine/engine.ts'
import { commandBytes } from '../journal/commandbytes.ts'
import type { Gate } from '../journal/gate.ts'
import { Feed, type Journal } from '../journal/journal.ts'
import type { Walks } from '../persistence/snapshot/walks.ts'
import type { Introduction, ReplicationPort, SyncRequest } from '../session/replicationports.ts'
import { Gate as Gates, type Session } from '../session/session.ts'
import { Acks } from './acks.ts'
import { FullSyncs } from './fullsyncs.ts'
import type { History } from './history.ts'
import { Replica } from './replica.ts'

const PING = commandBytes(['PING'])
const GETACK = commandBytes(['REPLCONF', 'GETACK', '*'])

export interface ReplicasParts {
  readonly engine: Engine
  readonly journal: Journal
  readonly gate: Gate
  readonly history: History
  readonly walks: Walks
  /** Runs the command of a waiting client again; see Blocking. */
  readonly retry: (session: Session, onTimeout: Reply) => void
  readonly log: (level: 'notice' | 'warning', message: string) => void
}

export class Replicas implements ReplicationPort {
  readonly #parts: ReplicasParts
  readonly #replicas: Replica[] = []
  readonly #introductions = new WeakMap<Session, Introduction>()
  readonly #feed = new Feed({ targets: Target.Replicas, take: (part) => this.relay(part) })
  #isFed = false
  readonly #syncs: FullSyncs
  readonly #acks: Acks
  #seconds = 0
  /** Unix ms since when there is no replica. */
  #aloneSince: number
  /** Somebody has begun to wait for replicas in this turn. */
  #asksAcks = false
  /** There is more of the stream for replicas than they were sent. */
  #hasMore = false
  fullSyncs = 0
  partialSyncs = 0
  refusedPartialSyncs = 0

  constructor(parts: ReplicasParts) {
    const { engine, walks, history, retry, log } = parts
    this.#parts = parts
    this.#aloneSince = engine.clock.now()
    parts.gate.beforeReplies(() => this.#endTurn())
    this.#syncs = new FullSyncs({
      engine,
      walks,
      history,
      facts: () => this.#factsToSend(),
      online: (replica) => this.#isOnline(replica),
      log,
    })
    this.#acks = new Acks({ engine, replicas: this.#replicas, offset: () => this.#feed.effectOffset, retry })
  }

  get history(): History {
    return this.#parts.history
  }

  get goodReplicas(): number {
    const { clock, config } = this.#parts.engine
    const since = clock.now() - (config['min-replicas-max-lag'] + 1) * 1000
    return this.#replicas.filter(({ state, ackedAt }) => state === 'online' && ackedAt > since).length
  }

  /** Lets writes in while enough replicas follow: to be called whenever that may have changed. */
  guardWrites(): void {
    const { config, writes, keyspace } = this.#parts.engine
    const { 'min-replicas-to-write': least, 'min-replicas-max-lag': lag } = config
    writes.setLacksReplicas(!keyspace.followsMaster && least > 0 && lag > 0 && this.goodReplicas < least)
  }

  get replicas(): readonly Replica[] {
    return this.#replicas
  }

  get makesSnapshot(): boolean {
    return this.#syncs.makesSnapshot
  }

  resetStats(): void {
    this.fullSyncs = 0
    this.partialSyncs = 0
    this.refusedPartialSyncs = 0
  }

  /** As in Redis: nobody who has followed can go on. */
  renewId(): void {
    this.#parts.history.renew()
  }

  feed(argv: readonly Bytes[]): void {
    if (this.#isFed) this.#feed.add(commandBytes(argv))
  }

  feedRemoval(db: number, key: Bytes): void {
    const word = this.#parts.engine.keyspace.freesExpiredLater ? 'UNLINK' : 'DEL'
    if (this.#isFed) this.#feed.addEffects(db, db, [commandBytes([word, key])], false)
  }

  introduce(session: Session, facts: Introduction): void {
    this.#introductions.set(session, { ...this.#introductions.get(session), ...facts })
  }

  synchronise(session: Session, request: SyncRequest | undefined): Reply {
    const { engine, history } = this.#parts
    const { following, failover } = engine.ports.persistence
    const { link } = session
    if (link.write === undefined) return SYNC_NEEDS_RESP
    if (session.replica) return NO_REPLY
    if (link.outputBytes + (link.buffers?.().replyBytes ?? 0) > 0) return SYNC_WITH_PENDING_OUTPUT
    if (request?.takesOver) {
      const refused = failover.takeOver(request.id)
      if (refused !== undefined) return refused
    }
    if (failover.state !== 'no-failover') return FAILING_OVER_SYNC
    const { master } = following
    if (master !== undefined && master.link !== 'connected') return NO_MASTER_LINK
    const replica = new Replica(
      session,
      request !== undefined,
      this.#introductions.get(session) ?? {},
      engine.clock.now(),
    )
    if (replica.filter !== undefined && !replica.takesMark) return FILTER_NEEDS_MARK
    session.replica = true
    session.gate |= Gates.Replica
    if (request !== undefined && this.#goesOn(replica, request)) return NO_REPLY
    // A history of which nothing is kept is none that anybody has part of.
    if (history.backlog === undefined && !replica.rdbOnly) {
      if (master === undefined) history.renew()
      history.keep(engine.config['repl-backlog-size'])
    }
    this.fullSyncs++
    this.#add(replica)
    this.#syncs.join(replica)
    return NO_REPLY
  }

  acknowledge(session: Session, offset: number, fsynced = 0): void {
    const replica = this.#replicas.find((one) => one.session === session)
    if (replica === undefined) return
    replica.ackedAt = this.#parts.engine.clock.now()
    if (!this.#acks.take(replica, offset, fsynced, this.history.offset)) return
    this.#parts.engine.ports.persistence.failover.follow()
  }

  countAcked(session: Session): number {
    return this.#acks.countAcked(session)
  }

  countFsynced(session: Session): number {
    return this.#acks.countFsynced(session)
  }

  askForAcks(session: Session, argv: readonly Bytes[], wantsFsync = false): void {
    if (!this.#acks.wait(session, argv, wantsFsync) || this.#replicas.length === 0 || this.#asksAcks) return
    this.#asksAcks = true
    this.#parts.gate.gathers()
  }

  /** The connection of a session is gone. */
  forget(session: Session): void {
    this.#acks.forget(session)
    const position = this.#replicas.findIndex((one) => one.session === session)
    if (position === -1) return
    const [replica] = this.#replicas.splice(position, 1)
    replica.sync?.leave(replica)
    replica.stream.stop()
    this.#syncs.dropEmpty()
    this.guardWrites()
    if (this.#replicas.length === 0) this.#aloneSince = this.#parts.engine.clock.now()
    this.#settleFeed()
  }

  /** Ends the links of all of them: they come again and ask for what they lack. */
  disconnectAll(): void {
    for (const { session } of [...this.#replicas]) session.link.close()
  }

  /** This store follows a master from here on, or none any more. */
  roleChanged(): void {
    this.guardWrites()
    this.#settleFeed()
  }

  /** The next part of the stream, of our own or of the master: it is history, and all replicas get it. */
  relay(part: Bytes): void {
    const { history, gate } = this.#parts
    if (this.#replicas.length === 0) {
      history.append(part)
      return
    }
    if (history.backlog?.isFullFor(part)) this.#send()
    history.append(part)
    if (this.#hasMore) return
    this.#hasMore = true
    gate.gathers()
  }

  /** Before the replies of a turn: whoever waits for replicas has them asked once, behind all that the turn has written. */
  #endTurn(): void {
    if (this.#asksAcks) {
      this.#asksAcks = false
      if (this.#isFed) this.#feed.add(GETACK)
    }
    if (this.#hasMore) this.#send()
  }

  /** Sends all of them what there is of the stream, from where each has come to. */
  #send(): void {
    this.#hasMore = false
    for (let i = this.#replicas.length - 1; i >= 0; i--) this.#replicas[i]?.stream.advance()
    this.#parts.history.backlog?.settle()
  }

  /** What a snapshot says of the history, so that whoever loads it can go on from there; nothing where there is none to go on from. */
  facts(): readonly (readonly [Bytes, Bytes])[] {
    const { history, engine } = this.#parts
    if (history.backlog === undefined) return []
    const { master } = engine.ports.persistence.following
    const db = master === undefined ? Math.max(this.#feed.db, 0) : master.db
    return [
      ['repl-stream-db', `${db}`],
      ['repl-id', history.id],
      ['repl-offset', `${history.offset}`],
    ]
  }

  /** To be called once a second: tells replicas that the link is alive. */
  everySecond(): void {
    const { clock, config, ports, pause } = this.#parts.engine
    this.guardWrites()
    const since = clock.now() - config['repl-timeout'] * 1000
    // One that was synchronised by SYNC does not acknowledge.
    for (const { session, acknowledges, ackedAt, state } of [...this.#replicas]) {
      if ((acknowledges || state !== 'online') && ackedAt < since) {
        const what = state === 'online' ? 'streaming sync' : 'full sync'
        this.#parts.log('warning', `Disconnecting timedout replica (${what}): ${session.addr}`)
        session.link.close()
      }
    }
    this.#syncs.everySecond()
    if (ports.persistence.following.master !== undefined) return
    this.#forgetHistory()
    if (!this.#isFed || this.#replicas.length === 0 || pause.holdsWrites) return
    if (++this.#seconds % config['repl-ping-replica-period'] === 0) this.#feed.add(PING)
  }

  #goesOn(replica: Replica, { id, from }: SyncRequest): boolean {
    const { history, log } = this.#parts
    if (!history.reaches(id, from)) {
      if (id !== '?') {
        this.refusedPartialSyncs++
        log('notice', `Unable to partial resync with replica ${replica.session.addr} from offset ${from}.`)
      }
      return false
    }
    this.partialSyncs++
    replica.write(replica.takesNewId ? `+CONTINUE ${history.id}\r\n` : '+CONTINUE\r\n')
    log('notice', `Partial resynchronization request from ${replica.session.addr} accepted from offset ${from}.`)
    replica.stream.hold(history.backlog!, from)
    this.#add(replica)
    this.#isOnline(replica)
    return true
  }

  #add(replica: Replica): void {
    this.#replicas.push(replica)
    if (this.#replicas.length === 1) this.#seconds = 0
    this.#settleFeed()
  }

  #isOnline(replica: Replica): void {
    replica.state = 'online'
    replica.stream.flow()
    this.#syncs.dropEmpty()
    this.guardWrites()
  }

  /** What a replica is told of the stream behind its snapshot: our own begins with the database. */
  #factsToSend(): readonly (readonly [Bytes, Bytes])[] {
    this.#feed.db = -1
    return this.facts()
  }

  /** The engine collects effects while somebody is there for them, or may come back. */
  #settleFeed(): void {
    const { engine, journal, history } = this.#parts
    const wants = !engine.keyspace.followsMaster && history.backlog !== undefined
    if (wants === this.#isFed) return
    this.#isFed = wants
    if (!wants) {
      journal.remove(this.#feed)
      return
    }
    this.#feed.offset = history.offset
    this.#feed.effectOffset = history.offset
    this.#feed.db = -1
    journal.add(this.#feed)
  }

  /** `repl-backlog-ttl`: nobody has come back for so long. */
  #forgetHistory(): void {
    const { engine, history, log } = this.#parts
    const ttl = engine.config['repl-backlog-ttl']
    if (ttl === 0 || history.backlog === undefined || this.#replicas.length > 0) return
    if (engine.clock.now() - this.#aloneSince <= ttl * 1000) return
    history.renew()
    history.backlog = undefined
    log('notice', `Replication backlog freed after ${ttl} seconds without connected replicas.`)
    this.#settleFeed()
  }
}
