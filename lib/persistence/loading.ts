/**
 * The snapshot on disk read at the start: in slices beside the doors, which are open by then and answer LOADING, or at once for
 * who calls from this process. It is read to its end before anything of it is in the store, so a bad one changes nothing.
 */
import type { Bytes } from '../base/bytes.ts'
import { immediately, monotonic } from '../base/runtime.ts'
import type { Engine } from '../engine/engine.ts'
import type { Db } from '../keyspace/db.ts'
import { Keyspace } from '../keyspace/keyspace.ts'
import type { LoadProgress } from '../session/appendingport.ts'
import type { LoadFigures } from '../session/ports.ts'
import { SnapshotArrival, type SnapshotTaker } from './arrival.ts'
import type { Files } from './files.ts'
import { Malformed } from './input.ts'
import type { SnapshotEntry } from './snapshotread.ts'

/** Of the file, as it is read. */
const PIECE_BYTES = 2 ** 20
const SLICE_MS = 5

/** What is loaded, out of sight until it is whole. */
class Loaded implements SnapshotTaker {
  readonly #engine: Engine
  readonly #staged: Keyspace
  readonly #libraries: Bytes[] = []
  readonly #facts = new Map<Bytes, Bytes>()
  #keys = 0
  #expired = 0

  constructor(engine: Engine) {
    const { keyspace, clock } = engine
    const staged = new Keyspace(keyspace.dbs.length)
    staged.countsFrequency = keyspace.countsFrequency
    staged.lfuLogFactor = keyspace.lfuLogFactor
    staged.lfuDecayTime = keyspace.lfuDecayTime
    staged.setNow(clock.now())
    if (keyspace.counts) staged.count()
    this.#engine = engine
    this.#staged = staged
  }

  fact(name: Bytes, value: Bytes): void {
    this.#facts.set(name, value)
  }

  library(code: Bytes): void {
    this.#libraries.push(code)
  }

  /** A key whose time is past is left out, unless replicas may have it: then its removal is an effect like any other. */
  entry({ db: index, key, value, expireAt, idle, frequency }: SnapshotEntry): void {
    const db = this.#staged.dbs[index]
    if (db === undefined) throw new Error(`the snapshot has a database ${index}, 'databases' allows fewer`)
    const isPast = expireAt >= 0 && expireAt <= this.#staged.now
    if (isPast) this.#expired++
    else this.#keys++
    if (isPast && !this.#facts.has('repl-id')) return
    const { size } = db
    db.set(key, value, expireAt)
    const there = this.#engine.keyspace.dbs[index]
    if (db.size === size || (there.size > 0 && there.storedValue(key) !== undefined)) {
      throw new Error(`RDB has duplicated key '${key}' in DB ${index}`)
    }
    if (idle >= 0 || frequency >= 0) db.setAge(key, idle, frequency)
  }

  /** Puts it into the store. @throws Error, and changes nothing, where a library of functions cannot be */
  commit(): LoadFigures {
    const { keyspace, ports } = this.#engine
    if (this.#libraries.length > 0) {
      const error = ports.scripting.functions.restore(this.#libraries, 'append')
      if (error !== undefined) throw new Error(`Failed creating function, ${error.text}`)
    }
    const isEmpty = keyspace.size === 0
    for (const [index, db] of keyspace.dbs.entries()) {
      const staged = this.#staged.dbs[index]
      if (isEmpty) db.swap(staged)
      else addAll(db, staged)
    }
    if (isEmpty) keyspace.bytes = this.#staged.bytes
    this.#restoreHistory()
    return { loaded: this.#keys, expired: this.#expired }
  }

  #restoreHistory(): void {
    const id = this.#facts.get('repl-id')
    if (id === undefined) return
    const { following } = this.#engine.ports.persistence
    const number = (name: Bytes): number => Number(this.#facts.get(name) ?? -1)
    following.restored(id, number('repl-offset'), Math.max(number('repl-stream-db'), 0))
  }
}

function addAll(db: Db, from: Db): void {
  for (const key of from.keys()) {
    db.set(key, from.storedValue(key)!, from.expireAt(key))
    db.setAccess(key, from.accessOf(key))
  }
}

export class Loading implements LoadProgress {
  readonly #engine: Engine
  readonly #files: Files
  readonly #path: string
  readonly #loaded: Loaded
  #isStopped = false
  /** Unix ms. */
  readonly startedAt: number
  totalBytes = 0
  loadedBytes = 0

  constructor(engine: Engine, files: Files, path: string) {
    this.#engine = engine
    this.#files = files
    this.#path = path
    this.startedAt = engine.clock.now()
    this.#loaded = new Loaded(engine)
  }

  /** @throws Malformed, or the system's error; the store is as it was then */
  loadNow(): LoadFigures {
    const files = this.#files
    const file = files.openSync(this.#path, 'r')
    try {
      const arrival = this.#arrivalOf(files.sizeOf(file))
      while (this.loadedBytes < this.totalBytes) {
        const piece = this.#nextPiece()
        for (let at = 0; at < piece.length; ) at += some(files.readSync(file, piece, at))
        this.#feed(arrival, piece)
        arrival.read(Infinity)
      }
      return this.#finish(arrival)
    } finally {
      files.closeSync(file)
    }
  }

  /** The same beside other work. Undefined if it was stopped. @throws Malformed, or the system's error */
  async load(): Promise<LoadFigures | undefined> {
    const file = await this.#files.openToRead(this.#path)
    try {
      const arrival = this.#arrivalOf((await file.stat()).size)
      while (this.loadedBytes < this.totalBytes) {
        const piece = this.#nextPiece()
        for (let at = 0; at < piece.length; ) at += some((await file.read(piece, at)).bytesRead)
        this.#feed(arrival, piece)
        while (arrival.read(monotonic() + SLICE_MS) === 'later') await new Promise<void>(immediately)
        if (this.#isStopped) return undefined
      }
      return this.#finish(arrival)
    } finally {
      await file.close()
    }
  }

  /** Gives it up: the server ends. */
  stop(): void {
    this.#isStopped = true
  }

  #arrivalOf(size: number): SnapshotArrival {
    this.totalBytes = size
    return new SnapshotArrival(this.#engine.config, this.#loaded, size)
  }

  #nextPiece(): Uint8Array {
    return new Uint8Array(Math.min(PIECE_BYTES, this.totalBytes - this.loadedBytes))
  }

  #feed(arrival: SnapshotArrival, piece: Uint8Array): void {
    arrival.feed(piece)
    this.loadedBytes += piece.length
  }

  #finish(arrival: SnapshotArrival): LoadFigures {
    if (arrival.read(Infinity) !== 'end') throw new Malformed('unexpected end')
    return this.#loaded.commit()
  }
}

function some(count: number): number {
  if (count === 0) throw new Error('the file became shorter while it was read')
  return count
}
