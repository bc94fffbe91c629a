/**
 * A keyspace that is filled out of sight: what a file, a master or a walk brings is loaded here, and comes into the store when it
 * is whole. Whatever is wrong with it, nobody has seen a part of it.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Db } from '../../keyspace/db.ts'
import { Keyspace } from '../../keyspace/keyspace.ts'
import { Figures, type LoadLog } from './figures.ts'
import type { KeyFacts, SnapshotEntry, SnapshotTaker } from './taker.ts'

export interface StagingOptions {
  /** Keys whose time is past stay until somebody says that they are gone. */
  readonly keepsExpired: boolean
  /** A key that the store has, too, is a fault. */
  readonly refusesDouble: boolean
  readonly log: LoadLog
}

export class Staging implements SnapshotTaker {
  readonly #engine: Engine
  readonly #options: StagingOptions
  readonly #keyspace: Keyspace
  readonly #libraries: Bytes[] = []
  /** What the snapshot says of itself. */
  readonly facts = new Map<Bytes, Bytes>()
  /** Keys that were left out as their time is past, where the snapshot says that replicas may have them. */
  readonly gone: { readonly db: number; readonly key: Bytes }[] = []
  /** Of the keys that were loaded, and of those that were not. */
  readonly figures: Figures

  constructor(engine: Engine, options: StagingOptions) {
    const { keyspace, clock } = engine
    this.#engine = engine
    this.#options = options
    this.figures = new Figures(options.log)
    const staged = new Keyspace(keyspace.dbs.length, keyspace.knowsSlots)
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

  expect(db: number, keys: number, volatileKeys: number): void {
    this.#keyspace.dbs[db]?.expect(keys, volatileKeys)
  }

  library(code: Bytes): void {
    this.#libraries.push(code)
  }

  empty(key: Bytes): void {
    this.figures.leaveOut(key)
  }

  entry({ db: index, key, value, expireAt, idle, frequency }: SnapshotEntry): void {
    const db = numberedDb(this.#keyspace, index)
    if (this.#isPast(expireAt)) {
      this.#leaveOut(index, key)
      return
    }
    this.figures.loaded++
    const isThere = this.#mayBeThere(index) && this.#isThere(index, key)
    if (isThere || !db.load(key, value, expireAt)) throw doubleKey(index, key)
    if (idle >= 0 || frequency >= 0) db.setAccess(key, this.#keyspace.accessOfAge(idle, frequency))
  }

  ahead(db: number, p: Places, count: number): void {
    numberedDb(this.#keyspace, db).loadAhead(p, count)
  }

  placed(p: Places, { db: index, expireAt, idle, frequency }: KeyFacts): void {
    const db = numberedDb(this.#keyspace, index)
    if (this.#isPast(expireAt)) {
      this.#leaveOut(index, p.text(0))
      return
    }
    this.figures.loaded++
    const access = this.#keyspace.accessOfAge(idle, frequency)
    const isThere = this.#mayBeThere(index) && this.#isThere(index, p.text(0))
    if (isThere || !db.loadPlace(p, 0, 1, expireAt, access)) throw doubleKey(index, p.text(0))
  }

  #isPast(expireAt: number): boolean {
    return expireAt >= 0 && !this.#options.keepsExpired && expireAt <= this.#keyspace.now
  }

  /** The store has keys, of which none may come again. */
  #mayBeThere(db: number): boolean {
    return this.#options.refusesDouble && this.#engine.keyspace.dbs[db].size > 0
  }

  #isThere(db: number, key: Bytes): boolean {
    return this.#engine.keyspace.dbs[db].holds(key)
  }

  #leaveOut(db: number, key: Bytes): void {
    this.figures.expired++
    if (this.facts.has('repl-id')) this.gone.push({ db, key })
  }

  /**
   * Takes the place of what the store holds; whoever waits for a key that is there now is served. @throws Error, and changes
   * nothing, where a library of functions cannot be
   */
  replace(): void {
    const { keyspace, watches, tracking, blocking } = this.#engine
    const staged = this.#keyspace
    this.#restoreLibraries('flush')
    if (keyspace.counts) staged.count()
    for (const [index, db] of keyspace.dbs.entries()) {
      watches.touchAll(db, staged.dbs[index])
      db.swap(staged.dbs[index])
    }
    const { bytes } = keyspace
    keyspace.bytes = staged.bytes
    staged.bytes = bytes
    if (tracking.size !== 0) tracking.flush()
    if (blocking.size === 0) return
    for (const db of keyspace.dbs) blocking.touchAll(db)
    blocking.serve()
  }

  /** Comes to what the store holds, in the place of keys and libraries of the same name if `merges`. @throws as `replace` */
  add(merges = false): void {
    const { keyspace } = this.#engine
    const staged = this.#keyspace
    this.#restoreLibraries(merges ? 'replace' : 'append')
    if (keyspace.counts) staged.count()
    const isEmpty = keyspace.size === 0
    for (const [index, db] of keyspace.dbs.entries()) {
      if (isEmpty) db.swap(staged.dbs[index])
      else addAll(db, staged.dbs[index])
    }
    if (isEmpty) keyspace.bytes = staged.bytes
  }

  #restoreLibraries(policy: 'flush' | 'append' | 'replace'): void {
    if (this.#libraries.length === 0 && policy !== 'flush') return
    const error = this.#engine.ports.scripting.functions.restore(this.#libraries, policy)
    if (error !== undefined) throw new Error(`Failed creating function, ${error.text}`)
  }
}

/** The database of a number in a snapshot. @throws Error where there is none */
export function numberedDb({ dbs }: Keyspace, index: number): Db {
  const db = dbs[index]
  if (db === undefined) throw new Error(`the snapshot has a database ${index}, 'databases' allows fewer`)
  return db
}

export function doubleKey(db: number, key: Bytes): Error {
  return new Error(`RDB has duplicated key '${key}' in DB ${db}`)
}

function addAll(db: Db, from: Db): void {
  for (const key of from.keys()) {
    db.set(key, from.storedValue(key)!, from.expireAt(key))
    db.setAccess(key, from.accessOf(key))
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
