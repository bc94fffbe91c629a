/** How the …STORE commands end: the result replaces the destination whatever it held, an empty one deletes it. */
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import { NO_EXPIRY } from '../keyspace/db.ts'
import type { ObjectValue } from '../keyspace/value.ts'
import { type Context, Notify, type NotifyClass } from './command.ts'
import { overwrite } from './overwriting.ts'

/** Stores a result under a key and answers its length. It counts as one change, or as `changes`. */
export function storeResult(
  c: Context,
  key: Bytes,
  result: ObjectValue,
  kind: NotifyClass,
  event: Bytes,
  changes = 1,
): Reply {
  if (result.length > 0) {
    overwrite(c, key, result, NO_EXPIRY)
    c.signal(key, kind, event)
    c.count(changes)
  } else if (c.db.delete(key)) {
    c.signal(key, Notify.Generic, 'del')
  }
  return result.length
}
