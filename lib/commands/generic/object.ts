/** OBJECT: what a key's value looks like inside. None of its subcommands counts as an access. */
import type { Bytes } from '../../base/bytes.ts'
import type { Reply } from '../../base/reply.ts'
import { decayedFrequency } from '../../keyspace/lfu.ts'
import type { Value } from '../../keyspace/value.ts'
import { StringBuffer, stringEncoding } from '../../keyspace/values/string.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { LFU_NOT_SELECTED, LFU_SELECTED } from './errors.ts'

/** Redis shares the objects of small integers, and prints this as the number of their references. */
const SHARED_INTEGERS = 10_000
const SHARED_REFCOUNT = 2 ** 31 - 1

/** OBJECT ENCODING key */
export function encoding(c: Context, a: Args): Reply {
  const value = c.db.inspect(a.next())
  return value === undefined ? null : encodingOf(value)
}

function encodingOf(value: Value): Bytes {
  return typeof value !== 'object' || value instanceof StringBuffer ? stringEncoding(value) : value.encoding
}

/** OBJECT FREQ key */
export function freq(c: Context, a: Args): Reply {
  const key = a.next()
  if (c.db.inspect(key) === undefined) return null
  if (!c.keyspace.countsFrequency) return LFU_NOT_SELECTED
  return decayedFrequency(c.db.accessOf(key), c.keyspace)
}

/** OBJECT IDLETIME key */
export function idletime(c: Context, a: Args): Reply {
  const key = a.next()
  if (c.db.inspect(key) === undefined) return null
  if (c.keyspace.countsFrequency) return LFU_SELECTED
  return Math.max(0, Math.floor(c.now / 1000) - c.db.accessOf(key))
}

/** OBJECT REFCOUNT key. Under a policy that looks at each key's last use, Redis does not share. */
export function refcount(c: Context, a: Args): Reply {
  const value = c.db.inspect(a.next())
  if (value === undefined) return null
  if (c.config.maxmemory > 0 && /-l(ru|fu|rm)$/.test(c.config['maxmemory-policy'])) return 1
  return typeof value === 'number' && value >= 0 && value < SHARED_INTEGERS ? SHARED_REFCOUNT : 1
}
