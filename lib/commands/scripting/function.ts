/** FUNCTION and FCALL: libraries of functions, which stand behind the scripting port. Their texts are data of the store. */
import type { Bytes } from '../../base/bytes.ts'
import {
  BAD_KEY_COUNT,
  DUMP_MISMATCH,
  FUNCTION_FLUSH_MODE,
  FUNCTION_NOT_FOUND,
  FUNCTION_RESTORE_POLICY,
  LIBRARY_NOT_FOUND,
  LIBRARY_PATTERN_MISSING,
  NOT_BUSY,
  subcommandSyntax,
  unknownFunctionArgument,
  unknownFunctionOption,
} from '../../base/errors.ts'
import { MapReply, OK, type Reply, ReplyError, SetReply, Status } from '../../base/reply.ts'
import { globMatches } from '../../keyspace/glob.ts'
import type { FunctionsPort, LibraryInfo } from '../../session/ports.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, command, type KeySpec, numKeys } from '../command.ts'
import { container } from '../container.ts'
import { ASSUMED_READ, ASSUMED_WRITE, flagsByPromise, readScriptCall, showMonitors } from './scripting.ts'

const functionsOf = (c: Context): FunctionsPort => c.ports.scripting.functions

/** FCALL function numkeys [key [key …]] [arg [arg …]] */
const fcallGeneric =
  (readOnly: boolean) =>
  (c: Context, a: Args): Reply => {
    showMonitors(c, a)
    const name = a.next()
    if (!functionsOf(c).has(name)) return FUNCTION_NOT_FOUND
    const call = readScriptCall(a, readOnly, BAD_KEY_COUNT)
    return call instanceof ReplyError ? call : functionsOf(c).call(c.session, name, call)
  }

/** FUNCTION LOAD [REPLACE] function-code */
function functionLoad(c: Context, a: Args): Reply {
  let replaces = false
  while (a.left > 1) {
    if (!a.match('REPLACE')) return unknownFunctionOption(a.next())
    replaces = true
  }
  const reply = functionsOf(c).load(a.next(), replaces)
  if (!(reply instanceof ReplyError)) c.addDirty()
  return reply
}

/** FUNCTION DELETE library-name */
function functionDelete(c: Context, a: Args): Reply {
  if (!functionsOf(c).delete(a.next())) return LIBRARY_NOT_FOUND
  c.addDirty()
  return OK
}

/** FUNCTION FLUSH [ASYNC | SYNC] */
function functionFlush(c: Context, a: Args): Reply {
  if (a.left > 1) return subcommandSyntax('function', a.argv[1])
  if (!a.done && !a.match('SYNC') && !a.match('ASYNC')) return FUNCTION_FLUSH_MODE
  functionsOf(c).flush()
  c.addDirty()
  return OK
}

/** FUNCTION LIST [LIBRARYNAME library-name-pattern] [WITHCODE] */
function functionList(c: Context, a: Args): Reply {
  let withCode = false
  let pattern: Bytes | undefined
  while (!a.done) {
    if (!withCode && a.match('WITHCODE')) withCode = true
    else if (pattern === undefined && a.match('LIBRARYNAME')) {
      if (a.done) return LIBRARY_PATTERN_MISSING
      pattern = a.next()
    } else return unknownFunctionArgument(a.next())
  }
  return functionsOf(c)
    .list()
    .filter(({ name }) => pattern === undefined || globMatches(pattern, name, true))
    .map((library) => libraryReply(library, withCode))
}

function libraryReply({ name, code, functions }: LibraryInfo, withCode: boolean): Reply {
  const described = functions.map(
    (fn) =>
      new MapReply([
        ...['name', fn.name, 'description', fn.description ?? null],
        ...['flags', new SetReply(fn.flags.map((flag) => new Status(flag)))],
      ]),
  )
  const flat: Reply[] = ['library_name', name, 'engine', 'LUA', 'functions', described]
  if (withCode) flat.push('library_code', code)
  return new MapReply(flat)
}

/** FUNCTION STATS. While a function runs nobody else is served, so there is never one to tell of. */
function functionStats(c: Context): Reply {
  const { libraryCount, functionCount } = functionsOf(c)
  const counts = new MapReply(['libraries_count', libraryCount, 'functions_count', functionCount])
  return new MapReply(['running_script', null, 'engines', new MapReply(['LUA', counts])])
}

/** FUNCTION KILL */
function functionKill(): Reply {
  return NOT_BUSY
}

/** FUNCTION DUMP */
function functionDump(c: Context): Reply {
  return c.ports.persistence.rdb.dumpFunctions(functionsOf(c).codes)
}

/** FUNCTION RESTORE serialized-value [FLUSH | APPEND | REPLACE] */
function functionRestore(c: Context, a: Args): Reply {
  if (a.left > 2) return subcommandSyntax('function', a.argv[1])
  const payload = a.next()
  const policy =
    a.done || a.match('APPEND') ? 'append' : a.match('REPLACE') ? 'replace' : a.match('FLUSH') ? 'flush' : ''
  if (policy === '') return FUNCTION_RESTORE_POLICY
  if (!c.ports.persistence.rdb.isIntact(payload)) return DUMP_MISMATCH
  const codes = c.ports.persistence.rdb.restoreFunctions(payload)
  if (codes instanceof ReplyError) return codes
  const error = functionsOf(c).restore(codes, policy)
  if (error !== undefined) return error
  c.addDirty()
  return OK
}

const HELP: readonly (readonly Bytes[])[] = [
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

const subcommands: readonly Command[] = [
  command('delete', 'scripting', 3, 'write noscript', [], functionDelete),
  command('dump', 'scripting', 2, 'noscript', [], functionDump),
  command('flush', 'scripting', -2, 'write noscript', [], functionFlush),
  command('kill', 'scripting', 2, 'noscript allow_busy', [], functionKill),
  command('list', 'scripting', -2, 'noscript', [], functionList),
  command('load', 'scripting', -3, 'write denyoom noscript', [], functionLoad),
  command('restore', 'scripting', -3, 'write denyoom noscript', [], functionRestore),
  command('stats', 'scripting', 2, 'noscript allow_busy', [], functionStats),
]

const WORDS = 'noscript stale skip_monitor may_replicate no_mandatory_keys movablekeys runs_others'
const RO_WORDS = 'readonly noscript stale skip_monitor no_mandatory_keys movablekeys runs_others'

/** A line of the table for FCALL. */
function calls(name: Bytes, words: string, keys: KeySpec, readOnly: boolean): Command {
  const line: Command = command(name, 'scripting', -3, words, [keys], fcallGeneric(readOnly), {
    flagsOf: (argv, ports) => flagsByPromise(line.flags, ports.scripting.functions.promiseOf(argv[1])),
  })
  return line
}

export const functionCommands: readonly Command[] = [
  calls('fcall', WORDS, numKeys(2, 'RW access update', ASSUMED_WRITE), false),
  calls('fcall_ro', RO_WORDS, numKeys(2, 'RO access', ASSUMED_READ), true),
  container('function', 'scripting', '@-scripting', subcommands, HELP),
]
