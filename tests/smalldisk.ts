/** File systems in memory that are soon full, for who may mount one. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Puts one on a folder. @returns whether that was allowed */
export function mountSmall(folder: string, size: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status === 0
}

/** Takes it away, also while somebody holds a file in it. */
export function unmount(folder: string): void {
  spawnSync('umount', ['-l', folder])
}

/** Whether this user may; else it is said that a file of tests is skipped. */
export function mayMount(file: string): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'zerodis-mount-'))
  const isMounted = mountSmall(probe, '1m')
  if (isMounted) unmount(probe)
  else console.warn(`${file} is skipped: this user may not mount a file system (mount -t tmpfs)`)
  rmdirSync(probe)
  return isMounted
}
