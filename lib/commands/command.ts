/**
 * What a command is: one entry of the table from which dispatch, COMMAND, ACL categories, gates, key extraction,
 * propagation and the docs derive, and one handler. Flags and key specs are written in Redis's own words
 * (`'write denyoom fast'`) and compiled once to bits.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Places } from '../base/places.ts'
import type { Reply } from '../base/reply.ts'
import type { Directives } from '../config/config.ts'
import type { Db } from '../keyspace/db.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { TypeName } from '../keyspace/value.ts'
import type { Answer } from '../protocol/answer.ts'
import type { KeyPlaces } from '../protocol/decode.ts'
import type { Ports } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import type { Args } from './args.ts'
import type { NotifyClass } from './notify.ts'
import type { CommandTable } from './table.ts'
import { type Group, readWords, type Words } from './words.ts'

export { Notify, type NotifyClass } from './notify.ts'
export { CATEGORY_NAMES, FLAG_NAMES, Flag, type FlagName, type Group } from './words.ts'

/**
 * Where the keys stand in argv, as COMMAND INFO describes it. `flags` in Redis's words: `RO RW OW RM` for the kind of
 * access, then `access update insert delete`, then `not_key incomplete variable_flags`.
 */
export interface KeySpec {
  readonly flags: string
  readonly notes?: string
  readonly begin: { readonly index: number } | { readonly keyword: string; readonly startFrom: number } | 'unknown'
  readonly find:
    | { readonly lastKey: number; readonly step: number; readonly limit: number }
    | { readonly keyNumIndex: number; readonly firstKey: number; readonly step: number }
    | 'unknown'
}

/** The key at one position. */
export const keyAt = (index: number, flags: string, notes?: string): KeySpec => ({
  flags,
  notes,
  begin: { index },
  find: { lastKey: 0, step: 1, limit: 0 },
})

/** Keys from a position to the end (lastKey -1) or to the argument before it (-2), every `step`-th argument. */
export const keysFrom = (index: number, flags: string, lastKey = -1, step = 1): KeySpec => ({
  flags,
  begin: { index },
  find: { lastKey, step, limit: 0 },
})

/** `numkeys key [key …]`, with numkeys at a position. */
export const numKeys = (index: number, flags: string, notes?: string): KeySpec => ({
  flags,
  notes,
  begin: { index },
  find: { keyNumIndex: 0, firstKey: 1, step: 1 },
})

/** Where channels stand in argv: the first argument, or all of them. */
export interface ChannelSpec {
  readonly count: 'one' | 'all'
  /** They are patterns, as PSUBSCRIBE's. */
  readonly arePatterns?: true
}

/**
 * What a command needs a connection of its client's own for; where there is none (a request over REST, a call in process), what it
 * does would be forgotten.
 *
 * - `transaction`: to open, watch, run or leave one
 * - `messages`: to be sent what happens from now on
 * - `state`: to be another connection from now on
 * - `scope`: to hold for the commands behind it, as it does in a pipeline
 */
export type OwnConnection = 'transaction' | 'messages' | 'state' | 'scope'

/** Handlers return this when `Context.park` has put the command to wait. */
export const PARKED = Symbol('parked')

/** What a handler sees of the world while it runs. One object per nesting depth, reused: do not keep it. */
export interface Context {
  readonly session: Session
  /** The session's database. */
  readonly db: Db
  readonly keyspace: Keyspace
  /** Unix ms, frozen for this command. */
  readonly now: number
  /** By which fields of hashes are past their time. What a master has not removed is there, whatever time it is here. */
  readonly fieldNow: number
  /** Live values of the directives, by name. */
  readonly config: Directives
  readonly ports: Ports
  /** The command table, for introspection. */
  readonly table: CommandTable
  /** The running command. */
  readonly command: Command
  /** False inside MULTI, in scripts and at doors that cannot wait. */
  readonly mayBlock: boolean
  /** True if somebody reads the stream of effects; a handler may skip building a `propagate` otherwise. */
  readonly propagates: boolean
  /** True if somebody hears which fields of a hash are changed. */
  readonly tellsFields: boolean
  /** True once this command has changed something. */
  readonly changed: boolean

