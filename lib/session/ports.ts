/**
 * What commands need from the layers above them, as interfaces. `lib/server/` wires the implementations; nothing here
 * knows them.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Push, Reply, ReplyError } from '../base/reply.ts'
import type { Member } from '../cluster/member.ts'
import type { Config } from '../config/config.ts'
import type { Compaction } from '../keyspace/compaction.ts'
import type { ExpiryCycle } from '../keyspace/expiry.ts'
import type { Value } from '../keyspace/value.ts'
import type { Acl } from './acl.ts'
import type { User } from './acl-user.ts'
import type { AppendingPort, LoadProgress } from './appendingport.ts'
import type { AuthFailures } from './authfailures.ts'
import type { BackupPort } from './backupport.ts'
import type { ClientMemory } from './clientmemory.ts'
import type { Clients } from './clients.ts'
import type { Monitors } from './monitors.ts'
import type { FailoverPort, FollowingPort, ReplicationPort } from './replicationports.ts'
import type { Secrets } from './secrets.ts'
import type { Session } from './session.ts'
import type { Tracking } from './tracking.ts'
import type { Watches } from './watches.ts'

/** What a handler may ask of the rest of the store, grouped by what it is about. */
export interface Ports {
  readonly config: Config
  readonly access: AccessPorts
  readonly connections: ConnectionPorts
  readonly pubsub: PubSubPort
  readonly memory: MemoryPorts
  readonly persistence: PersistencePorts
  readonly scripting: ScriptingPort
  readonly figures: FigurePorts
  readonly process: ProcessPort
  /** This node of a cluster; undefined where there is none. */
  readonly cluster: Member | undefined
}

/** Who may come in, and as whom. */
export interface AccessPorts {
  readonly acl: Acl
  readonly aclFile: AclFilePort
  readonly tokens: TokensPort
  readonly secrets: Secrets
  readonly authFailures: AuthFailures
}

/** The clients that are there, and what each of them waits for or looks at. */
export interface ConnectionPorts {
  readonly clients: Clients
  readonly clientMemory: ClientMemory
  readonly watches: Watches
  readonly tracking: Tracking
  readonly monitors: Monitors
  readonly blocked: BlockedPort
  readonly pause: PausePort
}

/** How keys go by themselves. */
export interface MemoryPorts {
  readonly eviction: EvictionPort
  readonly expiryCycle: ExpiryCycle
  readonly compaction: Compaction
}

/** Where the keys go besides memory. */
export interface PersistencePorts {
  readonly rdb: RdbPort
  readonly saving: SavingPort
  readonly appending: AppendingPort
  readonly backup: BackupPort
  readonly replication: ReplicationPort
  readonly following: FollowingPort
  readonly failover: FailoverPort
  readonly migration: MigrationPort
}

/** A key on its way to another server: the ms that it has to live, 0 for a lasting one, and what it holds as by DUMP. */
export interface MigratedKey {
  readonly key: Bytes
  readonly ttl: number
  readonly payload: Bytes
}

export interface MigrationRequest {
  readonly host: Bytes
  readonly port: Bytes
  readonly db: Bytes
  /** The longest silence of the other server. */
  readonly timeoutMs: number
  /** The words behind AUTH; none without a password. */
  readonly auth: readonly Bytes[]
  readonly replaces: boolean
  /** The other is a node of the same cluster, to which the slot may be on its way. */
  readonly asks: boolean
  readonly keys: readonly MigratedKey[]
}

export interface MigrationOutcome {
  /** Those that the other server has taken. */
  readonly moved: readonly MigratedKey[]
  readonly error: ReplyError | undefined
}

/** MIGRATE. */
export interface MigrationPort {
  /** Sends keys for a client that waits; its command is run again when there is an outcome. */
  begin(session: Session, request: MigrationRequest): void
  /** The outcome of what the client has begun, once. */
  takeOutcome(session: Session): MigrationOutcome | undefined
}

/** What is measured. */
export interface FigurePorts {
  readonly info: InfoPort
  readonly slowlog: SlowlogPort
  readonly hotKeys: HotKeysPort
  readonly latency: LatencyPort
  readonly stats: StatsPort
  readonly slots: SlotsPort
}

/** What was spent on a slot of a cluster. */
export interface SlotUse {
  readonly microseconds: number
  readonly bytesIn: number
  readonly bytesOut: number
}

