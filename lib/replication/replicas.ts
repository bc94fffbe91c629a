/**
 * The master's side of replication. A replica that has come to a place of our history is sent what follows it; any other gets
 * everything (fullsync.ts), and then the stream. The stream is that of effects (see journal.ts) with PING in it when there is
 * nothing else, or, in a store that follows a master itself, that of the master, byte for byte. Its latest bytes are kept for
 * those who come back (history.ts). While there is no replica, and none is expected, the engine does not collect effects.
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
import { FullSync, type FullSyncParts } from './fullsync.ts'
import type { History } from './history.ts'
import { Replica } from './replica.ts'

const PING = commandBytes(['PING'])
/** Of the stream, gathered before it is sent: a write for each command costs more than all else. */
const BATCH_BYTES = 64 * 1024
/** A part that is longer is sent by itself: no string can exceed V8's bound. */
const PART_BYTES = 32 * 1024

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

interface Waiting {
  readonly offset: number
  /** The command that waits: its session may have gone on to another. */
  readonly argv: readonly Bytes[]
  readonly wantsFsync: boolean
}

export class Replicas implements ReplicationPort {
  readonly #parts: ReplicasParts
  readonly #replicas: Replica[] = []
  readonly #introductions = new WeakMap<Session, Introduction>()
  readonly #feed = new Feed({ targets: Target.Replicas, take: (part) => this.relay(part) })
  #isFed = false
  /** Full synchronisations that somebody waits for. */
  readonly #syncs = new Set<FullSync>()
  readonly #syncParts: FullSyncParts
  #seconds = 0
  /** Unix ms since when there is no replica. */
  #aloneSince: number
  /** Clients that wait for acknowledgements, the offset from which they count, and whether those of disks do. */
  readonly #waiting = new Map<Session, Waiting>()
  #asksAcks = false
  /** The latest parts of the stream, which replicas are sent before the replies of this turn. */
  #batch = ''
  fullSyncs = 0
  partialSyncs = 0
  refusedPartialSyncs = 0

