/**
 * The replica's side of replication: which master is followed, and what that means for this store. There is one link at a
 * time; where it breaks another is tried, which goes on from where this store is as long as the master can. What a master
 * decides is left to it: what expires, what is evicted, what is written (`replica-read-only`).
 */
import type { Socket } from 'node:net'
import { connect as connectTcp, isIP } from 'node:net'
import type { Bytes } from '../base/bytes.ts'
import { ROLE_CHANGED } from '../base/errors.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Engine } from '../engine/engine.ts'
import { OwnExpiry } from '../keyspace/ownexpiry.ts'
import type { SyncState } from '../session/appendingport.ts'
import type { FollowingPort, MasterState } from '../session/replicationports.ts'
import type { Link, Session } from '../session/session.ts'
import { Fsynced } from './fsynced.ts'
import { type History, ID_LENGTH } from './history.ts'
import { type LinkState, type MasterAddress, MasterLink } from './masterlink.ts'

/** Tries come a second apart, as in Redis; after so many in vain, further. */
const QUICK_TRIES = 60
const SLOW_SECONDS = 5

export interface FollowingParts {
  readonly engine: Engine
  readonly history: History
  readonly log: (level: 'notice' | 'warning', message: string) => void
  /** A session that belongs to no door. */
  readonly openSession: (link: Link, addr: Bytes, laddr: Bytes) => Session
  readonly closeSession: (session: Session) => void
  readonly listeningPort: () => number
  /** Of our own append-only file. */
  readonly syncState: () => SyncState | undefined
  /** A connection secured by TLS. */
  readonly connectSecurely: (host: string, port: number, localAddress: string | undefined) => Promise<Socket>
  /** This store is a master from here on, or no longer one: replicas and directives go with that. */
  readonly roleChanged: () => void
  /** The next part of the master's stream has taken effect. */
  readonly relay: (part: Bytes) => void
  /** The other leads in the place of this store, as it was asked, or does not. */
  readonly handedOver: (isTaken: boolean) => void
  /** Ends the links of all replicas: they come again and ask for what they lack. */
  readonly disconnectReplicas: () => void
  /** All that the store held is gone, and other data is in its place. */
  readonly dataReplaced: () => void
}

export class Following implements FollowingPort {
  readonly #parts: FollowingParts
  #address: MasterAddress | undefined
  #link: MasterLink | undefined
  /** This store is where the history says, and can go on from there; the database that was selected there. */
  #cached: { readonly db: number } | undefined
  /** Links that came to nothing since the last that did. */
  #failures = 0
  #secondsToWait = 0
  /** Unix ms of when the link was lost; 0 while there is one, or before the first. */
  #downSince = 0
  /** Unix ms of when the stream began. */
  #upSince = 0
  #disconnectedMs = 0
  #attempts = 0
  #totalAttempts = 0
  #isClosed = false
  readonly #fsynced = new Fsynced()
  /** The next link asks the other to lead in the place of this store. */
  #takesOver = false

  constructor(parts: FollowingParts) {
    this.#parts = parts
  }