  /**
   * Says that a key was changed: counts it as dirty, tells watchers, trackers and waiting clients, and notifies `event`
   * to keyspace subscribers. Call once per changed key and event, after the change.
   */
  signal(key: Bytes, kind: NotifyClass, event: Bytes, db?: Db): void
  /** `signal` of a key that stands in the read buffer. */
  signalPlace(p: Places, key: number, kind: NotifyClass, event: Bytes): void
  /** `signal` for a change of which keyspace subscribers hear nothing (the count that a HyperLogLog keeps). */
  touch(key: Bytes): void
  /** Says that there may be something for whoever waits for a key, of which its watchers need not hear. */
  wake(key: Bytes): void
  /** Counts a change of which watchers and waiting clients need not hear: the bookkeeping of a consumer group, a library. */
  addDirty(key?: Bytes): void
  /**
   * Says as how many changes the command counts (`rdb_changes_since_last_save`), where that is not one for each signal; to
   * be called after the last of them. With 0 it still stands in the stream of effects if `propagate` put something there.
   */
  count(changes: number): void
  /** Says that a whole database was emptied, or exchanged with another; call before the change. */
  signalAll(db: Db, other?: Db): void
  /** An event in addition to the one of `signal`, or for a key that did not change (`keymiss`). */
  notify(kind: NotifyClass, event: Bytes, key: Bytes, db?: Db): void
  /** Says which fields of a hash an event concerns, right behind it; to be asked for by `tellsFields`. */
  notifyFields(event: Bytes, key: Bytes, fields: readonly Bytes[]): void
  /** Puts this in the stream of effects instead of the command as it was sent; a second call adds to the first. */
  propagate(argv: readonly Bytes[]): void
  /** Keeps the command out of the stream of effects, but for what `propagate` puts there. */
  propagateNothing(): void
  /** Puts the command in the stream of effects though it changes no key: a message, for the subscribers of replicas. */
  forward(): void
  /**
   * Waits for one of the keys to hold a value of `type`: the handler is run again then. Returns PARKED, or `onTimeout`
   * at once where the session may not wait. `timeoutMs` 0 waits for ever. With `wakesOnDeletion` also when a key is gone
   * or of another type. `argv` is the command to run then, where it is not the one that was sent. `retryMs` tells after
   * how many ms the handler is to be run again although no key was changed.
   */
  park(
    keys: readonly Bytes[],
    type: TypeName,
    timeoutMs: number,
    onTimeout: Reply,
    wakesOnDeletion?: boolean,
    argv?: readonly Bytes[],
    retryMs?: (now: number) => number,
  ): Reply | typeof PARKED
  /** Runs another command inside this one, past the guards and without waiting: EXEC. */
  call(argv: readonly Bytes[]): Reply | Promise<Reply>
}

/** A handler that takes its arguments by their places in the read buffer, of which the keys are hashed. */
export interface PlacedForm {
  /** Whether it can take those at hand; asked before anything is done. */
  suits(p: Places): boolean
  /** Undefined if it has answered. */
  run(c: Context, p: Places, out: Answer): Reply | undefined
}

export type Handler = (c: Context, a: Args) => Reply | typeof PARKED | Promise<Reply>

export interface Command {
  /** Lower case; a subcommand's own word, as in `get`. */
  readonly name: Bytes
  /** As printed in errors and statistics: `config|get`. Of a subcommand, set by what holds it. */
  fullName: Bytes
  readonly group: Group
  /** Number of arguments with the name; negative: at least so many. */
  readonly arity: number
  /** OR of Flag bits. */
  readonly flags: number
  readonly words: Words
  readonly keys: readonly KeySpec[]
  /** The same in brief, as far as it can be told while the arguments come in. */
  readonly keyPlaces: KeyPlaces
  /** Finds the keys where the specs cannot tell: positions in argv. */
  readonly keyPositions?: (argv: readonly Bytes[]) => readonly number[] | undefined
  /** The access to the keys of a spec flagged `variable_flags`, for the arguments at hand. */
  readonly keyFlags?: (argv: readonly Bytes[]) => Bytes
  /** The flags for the arguments at hand, where those make a difference to the guards. */
  readonly flagsOf?: (argv: readonly Bytes[], ports: Ports) => number
  /** The names among its arguments are shard channels: they decide as keys do on which node of a cluster it runs. */
  readonly shardChannels: boolean
  /** In a cluster it runs while a slot is on its way, whether its keys are here or not: it moves them. */
  readonly onOpenSlots: boolean
  /** The channels among the arguments that its user must be permitted to use. */
  readonly channels?: ChannelSpec
  /** What it needs a connection for, where it does; by its arguments, where these decide. */
  readonly ownConnection?: OwnConnection | ((argv: readonly Bytes[]) => OwnConnection | undefined)
  /** True where its client may learn of keys that are not among the arguments: by the reply, or by what follows it. */
  readonly tellsKeys?: (argv: readonly Bytes[]) => boolean
  /** argv with secrets taken out, where there can be any, for logs and monitors. */
  readonly redact?: (argv: readonly Bytes[]) => readonly Bytes[]
  readonly subcommands?: ReadonlyMap<Bytes, Command>
  /** The command of which this is another name, known to zerodis only. */
  readonly aliasOf?: Bytes
  /** What runs it. Set anew by the first call of one that is loaded lazily. */
  run: Handler
  /** Another handler for the same, for the commonest commands. As `run`, it may be set anew. */
  placed?: PlacedForm
  /** Position in the arrays of per-command statistics; set by the table. */
  id: number
}

