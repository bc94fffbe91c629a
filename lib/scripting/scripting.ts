/**
 * Lua for a store: makes the instances when they are first needed and again when one was given up, and runs scripts by the
 * rules of their flags. Scripts and functions have an instance each, as in Redis, so that what goes wrong in a script does
 * not touch the state of libraries.
 */
import { createHash } from 'node:crypto'
import type { Bytes } from '../base/bytes.ts'
import { MASTER_DOWN } from '../base/errors.ts'
import type { ReplyError } from '../base/reply.ts'
import { monotonic, worked } from '../base/runtime.ts'
import type { Engine } from '../engine/engine.ts'
import type { ScriptingPort } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import { compilationTimedOut, FUNCTION_LOAD_TIMEOUT, SCRIPT_NO_CLUSTER, SCRIPT_OOM, scriptTimedOut } from './errors.ts'
import { Functions, type FunctionsHost } from './functions.ts'
import { Random } from './random.ts'
import { Run } from './run.ts'
import { Scripts, type ScriptsHost } from './scripts.ts'
import { ScriptFlag } from './shebang.ts'
import { Vm, type VmHost } from './vm.ts'

/** As in redis.conf. */
const LEVELS = ['debug', 'verbose', 'notice', 'warning'] as const

/** As in Redis. */
const LOAD_LIMIT_MS = 500

/** What a script does between two looks, about, where no clock tells (tests/scripting/luafuel.ts). */
const FUEL_MS = 0.5

export interface ScriptingParts {
  readonly engine: Engine
  readonly log: (level: (typeof LEVELS)[number], message: string) => void
}

export class Scripting implements ScriptingPort, ScriptsHost, FunctionsHost, VmHost {
  readonly #engine: Engine
  readonly #log: ScriptingParts['log']
  readonly random = new Random()
  #scripts: Scripts | undefined
  #functions: Functions | undefined
  allowsAll = false
  compilesFor: Session | undefined

  constructor({ engine, log }: ScriptingParts) {
    this.#engine = engine
    this.#log = log
  }

  get scripts(): Scripts {
    return (this.#scripts ??= new Scripts(this))
  }

  get functions(): Functions {
    return (this.#functions ??= new Functions(this))
  }

  createVm(): Vm {
    return new Vm(this)
  }

  begin(session: Session, name: Bytes, flags: number, readOnly: boolean): Run | ReplyError {
    const noWrites = (flags & ScriptFlag.NoWrites) !== 0
    const allowsOom = noWrites || (flags & ScriptFlag.AllowOom) !== 0
    const engine = this.#engine
    if (flags & ScriptFlag.NoCluster && engine.redirection !== undefined) return SCRIPT_NO_CLUSTER
    // Asked here again, for EXEC has run other commands since the guards did.
    const { scriptError } = engine.writes
    if (engine.availability.isStale && !session.isMaster && !(flags & ScriptFlag.AllowStale)) return MASTER_DOWN
    const mayWrite = scriptError === undefined || noWrites || session.isMaster
    if (!mayWrite && !(flags & ScriptFlag.Compatible)) return scriptError
    if (engine.eviction.outOfMemory && !allowsOom && !(flags & ScriptFlag.Compatible)) return SCRIPT_OOM
    return new Run(engine, session, name, {
      readOnly: readOnly || noWrites,
      allowsOom,
      mayCross: (flags & (ScriptFlag.Compatible | ScriptFlag.AllowCrossSlot)) !== 0,
    })
  }

  outOfTime(session: Session, name: Bytes): ReplyError | undefined {
    const directive = this.#limitFor(session)
    const limit = this.#engine.config[directive]
    return limit === 0 || this.#elapsedMs() < limit ? undefined : scriptTimedOut(name, limit, directive, false)
  }

  // What the instances need to know.

  get memoryLimit(): number {
    return this.#engine.config['lua-memory-limit']
  }

  get bareErrorReplies(): boolean {
    return this.#engine.config['lua-bare-error-replies']
  }

  log(level: number, message: Bytes): void {
    this.#log(LEVELS[level], message)
  }

  sha1(data: Bytes): Bytes {
    return createHash('sha1').update(data, 'latin1').digest('hex')
  }

  look(run: Run | undefined): void {
    worked(FUEL_MS)
    if (run !== undefined) this.#checkRun(run)
    else if (this.compilesFor !== undefined) this.#checkCompiling(this.compilesFor)
    else this.#checkLoading()
  }

  /** Since the command began that runs or loads a script, which may be EXEC. */
  #elapsedMs(): number {
    return monotonic() - this.#engine.stopwatch.readAt
  }

  #checkRun(run: Run): void {
    const elapsedMs = this.#elapsedMs()
    const threshold = this.#engine.config['busy-reply-threshold']
    if (!run.slow && threshold > 0 && elapsedMs >= threshold) {
      run.slow = true
      const message = `Slow script detected: still in execution after ${Math.floor(elapsedMs)} milliseconds.`
      this.#log('warning', `${message} Script name is: ${run.name}.`)
    }
    const directive = this.#limitFor(run.session)
    const limit = this.#engine.config[directive]
    if (limit === 0 || elapsedMs < limit) return
    const error = scriptTimedOut(run.name, limit, directive, run.wrote)
    this.#log('warning', error.text)
    throw error
  }

  #checkCompiling(session: Session): void {
    const directive = this.#limitFor(session)
    const limit = this.#engine.config[directive]
    if (limit !== 0 && this.#elapsedMs() >= limit) throw compilationTimedOut(limit, directive)
  }

  /**
   * Loading a library must be quick: it should only register functions. It may be a command that loads it, or a snapshot's
   * end, or a call that finds the instance given up: it counts by itself.
   */
  #checkLoading(): void {
    const { loadStartedAt } = this.functions
    if (loadStartedAt !== undefined && monotonic() - loadStartedAt > LOAD_LIMIT_MS) throw FUNCTION_LOAD_TIMEOUT
  }

  #limitFor(session: Session): 'lua-hard-time-limit' | 'lua-read-only-time-limit' {
    const { config } = this.#engine
    const hard = config['lua-hard-time-limit']
    const reading = session.user.isReader ? config['lua-read-only-time-limit'] : 0
    return reading !== 0 && (hard === 0 || reading < hard) ? 'lua-read-only-time-limit' : 'lua-hard-time-limit'
  }
}
