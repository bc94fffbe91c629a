/**
 * The keys of a Durable Object: those of this process's memory, whose changes are kept in the object's own log. There is one writer
 * by construction, so nothing is asked for before a command, and nothing waits for a lock.
 *
 * A batch is what runs until the next commit, as in sqlite/shared.ts: the effects of a turn become one row, before any answer of that turn is
 * given to the host. The host lets none out before the row is safe (output gates). Where a row cannot be kept, the object ends at
 * once, and begins anew with what is in the log; whoever waits learns that.
 */
import type { Bytes } from '../../base/bytes.ts'
import { sharedLost } from '../../base/errors.ts'
import type { ReplyError } from '../../base/reply.ts'
import { Concern } from '../../engine/concerns.ts'
import { type Effect, type Engine, Target } from '../../engine/engine.ts'
import type { SharedPort } from '../../engine/sharedport.ts'
import type { Gate, Keeper } from '../../journal/gate.ts'
import { RowReader, RowWriter } from '../log/rows.ts'
import type { ObjectLog } from './objectlog.ts'

export interface DurableParts {
  readonly engine: Engine
  readonly log: ObjectLog
  readonly gate: Gate
  /** Of the object, the same for ever. */
  readonly id: Bytes
  /** A batch was kept. */
  readonly onCommit: () => void
  /** One could not be: what is in memory must not be shown any more. */
  readonly onLost: (reason: string) => void
}

export class Durable implements SharedPort, Keeper {
  readonly isRemote = false
  readonly id: Bytes
  readonly #parts: DurableParts
  readonly #writer = new RowWriter()
  #isApplying = false
  #batch = 0
  #beganAt = 0
  /** The last row of the log. */
  position = 0
  /** Of the rows behind the snapshot. */
  readonly copy = { logBytes: 0 }
  commits = 0
  lastError = ''

  constructor(parts: DurableParts) {
    this.#parts = parts
    this.id = parts.id
  }

  /** A batch is under way, which is not in the log. */
  get isLocked(): boolean {
    return !this.#writer.isEmpty
  }

  get isBusy(): boolean {
    return this.isLocked
  }

  /** All that is here is in the log, unless a batch is under way. */
  get isWhole(): boolean {
    return this.lastError === ''
  }

  /** Reads all that is there; from here on commands run on it. @throws Error where it cannot be read */
  open(): void {
    const { engine, gate } = this.#parts
    engine.keyspace.keepExpired({ isBetweenBatches: true })
    this.#isApplying = true
    try {
      this.#read()
    } finally {
      this.#isApplying = false
      engine.keyspace.keepExpired({ isBetweenBatches: false })
    }
    engine.keyspace.setNow(engine.clock.now())
    engine.effectListeners.push((effects) => this.#take(effects))
    gate.keptBy(this)
    engine.shared = this
    engine.concerns.set(Concern.Shared, true)
  }

  #read(): void {
    const { engine, log } = this.#parts
    const { seq } = log.mark()
    if (seq !== 0) {
      const steps = engine.ports.persistence.rdb.replacing(log.pieces(seq), true)
      while (steps.next().done !== true);
    }
    this.position = seq
    const reader = new RowReader(engine)
    for (const { seq: last, at, effects } of log.batches(seq)) {
      reader.apply(effects, at)
      this.position = last
      this.copy.logBytes += effects.length
    }
  }

  // For the engine: nobody else writes.

  ask(): undefined {
    return undefined
  }

  lets(): true {
    return true
  }

  listenSoon(): void {}

  lock(): true {
    return true
  }

  // For the gate.

  commit(): ReplyError | undefined {
    if (this.#writer.isEmpty) return undefined
    const { gate, log, onCommit, onLost } = this.#parts
    const effects = this.#writer.take()
    try {
      this.position = log.append(this.position, this.#beganAt, effects)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.lastError = reason
      const lost = sharedLost(reason)
      gate.undone(lost)
      onLost(reason)
      return lost
    }
    this.copy.logBytes += effects.length
    this.commits++
    gate.open(this.#batch)
    onCommit()
    return undefined
  }

  commitSync(): void {
    const lost = this.commit()
    if (lost !== undefined) throw lost
  }

  /** Messages are for those who hear them now, and not kept. */
  #take(effects: readonly Effect[]): void {
    if (this.#isApplying) return
    const kept = effects.every(isKept) ? effects : effects.filter(isKept)
    if (kept.length === 0) return
    if (this.#writer.isEmpty) {
      const { gate, engine } = this.#parts
      this.#beganAt = engine.clock.now()
      gate.shut(++this.#batch)
      gate.gathers()
    }
    this.#writer.add(kept)
  }
}

function isKept({ targets }: Effect): boolean {
  return (targets & Target.File) !== 0
}
