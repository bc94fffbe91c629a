/**
 * One server: a Redis, the master that Sentinels name, or a node of a Cluster. Commands of all callers share one connection a
 * database (a lane), on which they are pipelined; it is made with the first of them, and again after it was lost.
 *
 * What is asked once more: a command that the server did not run because it loads, or because its slot is on its way; and, where the
 * connection was lost, a command that only reads. Anything else that was lost may have run, and its caller is told so.
 */
import type { Duplex } from 'node:stream'
import type { Bytes } from '../base/bytes.ts'
import { type Reply, ReplyError } from '../base/reply.ts'
import { inBackground, monotonic } from '../base/runtime.ts'
import { UpstreamFault } from '../base/upstreamfault.ts'
import type { BackendStream, StreamListener } from '../engine/backend.ts'
import type { PipelineScan } from '../protocol/pipelinescan.ts'
import type { Place } from './address.ts'
import type { Batch } from './batch.ts'
import { Circuit } from './circuit.ts'
import { type Answer, type Asker, Connection } from './connection.ts'
import type { Dialer } from './dial.ts'
import type { Figures } from './figures.ts'

/** How often a command that reads is asked again after its connection was lost. */
const READS_AGAIN = 3

/** Between two attempts at a server that does not run the command yet. */
const WAIT_MS = 50

/** For how long a node that has nothing more to do waits for its last answers, where nothing else says so. */
const RETIRE_MS = 10_000

/** Codes of errors after which the command has not run, and may soon. */
const NOT_YET: ReadonlySet<Bytes> = new Set(['LOADING', 'TRYAGAIN', 'CLUSTERDOWN', 'MASTERDOWN'])

export interface NodeParts {
  readonly dialer: Dialer
  readonly figures: Figures
  /** For so long an answer is waited for; 0: for ever. */
  readonly timeoutMs: () => number
}

/** One command on a shared connection: there is no other object for it, as there are many of them. */
class Question implements Asker {
  readonly argv: readonly Bytes[]
  readonly db: number
  readonly isRead: boolean
  readonly missing = 1
  readonly begunAt: number
  /** The last time. */
  askedAt: number
  /** Hears what is answered in the end. */
  readonly resolve: Answer
  readonly #node: Node
  losses = 0

  constructor(node: Node, argv: readonly Bytes[], db: number, isRead: boolean, resolve: Answer, begunAt = monotonic()) {
    this.#node = node
    this.begunAt = this.askedAt = begunAt
    this.argv = argv
    this.db = db
    this.isRead = isRead
    this.resolve = resolve
  }

  answer(reply: Reply): void {
    if (reply instanceof ReplyError) this.#node.failed(this, reply)
    else this.resolve(reply)
  }
}

interface Lane {
  readonly db: number
  connection: Connection | undefined
  /** What waits for the connection. */
  waiting: Question[]
  usedAt: number
}

export class Node {
  readonly label: string
  readonly circuit = new Circuit()
  readonly #parts: NodeParts
  readonly #place: Place | undefined
  readonly #readOnly: boolean
  readonly #lanes = new Map<number, Lane>()
  #isClosed = false

  constructor(parts: NodeParts, place?: Place, readOnly = false) {
    this.#parts = parts
    this.#place = place
    this.#readOnly = readOnly
    const { label } = parts.dialer.address
    this.label = place === undefined ? label : `${label} (node ${place.host}:${place.port})`
  }

  /** Asks on the shared connection. Never rejects: a fault is a reply. */
  ask(argv: readonly Bytes[], db: number, isRead: boolean): Promise<Reply> {
    return new Promise((resolve) => this.send(argv, db, isRead, resolve))
  }

  /** The same for who needs no promise. */
  send(argv: readonly Bytes[], db: number, isRead: boolean, resolve: Answer): void {
    this.#parts.figures.commands++
    this.#attempt(new Question(this, argv, db, isRead, resolve))
  }

  /** Sends all commands of a pipeline, where the shared connection is there. */
  sendAll(db: number, scan: PipelineScan, batch: Batch): boolean {
    const lane = this.#lane(db)
    const { connection } = lane
    if (connection === undefined || !connection.isOpen) return false
    this.#parts.figures.commands += scan.length
    lane.usedAt = batch.askedAt
    connection.putAll(scan, batch)
    return true
  }

