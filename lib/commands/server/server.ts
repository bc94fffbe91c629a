/** Server commands that are small enough to stand together: what the server is, what time it has, how it ends. */

import { SYNTAX } from '../../base/errors.ts'
import { type Reply, Verbatim } from '../../base/reply.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, lazyCommand } from '../command.ts'
import { SHUTDOWN_MAY_NOT_WAIT } from './errors.ts'
import { lolwut } from './lolwut.ts'

/** INFO [section …] */
function info(c: Context, a: Args): Reply {
  return new Verbatim(c.ports.figures.info.text(a.rest()))
}

/** TIME. Seconds and microseconds; the clock counts milliseconds. */
function time(c: Context): Reply {
  return [`${Math.floor(c.now / 1000)}`, `${(c.now % 1000) * 1000}`]
}

/** SHUTDOWN [NOSAVE|SAVE] [NOW] [FORCE] [ABORT] */
function shutdown(c: Context, a: Args): Reply | Promise<Reply> {
  const words = new Set<string>()
  while (!a.done) words.add(a.word())
  const save = words.delete('SAVE')
  const nosave = words.delete('NOSAVE')
  const now = words.delete('NOW')
  const force = words.delete('FORCE')
  const abort = words.delete('ABORT')
  if (words.size > 0 || (save && nosave) || (abort && (save || nosave || now || force))) return SYNTAX
  if (!now && !abort && !c.mayBlock) return SHUTDOWN_MAY_NOT_WAIT
  if (abort) return c.ports.process.abortShutdown()
  return c.ports.process.shutdown({ save: save ? true : nosave ? false : undefined, now, force })
}

export const serverCommands: readonly Command[] = [
  command('info', 'server', -1, 'loading stale @dangerous', [], info),
  lazyCommand('lolwut', 'server', -1, 'readonly fast', [], () => lolwut),
  command('shutdown', 'server', -1, 'admin noscript loading stale no_multi allow_busy', [], shutdown),
  command('time', 'server', 1, 'loading stale fast', [], time),
]
