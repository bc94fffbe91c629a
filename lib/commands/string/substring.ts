/** Parts of a string: reading a range, writing one in place, appending, the length. */

import { STRING_TOO_LONG } from '../../base/errors.ts'
import type { Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { storedString, stringLength, stringSlice } from '../../keyspace/values/string.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { writable } from '../writable.ts'
import { OFFSET_OUT_OF_RANGE } from './errors.ts'

/** APPEND key value */
export function append(c: Context, a: Args): Reply {
  const key = a.next()
  const bytes = a.next()
  const value = c.db.findString(key)
  let length = bytes.length
  if (value === undefined) c.db.set(key, storedString(bytes), NO_EXPIRY)
  else {
    const end = stringLength(value)
    length += end
    if (length > c.config['proto-max-bulk-len']) return STRING_TOO_LONG
    writable(c, key, value).write(end, bytes)
  }
  c.signal(key, Notify.String, 'append')
  return length
}

/** SETRANGE key offset value */
export function setrange(c: Context, a: Args): Reply {
  const key = a.next()
  const offset = a.integer()
  const bytes = a.next()
  if (a.error !== undefined) return a.error
  if (offset < 0) return OFFSET_OUT_OF_RANGE
  const value = c.db.findString(key)
  if (bytes === '') return value === undefined ? 0 : stringLength(value)
  if (offset + bytes.length > c.config['proto-max-bulk-len']) return STRING_TOO_LONG
  const buffer = writable(c, key, value)
  buffer.write(offset, bytes)
  c.signal(key, Notify.String, 'setrange')
  return buffer.length
}

/** GETRANGE key start end; SUBSTR alike */
export function getrange(c: Context, a: Args): Reply {
  const key = a.next()
  let start = a.integer()
  let end = a.integer()
  if (a.error !== undefined) return a.error
  const value = c.db.readString(key)
  if (value === undefined) return ''
  const length = stringLength(value)
  if (start < 0 && end < 0 && start > end) return ''
  if (start < 0) start = Math.max(0, length + start)
  if (end < 0) end = Math.max(0, length + end)
  end = Math.min(end, length - 1)
  return start > end ? '' : stringSlice(value, start, end + 1)
}

/** STRLEN key */
export function strlen(c: Context, a: Args): Reply {
  const value = c.db.readString(a.next())
  return value === undefined ? 0 : stringLength(value)
}
