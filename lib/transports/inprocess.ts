/**
 * The doors for code in the same process: no socket, no JSON, and for `execute` not even a promise unless the command
 * waits. Only JavaScript's own values cross them, so callers may live in another copy of these modules than the store does
 * (Next bundles each route by itself).
 *
 * Calls of `InProcessCalls` share nothing but the store: what would change the next one (SELECT, MULTI, SUBSCRIBE, …:
 * `Command.ownConnection`) is refused. An `InProcessDoor` is a connection of its caller's own, where all of it holds.
 */
import { type Bytes, toText } from '../base/bytes.ts'
import { CALL_NEEDS_CONNECTION } from '../base/errors.ts'
import { type Push, type Reply, ReplyError } from '../base/reply.ts'
import { unawaited } from '../base/unawaited.ts'
import { type Command, Flag } from '../commands/command.ts'
import { Gate, ReplyMode, type Session } from '../session/session.ts'
import type { Host } from './host.ts'
import { MessageQueue } from './messages.ts'
import { NOBODY } from './nobody.ts'
import { connectionRefusal } from './ownconnection.ts'
import { PlacedCalls } from './placedcalls.ts'
import { onceSafe, safeNow } from './safe.ts'
import { answerSdk, type UpstashRequest, type UpstashResult } from './sdk.ts'
import { type Argument, bufferOrThrow, bytesOf, CommandError, type Entry, type Plain, textOrThrow } from './values.ts'

/** A message that was published. */
export interface Message {
  readonly channel: string
  readonly message: string
  /** The pattern that matched, for a subscription to patterns. */
  readonly pattern?: string
}

/** Messages as they come. The subscription holds from the call that gave it until it is closed or left. */
export interface Messages extends AsyncIterableIterator<Message> {
  /** Ends the subscription; what came before can still be taken. */
  close(): void
}

/** `execute` for everybody in the process. */
export class InProcessCalls {
  readonly #host: Host
  /** That of all calls, which none may change; opened by the first. */
  #session: Session | undefined
  #placed: PlacedCalls | undefined

  constructor(host: Host) {
    this.#host = host
  }

