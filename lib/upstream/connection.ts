/**
 * One connection to a real Redis. What is asked within one turn of the event loop leaves in one write; replies come in the
 * order of the questions. Nothing is sent twice and nothing reconnects here: where the connection is lost, whoever still waits is
 * told so, and decides (server.ts).
 *
 * An answer that does not come within `timeoutMs` ends the connection: those behind it would wait just as long. A connection on
 * which something may block is `patient`, and never ended for that.
 */
import type { Duplex } from 'node:stream'
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import { immediately, inBackground, monotonic } from '../base/runtime.ts'
import { UpstreamFault } from '../base/upstreamfault.ts'
import type { PipelineScan } from '../protocol/pipelinescan.ts'
import { ReplyBreach, ReplyDecoder } from '../protocol/replies.ts'
import { RequestBuffer } from '../protocol/requestbuffer.ts'

/** Hears the reply to what was asked, or the fault in its place. */
export type Answer = (reply: Reply) => void

/** Whoever waits for a reply, or for several. */
export interface Asker {
  /** By `monotonic`. */
  readonly askedAt: number
  /** Replies that are still to come. */
  readonly missing: number
  answer(reply: Reply): void
  /** Takes the replies that it can from where they stand. */
  take?(decoder: ReplyDecoder): void
}

export interface ConnectionOptions {
  readonly stream: Duplex
  /** How the server is called in errors. */
  readonly label: string
  readonly db: number
  readonly timeoutMs: () => number
  /** `isLost`: it was not we who ended it. */
  readonly onClosed: (isLost: boolean) => void
}

export class Connection {
  /** The database at which it looks. */
  db: number
  isOpen = true
  isPatient = false
  /** Hears what nobody has asked for: messages, lines of MONITOR. */
  onMessage: ((reply: Reply) => void) | undefined
  /** Tells answers from what comes between them, where there is somebody who hears that. */
  isAnswer: (reply: Reply) => boolean = isNoMessage
  readonly #stream: Duplex
  readonly #label: string
  readonly #timeoutMs: () => number
  readonly #onClosed: (isLost: boolean) => void
  #isEnded = false
  readonly #decoder = new ReplyDecoder()
  readonly #requests = new RequestBuffer()
  /** Those that are answered, which stand before the others, are let go of. */
  #questions: (Asker | undefined)[] = []
  #answered = 0
  #cancelWatch: (() => void) | undefined
  readonly #flush = (): void => {
    const pieces = this.#requests.take()
    if (!this.isOpen) return
    if (pieces.length > 1) this.#stream.cork()
    for (const piece of pieces) this.#stream.write(piece, 'latin1')
    if (pieces.length > 1) this.#stream.uncork()
  }

  constructor({ stream, label, db, timeoutMs, onClosed }: ConnectionOptions) {
    this.#stream = stream
    this.#label = label
    this.db = db
    this.#timeoutMs = timeoutMs
    this.#onClosed = onClosed
    let reason = 'the connection was closed'
    stream.on('data', (piece: Buffer) => this.#receive(piece))
    stream.on('error', (error) => {
      reason = error.message
    })
    stream.on('close', () => this.#lost(new UpstreamFault(`ERR upstream ${label}: ${reason}, ${UNSURE}`, 502, true)))
  }

  /** Number of questions that are not answered yet. */
  get waiting(): number {
    return this.#questions.length - this.#answered
  }

  /** Sends one command, and hears its reply. */
  ask(argv: readonly Bytes[], answer: Answer): void {
    this.put(argv, { askedAt: monotonic(), missing: 1, answer })
  }

  /** The same for who has a question of his own. It leaves at the end of this turn. */
  put(argv: readonly Bytes[], asker: Asker): void {
    if (!this.isOpen) {
      asker.answer(new UpstreamFault(`ERR upstream ${this.#label}: the connection was closed`, 502, false))
      return
    }
    this.tell(argv)
    this.#expect(asker)
  }

  /** Sends all commands of a pipeline, on a connection that is open. */
  putAll(scan: PipelineScan, asker: Asker): void {
    if (this.#requests.isEmpty) immediately(this.#flush)
    for (let i = 0; i < scan.length; i++) this.#requests.addPlaces(scan.open(i))
    this.#expect(asker)
  }

  #expect(asker: Asker): void {
    this.#questions.push(asker)
    if (this.#cancelWatch === undefined && !this.isPatient) this.#watch()
  }

  /** Sends a command whose answer comes to `onMessage`. */
  tell(argv: readonly Bytes[]): void {
    if (!this.isOpen) return
    if (this.#requests.isEmpty) immediately(this.#flush)
    this.#requests.add(argv)
  }

  close(): void {
    this.#isEnded = true
    this.#lost(new UpstreamFault(`ERR upstream ${this.#label}: the connection was closed, ${UNSURE}`, 502, true))
    this.#stream.destroy()
  }

  #receive(piece: Buffer): void {
    try {
      this.#decoder.feed(piece)
      for (;;) {
        const asker = this.#questions[this.#answered]
        if (asker?.take !== undefined && this.onMessage === undefined) {
          asker.take(this.#decoder)
          if (asker.missing === 0) {
            this.#goOn()
            continue
          }
        }
        const reply = this.#decoder.next()
        if (reply === undefined) return
        this.#take(reply)
      }
    } catch (error) {
      this.#stream.destroy(error as Error)
    }
  }

  #take(reply: Reply): void {
    if (this.#answered === this.#questions.length || (this.onMessage !== undefined && !this.isAnswer(reply))) {
      // What comes unasked would be taken for the answer to the next question.
      if (this.onMessage === undefined) throw new ReplyBreach('it answered what nobody had asked')
      this.onMessage(reply)
      return
    }
    const question = this.#questions[this.#answered]!
    if (question.missing === 1) this.#goOn()
    question.answer(reply)
  }

  /** Whoever was asked for next has all its replies. */
  #goOn(): void {
    this.#questions[this.#answered++] = undefined
    if (this.#answered === this.#questions.length) {
      this.#questions = []
      this.#answered = 0
    } else if (this.#answered > 1024 && this.#answered * 2 > this.#questions.length) {
      this.#questions = this.#questions.slice(this.#answered)
      this.#answered = 0
    }
  }

  /** Looks once in a while whether the oldest question waits too long. */
  #watch(): void {
    const ms = this.#timeoutMs()
    if (ms === 0) return
    const oldest = this.#questions[this.#answered]
    const left = oldest === undefined ? ms : Math.max(1, oldest.askedAt + ms - monotonic())
    this.#cancelWatch = inBackground(left, () => {
      this.#cancelWatch = undefined
      const waits = this.#questions[this.#answered]
      if (waits === undefined || this.isPatient || !this.isOpen) return
      if (monotonic() - waits.askedAt < ms - 1) {
        this.#watch()
        return
      }
      this.#lost(new UpstreamFault(`ERR upstream ${this.#label} did not answer within ${ms} ms, ${UNSURE}`, 504, true))
      this.#stream.destroy()
    })
  }

  #lost(fault: UpstreamFault): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#cancelWatch?.()
    const waiting = this.#questions.slice(this.#answered) as Asker[]
    this.#questions = []
    this.#answered = 0
    this.#onClosed(!this.#isEnded)
    for (const asker of waiting) for (let left = asker.missing; left !== 0; left--) asker.answer(fault)
  }
}

/** A subscriber is sent messages between its answers. */
function isNoMessage(reply: Reply): boolean {
  if (!Array.isArray(reply)) return true
  const [kind] = reply
  return kind !== 'message' && kind !== 'pmessage' && kind !== 'smessage'
}

const UNSURE = 'the command may have run'