export interface CommandOptions {
  keyPositions?: Command['keyPositions']
  keyFlags?: Command['keyFlags']
  flagsOf?: Command['flagsOf']
  onOpenSlots?: true
  channels?: ChannelSpec
  ownConnection?: Command['ownConnection']
  tellsKeys?: Command['tellsKeys']
  redact?: Command['redact']
  subcommands?: readonly Command[]
  aliasOf?: Bytes
  placed?: PlacedForm
}

/** Whatever the arguments are. */
export const always = (): true => true

/** What a command needs a connection for with the arguments at hand. */
export function ownConnectionOf({ ownConnection }: Command, argv: readonly Bytes[]): OwnConnection | undefined {
  return typeof ownConnection === 'function' ? ownConnection(argv) : ownConnection
}

/**
 * One line of the table. `words` are flags and ACL categories: `@set` adds one to those that group and flags imply,
 * `@-keyspace` takes one away.
 */
export function command(
  name: Bytes,
  group: Group,
  arity: number,
  words: string,
  keys: readonly KeySpec[],
  run: Handler,
  options: CommandOptions = {},
): Command {
  const read = readWords(group, words)
  const { keyPositions, keyFlags, flagsOf, channels, ownConnection, tellsKeys, redact, aliasOf, placed } = options
  const subcommands = options.subcommands && held(name, options.subcommands)
  return {
    name,
    fullName: name,
    group,
    arity,
    flags: read.flags,
    words: read,
    keys,
    keyPlaces: keys.length === 0 ? NO_KEYS : keyPlacesOf(keys, keyFlags?.([])),
    keyPositions,
    keyFlags,
    flagsOf,
    shardChannels: keys.length > 0 && keys.some(isShardChannel),
    onOpenSlots: options.onOpenSlots === true,
    channels,
    ownConnection,
    tellsKeys,
    redact,
    subcommands,
    aliasOf,
    placed,
    run,
    id: -1,
  }
}

/** The subcommands of a command by their names. They belong to it alone. */
function held(name: Bytes, subcommands: readonly Command[]): ReadonlyMap<Bytes, Command> {
  const byName = new Map<Bytes, Command>()
  for (let i = 0; i < subcommands.length; i++) {
    const sub = subcommands[i]
    sub.fullName = `${name}|${sub.name}`
    byName.set(sub.name, sub)
  }
  return byName
}

/**
 * A line for a command that many stores never run: the package loads the module of its handler with the first call (LAZY in
 * packaging/entries.ts).
 */
export function lazyCommand(
  name: Bytes,
  group: Group,
  arity: number,
  words: string,
  keys: readonly KeySpec[],
  load: () => Handler,
  options: CommandOptions = {},
): Command {
  return command(name, group, arity, words, keys, lazily(load), options)
}

/** A handler whose first call puts what is loaded in the command's line, so that later calls ask for nothing. */
export function lazily(load: () => Handler): Handler {
  return (c, a) => {
    const run = load()
    c.command.run = run
    return run(c, a)
  }
}

/** The same of a form that takes places. */
export function lazilyPlaced(load: () => PlacedForm): PlacedForm {
  return { suits: (p) => load().suits(p), run: (c, p, out) => (c.command.placed = load()).run(c, p, out) }
}

function isShardChannel({ flags }: KeySpec): boolean {
  return flags === 'not_key'
}

const NO_KEYS: KeyPlaces = { first: 0, step: 0, countAt: 0, areRead: false }

/** `access`: that of the keys in the shortest form of the command, if it depends on the form. */
function keyPlacesOf(keys: readonly KeySpec[], access: Bytes | undefined): KeyPlaces {
  const places = { first: 0, step: 0, countAt: 0, areRead: false }
  for (let i = 0; i < keys.length; i++) {
    const { begin, find, flags } = keys[i]
    if (typeof begin !== 'object' || !('index' in begin)) continue
    const isCounted = typeof find === 'object' && 'keyNumIndex' in find
    if (!isCounted && begin.index !== 1) continue
    if (isCounted) places.countAt = begin.index
    else places.first = 1
    if (isCounted || (typeof find === 'object' && find.lastKey !== 0)) places.step = find.step
    if (!(access ?? flags).startsWith('OW')) places.areRead = true
  }
  return places
}
