/** Where the keys are, as `store` says. */
import { resolve } from 'node:path'
import type { Directives } from '../config/config.ts'

/** Path of the database of SQLite; undefined for the memory of this process. */
export function databaseOf({ store, dir }: Directives): string | undefined {
  return store.startsWith('sqlite:') ? resolve(dir, store.slice('sqlite:'.length)) : undefined
}
