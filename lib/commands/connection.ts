/** Connection commands: who the client is, what it speaks, and whether anyone is there. */
import type { Bytes } from '../bytes.ts'
import { wrongArity } from '../errors.ts'
import { PONG, type Reply } from '../reply.ts'
import type { Args } from './args.ts'
import { type Command, type Context, command } from './command.ts'

/** PING [message] */
function ping(_: Context, a: Args): Reply {
  if (a.left > 1) return wrongArity('ping')
  const message: Bytes | undefined = a.done ? undefined : a.next()
  return message ?? PONG
}

export const connectionCommands: readonly Command[] = [command('ping', 'connection', -1, 'fast subscriber', [], ping)]
