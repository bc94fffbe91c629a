/** SLOWLOG: the commands that took longest, newest first. The engine feeds the log; see observability/slowlog.ts. */

import { subcommandSyntax } from '../../base/errors.ts'
import { OK, type Reply } from '../../base/reply.ts'
import type { Args } from '../args.ts'
import { always, type Command, type Context, command } from '../command.ts'
import { container } from '../container.ts'
import { SLOWLOG_COUNT } from './errors.ts'

const DEFAULT_COUNT = 10

/** SLOWLOG GET [count]. -1: all. What an entry says last, how many arguments there were, came with Redis 8.10. */
function get(c: Context, a: Args): Reply {
  if (a.left > 1) return subcommandSyntax('slowlog', a.argv[1])
  const count = a.done ? DEFAULT_COUNT : a.integerBetween(-1, Number.MAX_VALUE, SLOWLOG_COUNT)
  if (a.error !== undefined) return a.error
  const entries = c.ports.figures.slowlog.latest(count === -1 ? Infinity : count)
  return entries.map(({ id, time, microseconds, argv, addr, name, argumentCount }) => [
    id,
    time,
    microseconds,
    argv,
    addr,
    name,
    argumentCount,
  ])
}

/** SLOWLOG LEN */
function len(c: Context): Reply {
  return c.ports.figures.slowlog.length
}

/** SLOWLOG RESET */
function reset(c: Context): Reply {
  c.ports.figures.slowlog.reset()
  return OK
}

const words = 'admin loading stale'

const slowlogSubcommands = [
  command('get', 'server', -2, words, [], get, { tellsKeys: always }),
  command('len', 'server', 2, words, [], len),
  command('reset', 'server', 2, words, [], reset),
]

const slowlogHelp = [
  [
    'GET [<count>]',
    'Return top <count> entries from the slowlog (default: 10, -1 mean all).',
    'Entries are made of:',
    'id, timestamp, time in microseconds, arguments array, client IP and port,',
    'client name',
  ],
  ['LEN', 'Return the length of the slowlog.'],
  ['RESET', 'Reset the slowlog.'],
]

export const slowlogCommands: readonly Command[] = [container('slowlog', 'server', '', slowlogSubcommands, slowlogHelp)]
