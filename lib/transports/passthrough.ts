/**
 * One client's RESP stream, passed through to a connection of its own at a real Redis: its state there (MULTI, WATCH, subscriptions,
 * tracking, the protocol) is its own, and what comes back is sent on as it is. Commands are read all the same, since they run by our
 * users and their rights: what a user may not do never leaves, and what is ours (AUTH, ACL, …) is answered here.
 *
 * An answer of ours must come at its place among those of the upstream, which are not counted. So in the place of such a command
 * the upstream is sent one that it does not know, named by a secret of this connection; its error is replaced by our answer.
 * Inside MULTI that spoils the transaction, as a refused command does in Redis.
 *
 * Nothing leads to the upstream before a client has something for it that it may send: strangers cost it nothing.
 */
import type { Bytes } from '../base/bytes.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import { unawaited } from '../base/unawaited.ts'
import { type Command, Flag } from '../commands/command.ts'
import type { BackendStream } from '../engine/backend.ts'
import { Decoder, HTTP_SPOKEN, ProtocolError } from '../protocol/decode.ts'
import { encode } from '../protocol/encode.ts'
import { requestBytes } from '../protocol/request.ts'
import type { Pass } from '../session/pass.ts'
import { type DoorName, Gate, type Link, type Session } from '../session/session.ts'
import type { Host } from './host.ts'
import { OutputLimit } from './outputlimit.ts'
import { Stop } from './stop.ts'
import type { Wire } from './wire.ts'

/** Bytes of the secret in a name that stands for an answer of ours. */
const SECRET_BYTES = 16

/** Answers of ours that may wait for their places, as when the upstream lets the client wait. Unit: bytes. */
const INSERTS_MAX = 2 ** 20
/** What an answer takes besides its bytes. Unit: bytes. */
const INSERT_BYTES = 64

/** The command behind which nothing is read until the upstream's connection is another. */
const RESET = 'reset'

/** An answer of ours that waits for its place. */
interface Insert {
  readonly number: number
  readonly bytes: Bytes
  readonly then: (() => void) | undefined
}

export class PassThrough implements Link {
  readonly session: Session
  readonly #host: Host
  readonly #wire: Wire
  readonly #decoder: Decoder
  readonly #outputLimit: OutputLimit
  /** No dash in it: see `lastLineAt`. */
  readonly #marker = `zerodis${secret()}x`
  #markers = 0
  #stream: BackendStream | undefined
  #opening = false
  /** For the upstream, of the commands at hand. */
  #text: Bytes = ''
  /** Commands that wait for the upstream's connection. */
  #unsent: Bytes[] = []
  #unsentBytes = 0
  readonly #inserts: Insert[] = []
  #insertBytes = 0
  /** What came of the upstream and may be the beginning of an error that is to be replaced. */
  #tail: Bytes = ''
  /** OR of `Stop` bits: while there are any, nothing further is read. */
  #stops = 0
  #endHold: (() => void) | undefined
  /** A command of ours waits. */
  #waiting = false
  /** What it sends is the upstream's affair alone. */
  readonly #isLeftAlone: boolean
  #hasEnded = false
  #closing = false
  #closed = false

  constructor(host: Host, door: DoorName, wire: Wire, addr: Bytes, laddr: Bytes, pass?: Pass) {
    this.#host = host
    this.#wire = wire
    this.#decoder = new Decoder(host.engine.config['proto-max-bulk-len'])
    this.session = host.openSession(door, this, addr, laddr, pass)
    this.#isLeftAlone = host.engine.backend!.leavesAlone(this.session)
    this.#outputLimit = new OutputLimit(host, this.session, () => this.close())
  }

  get inputBytes(): number {
    return this.#closed ? 0 : this.#decoder.heldBytes + this.#unsentBytes + (this.#stream?.unsentBytes ?? 0)
  }

  get outputBytes(): number {
    return this.#closed ? 0 : this.#wire.unsentBytes + this.#tail.length + this.#insertBytes
  }

