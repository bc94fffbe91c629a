/** Whether something built is as new as what it is built from. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** True if a file is there and nothing among the sources, files and folders with all in them, was changed after it. */
export function isFresh(built: string, sources: readonly string[]): boolean {
  return existsSync(built) && statSync(built).mtimeMs > newest(sources)
}

/** Unix ms of the latest change. */
function newest(paths: readonly string[]): number {
  const times = paths.map((path) => {
    const stats = statSync(path)
    return stats.isDirectory() ? newest(readdirSync(path).map((name) => join(path, name))) : stats.mtimeMs
  })
  return Math.max(...times)
}
