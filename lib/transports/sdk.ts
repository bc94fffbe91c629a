/**
 * What `@upstash/redis` asks of a requester, answered in this process: no URL, no token, no JSON. Each request stands alone, and
 * Upstash's ways hold, as over HTTP. A body is what would have been sent as JSON; bytes are taken as they are.
 */
import { type Bytes, fromText, toText } from '../base/bytes.ts'
import { REST_COMMAND, REST_PIPELINE, REST_STREAM } from '../base/errors.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import { unawaited } from '../base/unawaited.ts'
import type { RestCall } from '../protocol/rest.ts'
import { runCall } from './calls.ts'
import type { Host } from './host.ts'
import { MessageQueue } from './messages.ts'
import { NOBODY } from './nobody.ts'
import { textOf } from './sse.ts'
import { bytesOf, CommandError, type Plain, toPlain } from './values.ts'

/** What `@upstash/redis` hands to its requester. */
export interface UpstashRequest {
  readonly path?: readonly string[]
  readonly body?: unknown
  /** Takes what a subscription hears, as the data of an event. */
  readonly onMessage?: ((data: string) => void) | undefined
  /** Ends a subscription. */
  readonly signal?: AbortSignal | (() => AbortSignal) | undefined
}

export interface UpstashResult {
  readonly result?: unknown
  readonly error?: string
}

/** A list for what is a pipeline, and one error for a transaction that was discarded. */
export async function answerSdk(host: Host, request: UpstashRequest): Promise<UpstashResult | UpstashResult[]> {
  const { path, body } = request
  const name = path?.[0]
  if (name !== undefined && name !== 'pipeline' && name !== 'multi-exec') return stream(host, request)
  const call = name === undefined ? commandCall(body) : pipelineCall(body, name)
  const replies =
    call instanceof ReplyError ? call : ((await runCall(host, 'inprocess', undefined, NOBODY, call)) as Reply)
  if (replies instanceof ReplyError) {
    return { error: `${toText(replies.text)}, command was: ${JSON.stringify(body)}` }
  }
  return name === undefined ? { result: upstashValue(replies) } : (replies as readonly Reply[]).map(upstashItem)
}

/** What the SDK's subscribe and psubscribe ask for. */
function stream(host: Host, { path, onMessage, signal }: UpstashRequest): UpstashResult {
  const [name, ...rest] = path!
  if (name !== 'subscribe' && name !== 'psubscribe') return { error: REST_STREAM.text }
  const queue = MessageQueue.open(host, [name, ...rest.map(fromText)])
  if (queue instanceof ReplyError) return { error: toText(queue.text) }
  const ended = typeof signal === 'function' ? signal() : signal
  if (ended?.aborted) queue.closeAfterReply()
  ended?.addEventListener('abort', () => queue.closeAfterReply(), { once: true })
  unawaited(pass(host, queue, onMessage, ended), host.engine.config, (message) => host.log('warning', message))
  return { result: 1 }
}

async function pass(
  host: Host,
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
    host.log('warning', `Subscription: ${error instanceof Error ? error.message : error}`)
    queue.closeAfterReply()
  }
}

function commandCall(body: unknown): RestCall | ReplyError {
  const argv = argvOf(body)
  return argv === undefined ? REST_COMMAND : { kind: 'command', commands: [argv], format: 'json' }
}

function pipelineCall(body: unknown, name: 'pipeline' | 'multi-exec'): RestCall | ReplyError {
  if (!Array.isArray(body)) return REST_PIPELINE
  const commands: Bytes[][] = []
  for (const command of body) {
    const argv = argvOf(command)
    if (argv === undefined) return REST_PIPELINE
    commands.push(argv)
  }
  return { kind: name === 'pipeline' ? 'pipeline' : 'transaction', commands, format: 'json' }
}

/** A command as it would have arrived in JSON, where undefined and NaN are null; undefined for what holds more than values. */
function argvOf(command: unknown): Bytes[] | undefined {
  if (!Array.isArray(command)) return undefined
  try {
    return command.map((argument, i) => (isNull(argument) ? 'null' : bytesOf(argument, i)))
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

function isNull(argument: unknown): boolean {
  return (
    argument === undefined ||
    typeof argument === 'function' ||
    typeof argument === 'symbol' ||
    (typeof argument === 'number' && !Number.isFinite(argument))
  )
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
