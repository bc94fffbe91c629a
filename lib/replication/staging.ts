/**
 * A keyspace that is filled out of sight: what a master has sent is loaded here, and takes the place of what was there
 * when it is whole. Whatever is wrong with it, nobody has seen a part of it.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Engine } from '../engine/engine.ts'
import { Keyspace } from '../keyspace/keyspace.ts'
import type { SnapshotTaker } from '../persistence/arrival.ts'
import type { SnapshotEntry } from '../persistence/snapshotread.ts'

export class Staging implements SnapshotTaker {
  readonly #engine: Engine
  readonly #keyspace: Keyspace
  readonly #libraries: Bytes[] = []
  /** What the snapshot says of itself. */
  readonly facts = new Map<Bytes, Bytes>()
  /** Keys that were loaded. */
  keys = 0

  constructor(engine: Engine) {
    const { keyspace, clock } = engine
    this.#engine = engine
    const staged = new Keyspace(keyspace.dbs.length)
    staged.countsFrequency = keyspace.countsFrequency
    staged.lfuLogFactor = keyspace.lfuLogFactor
    staged.lfuDecayTime = keyspace.lfuDecayTime
    staged.setNow(clock.now())
    if (keyspace.counts) staged.count()
    this.#keyspace = staged
  }

  fact(name: Bytes, value: Bytes): void {
    this.facts.set(name, value)
  }

  library(code: Bytes): void {
    this.#libraries.push(code)
  }

  /** Those whose time is past stay until the master says that they are gone. */
  entry({ db: index, key, value, expireAt, idle, frequency }: SnapshotEntry): void {
    const db = this.#keyspace.dbs[index]
    if (db === undefined) throw new Error(`the snapshot has a database ${index}, 'databases' allows fewer`)
    if (db.storedValue(key) !== undefined) throw new Error(`the snapshot has a key twice in database ${index}`)
    db.set(key, value, expireAt)
    db.setAge(key, idle, frequency)
    this.keys++
  }

  /** Takes the place of what the store holds; whoever waits for a key that is there now is served. @throws Error, and changes nothing */
  commit(): void {
    const { keyspace, watches, tracking, blocking, ports } = this.#engine
    const staged = this.#keyspace
    const error = ports.scripting.functions.restore(this.#libraries, 'flush')
    if (error !== undefined) throw new Error(`Failed creating function, ${error.text}`)
    if (keyspace.counts) staged.count()
    for (const [index, db] of keyspace.dbs.entries()) {
      watches.touchAll(db, staged.dbs[index])
      db.swap(staged.dbs[index])
    }
    const { bytes } = keyspace
    keyspace.bytes = staged.bytes
    staged.bytes = bytes
    if (tracking.size !== 0) tracking.flush()
    this.#engine.dirty += this.keys
    if (blocking.size === 0) return
    for (const db of keyspace.dbs) blocking.touchAll(db)
    blocking.serve()
  }
}

/** Empties the store, as a replica does before it loads (`repl-diskless-load disabled`). */
export function emptyStore(engine: Engine): void {
  const { keyspace, watches, tracking, config, ports } = engine
  for (const db of keyspace.dbs) {
    watches.touchAll(db)
    db.clear(config['replica-lazy-flush'])
  }
  ports.scripting.functions.flush()
  if (tracking.size !== 0) tracking.flush()
}
