/**
 * EVAL and its kin, and SCRIPT. What runs the scripts stands behind the scripting port. The lines of commands that a script
 * runs follow its own in MONITOR, so that these commands show themselves.
 */
import type { Bytes } from '../../base/bytes.ts'
import { NO_SCRIPT, NOT_INTEGER, oneLine, TOO_MANY_KEYS } from '../../base/errors.ts'
import { OK, type Reply, ReplyError, Sequence, Status } from '../../base/reply.ts'
import type { ScriptCall } from '../../session/ports.ts'
import type { Session } from '../../session/session.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import {
  NOT_BUSY,
  NUMKEYS_NEGATIVE,
  SCRIPT_DEBUG_BY_SHA,
  SCRIPT_DEBUG_MODE,
  SCRIPT_DEBUG_UNAVAILABLE,
  SCRIPT_FLUSH_MODE,
} from './errors.ts'

const SHA_LENGTH = 40

/** `numkeys [key …] [arg …]` */
export function readScriptCall(a: Args, readOnly: boolean, notInteger = NOT_INTEGER): ScriptCall | ReplyError {
  const numkeys = a.integer(notInteger)
  if (a.error) return a.error
  if (numkeys > a.left) return TOO_MANY_KEYS
  if (numkeys < 0) return NUMKEYS_NEGATIVE
  return { argv: a.argv, firstKey: a.position, firstArg: a.position + numkeys, readOnly }
}

/** Monitors see a script before the commands that it runs. */
export function showMonitors(c: Context, a: Args): void {
  const { monitors } = c.ports.connections
  if (monitors.size !== 0) monitors.show(c.session, a.argv)
}

/** EVAL script numkeys [key [key …]] [arg [arg …]] */
export const evalGeneric =
  (readOnly: boolean) =>
  (c: Context, a: Args): Reply => {
    showMonitors(c, a)
    const body = a.next()
    const call = readScriptCall(a, readOnly)
    if (call instanceof ReplyError) return call
    const reply = c.ports.scripting.scripts.eval(c.session, body, call)
    return c.session.trace === undefined ? reply : withTrace(c.session, c.session.trace, reply)
  }

/** A debugged script ends its session with what it has shown, its reply, and the connection. */
function withTrace(session: Session, trace: readonly Bytes[], reply: Reply): Reply {
  session.trace = undefined
  session.link.closeAfterReply()
  return new Sequence([[...trace, '<endsession>'].map((line) => new Status(oneLine(line))), reply])
}

/** EVALSHA sha1 numkeys [key [key …]] [arg [arg …]] */
export const evalshaGeneric =
  (readOnly: boolean) =>
  (c: Context, a: Args): Reply => {
    showMonitors(c, a)
    const sha = a.next()
    if (sha.length !== SHA_LENGTH) return NO_SCRIPT
    if (c.session.trace !== undefined) return SCRIPT_DEBUG_BY_SHA
    const call = readScriptCall(a, readOnly)
    return call instanceof ReplyError ? call : c.ports.scripting.scripts.evalSha(c.session, sha, call)
  }

/** SCRIPT LOAD script */
export function scriptLoad(c: Context, a: Args): Reply {
  return c.ports.scripting.scripts.load(c.session, a.next())
}

/** SCRIPT EXISTS sha1 [sha1 …] */
export function scriptExists(c: Context, a: Args): Reply {
  return a.rest().map((sha) => (c.ports.scripting.scripts.has(sha) ? 1 : 0))
}

/** SCRIPT SHOW sha1 | *. Valkey 8 has the first; `*` tells all scripts, each with its sha1, and is ours. */
export function scriptShow(c: Context, a: Args): Reply {
  const { scripts } = c.ports.scripting
  const sha = a.next()
  return sha === '*' ? scripts.all() : (scripts.textOf(sha) ?? NO_SCRIPT)
}

/** SCRIPT FLUSH [ASYNC | SYNC] */
export function scriptFlush(c: Context, a: Args): Reply {
  if (!a.done && !a.match('SYNC') && !a.match('ASYNC')) return SCRIPT_FLUSH_MODE
  if (!a.done) return SCRIPT_FLUSH_MODE
  c.ports.scripting.scripts.flush()
  return OK
}

/** SCRIPT KILL. While a script runs nobody else is served, so there is none to be killed (see `lua-hard-time-limit`). */
export function scriptKill(): Reply {
  return NOT_BUSY
}

/** SCRIPT DEBUG YES | SYNC | NO. The script shows what it passes to redis.debug, and is not stopped: see scripting/trace.ts. */
export function scriptDebug({ session }: Context, a: Args): Reply {
  if (a.match('NO')) session.trace = undefined
  else if (!a.match('YES') && !a.match('SYNC')) return SCRIPT_DEBUG_MODE
  else if (!session.authenticates) return SCRIPT_DEBUG_UNAVAILABLE
  else session.trace = []
  return OK
}
