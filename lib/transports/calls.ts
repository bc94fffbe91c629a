/**
 * Runs what a REST request asks for, whoever brought it (HTTP, a Request object, the SDK in process): one command, a
 * pipeline, a transaction. Every request has a session of its own, as if it were a connection that opens, sends its
 * commands and closes; it is registered only while it runs, so CLIENT LIST shows the requests that wait. Commands that would
 * be forgotten with it (MULTI, SUBSCRIBE, …: `Command.ownConnection`) are refused; SELECT and its like hold for a pipeline.
 *
 * A long pipeline gives way to others between its slices. A client that hangs up ends its wait, and what its pipeline
 * had not run yet is not run. A wait is bounded by `rest-blocking-timeout`.
 */
import type { Bytes } from '../base/bytes.ts'
import { REST_EMPTY_PIPELINE_COMMAND, REST_NEEDS_CONNECTION, REST_UNAUTHORIZED } from '../base/errors.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import { immediately } from '../base/runtime.ts'
import type { Command } from '../commands/command.ts'
import type { RestCall } from '../protocol/rest.ts'
import { type Rewritten, rewrite } from '../protocol/upstash.ts'
import type { Pass } from '../session/pass.ts'
import type { DoorName, Link, Session } from '../session/session.ts'
import { connectionRefusal } from './ownconnection.ts'
import type { Host } from './resp.ts'

/** Whoever brought a request. */
export interface Caller extends Link {
  /** `address:port` of the client and of our end; '' where there is none. */
  readonly addr: Bytes
  readonly laddr: Bytes
  /** Calls back if the client goes before it has its answer. */
  whenGone(run: () => void): void
}

/** Commands of a pipeline that run before others get their turn. */
const SLICE_COMMANDS = 1000

const MULTI = ['MULTI']
const EXEC = ['EXEC']

export class Call implements Link {
  readonly #host: Host
  readonly #caller: Caller
  readonly #session: Session
  readonly #pass: Pass | undefined
  #done = false
  /** It was ended from outside: its user was thrown out, or CLIENT KILL. */
  #cut = false
  /** For how long its client is still to be held; what it asked for last waits for that. */
  #holdMs = 0

  constructor(host: Host, door: DoorName, pass: Pass | undefined, caller: Caller) {
    this.#host = host
    this.#caller = caller
    this.#pass = pass
    this.#session = host.openSession(door, this, caller.addr, caller.laddr, pass)
  }

  get inputBytes(): number {
    return this.#caller.inputBytes
  }

  get outputBytes(): number {
    return this.#caller.outputBytes
  }

  push(reply: Reply): void {
    this.#caller.push(reply)
  }

  closeAfterReply(): void {
    this.#caller.closeAfterReply()
  }

  close(): void {
    this.#cut = true
    this.#caller.close()
  }

  hold(ms: number): void {
    this.#holdMs = ms
  }

  get isHeld(): boolean {
    return this.#holdMs !== 0
  }

