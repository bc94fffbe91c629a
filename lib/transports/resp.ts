/**
 * One client's RESP stream, over whatever carries bytes both ways (a TCP or TLS socket, a WebSocket). Bytes in, commands
 * to the engine one after the other, replies out, all replies of one read in one write.
 *
 * - A command that waits (blocking, CLIENT PAUSE) holds back those behind it; bytes keep coming in, up to
 *   `client-query-buffer-limit`, so that a hang-up is noticed.
 * - A client that does not take its replies is not served further until it does: at most 1 MB and one reply wait for it
 *   (outqueue.ts). What is pushed to it unasked is bounded by `client-output-buffer-limit`; a replica, which is answered
 *   nothing, is served.
 * - A client that fails to authenticate may have to wait (authfailures.ts), and is not read meanwhile: what is outside
 *   takes no memory.
 * - A breach of the protocol is answered, then the connection ends.
 */
import type { Bytes } from '../base/bytes.ts'
import { Push, type Reply, ReplyError } from '../base/reply.ts'
import { immediately } from '../base/runtime.ts'
import { unawaited } from '../base/unawaited.ts'
import type { Engine } from '../engine/engine.ts'
import { sharedTextOf } from '../keyspace/values/string.ts'
import { type Decoder, HTTP_SPOKEN, ProtocolError } from '../protocol/decode.ts'
import { Encoder, PART_BYTES } from '../protocol/encode.ts'
import type { TextVisitor } from '../session/longtexts.ts'
import type { Pass } from '../session/pass.ts'
import { type Buffers, type DoorName, Gate, type Link, type Session } from '../session/session.ts'
import type { Host } from './host.ts'
import { LookAhead } from './lookahead.ts'
import { OutputLimit } from './outputlimit.ts'
import { OutQueue, PIECE_BYTES } from './outqueue.ts'
import { FOLLOWED, NOT_TAKEN } from './placedgroup.ts'
import { ReplyPeak } from './replypeak.ts'
import { Stop } from './stop.ts'
import { type TurnMember, TurnShare } from './turn.ts'
import type { Wire } from './wire.ts'

/**
 * Replies that are not kept back for the end of the turn: text that is still in pieces is work for V8's collector, the
 * more of it the longer it waits.
 */
const LONG_BYTES = 4096

/** A command that came in a larger piece does not wait for those of other clients. */
const READY_BYTES = 64 * 1024

export class RespConnection implements Link, TurnMember {
  readonly session: Session
  readonly #host: Host
  readonly #engine: Engine
  readonly #wire: Wire
  readonly #share: TurnShare
  readonly #decoder: Decoder
  readonly #commands: LookAhead
  readonly #encoder: Encoder
  /** A command is decoded, and runs with those of other clients; by places if it has a number among those that do. */
  #isReady = false
  #readyPlace = NOT_TAKEN
  /** After that the connection ends. */
  #endsWhenRun = false
  /** A command waits: nothing further is decoded until it has answered. */
  #waiting = false
  /** OR of `Stop` bits: while there are any, nothing further is read or served. */
  #stops = 0
  #endHold: (() => void) | undefined
  #flushing = false
  /** A command of this client may be running: what is pushed to it meanwhile comes after the reply, as since Redis 7.2. */
  #serving = false
  #pushed: Reply[] | undefined
  /** The client sends nothing more: it is not waited for, not even for what it waits for. */
  #hasEnded = false
  /** No further command is served. */
  #closing = false
  /** Nothing further is written. */
  #closed = false
  readonly #outputLimit: OutputLimit
  /** Of a client with a hard limit: parts of replies that wait for the end of the turn. As in Redis, all count or none is sent. */
  readonly #gathered: Bytes[] = []
  #gatheredBytes = 0
  #isFlushing = false
  /** Bytes of the last read. */
  #readBytes = 0
  readonly #replyPeak: ReplyPeak
  readonly #queue: OutQueue
  /** Of the last long reply: the key whose value it may be. */
  #longKey: Bytes | undefined
  behind: Link['behind']

  constructor(host: Host, door: DoorName, wire: Wire, addr: Bytes, laddr: Bytes, pass?: Pass) {
    this.#host = host
    this.#engine = host.engine
    this.#wire = wire
    this.#share = new TurnShare(host.turn)
    this.#commands = new LookAhead(host.engine.config['proto-max-bulk-len'], host.turn.keys)
    this.#decoder = this.#commands.decoder
    this.#encoder = new Encoder((part) => this.#write(part))
    this.#queue = new OutQueue(wire, host.gate, () => this.drained())
    this.session = host.openSession(door, this, addr, laddr, pass)
    this.#replyPeak = new ReplyPeak(this.session.createdAt)
    this.#outputLimit = new OutputLimit(host, this.session, () => this.close())
  }

