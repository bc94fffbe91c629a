/** MEMORY: what a key weighs, and what the process holds. V8 does not tell what a value costs: see keyspace/weight.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import { MapReply, OK, type Reply, Verbatim } from '../../base/reply.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'

/** MEMORY USAGE key [SAMPLES count]. Every value knows its weight as a whole, so there is nothing to sample. */
export function usage(c: Context, a: Args): Reply {
  const key = a.next()
  while (!a.done) {
    if (a.left < 2 || !a.match('SAMPLES')) return SYNTAX
    const samples = a.integer()
    if (a.error !== undefined) return a.error
    if (samples < 0) return SYNTAX
  }
  return c.db.weightOf(key) ?? null
}

/** MEMORY DOCTOR */
export function doctor(c: Context): Reply {
  return new Verbatim(c.ports.figures.info.memoryReport())
}

/** MEMORY STATS */
export function stats(c: Context): Reply {
  return new MapReply(c.ports.figures.info.memoryStats())
}

const NO_ALLOCATOR_STATS: Bytes = 'Stats not supported for the current allocator'

/** MEMORY MALLOC-STATS */
export function mallocStats(): Reply {
  return NO_ALLOCATOR_STATS
}

/** MEMORY PURGE. V8 collects when it sees fit. */
export function purge(): Reply {
  return OK
}