  /**
   * Runs one command and returns its reply, or a promise of it if the command waits; with an upstream or a `store` behind a
   * network always a promise. Text comes back decoded as UTF-8.
   * @throws CommandError
   * @throws TypeError for an argument that is none
   */
  execute(...args: Argument[]): Plain | Promise<Plain> {
    const placed = this.#runPlaced(args, true, this.execute)
    if (placed !== undefined) return placed as Plain
    const reply = now(this.#host, this.#run(args))
    return reply instanceof Promise
      ? reply.then((late) => textOrThrow(late, textOrThrow))
      : textOrThrow(reply, this.execute)
  }

  /** `execute` for values that are not text: strings come back as Buffers. @throws as `execute` does */
  executeBuffer(...args: Argument[]): Plain<Buffer> | Promise<Plain<Buffer>> {
    const placed = this.#runPlaced(args, false, this.executeBuffer)
    if (placed !== undefined) return placed as Plain<Buffer>
    const reply = now(this.#host, this.#run(args))
    return reply instanceof Promise
      ? reply.then((late) => bufferOrThrow(late, bufferOrThrow))
      : bufferOrThrow(reply, this.executeBuffer)
  }

  #runPlaced(args: readonly Argument[], asText: boolean, entry: Entry): Plain<string | Buffer> | undefined {
    const session = (this.#session ??= open(this.#host))
    return (this.#placed ??= new PlacedCalls(this.#host)).run(session, args, asText, entry)
  }

  #run(args: Argument[]): Reply | Promise<Reply> {
    for (let i = 0; i < args.length; i++) args[i] = bytesOf(args[i], i)
    const argv = args as Bytes[]
    const { engine } = this.#host
    const session = (this.#session ??= open(this.#host))
    const command = engine.resolve(argv)
    if (command instanceof ReplyError) return engine.execute(session, argv)
    if (command.ownConnection !== undefined) {
      const refusal = connectionRefusal(engine, session, command, argv, CALL_NEEDS_CONNECTION, false)
      if (refusal !== undefined) return refusal
    }
    const reply = engine.executeResolved(session, command, argv)
    return reply instanceof Promise ? this.#leaveWaiting(session, reply) : reply
  }

  /** A session waits in one command at a time: the calls to come get another. */
  #leaveWaiting(waiting: Session, reply: Promise<Reply>): Promise<Reply> {
    if (waiting.parked === undefined) return reply
    this.#session = open(this.#host)
    return reply.finally(() => this.#host.closeSession(waiting))
  }
}

/** A connection in this process; and the ways to a store that need none. */
export class InProcessDoor {
  readonly #host: Host
  /** That of `execute`; opened by its first call. */
  #session: Session | undefined
  /** Settles when those that wait for a remote store have run: what is called meanwhile runs after them. */
  #last: Promise<unknown> | undefined
  #placed: PlacedCalls | undefined

  constructor(host: Host) {
    this.#host = host
  }

  /**
   * Runs one command and returns its reply, or a promise of it if the command waits, and always with an upstream or a `store`
   * behind a network; those that follow do not wait for it, but are run after it where it waits for such a store. Text comes back
   * decoded as UTF-8.
   * @throws CommandError
   * @throws TypeError for an argument that is none
   */
  execute(...args: Argument[]): Plain | Promise<Plain> {
    const placed = this.#runPlaced(args, true, this.execute)
    if (placed !== undefined) return placed as Plain
    const reply = now(this.#host, this.#run(args))
    return reply instanceof Promise
      ? reply.then((late) => textOrThrow(late, textOrThrow))
      : textOrThrow(reply, this.execute)
  }

  /** `execute` for values that are not text: strings come back as Buffers. @throws as `execute` does */
  executeBuffer(...args: Argument[]): Plain<Buffer> | Promise<Plain<Buffer>> {
    const placed = this.#runPlaced(args, false, this.executeBuffer)
    if (placed !== undefined) return placed as Plain<Buffer>
    const reply = now(this.#host, this.#run(args))
    return reply instanceof Promise
      ? reply.then((late) => bufferOrThrow(late, bufferOrThrow))
      : bufferOrThrow(reply, this.executeBuffer)
  }

  /** Ends the connection. */
  close(): void {
    if (this.#session !== undefined) this.#host.closeSession(this.#session)
    this.#session = undefined
  }

  /** Answers `@upstash/redis`, apart from the connection. */
  request(request: UpstashRequest): Promise<UpstashResult | UpstashResult[]> {
    return answerSdk(this.#host, request)
  }

  /** Subscribes at once, apart from the connection. @throws CommandError, TypeError */
  subscribe(kind: 'subscribe' | 'psubscribe', names: readonly string[]): Messages {
    const queue = MessageQueue.open(this.#host, [kind, ...names.map((name, i) => bytesOf(name, i + 1))])
    if (queue instanceof ReplyError) throw new CommandError(toText(queue.text))
    const messages: Messages = {
      async next() {
        for (;;) {
          const push = await queue.next()
          if (push === undefined) return { done: true, value: undefined }
          const message = messageOf(push)
          if (message !== undefined) return { done: false, value: message }
        }
      },
      async return() {
        queue.closeAfterReply()
        return { done: true, value: undefined }
      },
      close: () => queue.closeAfterReply(),
      [Symbol.asyncIterator]: () => messages,
    }
    return messages
  }

  #runPlaced(args: readonly Argument[], asText: boolean, entry: Entry): Plain<string | Buffer> | undefined {
    if (this.#last !== undefined) return undefined
    const session = (this.#session ??= open(this.#host))
    return (this.#placed ??= new PlacedCalls(this.#host)).run(session, args, asText, entry)
  }

  #run(args: Argument[]): Reply | Promise<Reply> {
    for (let i = 0; i < args.length; i++) args[i] = bytesOf(args[i], i)
    const argv = args as Bytes[]
    return this.#last === undefined ? this.#runNow(argv) : this.#runBehind(this.#last, argv)
  }

  /** Behind a call that waits for a remote store, on the same session and as a rule in the same batch. */
  #runBehind(last: Promise<unknown>, argv: readonly Bytes[]): Promise<Reply> {
    const begun = last.then(() => {
      const reply = this.#runNow(argv)
      return { reply, last: this.#isHeld(reply) ? reply : undefined }
    })
    this.#keepOrder(begun.then(({ last }) => last))
    return begun.then(({ reply }) => reply)
  }

  #keepOrder(last: Promise<unknown>): void {
    const { engine, log } = this.#host
    this.#last = last
    const done = last.finally(() => {
      if (this.#last === last) this.#last = undefined
    })
    unawaited(done, engine.config, (message) => log('warning', message))
  }

  /** True while a call has not run, since it waits for a remote store. */
  #isHeld(reply: Reply | Promise<Reply>): reply is Promise<Reply> {
    return (
      reply instanceof Promise &&
      this.#host.engine.shared?.isRemote === true &&
      this.#session?.parked?.kind === 'paused'
    )
  }

  #runNow(argv: readonly Bytes[]): Reply | Promise<Reply> {
    const { engine } = this.#host
    const session = (this.#session ??= open(this.#host))
    const command = engine.resolve(argv)
    if (command instanceof ReplyError) return engine.execute(session, argv)
    if (command.flags & Flag.Blocking && !(session.gate & OCCUPIED)) return this.#runApart(session, command, argv)
    const reply = engine.executeResolved(session, command, argv)
    if (!(reply instanceof Promise)) return reply
    if (!this.#isHeld(reply)) return this.#leaveWaiting(session, reply)
    this.#keepOrder(reply)
    return reply
  }

  /** What may wait does so in a session like this one, which goes on with the calls to come. */
  #runApart(session: Session, command: Command, argv: readonly Bytes[]): Reply | Promise<Reply> {
    const apart = openLike(this.#host, session)
    const reply = this.#host.engine.executeResolved(apart, command, argv)
    const end = (): void => this.#host.closeSession(apart)
    if (reply instanceof Promise) return reply.finally(end)
    end()
    return reply
  }

  /** It waits although that was not to be told before. */
  #leaveWaiting(waiting: Session, reply: Promise<Reply>): Promise<Reply> {
    if (waiting.parked === undefined) return reply
    this.#session = openLike(this.#host, waiting)
    return reply.finally(() => this.#host.closeSession(waiting))
  }
}

/** In these states nothing waits: it is queued, or refused. */
const OCCUPIED = Gate.Multi | Gate.Subscriber | Gate.Monitor

/** What a call returns: with another server or a remote store behind it always a promise, whoever has answered. */
function now(host: Host, reply: Reply | Promise<Reply>): Reply | Promise<Reply> {
  const { backend, shared } = host.engine
  if (backend !== undefined) return Promise.resolve(reply)
  if (shared?.isRemote) return Promise.resolve(onceSafe(host, reply))
  return safeNow(host, reply)
}

function open(host: Host): Session {
  return host.openSession('inprocess', NOBODY, '', '')
}

/** Another session of the same client. What it watches, tracks and subscribes to stays with the first. */
function openLike(host: Host, session: Session): Session {
  const other = open(host)
  other.db = session.db
  other.proto = session.proto
  other.user = session.user
  other.isAuthenticated = session.isAuthenticated
  other.gate = session.gate & (Gate.Restricted | Gate.Unauthenticated)
  other.name = session.name
  other.libName = session.libName
  other.libVersion = session.libVersion
  other.noTouch = session.noTouch
  other.noEvict = session.noEvict
  if (session.replyMode === ReplyMode.Off) other.replyMode = ReplyMode.Off
  return other
}

function messageOf({ items }: Push): Message | undefined {
  const [kind, ...rest] = items.map((item) => (typeof item === 'string' ? toText(item) : ''))
  if (kind === 'message') return { channel: rest[0], message: rest[1] }
  return kind === 'pmessage' ? { pattern: rest[0], channel: rest[1], message: rest[2] } : undefined
}
