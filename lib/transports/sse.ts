/**
 * Server-Sent Events over REST: one SUBSCRIBE, PSUBSCRIBE or MONITOR whose pushes leave as events for as long as the reader
 * stays. Under every host the same; the host gives the sink. `@upstash/redis` and a page's EventSource read it.
 *
 *     data: subscribe,chat,1
 *     data: message,chat,hello
 *
 * Each event is one `data:` line, or several where the message has lines of its own: EventSource joins them again. Bytes
 * leave as they are, never in base64, since the SDK does not look for it. A comment every `HEARTBEAT_MS` keeps hosts from
 * cutting a stream on which nothing happens. A reader that does not read is cut by the output limit of subscribers;
 * `sse-max-duration` ends a stream in good order before the host's time is over. All events of one turn of the event loop
 * leave in one write.
 */

import { type Bytes, fromArray, MAX_BYTES } from '../base/bytes.ts'
import { MAX_CLIENTS, REST_STREAMS, REST_UNAUTHORIZED } from '../base/errors.ts'
import { Kind, type Reply, ReplyError, type TaggedReply } from '../base/reply.ts'
import { immediately } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import { weightOf } from '../protocol/long.ts'
import type { StreamBody, StreamSink } from '../protocol/rest.ts'

import type { Pass } from '../session/pass.ts'

import type { Link, Session } from '../session/session.ts'
import type { Caller } from './calls.ts'
import type { Host } from './host.ts'
import { OutputLimit } from './outputlimit.ts'

const HEARTBEAT_MS = 10_000
const HEARTBEAT = ': ping\n\n'

/** Events up to this length are kept for the next reader of the same message. */
const SHARED_BYTES = 64 * 1024

/** Of what is longer no event is made: its reader is cut. */
const EVENT_MAX = MAX_BYTES / 2

/** Gathered text that does not wait for the end of the turn. */
const LONG_BYTES = 16 * 1024

/** Streams with events to send. */
let unflushed: EventStream[] = []

function flushAll(): void {
  const streams = unflushed
  unflushed = []
  for (const stream of streams) stream.flush()
}

/** The last message and its event: one message goes to many readers. */
let shared: { readonly reply: Reply; readonly event: Bytes } = { reply: null, event: '' }

export class EventStream implements Link, StreamBody {
  readonly session: Session
  readonly inputBytes = 0
  readonly #host: Host
  readonly #outputLimit: OutputLimit
  #sink: StreamSink | undefined
  /** Events that were not given to the sink yet; before there is one, all of them. */
  #text = ''
  #flushing = false
  /** Given to the gate, which has not let it out. */
  #heldBytes = 0
  #closed = false
  #isCut = false
  readonly #leave: () => void
  #cancelHeartbeat: (() => void) | undefined
  #cancelEnd: (() => void) | undefined

  private constructor(host: Host, pass: Pass, { addr, laddr }: Caller) {
    this.#host = host
    this.#leave = host.streams.open(pass.user)
    this.session = host.openSession('rest', this, addr, laddr, pass)
    this.#outputLimit = new OutputLimit(host, this.session, () => this.close(), 'pubsub')
  }

  /** Runs the command whose pushes are to be streamed; its error, if it has one. */
  static open(
    host: Host,
    pass: Pass,
    caller: Caller,
    argv: readonly Bytes[],
  ): EventStream | ReplyError | Promise<EventStream | ReplyError> {
    const { engine } = host
    if (!pass.holds) return REST_UNAUTHORIZED
    if (host.streams.isFull(pass.user)) return REST_STREAMS
    if (engine.ports.connections.clients.size >= engine.config.maxclients) {
      engine.stats.rejectedConnections++
      return MAX_CLIENTS
    }
    const stream = new EventStream(host, pass, caller)
    const reply = engine.execute(stream.session, argv)
    if (reply instanceof ReplyError) {
      stream.closed()
      return reply
    }
    if (reply instanceof Promise && engine.backend !== undefined) {
      caller.whenGone(() => stream.closed())
      return reply.then((late) => stream.#begin(late))
    }
    if (reply instanceof Promise)
      // CLIENT PAUSE holds it back.
      unawaited(
        reply.then((late) => stream.push(late)),
        engine.config,
        (message) => host.log('warning', message),
      )
    else stream.push(reply)
    caller.whenGone(() => stream.closed())
    return stream
  }

  /** Another server has answered: the stream, or its error. */
  #begin(reply: Reply): EventStream | ReplyError {
    if (reply instanceof ReplyError) {
      this.closed()
      return reply
    }
    this.push(reply)
    return this
  }

  get outputBytes(): number {
    return this.#text.length + this.#heldBytes + (this.#sink?.unsentBytes ?? 0)
  }

