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
import { CALL_CUT, REST_EMPTY_PIPELINE_COMMAND, REST_NEEDS_CONNECTION, REST_UNAUTHORIZED } from '../base/errors.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import { UpstreamFault } from '../base/upstreamfault.ts'
import { type Command, Flag } from '../commands/command.ts'
import type { PipelineAnswer } from '../engine/backend.ts'
import { isBackendAlone } from '../engine/concerns.ts'
import type { LongAnswer } from '../protocol/longanswer.ts'
import type { PipelineScan } from '../protocol/pipelinescan.ts'
import { RepliesWeight } from '../protocol/repliesweight.ts'
import { type LongCommands, pipelineBody, type RestCall, type ShortCommands } from '../protocol/rest.ts'
import { type Rewritten, rewrite } from '../protocol/upstash.ts'
import type { HoldsTexts } from '../session/longtexts.ts'
import type { Pass } from '../session/pass.ts'
import type { DoorName, Link, Session } from '../session/session.ts'
import type { Host } from './host.ts'
import { connectionRefusal } from './ownconnection.ts'
import type { PlacedPipelines } from './placedpipeline.ts'
import { RemoteReplies } from './remotereplies.ts'
import { onceSafe } from './safe.ts'

/** Whoever brought a request. */
export interface Caller extends Link {
  /** `address:port` of the client and of our end; '' where there is none. */
  readonly addr: Bytes
  readonly laddr: Bytes
  /** Calls back if the client goes before it has its answer. */
  whenGone(run: () => void): void
  /** From here on so much is held for the request, these texts among it. */
  holds(bytes: number, texts?: HoldsTexts): void
}

/** The body of an answer, or the error in its place. */
export type Scanned = Bytes | LongAnswer | ReplyError

/** Commands of a pipeline for another server that leave before others get their turn. */
const REMOTE_SLICE_COMMANDS = 250