  /** Runs a single command. */
  command(argv: readonly Bytes[], caller: Caller): Reply | Promise<Reply> {
    const reply = this.#execute(argv, true)
    if (!(reply instanceof Promise)) {
      this.#end()
      return reply
    }
    caller.whenGone(() => this.#end())
    return reply.then((late) => this.#late(late))
  }

  /** Runs commands in order; each has its reply, or its error. */
  async pipeline(commands: readonly (readonly Bytes[])[], caller: Caller): Promise<Reply> {
    caller.whenGone(() => this.#end())
    const replies: Reply[] = []
    try {
      while (replies.length < commands.length && !this.#done && !this.#cut) {
        const pending = this.#slice(commands, replies)
        if (pending !== undefined) replies.push(await pending)
        else if (replies.length < commands.length) await new Promise<void>(immediately)
      }
    } finally {
      this.#end()
    }
    return this.#late(replies)
  }

  /** Runs all commands, with nothing in between, or none: then the reply is the error of EXEC. */
  transaction(commands: readonly (readonly Bytes[])[]): Reply | Promise<Reply> {
    const session = this.#session
    const { engine } = this.#host
    const begun = engine.execute(session, MULTI)
    if (begun instanceof ReplyError) {
      this.#end()
      return begun
    }
    for (const argv of commands) this.#queue(argv)
    const executed = engine.execute(session, EXEC)
    const reply = this.#holdMs === 0 ? executed : this.#held(executed)
    const finish = (replies: Reply): Reply => {
      this.#end()
      if (!Array.isArray(replies)) return replies
      return replies.map((item, i) => {
        const rewritten = rewrite(commands[i])
        return rewritten === undefined ? item : this.#shape(rewritten, item)
      })
    }
    return reply instanceof Promise ? reply.then(finish) : finish(reply)
  }

  /** Runs commands until one waits (its reply to come is returned), or the slice is full or has taken its time. */
  #slice(commands: readonly (readonly Bytes[])[], replies: Reply[]): Promise<Reply> | undefined {
    const { engine } = this.#host
    const end = Math.min(commands.length, replies.length + SLICE_COMMANDS)
    engine.beginBatch()
    try {
      while (replies.length < end && !engine.stopwatch.isSliceOver) {
        const argv = commands[replies.length]
        const reply = argv.length === 0 ? REST_EMPTY_PIPELINE_COMMAND : this.#execute(argv, false)
        if (reply instanceof Promise) return reply
        replies.push(reply)
      }
    } finally {
      engine.endBatch()
    }
    return undefined
  }

  /** `isAlone`: nothing comes behind it. */
  #execute(sent: readonly Bytes[], isAlone: boolean): Reply | Promise<Reply> {
    const session = this.#session
    const { engine } = this.#host
    const rewritten = rewrite(sent)
    const argv = rewritten === undefined ? sent : rewritten.argv
    const command = engine.resolve(argv)
    const refusal = this.#refusal(command, argv, isAlone)
    if (refusal !== undefined) return refusal
    const reply =
      command instanceof ReplyError ? engine.execute(session, argv) : engine.executeResolved(session, command, argv)
    if (this.#holdMs !== 0) return this.#held(reply)
    if (reply instanceof Promise) return this.#bounded(reply)
    return rewritten === undefined ? reply : this.#shape(rewritten, reply)
  }

  /** Queues a command of a transaction; one that cannot stand in it spoils the transaction. */
  #queue(argv: readonly Bytes[]): void {
    const session = this.#session
    const { engine } = this.#host
    const command = engine.resolve(argv)
    if (this.#refusal(command, argv, false) !== undefined) session.transaction!.aborted = true
    else void engine.execute(session, rewrite(argv)?.argv ?? argv) // inside MULTI nothing waits
  }

  /** What a command is answered that is not for a request. */
  #refusal(command: Command | ReplyError, argv: readonly Bytes[], isAlone: boolean): Reply | undefined {
    if (command instanceof ReplyError || command.ownConnection === undefined) return undefined
    const { engine } = this.#host
    return connectionRefusal(engine, this.#session, command, argv, REST_NEEDS_CONNECTION, !isAlone)
  }

  #shape(rewritten: Rewritten, reply: Reply): Reply {
    return rewritten.shape(reply, (key) => this.#session.db.typeOf(key) ?? 'none')
  }

  #held(reply: Reply | Promise<Reply>): Promise<Reply> {
    return new Promise((resolve) => {
      this.#host.engine.clock.after(this.#holdMs, () => {
        this.#holdMs = 0
        resolve(reply)
      })
    })
  }

  #bounded(reply: Promise<Reply>): Promise<Reply> {
    const { engine } = this.#host
    const limit = engine.config['rest-blocking-timeout']
    if (limit === 0 || this.#session.parked?.kind !== 'blocked') return reply
    const cancel = engine.clock.after(limit, () => engine.blocking.unblock(this.#session, false))
    return reply.finally(cancel)
  }

  /** Ends the call with a reply that was waited for; whoever was thrown out meanwhile is told so where it still hears. */
  #late(reply: Reply): Reply {
    this.#end()
    return this.#cut && this.#pass?.holds === false ? REST_UNAUTHORIZED : reply
  }

  #end(): void {
    if (this.#done) return
    this.#done = true
    this.#host.closeSession(this.#session)
  }
}

/** Runs a call to its replies: one for a command, a list for a pipeline, a list or an error for a transaction. */
export function runCall(host: Host, door: DoorName, pass: Pass | undefined, caller: Caller, call: RestCall) {
  if (pass?.holds === false) return REST_UNAUTHORIZED
  const running = new Call(host, door, pass, caller)
  switch (call.kind) {
    case 'command':
      return running.command(call.commands[0], caller)
    case 'pipeline':
      return running.pipeline(call.commands, caller)
    case 'transaction':
      return running.transaction(call.commands)
  }
}
