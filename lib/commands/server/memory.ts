/** MEMORY: what a key weighs, and what the process holds. V8 does not tell what a value costs: see keyspace/weight.ts. */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import { MapReply, OK, type Reply, Verbatim } from '../../base/reply.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, keyAt } from '../command.ts'
import { container } from '../container.ts'

/** MEMORY USAGE key [SAMPLES count]. Every value knows its weight as a whole, so there is nothing to sample. */
function usage(c: Context, a: Args): Reply {
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
function doctor(c: Context): Reply {
  return new Verbatim(c.ports.figures.info.memoryReport())
}

/** MEMORY STATS */
function stats(c: Context): Reply {
  return new MapReply(c.ports.figures.info.memoryStats())
}

const NO_ALLOCATOR_STATS: Bytes = 'Stats not supported for the current allocator'

/** MEMORY MALLOC-STATS */
function mallocStats(): Reply {
  return NO_ALLOCATOR_STATS
}

/** MEMORY PURGE. V8 collects when it sees fit. */
function purge(): Reply {
  return OK
}

const memorySubcommands = [
  command('doctor', 'server', 2, '', [], doctor),
  command('malloc-stats', 'server', 2, '', [], mallocStats),
  command('purge', 'server', 2, '', [], purge),
  command('stats', 'server', 2, '', [], stats),
  command('usage', 'server', -3, 'readonly', [keyAt(2, 'RO')], usage),
]

const memoryHelp = [
  ['DOCTOR', 'Return memory problems reports.'],
  ['MALLOC-STATS', 'Return internal statistics report from the memory allocator.'],
  ['PURGE', 'Attempt to purge dirty pages for reclamation by the allocator.'],
  ['STATS', 'Return information about the memory usage of the server.'],
  [
    'USAGE <key> [SAMPLES <count>]',
    'Return memory in bytes used by <key> and its value. Nested values are',
    'sampled up to <count> times (default: 5, 0 means sample all).',
  ],
]

export const memoryCommands: readonly Command[] = [container('memory', 'server', '', memorySubcommands, memoryHelp)]
