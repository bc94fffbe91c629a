/**
 * The append-only log: `appendonly`. What the journal says is added to an increment; a rewrite writes what the store holds now
 * into a new base and begins a new increment at the same moment, so the old files can go. The files and their order are
 * Redis's (see manifest.ts): genuine Redis loads ours, and we load its.
 *
 * It stands in this folder and not with the snapshots, since it is the journal's own store: it needs them for its base, and
 * they do not know of it.
 *
 * Three states, as in Redis: off; `waiting`, from CONFIG SET appendonly yes until the first base is on disk; on. What is
 * gathered in an increment while waiting has no base yet, and stands in a temporary file.
 */
import type { Bytes } from '../base/bytes.ts'
import { AOF_LOAD_FAILED, REWRITE_FAILED, REWRITE_RUNS } from '../base/errors.ts'
import { OK, type Reply, Status } from '../base/reply.ts'
import { systemReason } from '../base/systemreason.ts'
import type { Refusal } from '../config/config.ts'
import type { Engine } from '../engine/engine.ts'
import type { Rdb } from '../persistence/rdb.ts'
import { LoadPace } from '../persistence/snapshot/loadpace.ts'
import type { AppendingPort, LoadProgress, SyncState } from '../session/appendingport.ts'
import type { Session } from '../session/session.ts'
import type { AppendFiles } from './appendfiles.ts'
import { AppendLog } from './appendlog.ts'
import type { Gate, Keeper } from './gate.ts'
import type { Journal } from './journal.ts'
import type { Loader } from './loader.ts'
import type { Log } from './log.ts'
import { type AppendState, Rewrites } from './rewrites.ts'
import { SyncWaiters } from './syncwaiters.ts'

const REWRITE_STARTED = new Status('Background append only file rewriting started')
const REWRITE_SCHEDULED = new Status('Background append only file rewriting scheduled')
/** What cannot be written at the end is tried again so often. */
const LAST_TRIES = 3
const CANNOT_TURN_ON = 'Unable to turn on AOF. Check server logs.'

export interface AppendOnlyParts {
  readonly engine: Engine
  readonly journal: Journal
  readonly rdb: Rdb
  readonly gate: Gate
  readonly files: AppendFiles
  readonly log: Log
  /** Something took so many ms. */
  readonly onDelay: (event: string, delayMs: number) => void
  /** A snapshot is being written: two at a time would be too much. */
  readonly isSaving: () => boolean
  /** Runs the command of a waiting client again; see Blocking. */
  readonly retry: (session: Session, onTimeout: Reply) => void
}

export class AppendOnly implements AppendingPort, Keeper {
  readonly #parts: AppendOnlyParts
  readonly #log: AppendLog
  readonly #rewrites: Rewrites
  #state: AppendState = 'off'
  flushSleepMs = 0
  readonly #waiters: SyncWaiters
  /** Why writes are refused. */
  #reason: Bytes | undefined
  #isLost = false
  /** What loads the log at the start, in slices. */
  #loader: Loader | undefined
  #isStopped = false
  /** Called once, when what was done under `always` cannot be made to last: the end of the store. */
  onLost: (reason: Bytes) => void = () => {}
  /** Called when more of the file is on disk. */
  onSynced: () => void = () => {}

