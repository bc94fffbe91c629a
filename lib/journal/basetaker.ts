/** A snapshot that is the base of a log, put into the store as it is read: what cannot be loaded ends the start anyway. */
import type { Bytes } from '../base/bytes.ts'
import type { Places } from '../base/places.ts'
import type { Engine } from '../engine/engine.ts'
import { Figures, type LoadLog } from '../persistence/snapshot/figures.ts'
import { doubleKey, numberedDb } from '../persistence/snapshot/staging.ts'
import type { KeyFacts, SnapshotEntry, SnapshotTaker } from '../persistence/snapshot/taker.ts'

export class BaseTaker implements SnapshotTaker {
  readonly #engine: Engine
  readonly #libraries: Bytes[] = []
  readonly figures: Figures

  constructor(engine: Engine, log: LoadLog) {
    this.#engine = engine
    this.figures = new Figures(log)
  }

  fact(): void {}

  expect(db: number, keys: number, volatileKeys: number): void {
    this.#engine.keyspace.dbs[db]?.expect(keys, volatileKeys)
  }

  library(code: Bytes): void {
    this.#libraries.push(code)
  }

  empty(key: Bytes): void {
    this.figures.leaveOut(key)
  }

  /** A key whose time is past is taken, too: the increments say what becomes of it. */
  entry({ db: index, key, value, expireAt, idle, frequency }: SnapshotEntry): void {
    const { keyspace } = this.#engine
    const db = numberedDb(keyspace, index)
    if (!db.load(key, value, expireAt)) throw doubleKey(index, key)
    if (idle >= 0 || frequency >= 0) db.setAccess(key, keyspace.accessOfAge(idle, frequency))
    this.figures.loaded++
  }

  ahead(db: number, p: Places, count: number): void {
    numberedDb(this.#engine.keyspace, db).loadAhead(p, count)
  }

  placed(p: Places, { db: index, expireAt, idle, frequency }: KeyFacts): void {
    const { keyspace } = this.#engine
    const access = keyspace.accessOfAge(idle, frequency)
    if (!numberedDb(keyspace, index).loadPlace(p, 0, 1, expireAt, access)) throw doubleKey(index, p.text(0))
    this.figures.loaded++
  }

  /** All was read. @throws Error where a library of functions cannot be */
  finish(): void {
    if (this.#libraries.length > 0) {
      const error = this.#engine.ports.scripting.functions.restore(this.#libraries, 'append')
      if (error !== undefined) throw new Error(`Failed creating function, ${error.text}`)
    }
  }
}
