/**
 * The scripts that were ever evaluated or loaded, by their sha1. A text is kept and compiled at its first use in an
 * instance. Those that EVAL left are forgotten one by one past MAX_EVALUATED, the least recently used first, as Redis does
 * since 7.4, and past MAX_EVALUATED_BYTES, for who may only read can leave some, too; those of SCRIPT LOAD stay until
 * SCRIPT FLUSH.
 */
import type { Bytes } from '../base/bytes.ts'
import { NO_SCRIPT } from '../base/errors.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import type { ScriptCall, ScriptPromise, ScriptsPort } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import { RO_COMMAND_OF_WRITER, scriptCompilation } from './errors.ts'
import type { Run } from './run.ts'
import { promiseOf, readShebang, ScriptFlag } from './shebang.ts'
import type { Vm } from './vm.ts'

const MAX_EVALUATED = 500
/** Their texts; one that is longer by itself is kept until the next. Unit: bytes. */
const MAX_EVALUATED_BYTES = 32 * 2 ** 20
/** What Redis keeps of a script besides its text. Unit: bytes. */
const OVERHEAD_BYTES = 104

interface Script {
  readonly sha: Bytes
  readonly body: Bytes
  readonly flags: number
  readonly code: Bytes
  /** By SCRIPT LOAD. */
  loaded: boolean
  /** Counts up with each use. */
  usedAt: number
  /** The instance that has compiled it, and its number there. */
  vm: Vm | undefined
  ref: number
}

export interface ScriptsHost {
  /** A fresh instance. */
  createVm(): Vm
  sha1(data: Bytes): Bytes
  /** For whom code is compiled, while it is. */
  compilesFor: Session | undefined
  /** Begins a run for a session, by the rules for its flags; an error where it may not run now. */
  begin(session: Session, name: Bytes, flags: number, readOnly: boolean): Run | ReplyError
  /** The error of a script for which there is no time left. */
  outOfTime(session: Session, name: Bytes): ReplyError | undefined
}

export class Scripts implements ScriptsPort {
  readonly #host: ScriptsHost
  readonly #bySha = new Map<Bytes, Script>()
  /** The same by their texts: EVAL need not take the sha1 of a text that it knows. */
  readonly #byBody = new Map<Bytes, Script>()
  /** What was asked for last by its sha1: often the same comes again. */
  #lastFound: Script | undefined
  #vm: Vm | undefined
  #evaluated = 0
  #evaluatedBytes = 0
  #uses = 0
  #bytes = 0
  /** How many were forgotten. */
  evicted = 0

  constructor(host: ScriptsHost) {
    this.#host = host
  }

  get count(): number {
    return this.#bySha.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get vmBytes(): number {
    return this.#vm?.usedBytes ?? 0
  }

  has(sha: Bytes): boolean {
    return this.#find(sha) !== undefined
  }

  textOf(sha: Bytes): Bytes | undefined {
    return this.#find(sha)?.body
  }