/** `cluster-slot-stats-enabled` */
export interface SlotsPort {
  /** Undefined while it is not counted. */
  readonly slotStats: { of(slot: number): SlotUse; reset(): void } | undefined
}

/** A script or function that a client calls, with what it is given. */
export interface ScriptCall {
  /** The command: its keys from `firstKey` on to `firstArg`, its arguments from there. */
  readonly argv: readonly Bytes[]
  readonly firstKey: number
  readonly firstArg: number
  /** The command is one of the `_RO` ones. */
  readonly readOnly: boolean
}

/** What a script or function says of itself. */
export interface ScriptPromise {
  readonly noWrites: boolean
  readonly allowsOom: boolean
  readonly allowsStale: boolean
}

/** Lua. */
export interface ScriptingPort {
  readonly scripts: ScriptsPort
  readonly functions: FunctionsPort
  /** DEBUG SET-DISABLE-DENY-SCRIPTS: scripts may run commands that are flagged noscript. */
  allowsAll: boolean
}

/** The scripts that EVAL and SCRIPT LOAD have left. */
export interface ScriptsPort {
  /** How many there are, and how many were forgotten to make room. */
  readonly count: number
  readonly evicted: number
  /** Memory that they take, and that Lua takes for them. Unit: bytes. */
  readonly bytes: number
  readonly vmBytes: number
  /** The text of a script by its sha1; undefined for one that is not known. */
  textOf(sha: Bytes): Bytes | undefined
  /** Each script's sha1 and text. */
  all(): readonly (readonly [sha: Bytes, text: Bytes])[]
  /** Runs a script, of which the text is given. */
  eval(session: Session, body: Bytes, call: ScriptCall): Reply
  /** Runs a script that is known already by its sha1, in either case. */
  evalSha(session: Session, sha: Bytes, call: ScriptCall): Reply
  /** What a script says of itself, by its text or sha1; undefined if it says nothing or is not known. */
  promiseOf(text: Bytes, isSha: boolean): ScriptPromise | undefined
  /** Compiles a script and keeps it for good. Answers its sha1. */
  load(session: Session, body: Bytes): Reply
  has(sha: Bytes): boolean
  flush(): void
}

/** The file of users that `aclfile` names. */
export interface AclFilePort {
  /** Reads the users anew; why that cannot be, or nothing. `by` is the client that asks for it. */
  load(by?: Session): Bytes | undefined
  /** False if it could not be written; the log says why. */
  save(): boolean
}

/** Tokens with which users come in over HTTP. */
export interface TokensPort {
  /** False without a configured token, from which the others derive. */
  readonly configured: boolean
  /** A token that lets in as the user for as long as this is a password of his. */
  issue(user: Bytes, password: Bytes): Bytes
  /** The user of a password, or of what `issue` has made of one and he was given as his password. */
  userOf(name: Bytes, password: Bytes): User | undefined
}

/** `maxmemory`, for commands that run others (scripts): may those be run that need memory? */
export interface EvictionPort {
  /** There was no room when the command that is running began, and none could be made. */
  readonly outOfMemory: boolean
}

export interface LibraryInfo {
  readonly name: Bytes
  readonly code: Bytes
  readonly functions: readonly {
    readonly name: Bytes
    readonly description: Bytes | undefined
    readonly flags: readonly Bytes[]
  }[]
}

/** Libraries of functions. */
export interface FunctionsPort {
  readonly libraryCount: number
  readonly functionCount: number
  /** Memory that they take, and that Lua takes for them. Unit: bytes. */
  readonly bytes: number
  readonly vmBytes: number
  /** The texts of all libraries. */
  readonly codes: readonly Bytes[]
  list(): readonly LibraryInfo[]
  has(name: Bytes): boolean
  promiseOf(name: Bytes): ScriptPromise | undefined
  call(session: Session, name: Bytes, call: ScriptCall): Reply
  /** Answers the library's name. */
  load(code: Bytes, replaces: boolean): Reply
  delete(name: Bytes): boolean
  flush(): void
  restore(codes: readonly Bytes[], policy: 'flush' | 'append' | 'replace'): ReplyError | undefined
}

