/** MEMORY: what a key weighs, and what the process holds. The figures are estimates: V8 does not tell what a value costs. */
import type { Bytes } from '../bytes.ts'
import { SYNTAX } from '../errors.ts'
import type { Value } from '../keyspace/value.ts'
import { stringLength } from '../keyspace/values/string.ts'
import { MapReply, OK, type Reply, Verbatim } from '../reply.ts'
import type { Args } from './args.ts'
import { type Command, type Context, command, keyAt } from './command.ts'
import { container } from './container.ts'

const DEFAULT_SAMPLES = 5
/** A slot of the dict: hash, key, value and access word. */
const ENTRY_BYTES = 24
/** Head of a string on V8's heap; the text is rounded up to words. */
const STRING_BYTES = 16

/** MEMORY USAGE key [SAMPLES count]. 0 samples: all. */
function usage(c: Context, a: Args): Reply {
  const key = a.next()
  let samples = DEFAULT_SAMPLES
  while (!a.done) {
    if (a.left < 2 || !a.match('SAMPLES')) return SYNTAX
    samples = a.integer()
    if (a.error !== undefined) return a.error
    if (samples < 0) return SYNTAX
  }
  const value = c.db.peek(key)
  return value === undefined ? null : ENTRY_BYTES + stringBytes(key.length) + valueBytes(value, samples)
}

function stringBytes(length: number): number {
  return STRING_BYTES + Math.ceil(length / 8) * 8
}

function valueBytes(value: Value, samples: number): number {
  if (typeof value === 'number') return 8
  return typeof value === 'object' && 'memoryBytes' in value
    ? value.memoryBytes(samples)
    : stringBytes(stringLength(value))
}

/** MEMORY DOCTOR */
function doctor(c: Context): Reply {
  return new Verbatim(c.ports.info.memoryReport())
}

/** MEMORY STATS */
function stats(c: Context): Reply {
  return new MapReply(c.ports.info.memoryStats())
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