/** Commands of a pipeline that run before others get their turn; and how long those of a transaction are queued. Unit: ms. */
const SLICE_COMMANDS = 1000
const SLICE_MS = 5

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
  /** Commands of a transaction that were queued, and those of them whose replies are to be shaped. */
  #queued = 0
  #rewritten: Map<number, Rewritten> | undefined
  /** For how long its client is still to be held; what it asked for last waits for that. */
  #holdMs = 0

  constructor(host: Host, door: DoorName, pass: Pass | undefined, caller: Caller, seen: number) {
    this.#host = host
    this.#caller = caller
    this.#pass = pass
    this.#session = host.openSession(door, this, caller.addr, caller.laddr, pass)
    this.#session.asUpstash = true
    this.#session.seen = seen
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
  async pipeline(list: ShortCommands | LongCommands, caller: Caller): Promise<Reply> {
    caller.whenGone(() => this.#end())
    const commands = 'advance' in list ? list : new CommandsAtHand(list)
    if (this.#host.engine.backend !== undefined) return this.#remotePipeline(commands, caller)
    return this.#goOn(commands, [], caller)
  }

  /** Runs what is left of a pipeline, whose first commands were answered these replies. */
  async #goOn(commands: LongCommands, replies: Reply[], caller: Caller): Promise<Reply> {
    const weight = new RepliesWeight(replies)
    const length = replies.length + commands.length
    try {
      while (replies.length < length && !this.#done && !this.#cut) {
        const pending = this.#slice(commands, replies, length)
        if (pending !== undefined) replies.push(await pending)
        else if (replies.length < length) {
          caller.holds(weight.bytes() + commands.heldBytes)
          await new Promise<void>((resolve) => this.#host.turn.later(resolve))
        }
      }
      caller.holds(weight.bytes())
    } finally {
      this.#end()
    }
    // Where there is no connection that was cut, the caller is told.
    return this.#late(this.#cut && this.#session.door === 'inprocess' ? CALL_CUT : replies)
  }

  /** A pipeline for another server: all of it leaves at once, but nothing passes a command that waits there. */
  async #remotePipeline(commands: LongCommands, caller: Caller): Promise<Reply> {
    const remote = new RemoteReplies()
    const { replies } = remote
    const { engine } = this.#host
    try {
      while (replies.length < commands.length && !this.#done && !this.#cut) {
        const end = Math.min(commands.length, replies.length + REMOTE_SLICE_COMMANDS)
        while (replies.length < end && commands.advance()) {
          const argv = commands.command
          const command = engine.resolve(argv)
          if (!(command instanceof ReplyError) && command.flags & Flag.Blocking) await remote.whole()
          this.#send(argv, command, remote)
          if (this.#session.parked !== undefined) await remote.whole()
        }
        caller.holds(commands.heldBytes)
        if (replies.length < commands.length) await new Promise<void>((resolve) => this.#host.turn.later(resolve))
      }
      await remote.whole()
      caller.holds(new RepliesWeight(replies).bytes())
      return this.#late(wholeFault(replies) ?? replies)
    } finally {
      this.#end()
    }
  }

  /** The same for a pipeline that stands in a body, to the body of its answer or the error in its place. */
  scanned(scan: PipelineScan, placed: PlacedPipelines, caller: Caller): Scanned | Promise<Scanned> {
    const { engine } = this.#host
    const session = this.#session
    if (engine.backend !== undefined) {
      const sent = isBackendAlone(engine, session) ? engine.backend.sendPipeline(session, scan) : undefined
      return sent === undefined
        ? this.#bodyOfLate(this.pipeline(scan.commands(), caller), '', caller)
        : this.#sentBody(sent, caller)
    }
    const { text, last, left } = placed.run(session, scan, (argv) => this.#execute(argv, false))
    if (last !== undefined || left.length !== 0)
      return this.#bodyOfLate(this.#goOnFrom(last, left, caller), text, caller)
    this.#end()
    caller.holds(text.length)
    const safe = onceSafe(this.#host, null)
    if (safe instanceof Promise) return safe.then((late) => (late === null ? `${text}]` : (late as ReplyError)))
    return safe === null ? `${text}]` : (safe as ReplyError)
  }

  async #goOnFrom(last: Reply | Promise<Reply> | undefined, left: readonly Bytes[][], caller: Caller): Promise<Reply> {
    caller.whenGone(() => this.#end())
    return this.#goOn(new CommandsAtHand(left), last === undefined ? [] : [await last], caller)
  }

  async #bodyOfLate(replies: Promise<Reply>, begun: Bytes, caller: Caller): Promise<Scanned> {
    return bodyOf(begun, await onceSafe(this.#host, replies), caller)
  }

  async #sentBody(sent: Promise<PipelineAnswer>, caller: Caller): Promise<Scanned> {
    caller.whenGone(() => this.#end())
    const { text, rest } = await sent
    caller.holds(text.length + (rest === undefined ? 0 : new RepliesWeight(rest).bytes()))
    const late = this.#late(rest === undefined ? null : text === '' ? (wholeFault(rest) ?? rest) : rest)
    return late === null ? text : bodyOf(text, late, caller)
  }

  #send(argv: readonly Bytes[], command: Command | ReplyError, remote: RemoteReplies): void {
    const place = remote.begin()
    const isPlain =
      !(command instanceof ReplyError) && command.ownConnection === undefined && rewrite(argv) === undefined
    if (isPlain) {
      const reply = this.#host.engine.sendResolved(this.#session, command, argv, remote, place)
      if (reply !== undefined) remote.take(place, this.#waited(reply))
    } else remote.take(place, argv.length === 0 ? REST_EMPTY_PIPELINE_COMMAND : this.#execute(argv, false))
  }

  /** A reply as its caller gets it, who may be held, and waits for so long and no longer. */
  #waited(reply: Reply | Promise<Reply>): Reply | Promise<Reply> {
    if (this.#holdMs !== 0) return this.#held(reply)
    return reply instanceof Promise ? this.#bounded(reply) : reply
  }

  /** Runs all commands, with nothing in between, or none: then the reply is the error of EXEC. */
  transaction(commands: ShortCommands | LongCommands, caller: Caller): Reply | Promise<Reply> {
    const begun = this.#host.engine.execute(this.#session, MULTI)
    if (begun instanceof ReplyError) {
      this.#end()
      return begun
    }
    if ('advance' in commands) return this.#longTransaction(commands, caller)
    for (const argv of commands) this.#queue(argv)
    return this.#exec()
  }

  /** Others have their turn while the commands are made and queued; they run as one, all the same. */
  async #longTransaction(commands: LongCommands, caller: Caller): Promise<Reply> {
    caller.whenGone(() => this.#end())
    for (;;) {
      const startedAt = monotonic()
      while (this.#queued < commands.length && commands.advance()) {
        this.#queue(commands.command)
        if ((this.#queued & 15) === 0 && monotonic() - startedAt > SLICE_MS) break
      }
      if (this.#queued === commands.length) return this.#exec()
      await new Promise<void>((resolve) => this.#host.turn.later(resolve))
      if (this.#done || this.#cut) return this.#late(null)
    }
  }

  #exec(): Reply | Promise<Reply> {
    const executed = this.#host.engine.execute(this.#session, EXEC)
    const reply = this.#holdMs === 0 ? executed : this.#held(executed)
    const finish = (replies: Reply): Reply => {
      this.#end()
      if (this.#rewritten === undefined || !Array.isArray(replies)) return replies
      const shaped = [...replies]
      for (const [i, rewritten] of this.#rewritten) shaped[i] = this.#shape(rewritten, replies[i])
      return shaped
    }
    if (!(reply instanceof Promise)) return finish(reply)
    return this.#host.engine.backend === undefined ? reply.then(finish) : reply.then((late) => this.#finishRemote(late))
  }

  async #finishRemote(replies: Reply): Promise<Reply> {
    this.#end()
    if (this.#rewritten === undefined || !Array.isArray(replies)) return replies
    const shaped = [...replies]
    for (const [i, rewritten] of this.#rewritten) shaped[i] = await this.#shapeRemote(rewritten, replies[i])
    return shaped
  }

  /** Runs commands until one waits (its reply to come is returned), or the slice is full or has taken its time. */
  #slice(commands: LongCommands, replies: Reply[], length: number): Promise<Reply> | undefined {
    const { engine } = this.#host
    const end = Math.min(length, replies.length + SLICE_COMMANDS)
    engine.beginBatch()
    try {
      while (replies.length < end && !engine.stopwatch.isSliceOver && commands.advance()) {
        const argv = commands.command
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
    if (reply instanceof Promise) {
      const bounded = this.#bounded(reply)
      return rewritten === undefined ? bounded : bounded.then((late) => this.#shapeLate(rewritten, late))
    }
    return rewritten === undefined ? reply : this.#shape(rewritten, reply)
  }

  /** Queues a command of a transaction; one that cannot stand in it spoils the transaction. */
  #queue(argv: readonly Bytes[]): void {
    const index = this.#queued++
    const session = this.#session
    const { engine } = this.#host
    const command = engine.resolve(argv)
    if (this.#refusal(command, argv, false) !== undefined) session.transaction!.aborted = true
    else {
      const rewritten = rewrite(argv)
      if (rewritten !== undefined) (this.#rewritten ??= new Map()).set(index, rewritten)
      void engine.execute(session, rewritten === undefined ? argv : rewritten.argv) // inside MULTI nothing waits
    }
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

  #shapeLate(rewritten: Rewritten, reply: Reply): Reply | Promise<Reply> {
    return this.#host.engine.backend === undefined ? this.#shape(rewritten, reply) : this.#shapeRemote(rewritten, reply)
  }

  /** The keys whose types are told are known only once the reply is shaped: it is shaped twice. */
  async #shapeRemote(rewritten: Rewritten, reply: Reply): Promise<Reply> {
    const keys: Bytes[] = []
    const shaped = rewritten.shape(reply, (key) => {
      keys.push(key)
      return 'none'
    })
    if (keys.length === 0) return shaped
    const types = await this.#host.engine.backend!.typesOf(this.#session, keys)
    let next = 0
    return rewritten.shape(reply, () => types[next++])
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

/** The fault of a pipeline of which nothing was answered. */
function wholeFault(replies: readonly Reply[]): UpstreamFault | undefined {
  const [first] = replies
  return first instanceof UpstreamFault && replies.every((reply) => reply instanceof UpstreamFault) ? first : undefined
}

function bodyOf(begun: Bytes, replies: Reply, caller: Caller): Scanned {
  if (replies instanceof ReplyError) return replies
  const body = pipelineBody(replies as Reply[], 'json', begun)
  if (typeof body !== 'string') caller.holds(-1, { visitTexts: (visit) => body.visitTexts(visit, undefined) })
  return body
}

/** Commands that are all there. */
class CommandsAtHand implements LongCommands {
  readonly #list: ShortCommands
  #next = 0

  constructor(list: ShortCommands) {
    this.#list = list
  }

  get length(): number {
    return this.#list.length
  }

  get heldBytes(): number {
    return 0 // as much as their body
  }

  get command(): readonly Bytes[] {
    return this.#list[this.#next - 1]
  }

  advance(): true {
    this.#next++
    return true
  }
}

/**
 * Runs a call to its replies, and has them safe to be told: one for a command, a list for a pipeline, a list or an error for a
 * transaction. `seen`: see Session.
 */
export function runCall(
  host: Host,
  door: DoorName,
  pass: Pass | undefined,
  caller: Caller,
  call: RestCall,
  seen = 0,
): Reply | Promise<Reply> {
  if (pass?.holds === false) return REST_UNAUTHORIZED
  return onceSafe(host, replyTo(new Call(host, door, pass, caller, seen), caller, call))
}

/** The same of a pipeline that stands in its body, to what is answered. */
export function runScanned(
  host: Host,
  pass: Pass,
  caller: Caller,
  scan: PipelineScan,
  placed: PlacedPipelines,
  seen: number,
): Scanned | Promise<Scanned> {
  if (!pass.holds) return REST_UNAUTHORIZED
  return new Call(host, 'rest', pass, caller, seen).scanned(scan, placed, caller)
}

function replyTo(running: Call, caller: Caller, call: RestCall): Reply | Promise<Reply> {
  switch (call.kind) {
    case 'command':
      return running.command(call.commands[0], caller)
    case 'pipeline':
      return running.pipeline(call.commands, caller)
    case 'transaction':
      return running.transaction(call.commands, caller)
  }
}
