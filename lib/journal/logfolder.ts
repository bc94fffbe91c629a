/**
 * The folder of an append-only log: `appenddirname` in `dir`. Knows the paths, reads the manifest and replaces it, so that on
 * disk there is always the old one or the new one: a temporary file, forced to disk, renamed, and the folder's names forced to
 * disk, too.
 */
import { join } from 'node:path'
import { type Bytes, fromText, toArray, toText } from '../base/bytes.ts'
import type { Engine } from '../engine/engine.ts'
import { readFile } from '../persistence/files/files.ts'
import type { AppendFiles } from './appendfiles.ts'
import type { Log } from './log.ts'
import { Manifest, parseManifest } from './manifest.ts'

/** Longest manifest that is read: it has a line for each file. */
const MANIFEST_MAX = 2 ** 24

const SUFFIX = /^\.(\d+)\.(base|incr)\.(?:rdb|aof)$/

export interface FolderParts {
  readonly engine: Engine
  readonly files: AppendFiles
  readonly log: Log
}

/** @throws ManifestFault, and the system's error */
export function readManifest(files: AppendFiles, path: string): Manifest {
  return parseManifest(
    readFile(files, path, (source) => {
      const array = new Uint8Array(Math.min(source.left, MANIFEST_MAX))
      source.read(array, 0)
      return Buffer.from(array).toString('latin1')
    }),
  )
}

export class LogFolder {
  readonly #parts: FolderParts
  readonly #files: AppendFiles

  constructor(parts: FolderParts) {
    this.#parts = parts
    this.#files = parts.files
  }

  get #dir(): string {
    return toText(this.#parts.engine.config.dir)
  }

  get filename(): Bytes {
    return this.#parts.engine.config.appendfilename
  }

  get path(): string {
    return join(this.#dir, toText(this.#parts.engine.config.appenddirname))
  }

  /** The file of a log of Redis before 7. */
  get #oldPath(): string {
    return join(this.#dir, toText(this.filename))
  }

  pathOf(name: Bytes): string {
    return join(this.path, toText(name))
  }

  get manifestPath(): string {
    return this.pathOf(`${this.filename}.manifest`)
  }

  /** Where the increment of a log is gathered that has no base yet. */
  get temporaryIncrement(): Bytes {
    return `temp-${this.filename}.incr`
  }

  /** Where a base is written, beside commands or not. */
  temporaryBase(inBackground: boolean): string {
    return join(this.#dir, `temp-rewriteaof-${inBackground ? 'bg-' : ''}${process.pid}.aof`)
  }

  /** An empty one where there is none. @throws ManifestFault, and the system's error */
  read(): Manifest {
    if (!this.#files.exists(this.manifestPath)) return this.#none()
    return readManifest(this.#files, this.manifestPath)
  }

  /** What stands there without a manifest is of no log; all the same it is not written over: new files count on. */
  #none(): Manifest {
    const last = { base: 0, incr: 0 }
    const names = this.#files.isFolder(this.path) ? this.#files.list(this.path) : []
    for (const name of names) {
      const bytes = fromText(name)
      const match = bytes.startsWith(`${this.filename}.`) ? SUFFIX.exec(bytes.slice(this.filename.length)) : null
      if (match !== null) {
        const kind = match[2] as 'base' | 'incr'
        last[kind] = Math.max(last[kind], Number(match[1]))
      }
    }
    return new Manifest(undefined, [], [], last.base, last.incr)
  }

  /** True if a manifest is the one on disk; undefined if that cannot be told. */
  holds({ text }: Manifest): boolean | undefined {
    try {
      return this.read().text === text
    } catch {
      return undefined
    }
  }

  /**
   * @throws the system's error; then the old one holds, unless all that has failed is that the folder's names be forced to disk:
   * then either may, after a failure of power
   */
  write(manifest: Manifest): void {
    const temporary = this.pathOf(`temp-${this.filename}.manifest`)
    const file = this.#files.openSync(temporary, 'w')
    try {
      const bytes = toArray(manifest.text)
      for (let at = 0; at < bytes.length; ) {
        const count = this.#files.writeSync(file, bytes, at)
        if (count === 0) throw new Error('No space left on device')
        at += count
      }
      this.#files.syncDataSync(file)
    } finally {
      this.#files.closeSync(file)
    }
    this.#files.renameSync(temporary, this.manifestPath)
    this.#files.syncFolder(this.path)
  }

  make(): void {
    this.#files.makeFolder(this.path)
  }

  /** Bytes of all that is loaded. @throws the system's error where a file is missing */
  sizeOf(manifest: Manifest): number {
    let size = 0
    for (const { name } of manifest.files) size += this.#files.lengthOf(this.pathOf(name))
    return size
  }

  /** True if there is a log of Redis before 7 that has not been taken in: one file, in `dir` itself. */
  hasOldFile(manifest: Manifest): boolean {
    if (!this.#files.exists(this.#oldPath)) return false
    if (manifest.isEmpty) return true
    const isMoved = this.#files.exists(this.pathOf(this.filename))
    return manifest.increments.length === 0 && manifest.base?.name === this.filename && !isMoved
  }

  /**
   * Takes it in as the base. Where that ends midway, the next start does it again. @throws the system's error
   */
  takeOldFile(): Manifest {
    this.make()
    const manifest = new Manifest().withOldFile(this.filename)
    this.write(manifest)
    this.#files.renameSync(this.#oldPath, this.pathOf(this.filename))
    const { appenddirname } = this.#parts.engine.config
    this.#parts.log(
      'notice',
      `Successfully migrated an old-style AOF file (${this.filename}) into the AOF directory (${appenddirname}).`,
    )
    return manifest
  }

  /** Removes what processes that are gone have left half written. */
  removeTemporary(): void {
    for (const name of this.#files.list(this.#dir)) {
      if (/^temp-rewriteaof-(?:bg-)?\d+\.aof$/.test(name)) this.#files.removeSync(join(this.#dir, name))
    }
    if (!this.#files.isFolder(this.path)) return
    for (const name of this.#files.list(this.path)) {
      const bytes = fromText(name)
      if (bytes === this.temporaryIncrement || bytes === `temp-${this.filename}.manifest`) {
        this.#files.removeSync(this.pathOf(bytes))
      }
    }
  }
}
