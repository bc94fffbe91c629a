/**
 * The system's files, as far as snapshots need them: a seam, so that tests can have any call fail as a disk does. Nothing
 * here holds a file in memory.
 */
import { closeSync, existsSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'

export interface Files {
  readonly exists: (path: string) => boolean
  readonly openSync: (path: string, flags: 'r' | 'w') => number
  /** Both may write less than was asked for. */
  readonly writeSync: (file: number, array: Uint8Array, offset: number) => number
  readonly readSync: (file: number, array: Uint8Array, offset: number) => number
  readonly sizeOf: (file: number) => number
  readonly fsyncSync: (file: number) => void
  readonly closeSync: (file: number) => void
  readonly renameSync: (from: string, to: string) => void
  readonly removeSync: (path: string) => void
  readonly open: (path: string) => Promise<Pick<FileHandle, 'write' | 'sync' | 'close'>>
  readonly openToRead: (path: string) => Promise<Pick<FileHandle, 'read' | 'stat' | 'close'>>
  readonly rename: (from: string, to: string) => Promise<void>
  readonly remove: (path: string) => Promise<void>
}

/** As much is read at once of a file, or passed over. */
export const PIECE_BYTES = 2 ** 20

/** Permissions of a file that is new. */
const MODE = 0o644

export const systemFiles: Files = {
  exists: existsSync,
  openSync: (path, flags) => openSync(path, flags, MODE),
  writeSync: (file, array, offset) => writeSync(file, array, offset),
  readSync: (file, array, offset) => readSync(file, array, offset, array.length - offset, null),
  sizeOf: (file) => fstatSync(file).size,
  fsyncSync,
  closeSync,
  renameSync,
  removeSync: (path) => rmSync(path, { force: true }),
  open: (path) => open(path, 'w', MODE),
  openToRead: (path) => open(path, 'r'),
  rename: (from, to) => rename(from, to),
  remove: (path) => rm(path, { force: true }),
}

/** Has a file read from its beginning, and closes it. @throws the system's error, and what `read` throws */
export function readFile<T>(files: Files, path: string, read: (source: FileSource) => T): T {
  const file = files.openSync(path, 'r')
  try {
    return read(new FileSource(files, file))
  } finally {
    files.closeSync(file)
  }
}

/** Where bytes come from that are not all here. */
export interface Source {
  /** How many have not been read yet. */
  readonly left: number
  /** Reads the next ones into an array from an offset up to its end, as many of them as there are. @throws the system's error */
  read(array: Uint8Array, offset: number): void
}

export class FileSource implements Source {
  readonly #files: Files
  readonly #file: number
  left: number

  constructor(files: Files, file: number) {
    this.#files = files
    this.#file = file
    this.left = files.sizeOf(file)
  }

  /** Passes over the next bytes. */
  skip(count: number): this {
    const scratch = new Uint8Array(PIECE_BYTES)
    for (let left = count; left > 0; ) {
      const part = scratch.subarray(0, Math.min(left, PIECE_BYTES))
      this.read(part, 0)
      left -= part.length
    }
    return this
  }

  /** All that is left, each piece in an array of its own. */
  *pieces(): Generator<Uint8Array, void> {
    while (this.left > 0) {
      const piece = new Uint8Array(Math.min(PIECE_BYTES, this.left))
      this.read(piece, 0)
      yield piece
    }
  }

  read(array: Uint8Array, offset: number): void {
    for (let at = offset; at < array.length; ) {
      const count = this.#files.readSync(this.#file, array, at)
      if (count === 0) throw new Error('the file became shorter while it was read')
      this.left -= count
      at += count
    }
  }
}
