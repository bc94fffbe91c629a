/**
 * An append-only log taken back to a moment: what is later than that goes, as its annotations of time say
 * (`aof-timestamp-enabled`). All that was there stays in a folder beside it, under other names for the same files, so it costs
 * no room; what is cut is written anew. Wherever that ends midway, the manifest names a log that can be loaded.
 */
import { basename, dirname, join } from 'node:path'
import { toArray, toText } from '../base/bytes.ts'
import { FileSource } from '../persistence/files/files.ts'
import type { AppendFiles } from './appendfiles.ts'
import { type CheckParts, checkFile, kindOf } from './logcheck.ts'
import { readManifest } from './logfolder.ts'
import type { Manifest } from './manifest.ts'

/** A log cannot be taken back; the message says why. */
export class RestoreRefusal extends Error {}

/** What is to be done. */
export interface Restoration {
  /** Undefined for a single file without a manifest. */
  readonly manifest: { readonly path: string; readonly before: Manifest; readonly after: Manifest } | undefined
  /** The file that is cut, where, and its size. */
  readonly cut: { readonly path: string; readonly at: number; readonly size: number }
  /** Files behind it. */
  readonly dropped: readonly string[]
  /** Commands that are kept though nobody knows when they ran: they stand before the first annotation. */
  readonly undated: number
}

/** Copied at once. Unit: bytes. */
const CHUNK_BYTES = 2 ** 20

/**
 * Finds out what is to be done; nothing where nothing is later. `path`: a manifest, or a file of commands. `to` in unix seconds.
 * @throws RestoreRefusal, ManifestFault, the system's error
 */
export function planRestoration(parts: CheckParts, path: string, to: number): Restoration | undefined {
  const { files } = parts
  const manifest = kindOf(files, path) === 'manifest' ? readManifest(files, path) : undefined
  const paths = manifest?.files.map(({ name }) => join(dirname(path), toText(name))) ?? [path]
  const ofBase = manifest?.base === undefined ? 0 : 1
  let undated = 0
  let hasTimes = false
  for (const [i, file] of paths.entries()) {
    const check = checkFile({ ...parts, until: to }, file)
    if (check.fault !== undefined) {
      throw new RestoreRefusal(`${file} is not whole: ${check.fault}. 'zerodis check --fix' mends what can be mended`)
    }
    const made = Number(check.snapshot?.facts.get('ctime') ?? 0)
    if (made > to) {
      throw new RestoreRefusal(`${file} was made at ${timeText(made)}: what was there before is not kept`)
    }
    if (!hasTimes && i >= ofBase) undated += check.undated
    hasTimes ||= check.times !== undefined || check.isCut
    if (!check.isCut) continue
    if (i === 0 && check.wholeTo === 0) throw new RestoreRefusal(`nothing in ${file} is of ${timeText(to)} or before`)
    return {
      manifest: manifest && { path, before: manifest, after: manifest.upTo(Math.max(0, i + 1 - ofBase)) },
      cut: { path: file, at: check.wholeTo, size: check.size },
      dropped: paths.slice(i + 1),
      undated,
    }
  }
  if (hasTimes) return undefined
  throw new RestoreRefusal(
    `${path} does not say when anything was done: a log can be taken back only as far as it was written with aof-timestamp-enabled`,
  )
}

/** Carries it out. Returns the folder in which all is as before. @throws the system's error */
export function restore(files: AppendFiles, { manifest, cut, dropped }: Restoration): string {
  const folder = dirname(cut.path)
  const kept = manifest === undefined ? [cut.path] : [manifest.path, ...filesOf(folder, manifest.before)]
  const backup = freeName(files, manifest === undefined ? cut.path : folder)
  files.makeFolder(backup)
  for (const path of kept) if (files.exists(path)) files.keep(path, join(backup, basename(path)))
  files.syncFolder(backup)
  if (manifest !== undefined) writeNew(files, manifest.path, toArray(manifest.after.text))
  shorten(files, cut.path, cut.at)
  for (const path of dropped) files.removeSync(path)
  files.syncFolder(folder)
  return backup
}

function filesOf(folder: string, { files, history }: Manifest): string[] {
  return [...files, ...history].map(({ name }) => join(folder, toText(name)))
}

function freeName(files: AppendFiles, path: string): string {
  for (let n = 1; ; n++) {
    const name = `${path}.before-restore${n === 1 ? '' : `-${n}`}`
    if (!files.exists(name)) return name
  }
}

/** Puts another file in its place that has its first bytes: who has the old one under another name keeps all of it. */
function shorten(files: AppendFiles, path: string, length: number): void {
  const from = files.openSync(path, 'r')
  try {
    const source = new FileSource(files, from)
    replace(files, path, (write) => {
      for (let left = length; left > 0; ) {
        const chunk = new Uint8Array(Math.min(left, CHUNK_BYTES))
        source.read(chunk, 0)
        write(chunk)
        left -= chunk.length
      }
    })
  } finally {
    files.closeSync(from)
  }
}

function writeNew(files: AppendFiles, path: string, bytes: Uint8Array): void {
  replace(files, path, (write) => write(bytes))
}

function replace(files: AppendFiles, path: string, fill: (write: (bytes: Uint8Array) => void) => void): void {
  const temporary = join(dirname(path), `temp-${basename(path)}`)
  const to = files.openSync(temporary, 'w')
  try {
    fill((bytes) => {
      for (let at = 0; at < bytes.length; ) at += files.writeSync(to, bytes, at)
    })
    files.syncDataSync(to)
  } finally {
    files.closeSync(to)
  }
  files.renameSync(temporary, path)
  files.syncFolder(dirname(path))
}

/** A moment in unix seconds, as people read it. */
export function timeText(seconds: number): string {
  const time = new Date(seconds * 1000)
  return Number.isNaN(time.getTime()) ? `${seconds}` : `${time.toISOString().replace('.000', '')} (${seconds})`
}
