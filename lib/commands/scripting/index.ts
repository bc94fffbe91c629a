/** The commands of scripts and functions. The handlers are loaded with the first that runs. */
import type { Bytes } from '../../base/bytes.ts'
import type { ScriptPromise } from '../../session/ports.ts'
import { type Command, Flag, type Handler, type KeySpec, lazyCommand, numKeys } from '../command.ts'
import { container } from '../container.ts'
import {
  fcallGeneric,
  functionDelete,
  functionDump,
  functionFlush,
  functionKill,
  functionList,
  functionLoad,
  functionRestore,
  functionStats,
} from './function.ts'
import {
  evalGeneric,
  evalshaGeneric,
  scriptDebug,
  scriptExists,
  scriptFlush,
  scriptKill,
  scriptLoad,
} from './scripting.ts'

/**
 * The flags of a command that runs a script or function which says what it will do: it may not run while memory is full, and
 * writes, unless it says otherwise.
 */
function flagsByPromise(flags: number, promise: ScriptPromise | undefined): number {
  if (promise === undefined) return flags
  let own = flags & ~(Flag.Stale | Flag.DenyOom | Flag.Write | Flag.MayReplicate)
  if (!promise.allowsOom) own |= Flag.DenyOom
  if (!promise.noWrites) own |= Flag.Write
  if (promise.allowsStale) own |= Flag.Stale
  return own
}

const SCRIPT_HELP: readonly (readonly Bytes[])[] = [
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
    lazyCommand('debug', 'scripting', 3, 'noscript', [], () => scriptDebug),
    lazyCommand('exists', 'scripting', -3, 'noscript', [], () => scriptExists),
    lazyCommand('flush', 'scripting', -2, 'noscript', [], () => scriptFlush),
    lazyCommand('kill', 'scripting', 2, 'noscript allow_busy', [], () => scriptKill),
    lazyCommand('load', 'scripting', 3, 'noscript stale', [], () => scriptLoad),
  ],
  SCRIPT_HELP,
)

const ASSUMED_WRITE = 'We cannot tell how the keys will be used so we assume the worst, RW and UPDATE'
const ASSUMED_READ = 'We cannot tell how the keys will be used so we assume the worst, RO and ACCESS'

const WORDS = 'noscript stale skip_monitor may_replicate no_mandatory_keys movablekeys runs_others'
const RO_WORDS = 'readonly noscript stale skip_monitor no_mandatory_keys movablekeys runs_others'

/** A line of the table for EVAL or EVALSHA. */
function evaluates(name: Bytes, words: string, keys: KeySpec, isSha: boolean, load: () => Handler): Command {
  const line: Command = lazyCommand(name, 'scripting', -3, words, [keys], load, {
    flagsOf: (argv, ports) => flagsByPromise(line.flags, ports.scripting.scripts.promiseOf(argv[1], isSha)),
  })
  return line
}

const scriptingCommands: readonly Command[] = [
  evaluates('eval', WORDS, numKeys(2, 'RW access update', ASSUMED_WRITE), false, () => evalGeneric(false)),
  evaluates('eval_ro', RO_WORDS, numKeys(2, 'RO access', ASSUMED_READ), false, () => evalGeneric(true)),
  evaluates('evalsha', WORDS, numKeys(2, 'RW access update'), true, () => evalshaGeneric(false)),
  evaluates('evalsha_ro', RO_WORDS, numKeys(2, 'RO access'), true, () => evalshaGeneric(true)),
  script,
]

const FUNCTION_HELP: readonly (readonly Bytes[])[] = [
  ['LOAD [REPLACE] <FUNCTION CODE>', 'Create a new library with the given library name and code.'],
  ['DELETE <LIBRARY NAME>', 'Delete the given library.'],
  [
    'LIST [LIBRARYNAME PATTERN] [WITHCODE]',
    'Return general information on all the libraries:',
    '* Library name',
    '* The engine used to run the Library',
    '* Library description',
    '* Functions list',
    '* Library code (if WITHCODE is given)',
    'It also possible to get only function that matches a pattern using LIBRARYNAME argument.',
  ],
  [
    'STATS',
    'Return information about the current function running:',
    '* Function name',
    '* Command used to run the function',
    '* Duration in MS that the function is running',
    'If no function is running, return nil',
    'In addition, returns a list of available engines.',
  ],
  ['KILL', 'Kill the current running function.'],
  [
    'FLUSH [ASYNC|SYNC]',
    'Delete all the libraries.',
    'When called without the optional mode argument, the behavior is determined by the',
    'lazyfree-lazy-user-flush configuration directive. Valid modes are:',
    '* ASYNC: Asynchronously flush the libraries.',
    '* SYNC: Synchronously flush the libraries.',
  ],
  [
    'DUMP',
    'Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command',
  ],
  [
    'RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]',
    'Restore the libraries represented by the given payload, it is possible to give a restore policy to',
    'control how to handle existing libraries (default APPEND):',
    '* FLUSH: delete all existing libraries.',
    '* APPEND: appends the restored libraries to the existing libraries. On collision, abort.',
    '* REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old',
    '  libraries with the new libraries (notice that even on this option there is a chance of failure',
    '  in case of functions name collision with another library).',
  ],
]

const functionSubcommands: readonly Command[] = [
  lazyCommand('delete', 'scripting', 3, 'write noscript', [], () => functionDelete),
  lazyCommand('dump', 'scripting', 2, 'noscript', [], () => functionDump),
  lazyCommand('flush', 'scripting', -2, 'write noscript', [], () => functionFlush),
  lazyCommand('kill', 'scripting', 2, 'noscript allow_busy', [], () => functionKill),
  lazyCommand('list', 'scripting', -2, 'noscript', [], () => functionList),
  lazyCommand('load', 'scripting', -3, 'write denyoom noscript', [], () => functionLoad),
  lazyCommand('restore', 'scripting', -3, 'write denyoom noscript', [], () => functionRestore),
  lazyCommand('stats', 'scripting', 2, 'noscript allow_busy', [], () => functionStats),
]

/** A line of the table for FCALL. */
function calls(name: Bytes, words: string, keys: KeySpec, readOnly: boolean): Command {
  const line: Command = lazyCommand(name, 'scripting', -3, words, [keys], () => fcallGeneric(readOnly), {
    flagsOf: (argv, ports) => flagsByPromise(line.flags, ports.scripting.functions.promiseOf(argv[1])),
  })
  return line
}

const functionCommands: readonly Command[] = [
  calls('fcall', WORDS, numKeys(2, 'RW access update', ASSUMED_WRITE), false),
  calls('fcall_ro', RO_WORDS, numKeys(2, 'RO access', ASSUMED_READ), true),
  container('function', 'scripting', '@-scripting', functionSubcommands, FUNCTION_HELP),
]

export const scriptingGroup: readonly Command[] = [...scriptingCommands, ...functionCommands]
