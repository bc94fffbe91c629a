/**
 * EVAL and its kin, and SCRIPT. What runs the scripts stands behind the scripting port. The lines of commands that a script
 * runs follow its own in MONITOR, so that these commands show themselves.
 */
import type { Bytes } from '../../base/bytes.ts'
import {
  NO_SCRIPT,
  NOT_BUSY,
  NOT_INTEGER,
  NUMKEYS_NEGATIVE,
  oneLine,
  SCRIPT_DEBUG_BY_SHA,
  SCRIPT_DEBUG_MODE,
  SCRIPT_DEBUG_UNAVAILABLE,
  SCRIPT_FLUSH_MODE,
  TOO_MANY_KEYS,
} from '../../base/errors.ts'
import { OK, type Reply, ReplyError, Sequence, Status } from '../../base/reply.ts'
import type { ScriptCall, ScriptPromise } from '../../session/ports.ts'
import type { Session } from '../../session/session.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, Flag, type Handler, type KeySpec, numKeys } from '../command.ts'
import { container } from '../container.ts'

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
const evalGeneric =
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
const evalshaGeneric =
  (readOnly: boolean) =>
  (c: Context, a: Args): Reply => {
    showMonitors(c, a)
    const sha = a.next()
    if (sha.length !== SHA_LENGTH) return NO_SCRIPT
    if (c.session.trace !== undefined) return SCRIPT_DEBUG_BY_SHA
    const call = readScriptCall(a, readOnly)
    return call instanceof ReplyError ? call : c.ports.scripting.scripts.evalSha(c.session, sha, call)
  }

/**
 * The flags of a command that runs a script or function which says what it will do: it may not run while memory is full, and
 * writes, unless it says otherwise.
 */
export function flagsByPromise(flags: number, promise: ScriptPromise | undefined): number {
  if (promise === undefined) return flags
  let own = flags & ~(Flag.Stale | Flag.DenyOom | Flag.Write | Flag.MayReplicate)
  if (!promise.allowsOom) own |= Flag.DenyOom
  if (!promise.noWrites) own |= Flag.Write
  if (promise.allowsStale) own |= Flag.Stale
  return own
}

/** SCRIPT LOAD script */
function scriptLoad(c: Context, a: Args): Reply {
  return c.ports.scripting.scripts.load(c.session, a.next())
}

/** SCRIPT EXISTS sha1 [sha1 …] */
function scriptExists(c: Context, a: Args): Reply {
  return a.rest().map((sha) => (c.ports.scripting.scripts.has(sha) ? 1 : 0))
}

/** SCRIPT FLUSH [ASYNC | SYNC] */
function scriptFlush(c: Context, a: Args): Reply {
  if (!a.done && !a.match('SYNC') && !a.match('ASYNC')) return SCRIPT_FLUSH_MODE
  if (!a.done) return SCRIPT_FLUSH_MODE
  c.ports.scripting.scripts.flush()
  return OK
}

/** SCRIPT KILL. While a script runs nobody else is served, so there is none to be killed (see `lua-hard-time-limit`). */
function scriptKill(): Reply {
  return NOT_BUSY
}

/** SCRIPT DEBUG YES | SYNC | NO. The script shows what it passes to redis.debug, and is not stopped: see scripting/trace.ts. */
function scriptDebug({ session }: Context, a: Args): Reply {
  if (a.match('NO')) session.trace = undefined
  else if (!a.match('YES') && !a.match('SYNC')) return SCRIPT_DEBUG_MODE
  else if (!session.authenticates) return SCRIPT_DEBUG_UNAVAILABLE
  else session.trace = []
  return OK
}

const HELP: readonly (readonly Bytes[])[] = [
  ['DEBUG (YES|SYNC|NO)', 'Set the debug mode for subsequent scripts executed.'],
  ['EXISTS <sha1> [<sha1> ...]', 'Return information about the existence of the scripts in the script cache.'],
  [
    'FLUSH [ASYNC|SYNC]',
    'Flush the Lua scripts cache. Very dangerous on replicas.',
    'When called without the optional mode argument, the behavior is determined by the',
    'lazyfree-lazy-user-flush configuration directive. Valid modes are:',
    '* ASYNC: Asynchronously flush the scripts cache.',
    '* SYNC: Synchronously flush the scripts cache.',
  ],
  ['KILL', 'Kill the currently executing Lua script.'],
  ['LOAD <script>', 'Load a script into the scripts cache without executing it.'],
]

const script = container(
  'script',
  'scripting',
  '@-scripting',
  [
    command('debug', 'scripting', 3, 'noscript', [], scriptDebug),
    command('exists', 'scripting', -3, 'noscript', [], scriptExists),
    command('flush', 'scripting', -2, 'noscript', [], scriptFlush),
    command('kill', 'scripting', 2, 'noscript allow_busy', [], scriptKill),
    command('load', 'scripting', 3, 'noscript stale', [], scriptLoad),
  ],
  HELP,
)

export const ASSUMED_WRITE = 'We cannot tell how the keys will be used so we assume the worst, RW and UPDATE'
export const ASSUMED_READ = 'We cannot tell how the keys will be used so we assume the worst, RO and ACCESS'

const WORDS = 'noscript stale skip_monitor may_replicate no_mandatory_keys movablekeys runs_others'
const RO_WORDS = 'readonly noscript stale skip_monitor no_mandatory_keys movablekeys runs_others'

/** A line of the table for EVAL or EVALSHA. */
function evaluates(name: Bytes, words: string, keys: KeySpec, isSha: boolean, run: Handler): Command {
  const line: Command = command(name, 'scripting', -3, words, [keys], run, {
    flagsOf: (argv, ports) => flagsByPromise(line.flags, ports.scripting.scripts.promiseOf(argv[1], isSha)),
  })
  return line
}

export const scriptingCommands: readonly Command[] = [
  evaluates('eval', WORDS, numKeys(2, 'RW access update', ASSUMED_WRITE), false, evalGeneric(false)),
  evaluates('eval_ro', RO_WORDS, numKeys(2, 'RO access', ASSUMED_READ), false, evalGeneric(true)),
  evaluates('evalsha', WORDS, numKeys(2, 'RW access update'), true, evalshaGeneric(false)),
  evaluates('evalsha_ro', RO_WORDS, numKeys(2, 'RO access'), true, evalshaGeneric(true)),
  script,
]
