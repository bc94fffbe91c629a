/**
 * Lua for a store: makes the instances when they are first needed and again when one was given up, and runs scripts by the
 * rules of their flags. Scripts and functions have an instance each, as in Redis, so that what goes wrong in a script does
 * not touch the state of libraries.
 */
import { createHash } from 'node:crypto'
import type { Bytes } from '../base/bytes.ts'
import { FUNCTION_LOAD_TIMEOUT, SCRIPT_OOM, scriptTimedOut } from '../base/errors.ts'
import type { ReplyError } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import type { Engine } from '../engine/engine.ts'
import type { ScriptingPort } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
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

export interface ScriptingParts {
  readonly engine: Engine
  readonly log: (level: (typeof LEVELS)[number], message: string) => void
}

export class Scripting implements ScriptingPort, ScriptsHost, FunctionsHost, VmHost {
  readonly #engine: Engine
  readonly #log: ScriptingParts['log']
  readonly random = new Random()
  readonly scripts = new Scripts(this)
  readonly functions = new Functions(this)
  allowsAll = false

  constructor({ engine, log }: ScriptingParts) {
    this.#engine = engine
    this.#log = log
  }

  createVm(): Vm {
    return new Vm(this)
  }

  begin(session: Session, name: Bytes, flags: number, readOnly: boolean): Run | ReplyError {
    const noWrites = (flags & ScriptFlag.NoWrites) !== 0
    const allowsOom = noWrites || (flags & ScriptFlag.AllowOom) !== 0
    const engine = this.#engine
    // Asked here again, for EXEC has run other commands since the guards did.
    const { scriptError } = engine.writes
    if (scriptError !== undefined && !noWrites && !(flags & ScriptFlag.Compatible)) return scriptError
    if (engine.eviction.outOfMemory && !allowsOom && !(flags & ScriptFlag.Compatible)) return SCRIPT_OOM
    return new Run(engine, session, name, readOnly || noWrites, allowsOom)
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

  onHook(run: Run | undefined): void {
    if (run === undefined) {
      this.#checkLoading()
      return
    }
    const { config, stopwatch } = this.#engine
    // Since the command began that runs the script, which may be EXEC.
    const elapsedMs = monotonic() - stopwatch.readAt
    const threshold = config['busy-reply-threshold']
    if (!run.slow && threshold > 0 && elapsedMs >= threshold) {
      run.slow = true
      const message = `Slow script detected: still in execution after ${Math.floor(elapsedMs)} milliseconds.`
      this.#log('warning', `${message} Script name is: ${run.name}.`)
    }
    const limit = config['lua-hard-time-limit']
    if (limit === 0 || elapsedMs < limit) return
    const error = scriptTimedOut(run.name, limit, run.wrote)
    this.#log('warning', error.text)
    throw error
  }

  /** Loading a library must be quick: it should only register functions. */
  #checkLoading(): void {
    const { loadStartedAt } = this.functions
    if (loadStartedAt !== undefined && monotonic() - loadStartedAt > LOAD_LIMIT_MS) throw FUNCTION_LOAD_TIMEOUT
  }
}
