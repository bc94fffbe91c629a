/**
 * The door for code in the same process: no socket, no JSON, and for `execute` not even a promise unless the command
 * waits. Only plain JavaScript values cross it, so callers may live in another copy of these modules than the store does
 * (Next bundles each route by itself).
 *
 * `execute` speaks as one connection: SELECT and MULTI hold for the calls that follow. `request` is what
 * `@upstash/redis` asks of a requester; each call stands alone there, and Upstash's ways hold, as over HTTP.
 */

import { type Bytes, fromArray, fromText, toArray, toText } from '../base/bytes.ts'
import { REST_STREAM } from '../base/errors.ts'
import { formatDouble, Kind, type Push, type Reply, ReplyError, type TaggedReply } from '../base/reply.ts'
import { unawaited } from '../base/unawaited.ts'
import type { RestCall } from '../protocol/rest.ts'
import type { Session } from '../session/session.ts'
import { type Caller, runCall } from './calls.ts'
import { MessageQueue } from './messages.ts'
import type { Host } from './resp.ts'
import { textOf } from './sse.ts'

/** What an argument may be: text is sent as UTF-8, an array as its bytes. */
export type Argument = string | number | bigint | boolean | null | Uint8Array

/** A reply in JavaScript's own values: text, or Buffers where asked for; 64-bit integers past 2^53 are bigints. */
export type Plain<Text = string> = Text | number | bigint | null | CommandError | Plain<Text>[]

/** A command that failed. Thrown; inside an array (EXEC) it is a value. */
export class CommandError extends Error {
  override readonly name = 'ReplyError'
}

/** What `@upstash/redis` hands to its requester. */
export interface UpstashRequest {
  readonly path?: readonly string[]
  readonly body?: unknown
  /** Takes what a subscription hears, as the data of an event. */
  readonly onMessage?: ((data: string) => void) | undefined
  /** Ends a subscription. */
  readonly signal?: AbortSignal | (() => AbortSignal) | undefined
}

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

export interface UpstashResult {
  readonly result?: unknown
  readonly error?: string
}

const NOBODY: Caller = {
  addr: '',
  laddr: '',
  inputBytes: 0,
  outputBytes: 0,
  push() {},
  closeAfterReply() {},
  close() {},
  whenGone() {},
}

export class InProcessDoor {
  readonly #host: Host
  /** That of `execute`; opened by its first call. */
  #session: Session | undefined

  constructor(host: Host) {
    this.#host = host
  }

  /**
   * Runs one command and returns its reply, or a promise of it if the command waits. Text comes back decoded as UTF-8.
   * @throws CommandError
   */
  execute(...args: Argument[]): Plain | Promise<Plain> {
    const reply = this.#run(args)
    return reply instanceof Promise ? reply.then(textOrThrow) : textOrThrow(reply)
  }

  /** `execute` for values that are not text: strings come back as Buffers. @throws CommandError */
  executeBuffer(...args: Argument[]): Plain<Buffer> | Promise<Plain<Buffer>> {
    const reply = this.#run(args)
    return reply instanceof Promise ? reply.then(bufferOrThrow) : bufferOrThrow(reply)
  }

