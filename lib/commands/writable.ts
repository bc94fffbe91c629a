/** Strings that are written in place: APPEND, SETRANGE, bits and HyperLogLogs. */
import type { Bytes } from '../base/bytes.ts'
import { KEEP_TTL } from '../keyspace/db.ts'
import type { StringValue } from '../keyspace/value.ts'
import { StringBuffer, stringBytes } from '../keyspace/values/string.ts'
import type { Context } from './command.ts'

/** The value as one that is written in place, stored under the key if it was not one (or there was none). */
export function writable(c: Context, key: Bytes, value: StringValue | undefined): StringBuffer {
  if (value instanceof StringBuffer) return value
  const buffer = new StringBuffer(value === undefined ? '' : stringBytes(value))
  c.db.set(key, buffer, KEEP_TTL)
  return buffer
}