  receive(chunk: Buffer, length = chunk.length): void {
    if (this.#closing) return
    const { engine } = this.#host
    const { session } = this
    session.netInputBytes += length
    session.lastActiveAt = engine.clock.now()
    engine.stats.received(length)
    if (this.#isLeftAlone) {
      this.#text += chunk.latin1Slice(0, length)
      this.#forward()
      return
    }
    this.#decoder.feed(chunk, length)
    if (!this.#waiting && this.#stops === 0) this.#serve()
    this.#decoder.settle()
    if (this.#decoder.heldBytes > engine.config['client-query-buffer-limit'] && !this.#closing) {
      engine.stats.queryBufferDisconnections++
      this.close()
    }
  }

  /** The client has taken what it was sent. */
  drained(): void {
    if (this.#closed) return
    this.#stream?.resume()
    if (this.#closing && this.#stream === undefined) this.#wire.end()
  }

  /** Reads nothing for a while, at the beginning. */
  wait(ms: number): void {
    if (ms > 0) this.#stopFor(ms, () => this.#goOn(Stop.Held))
  }

  hold(ms: number): void {
    if (this.isHeld) return
    this.#stopFor(ms, () => {
      this.closeAfterReply()
      this.#wire.resume()
    })
  }

  get isHeld(): boolean {
    return (this.#stops & Stop.Held) !== 0
  }

  /** The client sends nothing more: what it waits for is of no use to it. */
  ended(): void {
    if (this.#closed) return
    this.#hasEnded = true
    if (this.#stops === 0 && !this.#waiting) this.#leave()
  }

  /** As a Redis would see its client go. */
  #leave(): void {
    this.#closing = true
    if (this.#stream !== undefined) this.#stream.end()
    else if (!this.#opening) this.#wire.end()
  }

  closed(): void {
    if (this.#closed) return
    this.#closed = true
    this.#closing = true
    this.#endHold?.()
    this.#outputLimit.stop()
    this.#stream?.destroy()
    this.#host.closeSession(this.session)
  }

  /** What our side of the session would be told is told by the upstream. */
  push(): void {}

  /** Takes no more commands, and ends when the upstream has answered those that it has. */
  closeAfterReply(): void {
    if (this.#closing) return
    this.#closing = true
    if (this.#stream === undefined && !this.#opening && this.#text === '') this.#wire.end()
    else {
      this.#place('', () => this.#wire.end())
      this.#forward()
    }
  }

  close(): void {
    this.closed()
    this.#wire.destroy()
  }

  #stopFor(ms: number, then: () => void): void {
    this.#stops |= Stop.Held
    this.#wire.pause()
    this.#endHold = this.#host.engine.clock.after(ms, then, true)
  }

  #goOn(stop: number): void {
    if (!(this.#stops & stop) || this.#closed) return
    this.#stops &= ~stop
    if (this.#stops !== 0) return
    this.#wire.resume()
    if (!this.#waiting && !this.#closing) this.#serve()
    if (this.#hasEnded) this.#leave()
  }

  #serve(): void {
    const decoder = this.#decoder
    decoder.bulkMax = this.#host.engine.config['proto-max-bulk-len']
    while (!this.#closing && !this.#waiting && this.#stops === 0) {
      decoder.restricted = (this.session.gate & Gate.Unauthenticated) !== 0
      const argv = decoder.next()
      if (argv === undefined) break
      if (argv instanceof ProtocolError) {
        if (argv !== HTTP_SPOKEN) this.#insert(new ReplyError(argv.text))
        this.closeAfterReply()
        return
      }
      if (argv.length > 0) this.#pass(argv)
    }
    this.#forward()
  }

  #pass(argv: readonly Bytes[]): void {
    const { engine } = this.#host
    const { session } = this
    const command = engine.named(argv)
    session.lastCommand = command?.fullName
    session.commands++
    engine.stats.commands++
    const answer = engine.passes(session, command, argv)
    if (answer === undefined) {
      this.#text += requestBytes(argv)
      if (command !== undefined) this.#followMulti(command, argv)
    } else if (answer instanceof Promise) this.#waitFor(answer)
    else if (command?.fullName === 'hello' && !(answer instanceof ReplyError)) this.#text += this.#hello(argv)
    else if (command?.fullName !== RESET) this.#insert(answer)
    else {
      // Its connection there becomes another one once all before it is answered.
      this.#waiting = true
      this.#insert(answer, () => this.#renew())
    }
  }

  /** In a transaction, which is the upstream's, nothing of ours can be answered. */
  #followMulti({ name, flags }: Command, argv: readonly Bytes[]): void {
    if (name === 'multi' && argv.length === 1) this.session.gate |= Gate.Multi
    else if (flags & (Flag.Exec | Flag.LeavesMulti)) this.session.gate &= ~Gate.Multi
  }

  /** Who comes is our affair, the protocol is the upstream's. */
  #hello(argv: readonly Bytes[]): Bytes {
    const kept = argv.slice(0, 2)
    for (let at = 2; at < argv.length; ) {
      const length = argv[at].toUpperCase() === 'AUTH' ? 3 : 2
      if (length === 2) kept.push(...argv.slice(at, at + 2))
      at += length
    }
    return requestBytes(kept)
  }

  #waitFor(answer: Promise<Reply>): void {
    this.#waiting = true
    const answered = answer.then((reply) => {
      this.#waiting = false
      if (this.#closed) return
      this.#insert(reply)
      this.#serve()
    })
    unawaited(answered, this.#host.engine.config, (message) => {
      this.#host.log('warning', message)
      this.close()
    })
  }

  /** Answers at the place of the command at hand: at once where nothing is asked of the upstream before it. */
  #insert(reply: Reply, then?: () => void): void {
    const bytes = encode(reply, this.session.proto)
    if (this.#stream !== undefined || this.#opening || this.#text !== '') this.#place(bytes, then)
    else {
      this.#send(bytes)
      then?.()
    }
  }

  /** Sends the command that stands for an answer. */
  #place(bytes: Bytes, then?: () => void): void {
    const number = this.#markers++
    this.#inserts.push({ number, bytes, then })
    this.#insertBytes += bytes.length + INSERT_BYTES
    if (this.#insertBytes > INSERTS_MAX) {
      this.#stops |= Stop.Unread
      this.#wire.pause()
    }
    this.#text += requestBytes([this.#marker + number])
  }

  #forward(): void {
    const text = this.#text
    if (text === '') return
    this.#text = ''
    if (this.#stream !== undefined) {
      if (!this.#stream.write(text)) this.#wire.pause()
      return
    }
    this.#unsent.push(text)
    this.#unsentBytes += text.length
    if (!this.#opening) this.#open()
  }

  #open(): void {
    this.#opening = true
    this.#stops |= Stop.Slice
    this.#wire.pause()
    const { session } = this
    const backend = this.#host.engine.backend!
    let own: BackendStream | undefined
    const opened = backend
      .openStream(session, {
        received: (bytes) => this.#received(bytes),
        drained: () => this.#stops === 0 && this.#wire.resume(),
        closed: () => own === this.#stream && this.#lost(),
      })
      .then((stream) => {
        this.#opening = false
        if (!(stream instanceof ReplyError)) own = stream
        if (stream instanceof ReplyError) this.#refused(stream)
        else if (this.#closed) stream.destroy()
        else this.#opened(stream)
      })
    unawaited(opened, this.#host.engine.config, (message) => {
      this.#host.log('warning', message)
      this.close()
    })
  }

  #opened(stream: BackendStream): void {
    this.#stream = stream
    for (const text of this.#unsent) stream.write(text)
    this.#unsent = []
    this.#unsentBytes = 0
    if (this.#hasEnded && this.#closing) stream.end()
    else this.#goOn(Stop.Slice)
  }

  /** The upstream cannot be reached: the client is told so, and gone, as it would be with a Redis that goes. */
  #refused(error: ReplyError): void {
    this.#unsent = []
    this.#unsentBytes = 0
    this.#send(encode(error, this.session.proto))
    this.#closing = true
    this.#wire.end()
  }

  #renew(): void {
    const stream = this.#stream
    this.#stream = undefined
    stream?.destroy()
    this.#tail = ''
    this.#waiting = false
    this.#wire.resume()
    this.#serve()
  }

  #received(bytes: Bytes): void {
    if (this.#closed) return
    if (this.#inserts.length === 0 && this.#tail === '') this.#send(bytes)
    else this.#replace(this.#tail + bytes)
    if (this.#insertBytes <= INSERTS_MAX) this.#goOn(Stop.Unread)
  }

  /** Puts our answers in the place of the errors that stand for them. */
  #replace(text: Bytes): void {
    let from = 0
    while (this.#inserts.length !== 0) {
      const at = text.indexOf(this.#marker, from)
      const end = at === -1 ? -1 : text.indexOf('\r\n', at)
      if (end === -1) break
      const number = Number.parseInt(text.slice(at + this.#marker.length, end), 10)
      this.#send(text.slice(from, text.lastIndexOf('-', at)))
      from = end + 2
      const insert = this.#taken(number)
      this.#send(insert?.bytes ?? '')
      if (insert?.then !== undefined) {
        insert.then()
        return
      }
    }
    const rest = text.slice(from)
    // An error that stands for an answer may have come in part.
    const kept = this.#inserts.length === 0 ? -1 : lastLineAt(rest, this.#marker.length)
    this.#tail = kept === -1 ? '' : rest.slice(kept)
    this.#send(kept === -1 ? rest : rest.slice(0, kept))
  }

  /** Those before it were silenced, by CLIENT REPLY. */
  #taken(number: number): Insert | undefined {
    for (;;) {
      const insert = this.#inserts.shift()
      if (insert !== undefined) this.#insertBytes -= insert.bytes.length + INSERT_BYTES
      if (insert === undefined || insert.number === number) return insert
    }
  }

  #lost(): void {
    this.#stream = undefined
    if (this.#closed || this.#opening) return
    if (this.#tail !== '') this.#send(this.#tail)
    this.#tail = ''
    this.#closing = true
    this.#wire.end()
  }

  #send(bytes: Bytes): void {
    if (this.#closed || bytes === '') return
    const { session } = this
    session.netOutputBytes += bytes.length
    session.lastActiveAt = this.#host.engine.clock.now()
    this.#host.engine.stats.sent(bytes.length)
    if (this.#wire.write(bytes)) return
    this.#outputLimit.enforce()
    if (!this.#closed) this.#stream?.pause()
  }
}

/** Where the last line begins that may hold a marker and has no end yet; -1 if there is none. */
function lastLineAt(text: Bytes, markerLength: number): number {
  const at = text.lastIndexOf('-')
  const isOpen = at !== -1 && text.indexOf('\r\n', at) === -1
  return isOpen && text.length - at < LINE_MAX + markerLength ? at : -1
}

/** What an error says before the name that is not known. */
const LINE_MAX = 64

function secret(): Bytes {
  const bytes = crypto.getRandomValues(new Uint8Array(SECRET_BYTES))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