  all(): readonly (readonly [sha: Bytes, text: Bytes])[] {
    return [...this.#bySha.values()].map(({ sha, body }) => [sha, body])
  }

  promiseOf(text: Bytes, isSha: boolean): ScriptPromise | undefined {
    const known = isSha ? this.#find(text) : (this.#byBody.get(text) ?? readShebang(text, true))
    if (known === undefined || known instanceof ReplyError || known.flags & ScriptFlag.Compatible) return undefined
    return promiseOf(known.flags)
  }

  eval(session: Session, body: Bytes, call: ScriptCall): Reply {
    const script = this.#byBody.get(body) ?? this.#add(session, body, false)
    return script instanceof ReplyError ? script : this.#run(session, script, call)
  }

  evalSha(session: Session, sha: Bytes, call: ScriptCall): Reply {
    const script = this.#find(sha)
    return script === undefined ? NO_SCRIPT : this.#run(session, script, call)
  }

  load(session: Session, body: Bytes): Reply {
    const script = this.#byBody.get(body) ?? this.#add(session, body, true)
    if (script instanceof ReplyError) return script
    if (!script.loaded) {
      script.loaded = true
      this.#evaluated--
      this.#evaluatedBytes -= body.length
    }
    return script.sha
  }

  flush(): void {
    this.#vm = undefined
    this.#lastFound = undefined
    this.#bySha.clear()
    this.#byBody.clear()
    this.#evaluated = 0
    this.#evaluatedBytes = 0
    this.#bytes = 0
  }

  /** An instance takes longer to make than most scripts run: nobody makes one after the other within one EXEC. */
  #liveVm(session: Session, sha: Bytes): Vm | ReplyError {
    if (this.#vm !== undefined && !this.#vm.isSpent) return this.#vm
    const error = this.#host.outOfTime(session, sha)
    if (error !== undefined) return error
    this.#vm = this.#host.createVm()
    return this.#vm
  }

  #find(sha: Bytes): Script | undefined {
    if (sha === this.#lastFound?.sha) return this.#lastFound
    const found = this.#bySha.get(sha) ?? this.#bySha.get(sha.toLowerCase())
    if (found !== undefined) this.#lastFound = found
    return found
  }

  #add(session: Session, body: Bytes, loaded: boolean): Script | ReplyError {
    const { door } = session
    const shebang = readShebang(body, door === 'rest' || door === 'inprocess')
    if (shebang instanceof ReplyError) return shebang
    const script: Script = { ...shebang, sha: this.#host.sha1(body), body, loaded, usedAt: 0, vm: undefined, ref: 0 }
    const vm = this.#liveVm(session, script.sha)
    if (vm instanceof ReplyError) return vm
    const error = this.#compile(session, script, vm)
    if (error !== undefined) return error
    if (!loaded) this.#makeRoom(body)
    this.#bySha.set(script.sha, script)
    this.#byBody.set(body, script)
    this.#bytes += body.length + OVERHEAD_BYTES
    return script
  }

  #compile(session: Session, script: Script, vm: Vm): ReplyError | undefined {
    this.#host.compilesFor = session
    try {
      const ref = vm.compile(script.code, '@user_script', scriptCompilation)
      if (ref instanceof ReplyError) return ref
      script.vm = vm
      script.ref = ref
      return undefined
    } finally {
      this.#host.compilesFor = undefined
    }
  }

  /** For one that EVAL leaves. */
  #makeRoom(body: Bytes): void {
    this.#evaluated++
    this.#evaluatedBytes += body.length
    const isTooMuch = (): boolean => this.#evaluated > MAX_EVALUATED || this.#evaluatedBytes > MAX_EVALUATED_BYTES
    while (this.#evaluated > 1 && isTooMuch()) this.#evict()
  }

  #evict(): void {
    let oldest: Script | undefined
    for (const script of this.#bySha.values()) {
      if (!script.loaded && (oldest === undefined || script.usedAt < oldest.usedAt)) oldest = script
    }
    if (oldest === undefined) return
    if (oldest === this.#lastFound) this.#lastFound = undefined
    this.#bySha.delete(oldest.sha)
    this.#byBody.delete(oldest.body)
    this.#bytes -= oldest.body.length + OVERHEAD_BYTES
    if (oldest.vm !== undefined && !oldest.vm.isSpent) oldest.vm.forget(oldest.ref)
    this.#evaluated--
    this.#evaluatedBytes -= oldest.body.length
    this.evicted++
  }

  #run(session: Session, script: Script, call: ScriptCall): Reply {
    const vm = this.#liveVm(session, script.sha)
    if (vm instanceof ReplyError) return vm
    if (script.vm !== vm) {
      const error = this.#compile(session, script, vm)
      if (error !== undefined) return error
    }
    script.usedAt = ++this.#uses
    const { flags } = script
    if (call.readOnly && (flags & (ScriptFlag.Compatible | ScriptFlag.NoWrites)) === 0) return RO_COMMAND_OF_WRITER
    const run = this.#host.begin(session, script.sha, flags, call.readOnly)
    if (run instanceof ReplyError) return run
    try {
      return vm.call(run, script.ref, call, true)
    } finally {
      run.end()
    }
  }
}
