/** Server commands that are small enough to stand together: what the server is, what time it has, how it ends. */
import { type Reply, Verbatim } from '../reply.ts'
import type { Args } from './args.ts'
import { type Command, type Context, command } from './command.ts'

/** INFO [section …] */
function info(c: Context, a: Args): Reply {
  return new Verbatim(c.ports.info.text(a.rest()))
}

/** TIME. Seconds and microseconds; the clock counts milliseconds. */
function time(c: Context): Reply {
  return [`${Math.floor(c.now / 1000)}`, `${(c.now % 1000) * 1000}`]
}

export const serverCommands: readonly Command[] = [
  command('info', 'server', -1, 'loading stale @dangerous', [], info),
  command('time', 'server', 1, 'loading stale fast', [], time),
]