  /** Ends the session of `execute`. */
  close(): void {
    if (this.#session !== undefined) this.#host.closeSession(this.#session)
    this.#session = undefined
  }

  /** Answers `@upstash/redis`: a list for what is a pipeline, and one error for a transaction that was discarded. */
  async request({ path, body, onMessage, signal }: UpstashRequest): Promise<UpstashResult | UpstashResult[]> {
    const name = path?.[0]
    if (name !== undefined && name !== 'pipeline' && name !== 'multi-exec')
      return this.#stream(path!, onMessage, signal)
    const call = name === undefined ? commandCall(body) : pipelineCall(body, name)
    const replies = (await runCall(this.#host, 'inprocess', undefined, NOBODY, call)) as Reply
    if (replies instanceof ReplyError) {
      return { error: `${toText(replies.text)}, command was: ${JSON.stringify(body)}` }
    }
    return name === undefined ? { result: upstashValue(replies) } : (replies as readonly Reply[]).map(upstashItem)
  }

  /** Subscribes at once. @throws CommandError */
  subscribe(kind: 'subscribe' | 'psubscribe', names: readonly string[]): Messages {
    const queue = MessageQueue.open(this.#host, [kind, ...names.map(fromText)])
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

  /** What the SDK's subscribe and psubscribe ask for. */
  #stream(
    path: readonly string[],
    onMessage: UpstashRequest['onMessage'],
    signal: UpstashRequest['signal'],
  ): UpstashResult {
    const [name, ...rest] = path
    if (name !== 'subscribe' && name !== 'psubscribe') return { error: REST_STREAM.text }
    const queue = MessageQueue.open(this.#host, [name, ...rest.map(fromText)])
    if (queue instanceof ReplyError) return { error: toText(queue.text) }
    const ended = typeof signal === 'function' ? signal() : signal
    if (ended?.aborted) queue.closeAfterReply()
    ended?.addEventListener('abort', () => queue.closeAfterReply(), { once: true })
    unawaited(this.#pass(queue, onMessage, ended), (message) => this.#host.log('warning', message))
    return { result: 1 }
  }

  async #pass(
    queue: MessageQueue,
    onMessage: UpstashRequest['onMessage'],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      for (;;) {
        const push = await queue.next()
        if (push === undefined || signal?.aborted) return
        onMessage?.(toText(textOf(push)))
      }
    } catch (error) {
      // The SDK has no way to be told.
      this.#host.log('warning', `Subscription: ${error instanceof Error ? error.message : error}`)
      queue.closeAfterReply()
    }
  }

  #run(args: Argument[]): Reply | Promise<Reply> {
    for (let i = 0; i < args.length; i++) args[i] = bytesOf(args[i])
    const session = (this.#session ??= this.#host.openSession('inprocess', NOBODY, '', ''))
    const reply = this.#host.engine.execute(session, args as Bytes[])
    return reply instanceof Promise ? this.#leaveWaiting(session, reply) : reply
  }

  /** A session waits in one command at a time: the calls to come get one of their own, which looks at the same database. */
  #leaveWaiting(waiting: Session, reply: Promise<Reply>): Promise<Reply> {
    this.#session = this.#host.openSession('inprocess', NOBODY, '', '')
    this.#session.db = waiting.db
    return reply.finally(() => this.#host.closeSession(waiting))
  }
}

function messageOf({ items }: Push): Message | undefined {
  const [kind, ...rest] = items.map((item) => (typeof item === 'string' ? toText(item) : ''))
  if (kind === 'message') return { channel: rest[0], message: rest[1] }
  return kind === 'pmessage' ? { pattern: rest[0], channel: rest[1], message: rest[2] } : undefined
}

function commandCall(body: unknown): RestCall {
  return { kind: 'command', commands: [(body as readonly unknown[]).map(jsonBytesOf)], format: 'json' }
}

function pipelineCall(body: unknown, name: 'pipeline' | 'multi-exec'): RestCall {
  const commands = (body as readonly (readonly unknown[])[]).map((command) => command.map(jsonBytesOf))
  return { kind: name === 'pipeline' ? 'pipeline' : 'transaction', commands, format: 'json' }
}

/** An argument as it would have arrived in JSON, where undefined and NaN are null. */
function jsonBytesOf(argument: unknown): Bytes {
  if (argument === undefined || (typeof argument === 'number' && !Number.isFinite(argument))) return 'null'
  return bytesOf(argument)
}

function bytesOf(argument: unknown): Bytes {
  if (typeof argument === 'string') return fromText(argument)
  return argument instanceof Uint8Array ? fromArray(argument) : '' + argument
}

function textOrThrow(reply: Reply): Plain {
  if (typeof reply === 'string') return toText(reply)
  const plain = toPlain(reply, toText)
  if (plain instanceof CommandError) throw plain
  return plain
}

function bufferOrThrow(reply: Reply): Plain<Buffer> {
  const plain = toPlain(reply, toArray)
  if (plain instanceof CommandError) throw plain
  return plain
}

function toPlain<Text>(reply: Reply, decode: (bytes: Bytes) => Text): Plain<Text> {
  if (typeof reply === 'string') return decode(reply)
  if (typeof reply === 'boolean') return reply ? 1 : 0
  if (typeof reply !== 'object' || reply === null) return reply
  if (Array.isArray(reply)) return reply.map((item) => toPlain(item, decode))
  const tagged = reply as TaggedReply
  switch (tagged.kind) {
    case Kind.Status:
    case Kind.Verbatim:
      return decode(tagged.text)
    case Kind.Error:
      return new CommandError(toText(tagged.text))
    case Kind.Double:
      return decode(tagged.text ?? formatDouble(tagged.value))
    case Kind.BigNumber:
      return decode(tagged.digits)
    case Kind.Map:
      return tagged.flat.map((item) => toPlain(item, decode))
    case Kind.Set:
    case Kind.Push:
    case Kind.Sequence:
      return tagged.items.map((item) => toPlain(item, decode))
    case Kind.Attributed:
      return toPlain(tagged.reply, decode)
    case Kind.NullArray:
    case Kind.NoReply:
      return null
  }
}

function upstashItem(reply: Reply): UpstashResult {
  return reply instanceof ReplyError ? { error: toText(reply.text) } : { result: upstashValue(reply) }
}

/** A result as the SDK gets it from JSON: every integer a number, a nested error an object. */
function upstashValue(reply: Reply): unknown {
  if (typeof reply === 'string') return toText(reply)
  return jsonValue(toPlain(reply, toText))
}

function jsonValue(plain: Plain): unknown {
  if (typeof plain === 'bigint') return Number(plain)
  if (plain instanceof CommandError) return { error: plain.message }
  return Array.isArray(plain) ? plain.map(jsonValue) : plain
}
