/** Where the keys are, as `store` says. */
import { resolve } from 'node:path'
import type { Directives } from '../config/config.ts'

/** Path of the database of SQLite; undefined for what is none. */
export function databaseOf({ store, dir }: Directives): string | undefined {
  return store.startsWith('sqlite:') ? resolve(dir, store.slice('sqlite:'.length)) : undefined
}

/** True for a database behind a network. */
export function isRemote({ store }: Directives): boolean {
  return /^postgres(?:ql)?:/.test(store)
}

/** True where keys are shared with other processes, who keep them. */
export function isShared({ store }: Directives): boolean {
  return store !== 'memory'
}
