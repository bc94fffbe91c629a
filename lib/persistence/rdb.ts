/**
 * What commands may ask about the format of Redis's snapshots: values as payloads, and the whole store written and loaded
 * again. A snapshot is read to its end before anything of it is applied, so a bad one changes nothing.
 */
import { join } from 'node:path'
import { type Bytes, toText } from '../base/bytes.ts'
import { RELOAD_FAILED } from '../base/errors.ts'
import { OK, type Reply, type ReplyError } from '../base/reply.ts'
import type { Engine } from '../engine/engine.ts'
import type { EncodingLimits, Value } from '../keyspace/value.ts'
import type { LoadFigures, RdbPort } from '../session/ports.ts'
import { type Files, readFile, systemFiles } from './files/files.ts'
import { MemorySink } from './files/filesink.ts'
import { Malformed } from './format/input.ts'
import { RDB_VERSION } from './format/types.ts'
import { SnapshotArrival } from './snapshot/arrival.ts'
import { isIntact, readFunctionsPayload, readPayload, writeFunctionsPayload, writePayload } from './snapshot/payload.ts'
import { Staging } from './snapshot/staging.ts'
import type { SnapshotTaker } from './snapshot/taker.ts'
import type { WalkSink } from './snapshot/walk.ts'
import { Walks } from './snapshot/walks.ts'

type RdbLog = (level: 'verbose' | 'notice' | 'warning', message: string) => void

export class Rdb implements RdbPort {
  readonly #engine: Engine
  readonly #log: RdbLog
  skipsChecksum = false
  lastLoad: LoadFigures = { loaded: 0, expired: 0, empty: 0 }

  readonly walks: Walks
  /** Path of the file that this process has last loaded or written: it holds nothing that is not here, or was. */
  knownFile: string | undefined

  constructor(engine: Engine, log: RdbLog) {
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
    try {
      return readPayload(payload, this.#engine.config)
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.#log('verbose', `Bad payload: ${error.message}`)
      return undefined
    }
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
    const { config } = this.#engine
    try {
      const staging = new Staging(this.#engine, {
        keepsExpired: false,
        refusesDouble: !flush && !merge,
        log: this.#log,
      })
      if (save) this.walks.runAtOnce(new ArrivalSink(config, staging), { aux: [], version: RDB_VERSION })
      else readFile(systemFiles, this.#path, (source) => new SnapshotArrival(config, staging).readAll(source.pieces()))
      if (flush) staging.replace()
      else staging.add(merge)
      this.lastLoad = staging.figures
      if (!save) this.knownFile = this.#path
      return OK
    } catch (error) {
      this.#log('warning', `Error trying to load the RDB dump: ${error instanceof Error ? error.message : error}`)
      return RELOAD_FAILED
    }
  }

  replaceAll(pieces: readonly Uint8Array[]): void {
    const steps = this.replacing(pieces, false)
    while (steps.next().done !== true);
  }

  *replacing(pieces: Iterable<Uint8Array>, keepsExpired: boolean): Generator<undefined, void> {
    const { keyspace, config, clock } = this.#engine
    keyspace.setNow(clock.now())
    const staging = new Staging(this.#engine, { keepsExpired, refusesDouble: false, log: this.#log })
    const arrival = new SnapshotArrival(config, staging)
    for (const piece of pieces) {
      arrival.feed(piece)
      while (arrival.read(0) === 'later') yield
    }
    arrival.finish()
    staging.replace()
    this.lastLoad = staging.figures
  }

  /** Adds what a file holds, but for keys whose time is past. @throws Error, and changes nothing, where some of it cannot be added */
  addFile(files: Files, path: string): void {
    const { config } = this.#engine
    const staging = new Staging(this.#engine, { keepsExpired: false, refusesDouble: true, log: this.#log })
    readFile(files, path, (source) => {
      new SnapshotArrival(config, staging, { length: source.left }).readAll(source.pieces())
    })
    staging.add()
    this.lastLoad = staging.figures
  }

  pieces(aux: readonly (readonly [Bytes, Bytes])[]): Uint8Array[] {
    const sink = new MemorySink()
    this.walks.runAtOnce(sink, { aux })
    return sink.pieces
  }
}

/** A snapshot that is read as it is written: nothing of it is held, on disk or in memory. */
class ArrivalSink implements WalkSink {
  readonly #arrival: SnapshotArrival

  constructor(limits: EncodingLimits, taker: SnapshotTaker) {
    this.#arrival = new SnapshotArrival(limits, taker)
  }

  /** Keeps the array, so it is never given back. */
  write(piece: Uint8Array): void {
    this.#arrival.feed(piece)
    this.#arrival.read(Infinity)
  }

  end(): void {
    this.#arrival.finish()
  }

  abandon(): void {}
}