  get master(): MasterState | undefined {
    const address = this.#address
    if (address === undefined) return undefined
    const link = this.#link
    const { now } = this.#parts.engine.keyspace
    const downMs = this.#downSince === 0 ? 0 : Math.max(0, now - this.#downSince)
    return {
      host: address.host,
      port: address.port,
      link: link?.state ?? 'connect',
      heardSecondsAgo: link === undefined ? -1 : Math.max(0, Math.floor((now - link.heardAt) / 1000)),
      downSeconds: this.#downSince === 0 ? -1 : Math.floor(downMs / 1000),
      upSeconds: this.isConnected ? Math.max(0, Math.floor((now - this.#upSince) / 1000)) : -1,
      disconnectedSeconds: Math.floor((this.#disconnectedMs + downMs) / 1000),
      attempts: this.#attempts,
      totalAttempts: this.#totalAttempts,
      transfer: link?.transfer,
      pendingBytes: link?.inputBytes ?? 0,
      db: link?.session?.db.index ?? this.#cached?.db ?? 0,
    }
  }

  get isLoading(): boolean {
    return this.#link?.isLoading ?? false
  }

  get isConnected(): boolean {
    return this.#link?.state === 'connected'
  }

  /** At the start: who is to be followed is known, and sought when the server runs. */
  begin(address: MasterAddress): void {
    this.#address = address
    this.#secondsToWait = 2
    this.#settle()
  }

  /** The doors are open: the master can be told where. */
  listening(): void {
    if (this.#address !== undefined && this.#link === undefined && !this.#isClosed) this.#connectLoaded()
  }

  /** Follows a master from now on. */
  follow(host: Bytes, port: number, takesOver = false): void {
    const { engine, history, log } = this.#parts
    const wasMaster = this.#address === undefined
    if (wasMaster) {
      // What this store has written as a master may be part of the other's history.
      history.keep(engine.config['repl-backlog-size'])
      this.#cached = { db: 0 }
      log(
        'notice',
        'Before turning into a replica, using my own master parameters to synthesize a cached master: I may be able to synchronize with the new master with just a partial transfer.',
      )
    }
    this.#address = { host, port }
    this.#dropLink()
    for (const session of engine.blocking.endAll(ROLE_CHANGED)) session.link.closeAfterReply()
    engine.config.replicaof = { host, port }
    if (wasMaster) this.#downSince = 0
    this.#settle()
    log('notice', `Connecting to MASTER ${host}:${port}`)
    this.#failures = 0
    this.#attempts = 0
    this.#takesOver = takesOver
    this.#connect()
  }

  /** Follows nobody any more. False if it was a master already. */
  lead(): boolean {
    const { engine, history, log } = this.#parts
    if (this.#address === undefined) return false
    this.#address = undefined
    engine.config.replicaof = undefined
    this.#dropLink()
    this.#cached = undefined
    this.#downSince = 0
    // After a synchronisation that did not end, what is here is nobody's history.
    if (history.backlog === undefined) history.renew()
    else {
      history.branch()
      log(
        'notice',
        `Setting secondary replication ID to ${history.secondId}, valid up to offset: ${history.secondOffset}. New replication ID is ${history.id}`,
      )
    }
    history.keep(engine.config['repl-backlog-size'])
    this.#settle()
    this.#parts.disconnectReplicas()
    log('notice', 'MASTER MODE enabled')
    return true
  }

  /** A replica goes on from there; a master goes on with those who have come as far. */
  restored(id: Bytes, offset: number, db: number): void {
    const { history, engine, roleChanged } = this.#parts
    if (id.length !== ID_LENGTH || !Number.isSafeInteger(offset) || offset < 0) return
    const ownId = history.id
    history.adopt(id, offset, engine.config['repl-backlog-size'])
    if (this.#address === undefined) {
      history.branch()
      history.id = ownId
    } else this.#cached = { db }
    roleChanged()
  }

  askAck(): void {
    this.#link?.askAck()
  }

  /** To be called once a second. */
  everySecond(): void {
    if (this.#address === undefined || this.#isClosed) return
    if (this.#link !== undefined) this.#link.everySecond()
    else if (--this.#secondsToWait <= 0) this.#connectLoaded()
  }

  /** More of our own append-only file is on disk. */
  synced(): void {
    this.#link?.synced()
  }

  /** A directive has changed. */
  settle(): void {
    this.#settle()
  }

  /** The server closes. */
  close(): void {
    this.#isClosed = true
    this.#dropLink()
  }

  /** What is on disk comes first: it may be all but the latest of what the master has. */
  #connectLoaded(): void {
    if (this.#parts.engine.availability.loading === 'no') this.#connect()
  }

  #connect(): void {
    const { engine, history, log, openSession, closeSession, listeningPort } = this.#parts
    const { config } = engine
    const cached = this.#cached
    const { 'bind-source-addr': source } = config
    const localAddress = isIP(source) === 0 ? undefined : source
    this.#attempts++
    this.#totalAttempts++
    let link: MasterLink | undefined
    link = new MasterLink({
      engine,
      address: this.#address!,
      listeningPort,
      resume: cached === undefined ? undefined : { id: history.id, from: history.offset + 1, db: cached.db },
      takesOver: this.#takesOver,
      historyId: () => history.id,
      offset: () => history.offset,
      fsynced: () => this.#fsynced.at(history.offset, this.#parts.syncState()),
      // What Node throws at once, of a host that is none, is a link that has come to nothing.
      connect: async ({ host, port }) =>
        config['tls-replication']
          ? this.#parts.connectSecurely(host, port, localAddress)
          : connectTcp({ host, port: port || 1, localAddress }),
      openSession,
      closeSession,
      events: {
        resumed: (id) => this.#resumed(id),
        replaces: () => this.#replaces(),
        synced: (id, offset) => this.#synced(id, offset),
        applied: (part) => this.#parts.relay(part),
        answered: (isTaken) => this.#answered(isTaken),
        changed: () => this.#settle(),
        ended: (isTrusted) => this.#ended(link, isTrusted),
        log,
      },
    })
    this.#link = link
  }

  #answered(isTaken: boolean): void {
    if (!this.#takesOver) return
    this.#takesOver = false
    this.#parts.handedOver(isTaken)
  }

  #resumed(id: Bytes | undefined): void {
    const { history, engine, disconnectReplicas } = this.#parts
    if (id !== undefined && id !== history.id) {
      history.rename(id)
      disconnectReplicas()
    }
    history.keep(engine.config['repl-backlog-size'])
    this.#connected()
  }

  /** From here on there is nothing to go on from; until then, as in Redis, a synchronisation that breaks off costs nothing. */
  #replaces(): void {
    this.#cached = undefined
    this.#parts.disconnectReplicas()
    this.#parts.history.backlog = undefined
  }

  #synced(id: Bytes, offset: number): void {
    const { history, engine, dataReplaced } = this.#parts
    history.adopt(id, offset, engine.config['repl-backlog-size'])
    dataReplaced()
    this.#connected()
  }

  #connected(): void {
    const now = this.#parts.engine.clock.now()
    this.#failures = 0
    if (this.#downSince !== 0) this.#disconnectedMs += Math.max(0, now - this.#downSince)
    this.#downSince = 0
    this.#upSince = now
  }

  #dropLink(): void {
    const link = this.#link
    this.#link = undefined
    link?.close()
  }

  #ended(link: MasterLink | undefined, isTrusted: boolean): void {
    const { engine } = this.#parts
    const wasConnected = link?.session !== undefined
    if (wasConnected) this.#cached = isTrusted ? { db: link!.session!.db.index } : undefined
    if (this.#link !== link && this.#link !== undefined) return
    this.#link = undefined
    if (this.#address === undefined || this.#isClosed) return
    if (wasConnected || this.#downSince === 0) this.#downSince = engine.clock.now()
    if (wasConnected) this.#attempts = 0
    this.#settle()
    this.#failures++
    // As in Redis a link that was there is sought again at once.
    this.#secondsToWait = wasConnected ? 0 : this.#failures > QUICK_TRIES ? SLOW_SECONDS : 1
    if (wasConnected) unawaited(this.#reconnect(), engine.config, (message) => this.#parts.log('warning', message))
  }

  async #reconnect(): Promise<void> {
    await Promise.resolve()
    if (this.#link === undefined && this.#address !== undefined && !this.#isClosed) this.#connect()
  }

  /** What follows from the role, the link and the directives. */
  #settle(): void {
    const { engine, roleChanged } = this.#parts
    const { config, keyspace, writes, availability } = engine
    const isReplica = this.#address !== undefined
    keyspace.keepExpired({ followsMaster: isReplica })
    const isWritable = isReplica && !config['replica-read-only']
    keyspace.ownExpiry = isWritable ? (keyspace.ownExpiry ?? new OwnExpiry()) : undefined
    writes.setReadOnlyReplica(isReplica && config['replica-read-only'])
    availability.isStale = isReplica && !this.isConnected && !config['replica-serve-stale-data']
    roleChanged()
  }
}

export type { LinkState }
