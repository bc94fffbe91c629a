/** What is told of a snapshot that is loaded: how many keys were taken and left out. */
import type { Bytes } from '../../base/bytes.ts'
import type { LoadFigures } from '../../session/ports.ts'

/** So many of the keys that are left out as empty are told by name. */
const TOLD_MAX = 10

export type LoadLog = (level: 'notice' | 'warning', message: string) => void

export class Figures implements LoadFigures {
  readonly #log: LoadLog
  loaded = 0
  expired = 0
  empty = 0

  constructor(log: LoadLog) {
    this.#log = log
  }

  /** A key is left out whose collection has no elements. */
  leaveOut(key: Bytes): void {
    if (this.empty++ < TOLD_MAX) this.#log('warning', `rdbLoadObject skipping empty key: ${key}`)
  }

  /** All is loaded. */
  tell(): void {
    const { loaded, expired, empty } = this
    const skipped = empty === 0 ? '' : `, empty keys skipped: ${empty}`
    const level = empty === 0 ? 'notice' : 'warning'
    this.#log(level, `Done loading RDB, keys loaded: ${loaded}, keys expired: ${expired}${skipped}.`)
  }
}
