/**
 * Replies onto the wire, in RESP2 or RESP3. Text is built by concatenation (V8 joins the pieces once, when they are
 * written), so that a whole pipeline's replies leave in one write. A reply that is long is passed on in parts, because
 * no string can exceed V8's bound.
 */
import { type Bytes, copyInto } from '../base/bytes.ts'
import { formatDouble, Kind, type Push, type Reply, type TaggedReply } from '../base/reply.ts'

/** Text gathered before a part is passed on. Unit: bytes. */
export const PART_BYTES = 32 * 1024

/** A push up to this length has its text kept for its other receivers. */
const SHARED_BYTES = 64 * 1024

/**
 * What clients are sent that get the same pushes, one after the other: the first of them makes the text, the others find
 * it. So a message costs its thousand receivers no copy each until it is written.
 */
class Run {
  readonly proto: 2 | 3
  readonly text: Bytes
  /** The push that came next to the one who was here last, and the run with it. */
  push: Push | undefined
  next: Run | undefined

  constructor(proto: 2 | 3, text: Bytes) {
    this.proto = proto
    this.text = text
  }

  /** This run and one push more. */
  with(push: Push): Run {
    if (this.push === push) return this.next!
    this.push = push
    const own = this.text === '' ? encode(push, this.proto) : NO_PUSHES[this.proto].with(push).text
    this.next = new Run(this.proto, this.text + own)
    return this.next
  }
}

/** Where the runs begin, in each version of the protocol. */
const NO_PUSHES = { 2: new Run(2, ''), 3: new Run(3, '') }

/** `$0\r\n` to `$255\r\n`, and the same behind the end of the line before. */
const BULK_HEADERS: readonly Bytes[] = Array.from({ length: 256 }, (_, length) => `$${length}\r\n`)
const NEXT_BULK_HEADERS: readonly Bytes[] = BULK_HEADERS.map((header) => '\r\n' + header)
/** From so many items on, those that are short are written as bytes: two pieces of text each are more work, and for the collector. */
const WRITTEN_MIN = 8
/** Items of an array that is looked at as a whole, with what arrays in it hold, and the bytes that they take at most. */
const SMALL_ARRAY = 32
const SMALL_BYTES = 16 * 1024
/** What a string takes beyond its bytes, or an array beyond its items, at most. */
const HEADER_BYTES = 8
const [CR, LF, DOLLAR, ASTERISK, ZERO] = Buffer.from('\r\n$*0')

/** Where items are written before they become text: nothing stays in it. */
const written = Buffer.allocUnsafeSlow(PART_BYTES + SMALL_BYTES + 512)

export class Encoder {
  #text = ''
  /** The text, as long as it is nothing but pushes. */
  #run: Run | undefined
  readonly #write: (part: Bytes) => void
  /** The protocol version that the client chose. */
  proto: 2 | 3 = 2

  /** `write` takes each part of the stream, in order. */
  constructor(write: (part: Bytes) => void) {
    this.#write = write
  }

  /** Bytes of replies that were not passed on yet. */
  get gatheredBytes(): number {
    return this.#text.length
  }

