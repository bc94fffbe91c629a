/** FUNCTION and FCALL: libraries of functions, which stand behind the scripting port. Their texts are data of the store. */
import type { Bytes } from '../../base/bytes.ts'
import { DUMP_MISMATCH, FUNCTION_NOT_FOUND, subcommandSyntax } from '../../base/errors.ts'
import { MapReply, OK, type Reply, ReplyError, SetReply, Status } from '../../base/reply.ts'
import { globMatches } from '../../keyspace/glob.ts'
import type { FunctionsPort, LibraryInfo } from '../../session/ports.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import {
  BAD_KEY_COUNT,
  FUNCTION_FLUSH_MODE,
  FUNCTION_RESTORE_POLICY,
  LIBRARY_NOT_FOUND,
  LIBRARY_PATTERN_MISSING,
  NOT_BUSY,
  unknownFunctionArgument,
  unknownFunctionOption,
} from './errors.ts'
import { readScriptCall, showMonitors } from './scripting.ts'

const functionsOf = (c: Context): FunctionsPort => c.ports.scripting.functions

/** FCALL function numkeys [key [key …]] [arg [arg …]] */
export const fcallGeneric =
  (readOnly: boolean) =>
  (c: Context, a: Args): Reply => {
    showMonitors(c, a)
    const name = a.next()
    if (!functionsOf(c).has(name)) return FUNCTION_NOT_FOUND
    const call = readScriptCall(a, readOnly, BAD_KEY_COUNT)
    return call instanceof ReplyError ? call : functionsOf(c).call(c.session, name, call)
  }

/** FUNCTION LOAD [REPLACE] function-code */
export function functionLoad(c: Context, a: Args): Reply {
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
export function functionDelete(c: Context, a: Args): Reply {
  if (!functionsOf(c).delete(a.next())) return LIBRARY_NOT_FOUND
  c.addDirty()
  return OK
}

/** FUNCTION FLUSH [ASYNC | SYNC] */
export function functionFlush(c: Context, a: Args): Reply {
  if (a.left > 1) return subcommandSyntax('function', a.argv[1])
  if (!a.done && !a.match('SYNC') && !a.match('ASYNC')) return FUNCTION_FLUSH_MODE
  functionsOf(c).flush()
  c.addDirty()
  return OK
}

/** FUNCTION LIST [LIBRARYNAME library-name-pattern] [WITHCODE] */
export function functionList(c: Context, a: Args): Reply {
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
export function functionStats(c: Context): Reply {
  const { libraryCount, functionCount } = functionsOf(c)
  const counts = new MapReply(['libraries_count', libraryCount, 'functions_count', functionCount])
  return new MapReply(['running_script', null, 'engines', new MapReply(['LUA', counts])])
}

/** FUNCTION KILL */
export function functionKill(): Reply {
  return NOT_BUSY
}

/** FUNCTION DUMP */
export function functionDump(c: Context): Reply {
  return c.ports.persistence.rdb.dumpFunctions(functionsOf(c).codes)
}

/** FUNCTION RESTORE serialized-value [FLUSH | APPEND | REPLACE] */
export function functionRestore(c: Context, a: Args): Reply {
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
