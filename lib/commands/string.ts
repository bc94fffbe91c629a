/** String commands. */
import { invalidExpire, SYNTAX } from '../errors.ts'
import { KEEP_TTL, NO_EXPIRY } from '../keyspace/db.ts'
import { storedString, stringBytes } from '../keyspace/values/string.ts'
import { OK, type Reply } from '../reply.ts'
import type { Args } from './args.ts'
import { type Command, type Context, command, keyAt, Notify } from './command.ts'

/** GET key */
function get(c: Context, a: Args): Reply {
  const value = c.db.readString(a.next())
  return value === undefined ? null : stringBytes(value)
}

/** SET key value [NX|XX] [GET] [EX s|PX ms|EXAT s|PXAT ms|KEEPTTL] */
function set(c: Context, a: Args): Reply {
  const key = a.next()
  const value = a.next()
  let expireAt: number = NO_EXPIRY
  while (!a.done) {
    if (a.match('KEEPTTL')) expireAt = KEEP_TTL
    else if (a.match('EX')) expireAt = c.now + a.integer() * 1000
    else return a.fail(SYNTAX)
  }
  if (a.error !== undefined) return a.error
  if (expireAt === 0) return invalidExpire('set')
  c.db.set(key, storedString(value), expireAt)
  c.signal(key, Notify.String, 'set')
  return OK
}

export const stringCommands: readonly Command[] = [
  command('get', 'string', 2, 'readonly fast', [keyAt(1, 'RO access')], get),
  command(
    'set',
    'string',
    -3,
    'write denyoom',
    [keyAt(1, 'RW access update variable_flags', 'RW and ACCESS due to the optional `GET` argument')],
    set,
  ),
]