/** Snapshots on disk. */
export interface SavingPort {
  /** Unix seconds of the last snapshot; of the start, before the first. */
  readonly lastSave: number
  /** Changes since then. */
  readonly changes: number
  /** How many there were. */
  readonly saves: number
  /** Whether the last one succeeded, and the seconds that it took in the background; -1 before the first. */
  readonly succeeded: boolean
  readonly lastSeconds: number
  /** Seconds since the one began that is being written; -1 for none. */
  readonly runningSeconds: number
  /** Of the walk that goes on, whoever it is for. */
  readonly progress: SaveProgress | undefined
  /** Bytes that the last one in the background wrote early. */
  readonly lastEarlyBytes: number
  /** While the file is loaded with which the server starts. */
  readonly loading: LoadProgress | undefined
  save(): Reply
  /** Where another walk goes on, this one `waits` for its end or is refused. `isLater`: it may not begin now. */
  saveInBackground(waits: boolean, isLater: boolean): Reply
  /** The store was emptied of so many keys. */
  saveFlushed(removed: number): void
}

/** Keys of a snapshot that was loaded: those that were taken, those whose time was past, and those that hold nothing. */
export interface LoadFigures {
  readonly loaded: number
  readonly expired: number
  readonly empty: number
}

/** How far a snapshot is that is written beside commands. */
export interface SaveProgress {
  readonly processed: number
  readonly total: number
  /** Bytes that were written early, for a command was about to change them. */
  readonly earlyBytes: number
}

/** Values and the whole store in the format of Redis's snapshots. */
export interface RdbPort {
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION. */
  skipsChecksum: boolean
  /** Of the last snapshot that was loaded; zeros before the first. */
  readonly lastLoad: LoadFigures
  /** A value as DUMP gives it. */
  dump(value: Value): Bytes
  /** True if a payload is of a version that is known and has the right checksum. */
  isIntact(payload: Bytes): boolean
  /** The value of an intact payload; undefined where it makes no sense all the same. */
  restore(payload: Bytes): Value | undefined
  /** Libraries of functions as FUNCTION DUMP gives them, and the texts of those that an intact payload holds. */
  dumpFunctions(codes: readonly Bytes[]): Bytes
  restoreFunctions(payload: Bytes): readonly Bytes[] | ReplyError
  /**
   * Makes a snapshot and loads it. Without `save` the one on disk is loaded; without `flush` the keys that are there stay;
   * with `merge` they may be those of the snapshot.
   */
  reload(options: { readonly save: boolean; readonly flush: boolean; readonly merge: boolean }): Reply
  /** All that the store holds now, as a snapshot in pieces. `aux` are facts for the reader. O(n). */
  pieces(aux: readonly (readonly [Bytes, Bytes])[]): readonly Uint8Array[]
  /** Makes the store hold what a snapshot holds, and nothing else. @throws Error, and changes nothing, for a bad one */
  replaceAll(pieces: readonly Uint8Array[]): void
  /** The same in steps of a few KB; what is there stays until the last. @throws as `replaceAll` */
  replacing(pieces: Iterable<Uint8Array>, keepsExpired: boolean): Generator<undefined, void>
}

/** Whoever takes messages; every session is one. */
export interface Subscriber {
  deliver(push: Push): void
}

/** The names of one kind (channels, patterns, shard channels) and who subscribes to them. */
export interface SubscriptionsPort {
  /** Number of names that somebody subscribes to. */
  readonly size: number
  names(): Iterable<Bytes>
  namesOf(subscriber: Subscriber): ReadonlySet<Bytes>
  countOf(subscriber: Subscriber): number
  subscribersOf(name: Bytes): { readonly size: number } | undefined
  /** False if it was there already. */
  add(subscriber: Subscriber, name: Bytes): boolean
  /** False if it was not there. */
  remove(subscriber: Subscriber, name: Bytes): boolean
}

/** Publish and subscribe. */
export interface PubSubPort {
  readonly channels: SubscriptionsPort
  readonly patterns: SubscriptionsPort
  readonly shards: SubscriptionsPort
  /** Both return how often the message was delivered. */
  publish(channel: Bytes, message: Bytes): number
  spublish(channel: Bytes, message: Bytes): number
  /** Ends all subscriptions of a subscriber. */
  forget(subscriber: Subscriber): void
}

/** One slow command. */
export interface SlowlogEntry {
  readonly id: number
  /** Unix seconds. */
  readonly time: number
  readonly microseconds: number
  readonly argv: readonly Bytes[]
  readonly addr: Bytes
  readonly name: Bytes
  /** Before it was cut. */
  readonly argumentCount: number
}

export interface SlowlogPort {
  readonly length: number
  /** The newest entries, newest first. */
  latest(count: number): readonly SlowlogEntry[]
  reset(): void
}

