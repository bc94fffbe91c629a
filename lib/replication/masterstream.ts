/**
 * What a master sends behind its snapshot: commands that have run there, and run here past all guards. They run in slices,
 * so that clients of this store are served meanwhile. What has run is handed on byte for byte: to the history, and so to
 * replicas of this one. A transaction is handed on when it is whole; what was cut off before that has not happened here.
 */
import type { Bytes } from '../base/bytes.ts'
import { MAX_BYTES } from '../base/bytes.ts'
import { ReplyError } from '../base/reply.ts'
import { monotonic } from '../base/runtime.ts'
import { Flag } from '../commands/command.ts'
import type { Engine } from '../engine/engine.ts'
import { SLICE_MS } from '../engine/stopwatch.ts'
import { Decoder, ProtocolError } from '../protocol/decode.ts'
import type { Session } from '../session/session.ts'

/** Bytes of a command, or of a transaction, that have not taken effect. Redis has no such bound. */
const PENDING_MAX = 2 ** 30
/** What a command in the queue of a transaction weighs beside its bytes. */
const QUEUED_BYTES = 150
/** Commands between two looks at the time. */
const COMMANDS_PER_LOOK = 32

const WRITES = Flag.Write | Flag.MayReplicate | Flag.Exec

export interface MasterStreamEvents {
  /** These bytes have taken effect. */
  readonly applied: (part: Bytes) => void
  /** What came is no stream of commands, or too much of one: nothing more is read. */
  readonly broken: (reason: string) => void
  readonly warn: (message: string) => void
}

export class MasterStream {
  readonly #engine: Engine
  readonly #session: Session
  readonly #events: MasterStreamEvents
  readonly #decoder = new Decoder(MAX_BYTES)
  /** What came and has not taken effect. */
  #raw: Buffer[] = []
  #rawBytes = 0
  /** The command that waits for the end of a pause. */
  #held: Bytes[] | undefined
  #isOver = false

  constructor(engine: Engine, session: Session, events: MasterStreamEvents) {
    this.#engine = engine
    this.#session = session
    this.#events = events
  }

  /** Bytes that came and have not taken effect. */
  get pendingBytes(): number {
    return this.#rawBytes
  }

  feed(chunk: Buffer): void {
    this.#raw.push(chunk)
    this.#rawBytes += chunk.length
    this.#decoder.feed(chunk)
  }

  /** Nothing more of it runs. */
  stop(): void {
    this.#isOver = true
  }

  /** As in Redis, CLIENT PAUSE here holds the master back, too: a command of it waits. */
  get isPaused(): boolean {
    return this.#held !== undefined
  }

  /** Runs what is there, for a slice of time. True if there is more to run. */
  run(): boolean {
    const { keyspace, pause } = this.#engine
    const endsAt = monotonic() + SLICE_MS
    let effectiveBytes = 0
    let hasMore = false
    this.#engine.beginBatch()
    keyspace.seesExpired = true
    try {
      for (let count = 1; !this.#isOver; count++) {
        const argv = this.#held ?? this.#decoder.next()
        this.#held = undefined
        if (argv === undefined) break
        if (argv instanceof ProtocolError) {
          this.#break(`Protocol error from the master: ${argv.text}`)
          break
        }
        if (pause.mode !== 'none' && this.#isHeldBack(argv)) {
          this.#held = argv
          break
        }
        this.#execute(argv)
        if (this.#session.transaction === undefined) effectiveBytes = this.#rawBytes - this.#decoder.pendingBytes
        if (count % COMMANDS_PER_LOOK !== 0 || monotonic() < endsAt) continue
        hasMore = true
        break
      }
    } finally {
      keyspace.seesExpired = false
      this.#engine.endBatch()
    }
    this.#decoder.settle()
    // REPLICAOF NO ONE in the master's own stream would end it; what ran before is history all the same.
    if (effectiveBytes > 0) this.#handOn(effectiveBytes)
    const queued = this.#session.transaction?.queue.length ?? 0
    if (this.#rawBytes + queued * QUEUED_BYTES > PENDING_MAX) this.#break('a command or a transaction is too long')
    return hasMore && !this.#isOver
  }

  #isHeldBack(argv: readonly Bytes[]): boolean {
    if (this.#engine.pause.mode === 'all') return true
    const command = this.#engine.named(argv)
    return command !== undefined && (command.flags & WRITES) !== 0
  }

  #execute(argv: readonly Bytes[]): void {
    const reply = this.#engine.execute(this.#session, argv)
    if (!(reply instanceof ReplyError)) return
    this.#events.warn(
      `== CRITICAL == This replica is sending an error to its master: '${reply.text}' after processing the command '${argv[0]}'`,
    )
  }

  #break(reason: string): void {
    this.#isOver = true
    this.#events.broken(reason)
  }

  /** The first bytes of what came are not kept any more. They are handed on in pieces: together they may be longer than any string. */
  #handOn(length: number): void {
    let left = length
    let taken = 0
    for (const chunk of this.#raw) {
      if (chunk.length > left) break
      this.#events.applied(chunk.toString('latin1'))
      left -= chunk.length
      taken++
    }
    this.#raw.splice(0, taken)
    if (left > 0) {
      this.#events.applied(this.#raw[0].toString('latin1', 0, left))
      this.#raw[0] = this.#raw[0].subarray(left)
    }
    this.#rawBytes -= length
  }
}
