/**
 * One run of a script or function, and what its commands may do: which are refused (those flagged noscript, writes in a
 * read-only script, …), whether it has written, which protocol it wants, whether its changes are passed on. Commands run
 * through the engine on the caller's own session, so that tracking, permissions and MONITOR see whose they are; what the
 * script changes of that session (database, protocol) is put back at its end.
 */
import type { Bytes } from '../base/bytes.ts'
import { OOM } from '../base/errors.ts'
import type { Reply, ReplyError } from '../base/reply.ts'
import { type Command, Flag } from '../commands/command.ts'
import { deniedTo, scriptDenialError } from '../commands/denial.ts'
import { denialOf } from '../commands/permission.ts'
import { suitsArity } from '../commands/table.ts'
import { type Engine, Target } from '../engine/engine.ts'
import type { Db } from '../keyspace/db.ts'
import { Gate, type Session } from '../session/session.ts'
import {
  SCRIPT_CALLS_NOSCRIPT,
  SCRIPT_CALLS_UNKNOWN,
  SCRIPT_CALLS_WRITE,
  SCRIPT_CALLS_WRONG_ARITY,
  SCRIPT_STALE,
} from './errors.ts'

const WRITES = Flag.Write | Flag.MayReplicate
const SHORT = Flag.Fast | Flag.Brief

export interface RunOptions {
  readonly readOnly: boolean
  readonly allowsOom: boolean
  readonly mayCross: boolean
}

export class Run {
  readonly #engine: Engine
  readonly session: Session
  /** The sha1 of a script, the name of a function: as errors and logs say it. */
  readonly name: Bytes
  readonly readOnly: boolean
  /** It may run commands that need room while there is none. */
  readonly allowsOom: boolean
  /** Its keys may be of several slots of a cluster. */
  readonly #mayCross: boolean
  readonly #db: Db
  /** 0, but for what runs inside a script, which cannot be. */
  readonly #scriptBefore: 0 | 2 | 3
  readonly #fieldsetsBefore: Session['fieldsets']
  /** It has run a command that may write. */
  wrote = false
  /** It has been running for longer than `busy-reply-threshold`. */
  slow = false
  /** Bytes that redis.debug has shown. */
  traced = 0
  /** The last command was one that cannot take long. */
  wasShort = true

  constructor(engine: Engine, session: Session, name: Bytes, { readOnly, allowsOom, mayCross }: RunOptions) {
    this.#engine = engine
    this.session = session
    this.name = name
    this.readOnly = readOnly
    this.allowsOom = allowsOom
    this.#mayCross = mayCross
    this.#db = session.db
    this.#scriptBefore = session.script
    session.script = 2
    this.#fieldsetsBefore = session.fieldsets
    session.fieldsets = undefined
  }

  /** Puts the session back as it was. */
  end(): void {
    this.session.db = this.#db
    this.session.script = this.#scriptBefore
    this.session.fieldsets = this.#fieldsetsBefore
    this.#engine.effectTargets = Target.All
  }

  get resp(): 2 | 3 {
    return this.session.script === 3 ? 3 : 2
  }

  set resp(resp: 2 | 3) {
    this.session.script = resp
  }

  /** redis.set_repl: OR of `Target`. Where keys are shared, all that is changed goes to all. */
  set targets(targets: number) {
    this.#engine.effectTargets = this.#engine.shared === undefined ? targets : Target.All
  }

  /** Whether the caller may run a command; undefined if there is none of that name. */
  allows(argv: readonly Bytes[]): boolean | undefined {
    const command = this.#engine.named(argv)
    if (command === undefined) return undefined
    return !(this.session.gate & Gate.Restricted) || denialOf(this.session.user, command, argv) === undefined
  }

  /** Runs a command of the script. An error that comes back is counted already. */
  call(argv: readonly Bytes[]): Reply {
    const engine = this.#engine
    const command = engine.named(argv)
    const refusal = this.#refuse(command, argv)
    this.wasShort = refusal !== undefined || (command!.flags & SHORT) !== 0
    if (refusal !== undefined) {
      engine.stats.countError(refusal)
      if (command !== undefined) engine.stats.rejected[command.id]++
      return refusal
    }
    if (command!.flags & Flag.Write) this.wrote = true
    const reply = engine.runNested(this.session, command!, argv)
    // A script cannot wait; what would answer later (COMMAND DOCS) is of no use to it.
    return reply instanceof Promise ? SCRIPT_CALLS_NOSCRIPT : reply
  }

  #refuse(command: Command | undefined, argv: readonly Bytes[]): ReplyError | undefined {
    if (command === undefined) return SCRIPT_CALLS_UNKNOWN
    if (!suitsArity(command, argv.length)) return SCRIPT_CALLS_WRONG_ARITY
    if (command.flags & Flag.NoScript && !this.#engine.ports.scripting.allowsAll) return SCRIPT_CALLS_NOSCRIPT
    if (this.session.gate & Gate.Restricted) {
      const denial = deniedTo(this.session, command, argv, this.#engine.ports, 'lua')
      if (denial !== undefined) return scriptDenialError(denial, command, this.session.user)
    }
    if (this.readOnly && command.flags & WRITES) return SCRIPT_CALLS_WRITE
    const { writes, interceptor, availability, redirection } = this.#engine
    const refusesWrite = writes.error !== undefined && !this.wrote && !this.session.isMaster
    if (refusesWrite && command.flags & Flag.Write) return writes.error
    if (availability.isStale && !(command.flags & Flag.Stale) && !this.session.isMaster) return SCRIPT_STALE
    if (command.flags & Flag.DenyOom && this.#lacksRoom()) return OOM
    if (redirection !== undefined && !this.session.isMaster) {
      const elsewhere = redirection.refusalInScript(this.session, command, argv, this.#mayCross)
      if (elsewhere !== undefined) return elsewhere
    }
    return interceptor?.insteadInScript(command)
  }

  /** A script that has written already is not stopped in its midst. */
  #lacksRoom(): boolean {
    return this.#engine.eviction.outOfMemory && !this.allowsOom && !this.wrote
  }
}
