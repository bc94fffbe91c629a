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
import { functionHelp, scriptHelp } from './help.ts'
import {
  evalGeneric,
  evalshaGeneric,
  scriptDebug,
  scriptExists,
  scriptFlush,
  scriptKill,
  scriptLoad,
  scriptShow,
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
    lazyCommand('show', 'scripting', 3, 'noscript', [], () => scriptShow),
  ],
  () => scriptHelp,
)

const ASSUMED_WRITE = 'We cannot tell how the keys will be used so we assume the worst, RW and UPDATE'
const ASSUMED_READ = 'We cannot tell how the keys will be used so we assume the worst, RO and ACCESS'

const WORDS = 'noscript stale skip_monitor may_replicate no_mandatory_keys script_runner movablekeys runs_others'
const RO_WORDS = 'readonly noscript stale skip_monitor no_mandatory_keys script_runner movablekeys runs_others'

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
  container('function', 'scripting', '@-scripting', functionSubcommands, () => functionHelp),
]

export const scriptingGroup: readonly Command[] = [...scriptingCommands, ...functionCommands]