  get inputBytes(): number {
    return this.#closed ? 0 : this.#decoder.heldBytes + this.#commands.pendingBytes
  }

  get outputBytes(): number {
    return this.#closed ? 0 : this.#gatheredBytes + this.#queue.unsentBytes + (this.behind?.bytes ?? 0)
  }

  get retainedBytes(): number {
    return this.#closed ? 0 : this.#queue.retainedBytes
  }

  visitTexts(visit: TextVisitor): void {
    const key = this.#longKey
    this.#queue.visitTexts(visit, key === undefined ? undefined : sharedTextOf(this.session.db.storedValue(key)))
  }

  buffers(): Buffers {
    const replyBytes = this.#encoder.gatheredBytes
    const isServed = this.#serving || this.#isReady
    return {
      fd: this.#wire.fd ?? -1,
      queryBytes: isServed ? Math.max(this.#readBytes, this.inputBytes) : this.inputBytes,
      replyMax: PART_BYTES,
      replyPeak: Math.min(PART_BYTES, Math.max(this.#replyPeak.bytes(this.#engine.keyspace.now), replyBytes)),
      replyBytes,
      waitingParts: this.#gathered.length + (this.#wire.unsentBytes === 0 ? 0 : 1),
    }
  }

  /** The next piece of the stream: the first bytes of a buffer, which is the caller's again afterwards. */
  receive(chunk: Buffer, length = chunk.length): void {
    const { turn } = this.#host
    if (this.#isReady) turn.run()
    if (this.#closing) return
    if (this.#share.isOver && this.#stops === 0) this.#giveWay()
    const { session } = this
    session.netInputBytes += length
    this.#readBytes = length
    this.#engine.stats.received(length)
    const mayWait = length <= READY_BYTES && this.inputBytes === 0
    this.#decoder.feed(chunk, length)
    const { clientMemory } = this.#engine.ports.connections
    if (clientMemory.counts) clientMemory.note(session) // a command that is too large is not even run
    if (!this.#waiting && this.#stops === 0 && !this.#closing) {
      this.#prepareToDecode()
      if (mayWait && this.#decodesAlone()) {
        this.#isReady = true
        turn.ready(this)
      } else {
        turn.run()
        this.#serve()
      }
    }
    this.#decoder.settle()
    this.#limitInput()
  }

  /** Decodes the next command if it is short and all there is. */
  #decodesAlone(): boolean {
    const place = this.#host.turn.placedReady.take(this.#commands, this.session)
    if (place >= 0) this.#readyPlace = place
    return place >= 0 || (place !== FOLLOWED && this.#commands.decodesAlone(this.session.db))
  }

  runReady(): void {
    this.#isReady = false
    this.#serve()
    if (this.#endsWhenRun) this.#endAsRun()
    this.#limitInput()
  }

  putOff(): void {
    this.#isReady = false
    if (this.#readyPlace !== NOT_TAKEN) this.#commands.put(this.#host.turn.placedReady.argvOf(this.#readyPlace))
    this.#readyPlace = NOT_TAKEN
    this.#giveWay()
  }

  #endAsRun(): void {
    if (this.#waiting) this.close()
    else this.closeAfterReply()
  }

  #limitInput(): void {
    const { session, inputBytes } = this
    const { clientMemory } = this.#engine.ports.connections
    if (clientMemory.concerns(session, inputBytes)) clientMemory.note(session)
    const limit = this.#engine.config['client-query-buffer-limit']
    if (inputBytes + (session.transaction?.bytes ?? 0) > limit && !this.#closing) {
      this.#engine.stats.queryBufferDisconnections++
      this.#host.log(
        'warning',
        `Closing client that reached max query buffer length: id=${session.id} addr=${session.addr}`,
      )
      this.close()
    }
  }

  /** The wire has sent what it held. */
  drained(): void {
    if (this.#closed) return
    const isTaken = this.#queue.bytes === 0 || this.#queue.send()
    if (this.#queue.bytes !== 0) return
    this.#queue.endIfSent()
    if (!isTaken) return
    this.#engine.ports.connections.clientMemory.note(this.session)
    this.#goOn(Stop.Unread)
    this.#queue.tell()
  }

  onceSent(then: () => void): void {
    this.#queue.onceSent(then)
  }

  limitOutput(): void {
    this.#outputLimit.enforce()
  }

  /** Reads nothing for a while, at the beginning. */
  wait(ms: number): void {
    if (ms > 0) this.#stopFor(ms, () => this.#goOn(Stop.Held))
  }

  hold(ms: number): void {
    if (this.isHeld) return
    this.#stopFor(ms, () => {
      this.closeAfterReply()
      this.#wire.resume() // a WebSocket's end needs the other side's word
    })
  }

  #stopFor(ms: number, then: () => void): void {
    this.#stops |= Stop.Held
    this.#wire.pause()
    this.#endHold = this.#engine.clock.after(ms, then, true)
  }

  get isHeld(): boolean {
    return (this.#stops & Stop.Held) !== 0
  }

  /** Goes on unless there is another reason not to. */
  #goOn(stop: number): void {
    if (!(this.#stops & stop) || this.#closed) return
    this.#stops &= ~stop
    if (this.#stops !== 0) return
    this.#wire.resume()
    if (!this.#waiting) this.#serve()
    if (this.#endsWhenRun) this.#endAsRun()
    else if (this.#hasEnded && this.#stops === 0) this.#leave()
  }

  /** The client has ended its side: it is gone at once, as in Redis, unless it has still to be sent what was answered. */
  ended(): void {
    if (this.#closed) return
    this.#hasEnded = true
    // What it has sent before is served when it has taken what was answered, and others have had their turn.
    if (!(this.#stops & (Stop.Unread | Stop.Slice))) this.#leave()
  }

  #leave(): void {
    if (this.#isReady || this.#flushing || this.#gatheredBytes + this.#queue.unsentBytes !== 0) this.closeAfterReply()
    else this.close()
  }

  /** The connection is gone. What was sent before is run all the same. */
  closed(): void {
    if (this.#isReady && !this.#closing) this.#host.turn.run()
    this.#closed = true
    this.#closing = true
    this.#outputLimit.stop()
    this.#queue.stop()
    this.#endHold?.()
    this.#host.closeSession(this.session)
  }

  push(reply: Reply): void {
    if (this.#closing) return
    if (this.#serving || this.session.isResuming) {
      if (this.#pushed !== undefined) this.#pushed.push(reply)
      else {
        this.#pushed = [reply]
        // It may go on waiting, and then there is no reply to come after.
        if (!this.#serving) immediately(() => this.#pushLate())
      }
      return
    }
    this.#encoder.proto = this.session.proto
    this.#addPush(reply)
    this.#flushSoon(true)
  }

  write(bytes: Bytes): boolean {
    if (this.#closing) return false
    this.#encoder.flush()
    this.#send(bytes)
    return !this.#queue.isFull
  }

  closeAfterReply(): void {
    if (this.#isReady) {
      this.#endsWhenRun = true
      return
    }
    this.#closing = true
    this.#flushSoon(false)
  }

  close(): void {
    this.#closing = true
    this.#closed = true
    this.#queue.stop()
    this.#wire.destroy()
    this.#host.closeSession(this.session) // for others it is gone from here on
  }

  /** After a fault of ours nothing more can be said on this connection that would be in order. */
  #failed(message: string): void {
    this.#host.log('warning', message)
    this.close()
  }

  #prepareToDecode(): void {
    const decoder = this.#decoder
    decoder.bulkMax = this.#engine.config['proto-max-bulk-len']
    decoder.restricted = (this.session.gate & Gate.Unauthenticated) !== 0
  }

  get goesOn(): boolean {
    return !this.#closing && this.#stops === 0
  }

  #serve(): void {
    const { session } = this
    const engine = this.#engine
    const decoder = this.#decoder
    const encoder = this.#encoder
    const { placed } = this.#host.turn
    this.#prepareToDecode()
    let isBatch = false
    this.#serving = true
    if (this.#readyPlace !== NOT_TAKEN) this.#runPlace()
    while (this.goesOn) {
      const placeCount = placed.decode(this.#commands, session)
      const argv = placeCount === 0 ? this.#commands.next(session.db, placed.isRefused) : undefined
      if (argv === undefined && placeCount === 0) break
      if (!isBatch && (placeCount > 1 || this.#commands.hasMore)) {
        isBatch = true
        engine.beginBatch()
      }
      if (argv === undefined) {
        this.#longKey = placed.run(this, decoder, session, encoder) ?? this.#longKey
        if (isBatch && engine.stopwatch.isSliceOver) this.#giveWay()
        continue
      }
      if (argv instanceof ProtocolError) {
        if (argv === HTTP_SPOKEN) this.#host.log('warning', `Closing client that speaks HTTP: addr=${session.addr}`)
        else encoder.add(new ReplyError(argv.text))
        this.#closing = true
        break
      }
      const reply = engine.execute(session, argv)
      if (reply instanceof Promise) {
        this.#waitFor(reply)
        break
      }
      if (session.replica && this.#outputLimit.cutsReplica(reply)) break
      encoder.proto = session.proto
      if (typeof reply === 'string' && reply.length > PIECE_BYTES) this.#longKey = argv[1]
      encoder.add(reply)
      if (this.#pushed !== undefined) this.#addPushed()
      if (decoder.restricted) decoder.restricted = (session.gate & Gate.Unauthenticated) !== 0
      if (isBatch && engine.stopwatch.isSliceOver) this.#giveWay()
    }
    this.#serving = false
    if (this.#pushed !== undefined) this.#addPushed()
    if (isBatch) engine.endBatch()
    this.#flushSoon(false)
  }

  /** Runs the command that has waited, by places if that may still be; else as text, as what holds its places will be another's. */
  #runPlace(): void {
    const { placedReady } = this.#host.turn
    const isText = !this.goesOn || !placedReady.mayRun(this.#readyPlace, this.session)
    if (isText) this.#commands.put(placedReady.argvOf(this.#readyPlace))
    else this.#longKey = placedReady.runOne(this.#readyPlace, this.session, this.#encoder) ?? this.#longKey
    this.#readyPlace = NOT_TAKEN
  }

  /** Lets others have their turn before the rest of a pipeline, or what has come behind. */
  #giveWay(): void {
    this.#stops |= Stop.Slice
    this.#wire.pause()
    this.#host.turn.later(() => this.#goOn(Stop.Slice))
  }

  advancePushes(): void {
    if (this.#pushed !== undefined) this.#addPushed()
  }

  #pushLate(): void {
    if (this.#pushed === undefined || this.#serving || this.#closed) return
    this.#addPushed()
    this.#flushSoon(true)
  }

  /** Adds what was pushed to this client while its own command ran. */
  #addPushed(): void {
    const pushed = this.#pushed!
    this.#pushed = undefined
    this.#encoder.proto = this.session.proto
    for (const push of pushed) this.#addPush(push)
  }

  #addPush(reply: Reply): void {
    if (reply instanceof Push) this.#encoder.push(reply)
    else this.#encoder.add(reply)
  }

  /** Sends the replies at the end of the turn; long ones at once. */
  #flushSoon(isPush: boolean): void {
    if (this.#encoder.gatheredBytes > LONG_BYTES) this.#encoder.flush()
    if (this.#flushing) return
    this.#flushing = true
    this.#host.turn.flushSoon(this, isPush)
  }

  /** Sends what was answered. */
  flush(): void {
    this.#flushing = false
    if (this.isHeld && !this.#closing) return
    this.#isFlushing = true
    this.#encoder.flush()
    this.#isFlushing = false
    if (this.#gatheredBytes !== 0) this.#sendGathered()
    if (!this.#closing || this.#closed || (this.#waiting && !this.#hasEnded)) return
    if (!this.#queue.isEmpty) {
      this.#queue.endsWhenSent = true
      return
    }
    this.#wire.end()
    // Whoever knows of its last reply must not find the client any more.
    if (this.#wire.unsentBytes === 0 || this.#waiting) this.#host.closeSession(this.session)
  }

  #waitFor(pending: Promise<Reply>): void {
    this.#waiting = true
    const answered = pending.then((reply) => {
      this.#waiting = false
      if (this.#closed || this.#hasEnded || this.#outputLimit.cutsReplica(reply)) return
      this.#encoder.proto = this.session.proto
      this.#encoder.add(reply)
      if (this.#pushed !== undefined) this.#addPushed()
      this.#serve()
    })
    unawaited(answered, this.#engine.config, (message) => this.#failed(message))
  }

  #write(part: Bytes): void {
    if (this.#closed) return
    this.#replyPeak.note(part.length)
    const waits = this.#gatheredBytes !== 0 || !this.#isFlushing || part.length > LONG_BYTES
    if (waits && (this.#gatheredBytes !== 0 || this.#outputLimit.isHard)) this.#gather(part)
    else this.#send(part)
  }

  #gather(part: Bytes): void {
    this.#gathered.push(part)
    this.#gatheredBytes += part.length
    this.#outputLimit.enforce()
  }

  #sendGathered(): void {
    const parts = this.#gathered.splice(0)
    this.#gatheredBytes = 0
    for (const part of parts) if (!this.#closed) this.#send(part)
  }

  #send(part: Bytes): void {
    this.session.netOutputBytes += part.length
    this.#engine.stats.sent(part.length)
    if (this.session.replica) this.#engine.stats.replicationOutputBytes += part.length
    const { gate, turn } = this.#host
    if (gate.isShut && this.#isFlushing && this.#queue.holds(part)) {
      turn.hold(this.#queue, part)
      return
    }
    if (this.#queue.bytes !== 0 || part.length > PIECE_BYTES || gate.isShut) {
      if (this.#queue.add(part)) return
    } else if (this.#wire.write(part) && !(this.session.gate & Gate.Unauthenticated)) return
    this.#outputLimit.enforce()
    if (this.#closed || this.session.replica || !this.#queue.isFull) return
    this.#stops |= Stop.Unread
    this.#wire.pause()
  }
}