  constructor(parts: AppendOnlyParts) {
    this.#parts = parts
    const { engine, log, gate, files, onDelay } = parts
    this.#waiters = new SyncWaiters({
      engine,
      offset: () => this.#log.offset,
      synced: () => this.syncState?.synced,
      retry: parts.retry,
    })
    this.#log = new AppendLog({
      ...parts,
      increment: {
        files,
        log,
        onDelay,
        policy: () => engine.config.appendfsync,
        sparesDisk: () => engine.config['no-appendfsync-on-rewrite'] && (this.isRewriting || parts.isSaving()),
        now: () => engine.clock.now(),
        sleepMs: () => this.flushSleepMs,
        onSafe: (offset) => {
          gate.open(offset)
          this.#tellSynced()
        },
        onState: (reason) => this.#hear(reason),
      },
      onAdded(offset) {
        gate.gathers()
        if (engine.config.appendfsync === 'always') gate.shut(offset)
      },
    })
    this.#rewrites = new Rewrites({
      ...parts,
      appendLog: this.#log,
      state: () => this.#state,
      commitSync: () => this.commitSync(),
      onBase: () => {
        if (this.#state !== 'waiting') return
        this.#state = 'on'
        this.#tellSynced()
      },
    })
  }

  get figures() {
    const { increment, currentSize, baseSize, delayedSyncs } = this.#log
    const { isRunning, isScheduled, seconds, figures } = this.#rewrites
    const { count, failures, succeeded, lastSeconds } = figures
    return {
      isOn: this.#state !== 'off',
      isRewriting: isRunning,
      isScheduled,
      rewritingSeconds: seconds,
      lastRewriteSeconds: lastSeconds,
      rewriteSucceeded: succeeded,
      rewrites: count,
      failedRewrites: failures,
      writesSucceed: this.#reason === undefined,
      currentSize,
      baseSize,
      gatheredBytes: increment?.gatheredBytes ?? 0,
      pendingSyncs: increment?.isSyncing ? 1 : 0,
      delayedSyncs,
    }
  }

  get isOn(): boolean {
    return this.#state !== 'off'
  }

  /** What is appended has no base yet: it was turned on a moment ago. */
  get isWaiting(): boolean {
    return this.#state === 'waiting'
  }

  /** A rewrite is under way. */
  get isRewriting(): boolean {
    return this.#rewrites.isRunning
  }

  get syncState(): SyncState | undefined {
    const { offset, syncedOffset: synced } = this.#log
    return this.#state === 'on' ? { offset, synced } : undefined
  }

  hasSynced(session: Session): boolean {
    return this.#waiters.hasSynced(session)
  }

  awaitSync(session: Session, argv: readonly Bytes[]): void {
    this.#waiters.add(session, argv)
  }

  /** The connection of a session is gone. */
  forget(session: Session): void {
    this.#waiters.forget(session)
  }

  /** While the log is loaded with which the server starts. */
  get loading(): LoadProgress | undefined {
    return this.#loader
  }

  /**
   * Loads the log if there is one, and opens it: once, at the start, where `appendonly` is in force. Where there is no log,
   * `loadOther` may fill the store; that is what the new log begins with. @throws Error
   */
  start(loadOther: () => void, beginsAnew = false): void {
    if (this.isOn) return
    if (this.#log.prepare() || beginsAnew) loadOther()
    else {
      const loader = this.#log.loader()
      while (loader.slice(Infinity));
    }
    this.#open(beginsAnew)
  }

  /** The same beside other work, which finds the store loading. False if the server ends meanwhile. @throws Error */
  async startBeside(loadOther: () => Promise<void>): Promise<boolean> {
    if (this.isOn) return true
    if (this.#log.prepare()) await loadOther()
    else await this.#loadBeside(this.#log.loader())
    if (!this.#isStopped) this.#open(false)
    return !this.#isStopped
  }

  async #loadBeside(loader: Loader): Promise<void> {
    const { availability, keyspace, config } = this.#parts.engine
    const pace = new LoadPace(config)
    this.#loader = loader
    availability.loading = 'yes'
    keyspace.keepExpired({ isLoading: true })
    try {
      while (loader.slice(pace.stepEndsAt) || pace.isDelayed(loader.loaded)) {
        await pace.rest(loader.loaded, () => this.#isStopped)
        if (this.#isStopped) return loader.stop()
      }
    } finally {
      this.#loader = undefined
      keyspace.keepExpired({ isLoading: false })
      availability.loading = 'no'
    }
  }

  #open(beginsAnew: boolean): void {
    this.#log.open(beginsAnew)
    this.#state = 'on'
    this.#parts.gate.keptBy(this)
  }

  /** CONFIG SET appendonly yes. Why that cannot be, or nothing. */
  turnOn(): Refusal {
    if (this.isOn) return undefined
    const { log, gate, isSaving } = this.#parts
    try {
      this.#log.read()
    } catch {
      return CANNOT_TURN_ON
    }
    this.#state = 'waiting'
    gate.keptBy(this)
    if (this.isRewriting || isSaving()) {
      this.#rewrites.giveUp()
      this.#rewrites.isScheduled = true
      log(
        'notice',
        'AOF was enabled but there is already another background operation. An AOF background was scheduled to start when possible.',
      )
      return undefined
    }
    if (this.#rewrites.begin()) return undefined
    this.#state = 'off'
    this.#rewrites.isScheduled = false
    gate.keptBy(undefined)
    log(
      'warning',
      "Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above logs for more info about the error.",
    )
    return CANNOT_TURN_ON
  }

  /** CONFIG SET appendonly no. */
  turnOff(): undefined {
    if (!this.isOn) return undefined
    const { gate, log } = this.#parts
    if (this.isRewriting) log('notice', `Killing running AOF rewrite child: ${process.pid}`)
    this.#rewrites.giveUp()
    this.#log.close()
    this.#state = 'off'
    this.#rewrites.isScheduled = false
    this.#hear(undefined)
    gate.keptBy(undefined)
    gate.open(this.#log.offset)
  }

  /** `appendfsync` has changed. */
  policyChanged(): void {
    this.#log.increment?.flush()
    if (this.#parts.engine.config.appendfsync !== 'always') this.#parts.gate.open(this.#log.offset)
  }

  /** `aof-disable-auto-gc` has changed. */
  removeHistory(): void {
    if (this.isOn) this.#log.removeHistory()
  }

  /** BGREWRITEAOF. `waits`: it may not begin now. */
  rewrite(waits: boolean): Reply {
    const rewrites = this.#rewrites
    if (rewrites.isRunning) return REWRITE_RUNS
    if (this.#isLost) return REWRITE_FAILED
    if (waits || this.#parts.isSaving()) {
      rewrites.isScheduled = true
      rewrites.figures.failures = 0
      return REWRITE_SCHEDULED
    }
    if (!this.isOn) {
      try {
        this.#log.read()
      } catch {
        return REWRITE_FAILED
      }
    }
    return rewrites.begin() ? REWRITE_STARTED : REWRITE_FAILED
  }

  /** DEBUG LOADAOF: forgets what the store holds, and loads what the log says. */
  reload(): Reply {
    const { engine, log } = this.#parts
    try {
      this.#log.increment?.flushSync()
      this.#log.read()
      for (const db of engine.keyspace.dbs) {
        engine.watches.touchAll(db)
        db.clear()
      }
      engine.ports.scripting.functions.flush()
      if (engine.tracking.size !== 0) engine.tracking.flush()
      this.#log.loadAgain()
    } catch (error) {
      log('warning', `DEBUG LOADAOF failed: ${systemReason(error)}`)
      return AOF_LOAD_FAILED
    }
    log('warning', 'Append Only File loaded by DEBUG LOADAOF')
    return OK
  }

  /** The store holds something else than the log says (a master's data): the log begins anew, with that. */
  restart(): void {
    if (!this.isOn) return
    this.turnOff()
    this.turnOn()
  }

  /** To be called `hz` times a second. */
  tick(): void {
    if (this.#isLost) return
    this.#log.increment?.tick()
    this.#rewrites.beginDue()
  }

  /** The server ends: nothing more is loaded. */
  stopLoading(): void {
    this.#isStopped = true
  }

  /** At an orderly end: all that was changed is on disk. False if that failed. */
  async finish(): Promise<boolean> {
    this.#rewrites.giveUp()
    await this.#rewrites.over()
    return this.finishNow()
  }

  /** The same before it returns. */
  finishNow(): boolean {
    for (let tries = 0; tries < LAST_TRIES && !this.#isLost; tries++) {
      try {
        this.#log.increment?.flushSync()
        return true
      } catch (error) {
        this.#parts.log('warning', `Fail to fsync the AOF file: ${systemReason(error)}`)
      }
    }
    return false
  }

  commit(): undefined {
    if (!this.#isLost) this.#log.increment?.flush()
  }

  /** @throws once nothing can be made to last any more */
  commitSync(): void {
    if (this.#isLost) throw new Error(this.#reason)
    try {
      this.#log.increment?.flushSync()
    } catch (error) {
      this.#lose(systemReason(error))
      throw error
    }
  }

  /** More of it is on disk. */
  #tellSynced(): void {
    this.onSynced()
    this.#waiters.tell()
  }

  /** A write or a sync has failed, or works again. */
  #hear(reason: Bytes | undefined): void {
    const { engine, log } = this.#parts
    if (reason !== undefined && engine.config.appendfsync === 'always') {
      log('warning', "Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...")
      this.#lose(reason)
      return
    }
    this.#reason = reason
    engine.writes.setUnappended(reason)
  }

  #lose(reason: Bytes): void {
    if (this.#isLost) return
    this.#isLost = true
    this.#reason = reason
    this.#parts.engine.writes.setUnappended(reason)
    this.#parts.gate.failed()
    this.onLost(reason)
  }
}
