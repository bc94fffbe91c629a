/**
 * A turn with the lock of libSQL (libsql.ts), from when it was taken until its row is in the log; and how long those wait who find
 * the database taken.
 */
import { monotonic, soon } from '../../base/runtime.ts'
import type { LogRow } from '../log/rows.ts'
import { type Begun, type Newer, RemoteFault } from '../remote/remotelog.ts'
import type { LibsqlClient, LibsqlResult } from './client.ts'

/** What a row may hold; of one that is longer the effects stand apart, in parts of that size. A server takes 5 MB at most. */
export const PART_BYTES = 2 ** 20
/** Between two tries: at first, and at most. Unit: ms. */
export const FIRST_RETRY_MS = 2
const LAST_RETRY_MS = 25

export interface TurnPlace {
  readonly log: string
  readonly meta: string
  readonly lock: string
  readonly parts: string
  /** True of the row of the lock while it is this turn's. */
  readonly isMine: string
  /** Its `until`, where it is held from now on. */
  readonly lease: string
  /** For so long a commit without an answer is sent again. */
  readonly patienceMs: number
}

/** A turn with the lock. */
export class LibsqlTurn implements Begun {
  readonly #client: LibsqlClient
  readonly #place: TurnPlace
  readonly #giveBack: () => void
  readonly now: number
  readonly format: number
  readonly last: number
  readonly rows: readonly LogRow[]

  constructor(client: LibsqlClient, place: TurnPlace, { now, format, last, rows }: Newer, giveBack: () => void) {
    this.#client = client
    this.#place = place
    this.#giveBack = giveBack
    this.now = now
    this.format = format
    this.last = last
    this.rows = rows
  }

  async commit({ seq, at, writer, effects }: LogRow, format?: number): Promise<void> {
    const { log, meta, lock, parts, isMine } = this.#place
    const isLong = effects.length > PART_BYTES
    if (isLong) await this.#sendParts(seq, effects)
    const isWhole = isLong
      ? ` AND (SELECT sum(length(bytes)) FROM ${parts} WHERE seq = ${seq}) = ${effects.length}`
      : ''
    // A row that is there already is this one, if its writer is: it counts as changed.
    const append = `INSERT INTO ${log} (seq, at, writer, effects)
      SELECT ${seq}, ${at}, ${writer}, ${isLong ? 'NULL' : '?'} FROM ${lock} WHERE ${isMine} AND seq = ${seq}${isWhole}
      ON CONFLICT (seq) DO UPDATE SET at = excluded.at WHERE writer = excluded.writer`
    const upgrade = `UPDATE ${meta} SET value = ${format} WHERE name = 'format' AND EXISTS (
      SELECT 1 FROM ${log} WHERE seq = ${seq} AND writer = ${writer})`
    const bytes = isLong ? undefined : effects
    await this.#again(async () => {
      if (format === undefined) return this.#client.run(append, bytes)
      return (await this.#client.runAll([append, upgrade], bytes))[0]
    })
  }

  /** Who sends is not silent: the lock is held on. */
  async #sendParts(seq: number, effects: Uint8Array): Promise<void> {
    const { lock, parts, isMine, lease } = this.#place
    // Those of somebody who never came to the row.
    await this.#again(async () => {
      const drop = `DELETE FROM ${parts} WHERE seq = ${seq} AND EXISTS (SELECT 1 FROM ${lock} WHERE ${isMine})`
      return (await this.#client.runAll([drop, `UPDATE ${lock} SET until = ${lease} WHERE ${isMine}`]))[1]
    })
    for (let part = 0; part * PART_BYTES < effects.length; part++) {
      const bytes = effects.subarray(part * PART_BYTES, (part + 1) * PART_BYTES)
      const add = `INSERT OR REPLACE INTO ${parts} SELECT ${seq}, ${part}, ? FROM ${lock} WHERE ${isMine}`
      const hold = `UPDATE ${lock} SET until = ${lease} WHERE ${isMine}`
      await this.#again(async () => (await this.#client.runAll([add, hold], bytes, true))[1])
    }
  }

  /** Asks for what changes one row while the lock is this turn's, and again where there was no answer. @throws RemoteFault */
  async #again(ask: () => Promise<LibsqlResult>): Promise<void> {
    const until = monotonic() + this.#place.patienceMs
    for (let pauseMs = FIRST_RETRY_MS; ; pauseMs = later(pauseMs)) {
      try {
        const { changes } = await ask()
        if (changes === 1) return
        throw new RemoteFault('another process has taken the lock over', 'refused')
      } catch (error) {
        const isWorthIt = error instanceof RemoteFault && (error.kind === 'away' || error.kind === 'busy')
        if (!isWorthIt || monotonic() + pauseMs > until) throw error
      }
      await pause(pauseMs)
    }
  }

  /** Nobody has to wait for it: a next turn of this process does without. */
  async release(): Promise<void> {
    this.#giveBack()
  }
}

/** @throws what is another fault than that somebody else writes */
export function unlessBusy(error: unknown): undefined {
  if (!(error instanceof RemoteFault && error.kind === 'busy')) throw error
  return undefined
}

/** The pause after a pause. */
export function later(ms: number): number {
  return Math.min(LAST_RETRY_MS, 2 * ms)
}

/** Not all processes at the same moment. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => soon(ms * (0.5 + Math.random()), resolve))
}
