/** SLOWLOG: the commands that took longest, newest first. The engine feeds the log; see observability/slowlog.ts. */

import { subcommandSyntax } from '../../base/errors.ts'
import { OK, type Reply } from '../../base/reply.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { SLOWLOG_COUNT } from './errors.ts'

const DEFAULT_COUNT = 10

/** SLOWLOG GET [count]. -1: all. What an entry says last, how many arguments there were, came with Redis 8.10. */
export function get(c: Context, a: Args): Reply {
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
export function len(c: Context): Reply {
  return c.ports.figures.slowlog.length
}

/** SLOWLOG RESET */
export function reset(c: Context): Reply {
  c.ports.figures.slowlog.reset()
  return OK
}
