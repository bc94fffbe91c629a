/** The system's files, as far as the append-only file needs more of them than snapshots do: the same seam for tests. */
import {
  close,
  closeSync,
  copyFileSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
} from 'node:fs'
import { type Files, systemFiles } from '../persistence/files/files.ts'

export interface AppendFiles extends Files {
  /** Opens a file, new or not, to which all writes are added at its end. */
  readonly openToAppend: (path: string) => number
  readonly openToRepair: (path: string) => number
  readonly truncateSync: (file: number, length: number) => void
  readonly syncDataSync: (file: number) => void
  /** Calls back, never at once. */
  readonly syncData: (file: number, done: (error: Error | null) => void) => void
  readonly close: (file: number, done: (error: Error | null | undefined) => void) => void
  readonly makeFolder: (path: string) => void
  readonly isFolder: (path: string) => boolean
  /** Has a file stay under another name, too, whatever takes its place: by a link, or by a copy where there are no links. */
  readonly keep: (path: string, other: string) => void
  /** Forces the names in a folder to disk. */
  readonly syncFolder: (path: string) => void
  readonly lengthOf: (path: string) => number
  readonly list: (path: string) => readonly string[]
}

/** Permissions of a file that is new, and of a folder. */
const MODE = 0o644
const FOLDER_MODE = 0o755

export const systemAppendFiles: AppendFiles = {
  ...systemFiles,
  openToAppend: (path) => openSync(path, 'a', MODE),
  openToRepair: (path) => openSync(path, 'r+'),
  truncateSync: ftruncateSync,
  syncDataSync: fdatasyncSync,
  syncData: fdatasync,
  close,
  makeFolder(path) {
    mkdirSync(path, { recursive: true, mode: FOLDER_MODE })
  },
  keep(path, other) {
    try {
      linkSync(path, other)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
      copyFileSync(path, other)
    }
  },
  isFolder: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
  syncFolder(path) {
    const folder = openSync(path, 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
  },
  lengthOf: (path) => statSync(path).size,
  list: (path) => readdirSync(path),
}