  /** A command of such a pipeline was answered an error: it is asked once more, or that is its answer. */
  failedInBatch(
    batch: Batch,
    argv: readonly Bytes[],
    db: number,
    isRead: boolean,
    reply: ReplyError,
    place: number,
  ): void {
    const settle = (late: Reply): void => batch.settle(place, late)
    this.failed(new Question(this, argv, db, isRead, settle, batch.askedAt), reply)
  }

  /** A connection for one user; `onClosed` is called once, when it is gone. @throws UpstreamFault */
  async dial(db: number, onClosed: () => void): Promise<Connection> {
    const { dialer, figures, timeoutMs } = this.#parts
    const { refusal } = this.circuit
    if (refusal !== undefined) throw refusal
    try {
      const stream = await dialer.dial(db, this.#place, this.#readOnly)
      if (this.#isClosed) {
        stream.destroy()
        throw new UpstreamFault(`ERR upstream ${this.label}: this server closes`, 502, false)
      }
      this.circuit.succeeded()
      figures.dials++
      figures.connections++
      return new Connection({
        stream,
        label: this.label,
        db,
        timeoutMs,
        onClosed: (isLost) => {
          figures.connections--
          if (isLost) figures.lost++
          onClosed()
        },
      })
    } catch (error) {
      if (!(error instanceof UpstreamFault)) throw error
      figures.failedDials++
      this.circuit.failed(error)
      throw error
    }
  }

  /** A connection for one client, of which nothing is read here; `isBare`: nobody has said yet who it is. */
  async openStream(db: number, listener: StreamListener, isBare: boolean): Promise<BackendStream | ReplyError> {
    const { dialer, figures } = this.#parts
    const { refusal } = this.circuit
    if (refusal !== undefined) return refusal
    try {
      const stream = await (isBare ? dialer.dialBare() : dialer.dialUnnamed(db, this.#place))
      this.circuit.succeeded()
      figures.dials++
      figures.streams++
      return passedOn(stream, listener, () => {
        figures.streams--
      })
    } catch (error) {
      const fault = faultOf(error, this.label)
      figures.failedDials++
      this.circuit.failed(fault)
      return fault
    }
  }

  /** Ends the shared connections on which nothing was asked for so long, but that of the first database. */
  closeIdle(idleMs: number, firstDb: number): void {
    for (const [db, { connection, usedAt }] of this.#lanes) {
      if (db === firstDb || connection === undefined || connection.waiting !== 0) continue
      if (monotonic() - usedAt >= idleMs) connection.close()
    }
  }

  /** The shared connections are made anew: what they lead to is not what was looked for. */
  renew(): void {
    for (const { connection } of this.#lanes.values()) connection?.close()
  }

  close(): void {
    this.#isClosed = true
    this.renew()
  }

  /** Nobody asks it any more; who waits for an answer still gets it. */
  retire(): void {
    inBackground(this.#parts.timeoutMs() || RETIRE_MS, () => this.close())
  }

  /** Asks one command to which another one must be the next, on the same connection: ASKING. */
  askBehind(before: readonly Bytes[], argv: readonly Bytes[]): Promise<Reply> {
    this.tell(before)
    return this.ask(argv, 0, false)
  }

  /** Sends a command whose answer is of no interest. */
  tell(argv: readonly Bytes[]): void {
    this.send(argv, 0, false, () => {})
  }

  #attempt(question: Question): void {
    const lane = this.#lane(question.db)
    const { connection } = lane
    if (connection?.isOpen) this.#put(lane, connection, question)
    else if (lane.waiting.push(question) === 1) this.#open(lane)
  }

  #put(lane: Lane, connection: Connection, question: Question): void {
    lane.usedAt = question.askedAt
    connection.put(question.argv, question)
  }

  #lane(db: number): Lane {
    let lane = this.#lanes.get(db)
    if (lane === undefined) this.#lanes.set(db, (lane = { db, connection: undefined, waiting: [], usedAt: 0 }))
    return lane
  }

  #open(lane: Lane): void {
    const onClosed = (): void => {
      lane.connection = undefined
    }
    this.dial(lane.db, onClosed).then(
      (connection) => {
        lane.connection = connection
        const { waiting } = lane
        lane.waiting = []
        for (const question of waiting) this.#put(lane, connection, question)
      },
      (error: unknown) => {
        const { waiting } = lane
        lane.waiting = []
        const fault = faultOf(error, this.label)
        for (const question of waiting) this.#end(question, fault)
      },
    )
  }

  /** What was answered is an error: the command is asked once more, or that is its answer. */
  failed(question: Question, reply: ReplyError): void {
    if (reply instanceof UpstreamFault) {
      const isUnharmed = question.isRead || !reply.mayHaveRun
      if (isUnharmed && question.losses++ < READS_AGAIN && this.#hasTime(question)) this.#again(question, 0)
      else this.#end(question, reply)
    } else if (NOT_YET.has(codeOf(reply)) && this.#hasTime(question)) this.#again(question, WAIT_MS)
    else if (
      codeOf(reply) === 'READONLY' &&
      this.#parts.dialer.address.kind === 'sentinel' &&
      this.#hasTime(question)
    ) {
      // It was the master, and is none any more; the command has not run.
      this.renew()
      this.#again(question, WAIT_MS)
    } else this.#end(question, reply)
  }

  #hasTime({ begunAt }: Question): boolean {
    const ms = this.#parts.timeoutMs()
    return !this.#isClosed && (ms === 0 || monotonic() - begunAt < ms)
  }

  #again(question: Question, ms: number): void {
    this.#parts.figures.retries++
    if (ms === 0) this.#attemptAgain(question)
    else inBackground(ms, () => this.#attemptAgain(question))
  }

  /** The server has as long for it as the first time: others wait on the same connection, which is ended where it is late. */
  #attemptAgain(question: Question): void {
    question.askedAt = monotonic()
    this.#attempt(question)
  }

  #end(question: Question, reply: ReplyError): void {
    if (reply instanceof UpstreamFault) this.#parts.figures.faults++
    question.resolve(namesServer(reply, this.label))
  }
}