  constructor(parts: ReplicasParts) {
    const { engine, walks, history, log } = parts
    this.#parts = parts
    this.#aloneSince = engine.clock.now()
    parts.gate.beforeReplies(() => this.#endTurn())
    this.#syncParts = {
      engine,
      walks,
      history,
      facts: () => this.#factsToSend(),
      settle: () => this.#send(),
      online: (replica) => this.#isOnline(replica),
      log,
    }
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

  /** Bytes that wait for those who are being synchronised. */
  get waitingBytes(): number {
    let bytes = 0
    for (const sync of this.#syncs) bytes += sync.behindBytes
    return bytes
  }

  get makesSnapshot(): boolean {
    for (const sync of this.#syncs) if (sync.isMaking) return true
    return false
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
    this.#send()
    if (request !== undefined && this.#goesOn(replica, request)) return NO_REPLY
    // A history of which nothing is kept is none that anybody has part of.
    if (history.backlog === undefined && !replica.rdbOnly) {
      if (master === undefined) history.renew()
      history.keep(engine.config['repl-backlog-size'])
    }
    this.fullSyncs++
    this.#add(replica)
    this.#syncFor(replica).join(replica)
    this.#beginSyncs()
    return NO_REPLY
  }

  acknowledge(session: Session, offset: number, fsynced = 0): void {
    const replica = this.#replicas.find((one) => one.session === session)
    if (replica === undefined) return
    replica.ackedAt = this.#parts.engine.clock.now()
    const from = replica.startsOnAck ? -1 : replica.ackedOffset
    const fsyncedFrom = replica.startsOnAck ? -1 : replica.fsyncedOffset
    if (offset > replica.ackedOffset && offset <= this.history.offset) replica.ackedOffset = offset
    if (fsynced > replica.fsyncedOffset && fsynced <= this.history.offset) replica.fsyncedOffset = fsynced
    if (replica.startsOnAck) replica.sync?.finish(replica)
    // Who says the same again, as each does once a second, or without end, has nobody looked at.
    if (replica.ackedOffset === from && replica.fsyncedOffset === fsyncedFrom) return
    this.#answerWaiting((offset, wantsFsync) =>
      wantsFsync
        ? offset > fsyncedFrom && offset <= replica.fsyncedOffset
        : offset > from && offset <= replica.ackedOffset,
    )
    this.#parts.engine.ports.persistence.failover.follow()
  }

  /** Runs the commands again of those who wait and for whom there is one more to count. */
  #answerWaiting(hasOneMore: (offset: number, wantsFsync: boolean) => boolean): void {
    const { appending } = this.#parts.engine.ports.persistence
    for (const [waiting, { offset, argv, wantsFsync }] of [...this.#waiting]) {
      if (waiting.parked?.argv === argv && hasOneMore(offset, wantsFsync)) {
        const reply = wantsFsync
          ? [appending.hasSynced(waiting) ? 1 : 0, this.countFsynced(waiting)]
          : this.countAcked(waiting)
        this.#parts.retry(waiting, reply)
      }
      if (waiting.parked?.argv !== argv) this.#waiting.delete(waiting)
    }
  }

  countAcked(session: Session): number {
    const target = this.#targetOf(session)
    return this.#replicas.filter(({ state, ackedOffset }) => state === 'online' && ackedOffset >= target).length
  }

  countFsynced(session: Session): number {
    const target = this.#targetOf(session)
    return this.#replicas.filter(({ state, fsyncedOffset }) => state === 'online' && fsyncedOffset >= target).length
  }

  /** A command that runs again asks about the offset at which its wait began. */
  #targetOf(session: Session): number {
    return session.parked === undefined ? this.#feed.effectOffset : (this.#waiting.get(session)?.offset ?? 0)
  }

  askForAcks(session: Session, argv: readonly Bytes[], wantsFsync = false): void {
    if (session.parked !== undefined) return
    this.#waiting.set(session, { offset: this.#feed.effectOffset, argv, wantsFsync })
    if (this.#replicas.length === 0 || this.#asksAcks) return
    this.#asksAcks = true
    this.#parts.gate.gathers()
  }

  /** The connection of a session is gone. */
  forget(session: Session): void {
    this.#waiting.delete(session)
    const position = this.#replicas.findIndex((one) => one.session === session)
    if (position === -1) return
    const [replica] = this.#replicas.splice(position, 1)
    const { sync } = replica
    sync?.leave(replica)
    this.#dropEmpty()
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
    this.#parts.history.append(part)
    for (const sync of this.#syncs) sync.add(part)
    if (this.#replicas.length === 0) return
    if (part.length > PART_BYTES) {
      this.#send()
      this.#write(part)
      return
    }
    if (this.#batch === '') this.#parts.gate.gathers()
    this.#batch += part
    if (this.#batch.length > BATCH_BYTES) this.#send()
  }

  /** Before the replies of a turn: whoever waits for replicas has them asked once, behind all that the turn has written. */
  #endTurn(): void {
    if (this.#asksAcks) {
      this.#asksAcks = false
      if (this.#isFed) this.#feed.add(GETACK)
    }
    this.#send()
  }

  /** Sends what was gathered of the stream: before somebody comes who has it already. */
  #send(): void {
    const batch = this.#batch
    if (batch === '') return
    this.#batch = ''
    this.#write(batch)
  }

  #write(part: Bytes): void {
    for (let i = this.#replicas.length - 1; i >= 0; i--) {
      const replica = this.#replicas[i]
      if (replica?.sync === undefined) replica?.write(part)
    }
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
    this.#dropEmpty()
    for (const sync of this.#syncs) sync.everySecond()
    this.#beginSyncs()
    if (ports.persistence.following.master !== undefined) return
    this.#forgetHistory()
    if (!this.#isFed || this.#replicas.length === 0 || pause.mode !== 'none') return
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
    replica.state = 'online'
    replica.write(replica.takesNewId ? `+CONTINUE ${history.id}\r\n` : '+CONTINUE\r\n')
    const pieces = history.backlog!.from(from)
    for (const piece of pieces) replica.write(piece)
    log('notice', `Partial resynchronization request from ${replica.session.addr} accepted from offset ${from}.`)
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
    this.#dropEmpty()
    this.guardWrites()
  }

  /** Those for whom nobody waits any more. */
  #dropEmpty(): void {
    for (const sync of this.#syncs) if (sync.size === 0) this.#syncs.delete(sync)
  }

  #syncFor(replica: Replica): FullSync {
    const isDiskless =
      replica.takesMark && (this.#parts.engine.config['repl-diskless-sync'] || replica.filter !== undefined)
    for (const sync of this.#syncs) {
      if (sync.isOpen && sync.isDiskless === isDiskless && isSame(sync.filter, replica.filter)) return sync
    }
    const sync = new FullSync(this.#syncParts, isDiskless, replica.filter)
    this.#syncs.add(sync)
    return sync
  }

  /** Begins those that have waited long enough for others, when no other walk goes on. */
  #beginSyncs(): void {
    const { engine, walks } = this.#parts
    const { 'repl-diskless-sync-delay': delay, 'repl-diskless-sync-max-replicas': most } = engine.config
    const now = engine.clock.now()
    for (const sync of this.#syncs) {
      if (sync.hasBegun || sync.isQueued) continue
      const isFull = most > 0 && sync.size >= most
      if (sync.isDiskless && !isFull && now - sync.askedAt < delay * 1000) continue
      sync.isQueued = true
      walks.whenFree(() => sync.begin())
    }
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

function isSame(one: Introduction['filter'], other: Introduction['filter']): boolean {
  return one?.functions === other?.functions && one?.data === other?.data
}
