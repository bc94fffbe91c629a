/**
 * What the commands have in common that work on files without a store: which files a path means, and that no store is at work
 * on them.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createCommandTable } from '../commands/index.ts'
import { Config } from '../config/config.ts'
import { systemAppendFiles } from '../journal/appendfiles.ts'
import { type CheckParts, kindOf } from '../journal/logcheck.ts'
import { DirectoryLock } from '../persistence/files/dirlock.ts'
import { StartupError } from './startup.ts'

/** The lock of a folder in which a store of ours keeps its data. */
const LOCK = '.zerodis.lock'
const MADE_TEMPORARILY = /^temp-/

export const systemParts = (): CheckParts => {
  const table = createCommandTable()
  return {
    files: systemAppendFiles,
    limits: new Config({}).values,
    now: Date.now(),
    knows: (word) => table.find(word) !== undefined,
  }
}

/** The files that a path means: itself, or what there is in a folder: manifests, else snapshots and what lies one folder deeper. */
export function targetsOf(path: string): string[] {
  const targets = candidatesOf(path)
  for (const target of targets) {
    const stats = statSync(target, { throwIfNoEntry: false })
    if (stats === undefined) throw new StartupError(`${target}: no such file or folder`)
    // A pipe would be waited for, and a device has no end.
    if (!stats.isFile()) throw new StartupError(`${target} is no regular file`)
  }
  return targets
}

function candidatesOf(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path]
  const manifests = manifestsIn(path)
  if (manifests.length > 0) return manifests
  const found: string[] = []
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name)
    if (entry.isDirectory()) found.push(...manifestsIn(inner))
    else if (/\.(rdb|aof)$/.test(entry.name) && !MADE_TEMPORARILY.test(entry.name)) found.push(inner)
  }
  if (found.length === 0) throw new StartupError(`${path} holds no snapshot (*.rdb) and no append-only file`)
  return found.sort()
}

function manifestsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.manifest') && !MADE_TEMPORARILY.test(name))
    .map((name) => join(folder, name))
    .sort()
}

/** Runs something that changes a file, while no store of ours is at work there. @throws DirectoryInUse, and what it throws */
export function alone<T>(path: string, run: () => T): T {
  const folders = kindOf(systemAppendFiles, path) === 'manifest' ? [dirname(dirname(path))] : []
  for (const folder of [dirname(path), dirname(dirname(path))]) {
    if (!folders.includes(folder) && existsSync(join(folder, LOCK))) folders.push(folder)
  }
  const locks: DirectoryLock[] = []
  try {
    for (const folder of folders) locks.push(DirectoryLock.take(folder))
    return run()
  } finally {
    for (const lock of locks) lock.release()
  }
}