function passedOn(stream: Duplex, listener: StreamListener, onClosed: () => void): BackendStream {
  stream.on('data', (piece: Buffer) => listener.received(piece.latin1Slice()))
  stream.on('drain', () => listener.drained())
  stream.on('error', () => {}) // 'close' follows
  stream.on('close', () => {
    onClosed()
    listener.closed()
  })
  return {
    get unsentBytes() {
      return stream.writableLength
    },
    write: (bytes) => stream.write(bytes, 'latin1'),
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    end: () => stream.end(),
    destroy: () => stream.destroy(),
  }
}

/** The first word of an error. */
export function codeOf({ text }: ReplyError): Bytes {
  const space = text.indexOf(' ')
  return space === -1 ? text : text.slice(0, space)
}

/** Errors that speak of the server's state and not of the command. */
const OF_SERVER: ReadonlySet<Bytes> = new Set([...NOT_YET, 'READONLY', 'NOAUTH', 'WRONGPASS'])

export function speaksOfServer(reply: Reply): reply is ReplyError {
  return reply instanceof ReplyError && OF_SERVER.has(codeOf(reply))
}

/** An error as the caller gets it: where it speaks of the server's state, it says which server. */
export function namesServer(reply: ReplyError, label: string): ReplyError {
  if (reply instanceof UpstreamFault || !speaksOfServer(reply)) return reply
  return new ReplyError(`${reply.text} (upstream ${label})`)
}

/** True for the answer to a command that has not run, and may soon. */
export function isNotYet(reply: Reply): boolean {
  return reply instanceof ReplyError && NOT_YET.has(codeOf(reply))
}

/** What a caller is told where a connection could not be made. */
export function faultOf(error: unknown, label: string): UpstreamFault {
  if (error instanceof UpstreamFault) return error
  const reason = error instanceof Error ? error.message : `${error}`
  return new UpstreamFault(`ERR upstream ${label}: ${reason}`, 502, false)
}
