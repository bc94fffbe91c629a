/**
 * What commands may ask about the format of Redis's snapshots: values as payloads, and the whole store written and loaded
 * again. A snapshot is read to its end before anything of it is applied, so a bad one changes nothing.
 */
import { join } from 'node:path'
import { type Bytes, toText } from '../base/bytes.ts'
import { RELOAD_FAILED } from '../base/errors.ts'
import { OK, type Reply, type ReplyError } from '../base/reply.ts'
import type { Engine } from '../engine/engine.ts'
import type { Keyspace } from '../keyspace/keyspace.ts'
import type { Value } from '../keyspace/value.ts'
import type { LoadFigures, RdbPort } from '../session/ports.ts'
import type { SnapshotFilter } from '../session/replicationports.ts'
import { PieceSource, readFile, systemFiles } from './files.ts'
import { MemorySink } from './filesink.ts'
import { isIntact, readFunctionsPayload, readPayload, writeFunctionsPayload, writePayload } from './payload.ts'
import { RDB_VERSION } from './rdbtypes.ts'
import { readSnapshot, type Snapshot, type SnapshotEntry } from './snapshotread.ts'
import { Walks } from './walks.ts'

export class Rdb implements RdbPort {
  readonly #engine: Engine
  readonly #log: (message: string) => void
  skipsChecksum = false
  lastLoad: LoadFigures = { loaded: 0, expired: 0 }

  readonly walks: Walks
  /** Path of the file that this process has last loaded or written: it holds nothing that is not here, or was. */
  knownFile: string | undefined

  constructor(engine: Engine, log: (message: string) => void) {
    this.#engine = engine
    this.walks = new Walks(engine)
    this.#log = log
  }

  dump(value: Value): Bytes {
    return writePayload(value, this.#engine.config.rdbcompression)
  }

  isIntact(payload: Bytes): boolean {
    return isIntact(payload, this.skipsChecksum)
  }

  restore(payload: Bytes): Value | undefined {
    return readPayload(payload, this.#engine.config)
  }

  dumpFunctions(codes: readonly Bytes[]): Bytes {
    return writeFunctionsPayload(codes, this.#engine.config.rdbcompression)
  }

  restoreFunctions(payload: Bytes): readonly Bytes[] | ReplyError {
    return readFunctionsPayload(payload)
  }

  get #path(): string {
    const { dir, dbfilename } = this.#engine.config
    return join(toText(dir), toText(dbfilename))
  }

  reload({ save, flush, merge }: Parameters<RdbPort['reload']>[0]): Reply {
    const { keyspace, config } = this.#engine
    try {
      const snapshot = save
        ? readSnapshot(new PieceSource(this.pieces([], RDB_VERSION)), config)
        : readFile(systemFiles, this.#path, (source) => readSnapshot(source, config))
      checkEntries(snapshot.entries, keyspace, flush || merge)
      this.#loadFunctions(snapshot, flush ? 'flush' : merge ? 'replace' : 'append')
      if (flush) this.#empty()
      this.lastLoad = load(snapshot.entries, keyspace)
      if (!save) this.knownFile = this.#path
      return OK
    } catch (error) {
      this.#log(`Error trying to load the RDB dump: ${error instanceof Error ? error.message : error}`)
      return RELOAD_FAILED
    }
  }

  /**
   * Makes the store hold what a snapshot holds, and nothing else; whoever waits for a key of it is served. @throws Error, and
   * changes nothing, for a bad one
   */
  replaceAll(pieces: readonly Uint8Array[]): void {
    const { keyspace, config, clock, blocking } = this.#engine
    keyspace.setNow(clock.now())
    const snapshot = readSnapshot(new PieceSource(pieces), config)
    checkEntries(snapshot.entries, keyspace, true)
    this.#loadFunctions(snapshot, 'flush')
    this.#empty()
    this.lastLoad = load(snapshot.entries, keyspace)
    if (blocking.size === 0) return
    for (const db of keyspace.dbs) blocking.touchAll(db)
    blocking.serve()
  }

  #empty(): void {
    const { keyspace, watches, tracking } = this.#engine
    for (const db of keyspace.dbs) {
      watches.touchAll(db)
      db.clear()
    }
    if (tracking.size !== 0) tracking.flush()
  }

  /** Adds what a snapshot holds, but for keys whose time is past. @throws Error, and changes nothing, where some of it cannot be added */
  load(snapshot: Snapshot): void {
    const { keyspace } = this.#engine
    checkEntries(snapshot.entries, keyspace, false)
    this.#loadFunctions(snapshot, 'append')
    this.lastLoad = load(snapshot.entries, keyspace)
  }

  #loadFunctions({ functions }: Snapshot, policy: 'flush' | 'append' | 'replace'): void {
    if (functions.length === 0 && policy !== 'flush') return
    const error = this.#engine.ports.scripting.functions.restore(functions, policy)
    if (error !== undefined) throw new Error(`Failed creating function, ${error.text}`)
  }

  /** All that the store holds, as of now, in memory. */
  pieces(aux: readonly (readonly [Bytes, Bytes])[], version?: number, filter?: SnapshotFilter): Uint8Array[] {
    const sink = new MemorySink()
    this.walks.runAtOnce(sink, { aux, version, filter })
    return sink.pieces
  }
}

/** Refuses what cannot be loaded before anything is. */
function checkEntries(entries: readonly SnapshotEntry[], keyspace: Keyspace, replaces: boolean): void {
  for (const { db: index, key } of entries) {
    const db = keyspace.dbs[index]
    if (db === undefined) throw new Error(`the snapshot has a database ${index}, 'databases' allows fewer`)
    if (!replaces && db.has(key)) throw new Error(`RDB has duplicated key '${key}' in DB ${index}`)
  }
}

/** Adds the keys of a snapshot, but for those whose time is past. Returns how many of each there were. */
function load(entries: readonly SnapshotEntry[], keyspace: Keyspace): LoadFigures {
  let expired = 0
  for (const { db: index, key, value, expireAt, idle, frequency } of entries) {
    if (expireAt >= 0 && expireAt <= keyspace.now) {
      expired++
      continue
    }
    const db = keyspace.dbs[index]
    db.set(key, value, expireAt)
    db.setAge(key, idle, frequency)
  }
  return { loaded: entries.length - expired, expired }
}
