/**
 * The JSON mode of the WebSocket door, for pages: no RESP to write or parse. Every text frame is one JSON document.
 *
 *     client: ["SET","k","v"]               server: {"result":"OK"}
 *     client: ["INCR","k"]                  server: {"error":"ERR value is not an integer or out of range"}
 *     client: ["SUBSCRIBE","a","b"]         server: {"push":["subscribe","a",1]}
 *                                                   {"push":["subscribe","b",2]}
 *     somebody publishes to a               server: {"push":["message","a","hello"]}
 *     a command runs, after ["MONITOR"]     server: {"push":["1700000000.123000 [0 127.0.0.1:5000] \"GET\" \"k\""]}
 *
 * One `result` or `error` for each command, in the order of the commands; what answers with pushes (SUBSCRIBE and its
 * kin) has no result. Values have the shapes that they have over REST. A session speaks RESP3 within, so that any command
 * may be sent while it is subscribed. A frame that holds no command gets an error, and the connection stays.
 */
import type { Bytes } from '../base/bytes.ts'
import { EMPTY_COMMAND, REST_COMMAND } from '../base/errors.ts'
import { Kind, NO_REPLY, Push, type Reply, type TaggedReply } from '../base/reply.ts'
import { immediately } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import { sharedTextOf } from '../keyspace/values/string.ts'
import { JsonEncoder, parseCommand } from '../protocol/json.ts'
import { JsonReader } from '../protocol/jsonreader.ts'
import { isLong, weightOf } from '../protocol/long.ts'
import { LONG_BODY_BYTES } from '../protocol/rest.ts'
import type { TextVisitor } from '../session/longtexts.ts'
import type { Pass } from '../session/pass.ts'
import { type Buffers, Gate, type Link, type Session } from '../session/session.ts'
import type { Host } from './host.ts'
import { OutputLimit } from './outputlimit.ts'
import { Stop } from './stop.ts'
import { TurnShare } from './turn.ts'
import type { Wire } from './wire.ts'

/** A wire of whole messages: one that goes on in the next part is not the `last`. */
export interface MessageWire extends Wire {
  write(part: Bytes, last?: boolean): boolean
}

/** Bytes behind the gate from which on no further commands are taken. */
const HELD_MAX = 64 * 1024

/** The last push and its text: one message goes to many pages. */
let shared: { readonly push: Push | undefined; readonly text: Bytes } = { push: undefined, text: '' }

export class JsonConnection implements Link {
  readonly session: Session
  readonly #host: Host
  readonly #wire: MessageWire
  readonly #share: TurnShare
  readonly #encoder = new JsonEncoder(false)
  readonly #outputLimit: OutputLimit
  /** Messages that wait for their turn, and their bytes. */
  #messages: Buffer[] = []
  inputBytes = 0
  #waiting = false
  /** OR of `Stop` bits, as in RespConnection. */
  #stops = 0
  #endHold: (() => void) | undefined
  /** The long message that leaves part by part, and about how much is left of it. */
  #leaving: Iterator<Bytes, void> | undefined
  #leavingBytes = 0
  #leavingWeight = 0
  /** Of the last command: the key whose value may be what leaves. */
  #longKey: Bytes | undefined
  #isOnItsWay = false
  /** What was answered and pushed since. */
  #behind: Reply[] = []
  #behindBytes = 0
  #endsWhenSent = false
  /** Given to the gate, which has not let it out. */
  #heldBytes = 0
  /** What was answered while the client is held. */
  #late: Reply | undefined
  #closing = false
  #closed = false

  constructor(host: Host, wire: MessageWire, addr: Bytes, laddr: Bytes, pass: Pass | undefined) {
    this.#host = host
    this.#wire = wire
    this.#share = new TurnShare(host.turn)
    this.session = host.openSession('websocket', this, addr, laddr, pass)
    this.session.proto = 3
    this.#outputLimit = new OutputLimit(host, this.session, () => this.close())
  }

  get outputBytes(): number {
    return this.#closed ? 0 : this.#wire.unsentBytes + this.#leavingBytes + this.#behindBytes + this.#heldBytes
  }

  get retainedBytes(): number {
    return this.#closed ? 0 : this.#leavingWeight - this.#leavingBytes
  }

  visitTexts(visit: TextVisitor): void {
    const { longText } = this.#encoder
    if (longText === '') return
    const key = this.#longKey
    const stored = key === undefined ? undefined : sharedTextOf(this.session.db.storedValue(key))
    this.#encoder.longText = visit(longText, longText.length, stored)
  }

