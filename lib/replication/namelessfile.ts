/**
 * A file of `dir` that holds a snapshot on its way, and has no name: it is gone when it is closed, or when its process ends, in
 * whatever way. A replica that is killed again and again while it is synchronised would otherwise fill its disk.
 */
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bytes, toText } from '../base/bytes.ts'
import { temporaryName } from '../persistence/files/dirlock.ts'

/** Of this process, so that each has a name of its own for a moment. */
let opened = 0

/** To be written and read. @throws the system's error */
export async function openNameless(dir: Bytes): Promise<FileHandle> {
  const path = join(toText(dir), temporaryName(`-sync-${++opened}.rdb`))
  const file = await open(path, 'w+', 0o600)
  try {
    await rm(path, { force: true })
  } catch (error) {
    await file.close()
    throw error
  }
  return file
}
