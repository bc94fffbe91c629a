/**
 * Writing a whole value over another, as SET does and APPEND does not. Who asks for the classes `o` and `c` of keyspace events
 * (Redis 8.2) hears of it, before the event of the command itself.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Db } from '../keyspace/db.ts'
import { typeName } from '../keyspace/typed.ts'
import type { TypeName, Value } from '../keyspace/value.ts'
import { type Context, Notify } from './command.ts'

/** `Db.set` that tells of it. */
export function overwrite(c: Context, key: Bytes, value: Value, expireAt: number): void {
  if (c.keyspace.tellsOverwritten) tellOverwritten(c, key, c.db.typeOf(key), value)
  c.db.set(key, value, expireAt)
}

/** Tells what a value takes the place of; `before` is the type of that, or undefined for nothing. */
export function tellOverwritten(
  c: Context,
  key: Bytes,
  before: TypeName | undefined,
  value: Value,
  db: Db = c.db,
): void {
  if (before === undefined) return
  c.notify(Notify.Overwritten, 'overwritten', key, db)
  if (before !== typeName(value)) c.notify(Notify.TypeChanged, 'type_changed', key, db)
}