export interface HotKeysOptions {
  /** Which keys are asked for: those on which most time is spent, those that most bytes are sent for. */
  readonly byTime: boolean
  readonly byBytes: boolean
  /** How many of each. */
  readonly count: number
  /** 0: until it is stopped. */
  readonly durationMs: number
  /** One command in so many counts for its keys. */
  readonly sample: number
}

export interface HotKeysReport {
  readonly isActive: boolean
  readonly sample: number
  /** Unix ms. */
  readonly startedAt: number
  readonly durationMs: number
  /** Of all commands with keys. */
  readonly microseconds: number
  readonly bytes: number
  /** Time of the process. */
  readonly userMs: number
  readonly systemMs: number
  /** The greatest first; undefined where it was not asked for. */
  readonly byTime: readonly (readonly [Bytes, number])[] | undefined
  readonly byBytes: readonly (readonly [Bytes, number])[] | undefined
}

/** HOTKEYS. `now` in unix ms. */
export interface HotKeysPort {
  isActive(now: number): boolean
  start(options: HotKeysOptions, now: number): void
  /** False if nobody looked. What was found stays. */
  stop(now: number): boolean
  /** Forgets what was found. */
  reset(): void
  /** Undefined before the first time. */
  report(now: number): HotKeysReport | undefined
}

export interface LatencySample {
  /** Unix seconds. */
  readonly time: number
  /** Milliseconds. */
  readonly delay: number
}

export interface LatencySeries {
  /** Oldest first. */
  readonly samples: readonly LatencySample[]
  /** The worst since the start. */
  readonly max: number
}

/** The latency monitor. */
export interface LatencyPort {
  readonly events: readonly Bytes[]
  series(event: Bytes): LatencySeries | undefined
  /** True if there was something to forget. */
  reset(event: Bytes): boolean
}

/** Counts per command, by `Command.id`. */
export interface StatsPort {
  readonly latencies: {
    count(commandId: number): number
    distribution(commandId: number): readonly (readonly [microseconds: number, calls: number])[]
  }
}

/** Clients that wait in a blocking command. */
export interface BlockedPort {
  readonly size: number
  /** Ends a client's wait as if timed out, or with the UNBLOCKED error. False if it does not wait. */
  unblock(session: Session, withError: boolean): boolean
}

/** CLIENT PAUSE and UNPAUSE. */
export interface PausePort {
  /** Holds back commands (all of them, or writes only) until a unix time in ms. */
  pause(mode: 'all' | 'write', until: number): void
  unpause(): void
}

/** Figures about the running store. */
export interface InfoPort {
  /** INFO's text for the sections asked for (lower case; none: the default ones). */
  text(sections: readonly Bytes[]): Bytes
  resetStats(): void
  /** Bytes that the store holds, by its own account. */
  usedMemory(): number
  /** MEMORY STATS, as flat pairs. */
  memoryStats(): readonly Reply[]
  /** MEMORY DOCTOR. */
  memoryReport(): Bytes
}

/** How a process is to end. */
export interface ShutdownWish {
  /** Whether a snapshot is written first; undefined: if there are save points. */
  readonly save: boolean | undefined
  /** Replicas that lag are not waited for. */
  readonly now: boolean
  /** Whatever cannot be kept. */
  readonly force: boolean
}

/** The process that hosts the store. */
export interface ProcessPort {
  /** Ends the store in an orderly way. An error reply if that could not be done; else the connection ends. */
  shutdown(wish: ShutdownWish): Promise<Reply>
  /** Keeps what there is to be kept. False if that could not be done: the process is not to end. */
  prepareToEnd(wish: ShutdownWish): Promise<boolean>
  /** SHUTDOWN ABORT. */
  abortShutdown(): Reply
  /** How many asked for the end, and wait. */
  readonly asksForEnd: number
  /** How long replicas are still waited for before that; -1 while none is. Unit: ms. */
  readonly endsInMs: number
  /**
   * Writes the configuration back to its file; `all` of it, also what is as by default. An error reply if there is no file
   * or it cannot be written.
   */
  rewriteConfig(all?: boolean): Reply
  /** Stops the background work, or lets it go on. */
  pauseCron(paused: boolean): void
  log(message: string): void
  /** Bytes that V8's heap may still grow by. */
  heapRoom(): number
  /** SHA-1 as 20 bytes. */
  sha1(data: Bytes): Bytes
}