  /** Passes on what was gathered. */
  flush(): void {
    if (this.#text === '') return
    const text = this.#text
    this.#text = ''
    this.#run = undefined
    this.#write(text)
  }

  /** Appends one reply. */
  add(reply: Reply): void {
    if (typeof reply === 'string') this.#bulk(reply)
    else if (typeof reply === 'number' || typeof reply === 'bigint') this.#text += `:${reply}\r\n`
    else if (reply === null) this.#text += this.proto === 3 ? '_\r\n' : '$-1\r\n'
    else if (typeof reply === 'boolean')
      this.#text += this.proto === 3 ? (reply ? '#t\r\n' : '#f\r\n') : reply ? ':1\r\n' : ':0\r\n'
    else if (Array.isArray(reply)) this.#items('*', reply, reply.length)
    else this.#tagged(reply as TaggedReply)
  }

  /** Appends a push. It is encoded once for all clients that get it one after the other. */
  push(push: Push): void {
    const { proto } = this
    const start = NO_PUSHES[proto]
    const run = this.#text === '' ? start : this.#run
    if (start.push !== push && sizeOf(push.items) > SHARED_BYTES) this.add(push)
    else if (run === undefined || run.proto !== proto || run.text !== this.#text) this.raw(start.with(push).text)
    else {
      this.#run = run.with(push)
      this.#text = this.#run.text
      if (this.#text.length > PART_BYTES) this.flush()
    }
  }

  /** Appends bytes as they are. */
  raw(bytes: Bytes): void {
    if (bytes.length < PART_BYTES) {
      this.#text += bytes
      if (this.#text.length > PART_BYTES) this.flush()
    } else {
      this.flush()
      this.#write(bytes)
    }
  }

  #bulk(bytes: Bytes): void {
    const { length } = bytes
    if (length < 256) this.#text += BULK_HEADERS[length] + bytes + '\r\n'
    else if (length < PART_BYTES) {
      this.#text += `$${length}\r\n` + bytes + '\r\n'
      if (this.#text.length > PART_BYTES) this.flush()
    } else {
      this.#text += `$${length}\r\n`
      this.flush()
      this.#write(bytes)
      this.#text = '\r\n'
    }
  }

  #items(lead: string, items: readonly Reply[], count: number): void {
    this.#text += lead + count
    for (let i = this.#shortItems(items); i < items.length; i++) {
      this.add(items[i])
      if (this.#text.length > PART_BYTES) this.flush()
    }
    if (this.#text.length > PART_BYTES) this.flush()
  }

  /**
   * Ends a line, and appends the short strings, and small arrays of these, with which the items begin, as most do to their
   * end. Returns how many they were.
   */
  #shortItems(items: readonly Reply[]): number {
    return items.length < WRITTEN_MIN ? this.#shortBulks(items) : this.#writtenItems(items)
  }

  /** The short strings alone, as text: two pieces each instead of three. */
  #shortBulks(items: readonly Reply[]): number {
    let text = this.#text
    let i = 0
    for (; i < items.length; i++) {
      const item = items[i]
      if (typeof item !== 'string' || item.length >= 256) break
      text += NEXT_BULK_HEADERS[item.length] + item
    }
    this.#text = text + '\r\n'
    return i
  }

  #writtenItems(items: readonly Reply[]): number {
    let at = endLine(0)
    let i = 0
    for (; i < items.length; i++) {
      const item = items[i]
      if (typeof item === 'string') {
        if (item.length >= 256) break
        at = writeBulk(at, item)
      } else if (Array.isArray(item) && smallBytes(item, 1) <= SMALL_BYTES) at = writeSmall(at, item)
      else break
      if (at <= PART_BYTES) continue
      this.#write(this.#text + written.latin1Slice(0, at))
      this.#text = ''
      at = 0
    }
    if (at > 0) this.#text += written.latin1Slice(0, at)
    return i
  }

  #tagged(reply: TaggedReply): void {
    const three = this.proto === 3
    switch (reply.kind) {
      case Kind.Status:
        this.#text += reply.wire
        return
      case Kind.Error:
        this.#text += '-' + reply.text + '\r\n'
        return
      case Kind.Double:
        if (three) this.#text += ',' + (reply.text ?? formatDouble(reply.value)) + '\r\n'
        else this.#bulk(reply.text ?? formatDouble(reply.value))
        return
      case Kind.Map:
        if (three) this.#items('%', reply.flat, reply.flat.length / 2)
        else this.#items('*', reply.flat, reply.flat.length)
        return
      case Kind.Set:
        this.#items(three ? '~' : '*', reply.items, reply.items.length)
        return
      case Kind.Push:
        this.#items(three ? '>' : '*', reply.items, reply.items.length)
        return
      case Kind.Verbatim:
        if (three) this.#text += `=${reply.text.length + 4}\r\n${reply.format}:${reply.text}\r\n`
        else this.#bulk(reply.text)
        return
      case Kind.BigNumber:
        if (three) this.#text += '(' + reply.digits + '\r\n'
        else this.#bulk(reply.digits)
        return
      case Kind.NullArray:
        this.#text += three ? '_\r\n' : '*-1\r\n'
        return
      case Kind.Attributed:
        if (three) this.#items('|', reply.attributes, reply.attributes.length / 2)
        this.add(reply.reply)
        return
      case Kind.Sequence:
        for (const item of reply.items) this.add(item)
        return
      case Kind.NoReply:
        return
    }
  }
}

/** Bytes that an array of few short strings, and of arrays of these as deep as that, takes at most; Infinity for another. */
function smallBytes(items: readonly Reply[], depth: number): number {
  if (items.length > SMALL_ARRAY) return Infinity
  let bytes = HEADER_BYTES
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    if (typeof item === 'string') bytes += item.length < 256 ? item.length + HEADER_BYTES : Infinity
    else bytes += depth > 0 && Array.isArray(item) ? smallBytes(item, depth - 1) : Infinity
  }
  return bytes
}

/** Writes such an array, and says where it ends. */
function writeSmall(at: number, items: readonly Reply[]): number {
  at = writeHeader(at, ASTERISK, items.length)
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    at = typeof item === 'string' ? writeBulk(at, item) : writeSmall(at, item as Reply[])
  }
  return at
}

function writeBulk(at: number, bytes: Bytes): number {
  const { length } = bytes
  at = writeHeader(at, DOLLAR, length)
  copyInto(written, at, bytes)
  return endLine(at + length)
}

/** A line of up to three digits. */
function writeHeader(at: number, lead: number, count: number): number {
  written[at++] = lead
  if (count >= 100) written[at++] = ZERO + Math.floor(count / 100)
  if (count >= 10) written[at++] = ZERO + (Math.floor(count / 10) % 10)
  written[at++] = ZERO + (count % 10)
  return endLine(at)
}

function endLine(at: number): number {
  written[at] = CR
  written[at + 1] = LF
  return at + 2
}

/** Bytes of the strings among items and in the arrays among them. */
function sizeOf(items: readonly Reply[]): number {
  let bytes = 0
  for (const item of items) {
    if (typeof item === 'string') bytes += item.length
    else if (Array.isArray(item)) bytes += sizeOf(item)
  }
  return bytes
}

/** One reply as a whole. @throws RangeError past V8's longest string */
export function encode(reply: Reply, proto: 2 | 3): Bytes {
  let whole = ''
  const encoder = new Encoder((part) => {
    whole += part
  })
  encoder.proto = proto
  encoder.add(reply)
  encoder.flush()
  return whole
}