  start(sink: StreamSink): void {
    if (this.#closed) {
      sink.end()
      return
    }
    this.#sink = sink
    if (this.#text === '') this.#text = HEARTBEAT
    this.#send()
    const { clock, config } = this.#host.engine
    this.#heartbeatLater()
    const seconds = config['sse-max-duration']
    if (seconds !== 0) this.#cancelEnd = clock.after(seconds * 1000, () => this.closeAfterReply(), true)
  }

  push(reply: Reply): void {
    if (this.#closed) return
    const tagged = typeof reply === 'object' && reply !== null && 'kind' in reply ? (reply as TaggedReply) : undefined
    if (tagged?.kind === Kind.Sequence) for (const each of tagged.items) this.push(each)
    else if (tagged?.kind !== Kind.NoReply) {
      const bytes = weightOf(reply)
      if (bytes > SHARED_BYTES && this.#outputLimit.cutsFor(bytes)) return
      const event = bytes > EVENT_MAX ? undefined : eventOf(reply)
      if (event === undefined) this.close()
      else this.#write(event)
    }
  }

  closeAfterReply(): void {
    if (this.#closed) return
    this.#send()
    const sink = this.#sink
    const { gate } = this.#host
    this.#end()
    if (gate.isShut) gate.whenSafe(() => this.#isCut || sink?.end())
    else sink?.end()
  }

  close(): void {
    const sink = this.#sink
    this.closed()
    sink?.destroy()
  }

  /** The reader is gone. */
  closed(): void {
    this.#isCut = true
    this.#end()
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#cancelHeartbeat?.()
    this.#cancelEnd?.()
    this.#outputLimit.stop()
    this.#leave()
    this.#host.closeSession(this.session)
  }

  #write(part: Bytes): void {
    this.#text += part
    if (this.#sink === undefined) return
    if (this.#text.length > LONG_BYTES) this.#send()
    if (this.#flushing) return
    this.#flushing = true
    if (unflushed.push(this) === 1) immediately(flushAll)
  }

  /** Sends the events of this turn. */
  flush(): void {
    this.#flushing = false
    this.#send()
  }

  #send(): void {
    const text = this.#text
    if (this.#closed || this.#sink === undefined || text === '') return
    this.#text = ''
    this.session.netOutputBytes += text.length
    this.#host.engine.stats.sent(text.length)
    const { gate } = this.#host
    if (gate.isShut) this.#hold(this.#sink, text)
    else if (!this.#sink.write(text)) this.#outputLimit.enforce()
  }

  #hold(sink: StreamSink, text: Bytes): void {
    this.#heldBytes += text.length
    this.#outputLimit.enforce()
    this.#host.gate.whenSafe(() => {
      this.#heldBytes -= text.length
      if (!this.#isCut && !sink.write(text) && !this.#closed) this.#outputLimit.enforce()
    })
  }

  #heartbeatLater(): void {
    const beat = (): void => {
      this.#write(HEARTBEAT)
      if (!this.#closed) this.#heartbeatLater()
    }
    this.#cancelHeartbeat = this.#host.engine.clock.after(HEARTBEAT_MS, beat, true)
  }
}

/** A push as an event: its items between commas; a line of MONITOR as it is. */
function eventOf(reply: Reply): Bytes | undefined {
  if (reply === shared.reply) return shared.event
  const text = textOf(reply)
  const lines = /[\r\n]/.test(text) ? withDataLines(text) : text
  if (lines === undefined) return undefined
  const event = `data: ${lines}\n\n`
  if (event.length <= SHARED_BYTES) shared = { reply, event }
  return event
}

/**
 * A text of several lines, each behind the first as a line of data. Written byte by byte: split up, 10 MB of line ends would take
 * seconds and a gigabyte. Undefined if it would be too long.
 */
function withDataLines(text: Bytes): Bytes | undefined {
  let breaks = 0
  for (let i = 0; i < text.length; i++) if (isBreak(text, i)) breaks++
  const length = text.length + breaks * DATA_LINE.length
  if (length > EVENT_MAX) return undefined
  const array = new Uint8Array(length)
  let at = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code !== 13 && code !== 10) array[at++] = code
    else if (isBreak(text, i)) for (const byte of DATA_LINE) array[at++] = byte
  }
  return fromArray(array.subarray(0, at))
}

const DATA_LINE = [...'\ndata: '].map((letter) => letter.charCodeAt(0))

/** True where a line ends: at CR, at LF, and once where one follows the other. */
function isBreak(text: Bytes, i: number): boolean {
  const code = text.charCodeAt(i)
  return code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)
}

/** What an event says: the items of a push between commas. */
export function textOf(reply: Reply): Bytes {
  if (typeof reply !== 'object' || reply === null) return '' + reply
  if (Array.isArray(reply)) return reply.join(',')
  const tagged = reply as TaggedReply
  if (tagged.kind === Kind.Push) return tagged.items.join(',')
  if (tagged.kind === Kind.Status) return tagged.text === 'OK' ? '"OK"' : tagged.text
  return tagged.kind === Kind.Error ? tagged.text : ''
}
