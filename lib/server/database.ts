/** Where the keys are, as `store` says. */
import { resolve } from 'node:path'
import { toText } from '../base/bytes.ts'
import type { Directives } from '../config/config.ts'

/** Path of the database of SQLite; undefined for what is none. */
export function databaseOf({ store, dir }: Directives): string | undefined {
  return store.startsWith('sqlite:') ? resolve(toText(dir), toText(store.slice('sqlite:'.length))) : undefined
}

/** True for a database behind a network. */
export function isRemote({ store }: Directives): boolean {
  return /^(?:postgres(?:ql)?|libsql|https?|file):/.test(store)
}

/** True where keys are shared with other processes, who keep them. */
export function isShared({ store }: Directives): boolean {
  return store !== 'memory'
}

/** As it can be shown to anyone: a URL may hold a password. */
function storeName({ store }: Directives): string {
  return store.replace(/^(\w+:\/\/).*/, '$1…')
}

/** @throws Error for what cannot be beside it */
export function checkAlone(values: Directives): void {
  const rivals = [
    ['appendonly', values.appendonly],
    ['save', values.save.length > 0],
    ['replicaof', values.replicaof !== undefined],
    ['preload-file', values['preload-file'] !== ''],
  ] as const
  for (const [name, isSet] of rivals) {
    if (isSet) throw new Error(`${name} cannot be used with store ${storeName(values)}, which keeps the keys itself`)
  }
}