  /** An answer is a frame, which is passed on at once. */
  buffers(): Buffers {
    const waitingParts = this.#wire.unsentBytes === 0 ? 0 : 1
    const none = { replyMax: 0, replyPeak: 0, replyBytes: 0 }
    return { fd: this.#wire.fd ?? -1, queryBytes: this.inputBytes, ...none, waitingParts }
  }

  /** The next frame. */
  receive(message: Buffer): void {
    if (this.#closing) return
    const { engine } = this.#host
    if (this.#share.isOver && this.#stops === 0) this.#giveWay()
    this.session.netInputBytes += message.length
    engine.stats.received(message.length)
    this.#messages.push(message)
    this.inputBytes += message.length
    if (!this.#waiting && this.#stops === 0) this.#serve()
    const { clientMemory } = engine.ports.connections
    if (clientMemory.concerns(this.session, this.inputBytes)) clientMemory.note(this.session)
    const held = this.inputBytes + (this.session.transaction?.bytes ?? 0)
    if (held > engine.config['client-query-buffer-limit'] && !this.#closing) {
      engine.stats.queryBufferDisconnections++
      this.close()
    }
  }

  drained(): void {
    if (this.#leaving === undefined) this.#goOn(Stop.Unread)
    else this.#sendSoon()
  }

  /** Lets others have their turn before the messages that have come. */
  #giveWay(): void {
    this.#stops |= Stop.Slice
    this.#wire.pause()
    this.#host.turn.later(() => this.#goOn(Stop.Slice))
  }

  #goOn(stop: number): void {
    if (!(this.#stops & stop) || this.#closed) return
    this.#stops &= ~stop
    if (this.#stops !== 0) return
    this.#wire.resume()
    if (!this.#waiting) this.#serve()
  }

  hold(ms: number): void {
    if (this.isHeld) return
    this.#stops |= Stop.Held
    this.#wire.pause()
    const end = (): void => {
      this.closeAfterReply()
      this.#wire.resume()
    }
    this.#endHold = this.#host.engine.clock.after(ms, end, true)
  }

  get isHeld(): boolean {
    return (this.#stops & Stop.Held) !== 0
  }

  closed(): void {
    this.#closed = true
    this.#closing = true
    this.#outputLimit.stop()
    this.#endHold?.()
    this.#host.closeSession(this.session)
  }

  push(reply: Reply): void {
    if (this.#closing) return
    const isPush = typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === Kind.Push
    this.#send(isPush ? reply : new Push([reply]))
  }

  closeAfterReply(): void {
    if (this.#late !== undefined) this.#send(this.#late)
    this.#late = undefined
    this.#closing = true
    // The reply to the very command that asks for the end is still to come.
    immediately(() => {
      if (this.#leaving !== undefined) this.#endsWhenSent = true
      else this.#endSafely()
    })
  }

  #endSafely(): void {
    const { gate } = this.#host
    if (gate.isShut) gate.whenSafe(() => this.#closed || this.#wire.end())
    else if (!this.#closed) this.#wire.end()
  }

  close(): void {
    this.#closing = true
    this.#closed = true
    this.#wire.destroy()
  }

  #serve(): void {
    const { engine } = this.#host
    let served = 0
    engine.beginBatch()
    while (!this.#closing && this.#stops === 0 && served < this.#messages.length) {
      const message = this.#messages[served++]
      this.inputBytes -= message.length
      const reply = this.#run(message)
      if (reply instanceof Promise) {
        this.#waitFor(reply)
        break
      }
      if (this.isHeld) this.#late = reply
      else this.#send(reply)
      if (engine.stopwatch.isSliceOver) this.#giveWay()
    }
    engine.endBatch()
    this.#messages = served === this.#messages.length ? [] : this.#messages.slice(served)
  }

  #run(message: Buffer): Reply | Promise<Reply> {
    if (message.length < LONG_BODY_BYTES) return this.#execute(parseCommand(message.latin1Slice(0, message.length)))
    const reader = new JsonReader(message, 1)
    const isRead = reader.check() && (!reader.isRight || reader.advance())
    return isRead ? this.#execute(reader.isRight ? reader.command : undefined) : this.#read(reader, message.length)
  }

  /** Goes on reading a long message. */
  async #read(reader: JsonReader, length: number): Promise<Reply> {
    this.inputBytes += length
    for (;;) {
      await new Promise<void>(immediately)
      if (this.#closed) return NO_REPLY
      if (!reader.check() || (reader.isRight && !reader.advance())) continue
      this.inputBytes -= length
      return this.#execute(reader.isRight ? reader.command : undefined)
    }
  }

  #execute(argv: readonly Bytes[] | undefined): Reply | Promise<Reply> {
    if (argv === undefined) return REST_COMMAND
    if (argv.length === 0) return EMPTY_COMMAND
    const { engine } = this.#host
    const { session } = this
    this.#longKey = argv[1]
    const reply = engine.execute(session, argv)
    session.proto = 3
    return reply
  }

  #waitFor(pending: Promise<Reply>): void {
    this.#waiting = true
    const answered = pending.then((reply) => {
      this.#waiting = false
      if (this.#closed) return
      if (this.isHeld) this.#late = reply
      else this.#send(reply)
      this.#serve()
    })
    unawaited(answered, this.#host.engine.config, (message) => {
      this.#host.log('warning', message)
      this.close()
    })
  }

  /** One reply or push, as one message. What comes behind one that is still leaving waits. */
  #send(reply: Reply): void {
    if (this.#closed) return
    if (this.#leaving !== undefined) {
      this.#behind.push(reply)
      this.#behindBytes += weightOf(reply)
      this.#outputLimit.enforce()
      return
    }
    const tagged = typeof reply === 'object' && reply !== null && 'kind' in reply ? (reply as TaggedReply) : undefined
    if (tagged?.kind === Kind.NoReply) return
    if (tagged?.kind === Kind.Sequence) {
      for (const each of tagged.items) this.#send(each)
      return
    }
    if (tagged?.kind === Kind.Push && tagged === shared.push) {
      this.#write(shared.text, true)
      return
    }
    if (isLong(reply)) {
      this.#leaving = this.#encoder.long(reply)
      this.#leavingBytes = this.#leavingWeight = weightOf(reply)
      this.#stop()
      this.#sendOn()
      if (this.#leaving !== undefined) this.#outputLimit.enforce()
      return
    }
    if (tagged?.kind === Kind.Push) this.#encoder.push(tagged.items)
    else this.#encoder.outcome(reply)
    const text = this.#encoder.take()
    this.#write(text, true)
    if (tagged?.kind === Kind.Push) shared = { push: tagged, text }
  }

  /** Sends the next part of a long message; the one after it when the client has taken that, and others have had their turn. */
  #sendOn(): void {
    this.#isOnItsWay = false
    if (this.#closed || this.#leaving === undefined) return
    const { done, value = '' } = this.#leaving.next()
    if (!done) {
      this.#leavingBytes = Math.max(this.#leavingBytes - value.length, 0)
      if (this.#write(value, false)) this.#sendSoon()
      return
    }
    this.#leaving = undefined
    this.#leavingBytes = this.#leavingWeight = 0
    const isTaken = this.#write(this.#encoder.take(), true)
    const behind = this.#behind
    this.#behind = []
    this.#behindBytes = 0
    for (const reply of behind) this.#send(reply)
    if (this.#leaving !== undefined || this.#closed) return
    if (this.#endsWhenSent) this.#endSafely()
    else if (isTaken) this.drained()
  }

  #sendSoon(): void {
    if (this.#isOnItsWay) return
    this.#isOnItsWay = true
    immediately(() => this.#sendOn())
  }

  /** True if the client takes more at once. */
  #write(part: Bytes, last: boolean): boolean {
    if (this.#closed) return false
    this.session.netOutputBytes += part.length
    this.#host.engine.stats.sent(part.length)
    const likesMore = this.#host.gate.isShut ? this.#hold(part, last) : this.#wire.write(part, last)
    if (likesMore && !(this.session.gate & Gate.Unauthenticated)) return true
    this.#outputLimit.enforce()
    if (!likesMore && !this.#closed) this.#stop()
    return likesMore
  }

  /** The wire tells when it has drained, once it has got it. */
  #hold(part: Bytes, last: boolean): boolean {
    this.#heldBytes += part.length
    this.#host.gate.whenSafe(() => {
      this.#heldBytes -= part.length
      if (!this.#closed) this.#wire.write(part, last)
    })
    return this.#heldBytes < HELD_MAX && last
  }

  /** Takes no further commands until all is sent. */
  #stop(): void {
    this.#stops |= Stop.Unread
    this.#wire.pause()
  }
}
