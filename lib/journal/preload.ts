/**
 * `preload-file` (Redis 8.10): at the start the store is filled from this file, whatever is in `dir`: `rdb:` and a snapshot, or
 * `aof:` and the manifest of an append-only log, as BACKUP makes them.
 */
import { basename, dirname, resolve } from 'node:path'
import { fromText, toText } from '../base/bytes.ts'
import type { Engine } from '../engine/engine.ts'
import type { Rdb } from '../persistence/rdb.ts'
import type { AppendFiles } from './appendfiles.ts'
import { Loader } from './loader.ts'
import type { Log } from './log.ts'
import { readManifest } from './logfolder.ts'

export interface PreloadParts {
  readonly engine: Engine
  readonly rdb: Rdb
  readonly files: AppendFiles
  readonly log: Log
}

const MANIFEST_END = '.manifest'

export class Preload {
  readonly #parts: PreloadParts
  /** It was tried. */
  isDone = false

  constructor(parts: PreloadParts) {
    this.#parts = parts
  }

  /** Adds what the file holds. @throws Error */
  run(): void {
    const { engine, rdb, files, log } = this.#parts
    const { 'preload-file': value, dir } = engine.config
    const path = resolve(toText(dir), toText(value.slice(value.indexOf(':') + 1)))
    this.isDone = true
    engine.keyspace.setNow(engine.clock.now())
    if (value.startsWith('rdb:')) rdb.addFile(files, path)
    else {
      const filename = fromText(basename(path).slice(0, -MANIFEST_END.length))
      const loader = new Loader({ engine, rdb, files, log, folder: dirname(path), filename }, readManifest(files, path))
      while (loader.slice(Infinity));
    }
    log('notice', `DB loaded from ${value}`)
  }
}
