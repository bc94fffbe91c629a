/**
 * How far a replica's own append-only file is on disk, in offsets of its master's stream: what `REPLCONF ACK … FACK` says, for
 * WAITAOF. The file has offsets of its own, since it holds effects and not the master's bytes; so a place in both is noted, and
 * when the file is on disk that far, so is the stream.
 */
import type { SyncState } from '../session/appendingport.ts'

export class Fsynced {
  #known = -1
  /** The same place in the stream and in the file. */
  #noted: { readonly offset: number; readonly ofFile: number } | undefined

  /** Up to which offset of the stream it is; -1 where nobody can tell. The stream is at `offset` now. */
  at(offset: number, file: SyncState | undefined): number {
    if (file === undefined) {
      this.#known = -1
      this.#noted = undefined
    } else if (file.synced >= file.offset) {
      this.#known = offset
      this.#noted = undefined
    } else {
      if (this.#noted !== undefined && file.synced >= this.#noted.ofFile) {
        this.#known = this.#noted.offset
        this.#noted = undefined
      }
      this.#noted ??= { offset, ofFile: file.offset }
    }
    return this.#known
  }
}
