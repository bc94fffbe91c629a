/**
 * The readers of the soak, in a process of their own that can be killed. Each compares every byte with what it must be. The
 * parent hears when all have subscribed, when all have passed another step of messages, and of anything that is wrong.
 */
import { connect } from 'node:net'
import { CHANNEL, expectedStream, frame, type ReaderKind } from './stream.ts'

export interface ReadersOrder {
  readonly port: number
  readonly httpPort: number
  readonly token: string
  readonly readers: Readonly<Record<ReaderKind, number>>
  readonly messages: number
  /** Messages after which all readers together are reported to have come so far. */
  readonly step: number
}

export type ReadersReport = { readonly ready: true } | { readonly passed: number } | { readonly failure: string }

const tell = (report: ReadersReport): void => {
  process.send!(report)
}

const COMMENT = Buffer.from(': ping\n\n')

/** Compares a stream with what it must be. Comments may stand between events. */
class Comparison {
  readonly #expected: Buffer
  readonly #frameBytes: number
  #at = 0
  #commentLeft = 0

  constructor(expected: Buffer, frameBytes: number) {
    this.#expected = expected
    this.#frameBytes = frameBytes
  }

  /** Whole messages so far. */
  get messages(): number {
    return Math.floor(this.#at / this.#frameBytes)
  }

  /** False where the bytes are not what they must be. */
  take(bytes: Buffer): boolean {
    if (this.#commentLeft === 0 && this.#equal(bytes)) {
      this.#at += bytes.length
      return true
    }
    for (let i = 0; i < bytes.length; i++) {
      if (this.#commentLeft === 0 && this.#at % this.#frameBytes === 0 && bytes[i] === COMMENT[0]) {
        this.#commentLeft = COMMENT.length
      }
      if (this.#commentLeft > 0) {
        if (bytes[i] !== COMMENT[COMMENT.length - this.#commentLeft--]) return false
      } else if (bytes[i] !== this.#expected[this.#at++]) return false
    }
    return true
  }

  #equal(bytes: Buffer): boolean {
    const end = this.#at + bytes.length
    return end <= this.#expected.length && this.#expected.compare(bytes, 0, bytes.length, this.#at, end) === 0
  }
}

/** The data of a chunked HTTP body, cut anywhere. */
class Chunks {
  #left = 0
  #line = ''
  readonly #data: (bytes: Buffer) => void

  constructor(data: (bytes: Buffer) => void) {
    this.#data = data
  }

  take(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#left > 0) {
        const end = Math.min(bytes.length, at + this.#left)
        this.#left -= end - at
        this.#data(bytes.subarray(at, end))
        at = end
      } else {
        this.#line += String.fromCharCode(bytes[at++])
        if (!this.#line.endsWith('\n') || this.#line === '\r\n') continue
        this.#left = Number.parseInt(this.#line.trim(), 16)
        this.#line = ''
      }
    }
  }
}

process.once('message', (order: ReadersOrder) => {
  const { readers, messages, step } = order
  const total = readers.resp2 + readers.resp3 + readers.sse
  /** How many readers have passed each step. */
  const passed: number[] = Array(Math.ceil(messages / step)).fill(0)
  let ready = 0

  for (const kind of ['resp2', 'resp3', 'sse'] as const) {
    const expected = expectedStream(kind, messages)
    const frameBytes = frame(kind, 0).length
    for (let i = 0; i < readers[kind]; i++) open(kind, new Comparison(expected, frameBytes))
  }

  function open(kind: ReaderKind, comparison: Comparison): void {
    let steps = 0
    let head: string | undefined = ''
    const compare = (bytes: Buffer): void => {
      if (!comparison.take(bytes))
        tell({ failure: `${kind}: not message ${comparison.messages}: ${bytes.subarray(0, 200)}` })
      for (; steps < Math.floor(comparison.messages / step); steps++) {
        if (++passed[steps] === total) tell({ passed: (steps + 1) * step })
      }
    }
    const chunks = new Chunks(compare)
    const take = (bytes: Buffer): void => {
      if (head === undefined) {
        if (kind === 'sse') chunks.take(bytes)
        else compare(bytes)
        return
      }
      head += bytes.toString('latin1')
      if (!head.endsWith(CONFIRMED[kind])) return
      head = undefined
      if (++ready === total) tell({ ready: true })
    }
    const port = kind === 'sse' ? order.httpPort : order.port
    const socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer,
        callback(length, filled) {
          take(Buffer.from(filled.buffer, filled.byteOffset, length))
          return true
        },
      },
    })
    socket.on('close', () => tell({ failure: `${kind}: the connection ended after message ${comparison.messages}` }))
    socket.on('error', () => {})
    socket.write(kind === 'sse' ? SUBSCRIBE.sse.replace('TOKEN', order.token) : SUBSCRIBE[kind])
  }
})
process.once('disconnect', () => process.exit())

const buffer = Buffer.alloc(64 * 1024)

const SUBSCRIBE: Readonly<Record<ReaderKind, string>> = {
  resp2: `SUBSCRIBE ${CHANNEL}\r\n`,
  resp3: `HELLO 3\r\nSUBSCRIBE ${CHANNEL}\r\n`,
  sse: `GET /subscribe/${CHANNEL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer TOKEN\r\n\r\n`,
}

const CONFIRMED: Readonly<Record<ReaderKind, string>> = {
  resp2: `$9\r\nsubscribe\r\n$${CHANNEL.length}\r\n${CHANNEL}\r\n:1\r\n`,
  resp3: `$9\r\nsubscribe\r\n$${CHANNEL.length}\r\n${CHANNEL}\r\n:1\r\n`,
  sse: `data: subscribe,${CHANNEL},1\n\n\r\n`,
}
