/**
 * COMMAND: what the table knows, in the shapes that clients and documentation read. Everything derives from the table but
 * tips and prose, which stand beside the commands; the prose is loaded when somebody asks for it first.
 */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import { MapReply, type Reply, ReplyError, SetReply, Status } from '../../base/reply.ts'
import { globMatches } from '../../keyspace/glob.ts'
import type { Args } from '../args.ts'
import { type Command, type Context, FLAG_NAMES, Flag, type KeySpec } from '../command.ts'
import { type KeyReference, keyReferencesOf, legacyRange } from '../keyspecs.ts'
import type { CommandTable } from '../table.ts'
import { INVALID_COMMAND, INVALID_KEY_ARGUMENTS, INVALID_KEY_ARITY, NO_KEY_ARGUMENTS } from './errors.ts'
import { TIPS } from './tips.ts'

/** The flags that Redis knows; those after them speak to the engine only. */
const LISTED_FLAGS = FLAG_NAMES.slice(0, FLAG_NAMES.indexOf('movablekeys') + 1)

/** COMMAND */
export function commandAll(c: Context): Reply {
  return [...c.table.commands()].map(detailsOf)
}

/** The ten fields that COMMAND and COMMAND INFO give of a command. */
function detailsOf(entry: Command): Reply {
  const [first, last, step] = legacyRange(entry)
  return [
    entry.fullName,
    entry.arity,
    new SetReply(flagNames(entry.flags).map((flag) => new Status(flag))),
    first,
    last,
    step,
    new SetReply(entry.words.categories.map((category) => new Status('@' + category))),
    new SetReply(TIPS.get(entry.fullName) ?? []),
    new SetReply(entry.keys.map(describeSpec)),
    [...(entry.subcommands?.values() ?? [])].map(detailsOf),
  ]
}

function flagNames(flags: number): readonly string[] {
  return LISTED_FLAGS.filter((_, index) => flags & (2 ** index))
}

function describeSpec({ notes, flags, begin, find }: KeySpec): Reply {
  return new MapReply([
    ...(notes === undefined ? [] : ['notes', notes]),
    ...['flags', statuses(flags)],
    ...['begin_search', describeBegin(begin)],
    ...['find_keys', describeFind(find)],
  ])
}

function describeBegin(begin: KeySpec['begin']): Reply {
  if (begin === 'unknown') return typed('unknown', [])
  if ('index' in begin) return typed('index', ['index', begin.index])
  return typed('keyword', ['keyword', begin.keyword, 'startfrom', begin.startFrom])
}

function describeFind(find: KeySpec['find']): Reply {
  if (find === 'unknown') return typed('unknown', [])
  if ('lastKey' in find) return typed('range', ['lastkey', find.lastKey, 'keystep', find.step, 'limit', find.limit])
  return typed('keynum', ['keynumidx', find.keyNumIndex, 'firstkey', find.firstKey, 'keystep', find.step])
}

function typed(type: Bytes, spec: readonly Reply[]): Reply {
  return new MapReply(['type', type, 'spec', new MapReply(spec)])
}

/** A set of simple strings, from words with blanks between them. */
function statuses(words: Bytes): Reply {
  return new SetReply(words.split(' ').map((word) => new Status(word)))
}

/** COMMAND COUNT */
export function count(c: Context): Reply {
  return [...c.table.commands()].length
}

/** COMMAND LIST [FILTERBY MODULE name | ACLCAT category | PATTERN pattern] */
export function list(c: Context, a: Args): Reply {
  if (a.done) return names(c.table, () => true)
  if (a.left !== 3 || !a.match('FILTERBY')) return SYNTAX
  const filter = a.word()
  const operand = a.next()
  switch (filter) {
    case 'MODULE':
      return []
    case 'ACLCAT':
      return names(c.table, (entry) => entry.words.categories.includes(operand.toLowerCase()))
    case 'PATTERN':
      return names(c.table, (entry) => globMatches(operand, entry.fullName, true))
    default:
      return SYNTAX
  }
}

function names(table: CommandTable, accepts: (entry: Command) => boolean): Reply {
  return table.all.filter(accepts).map((entry) => entry.fullName)
}

/** COMMAND INFO [command-name …] */
export function info(c: Context, a: Args): Reply {
  if (a.done) return commandAll(c)
  return a.rest().map((name) => {
    const entry = lookUp(c.table, name)
    return entry === undefined ? null : detailsOf(entry)
  })
}

/** A command by `name` or `container|subcommand`. */
function lookUp(table: CommandTable, name: Bytes): Command | undefined {
  const bar = name.indexOf('|')
  if (bar === -1) return table.find(name)
  return table.find(name.slice(0, bar))?.subcommands?.get(name.slice(bar + 1).toLowerCase())
}

type Documentation = typeof import('../docs.ts')
let documentation: Documentation | undefined

/** COMMAND DOCS [command-name …] */
export function docs(c: Context, a: Args): Reply | Promise<Reply> {
  const entries = a.done ? [...c.table.commands()] : a.rest().flatMap((name) => lookUp(c.table, name) ?? [])
  const answer = ({ DOCS, docReply }: Documentation): Reply =>
    new MapReply(entries.flatMap((entry) => docReply(DOCS, entry)))
  if (documentation !== undefined) return answer(documentation)
  return import('../docs.ts').then((loaded) => answer((documentation = loaded)))
}

/** COMMAND GETKEYS command [arg …] */
export function getkeys(c: Context, a: Args): Reply {
  const argv = a.rest()
  const references = findKeys(c.table, argv)
  return references instanceof ReplyError ? references : references.map(({ position }) => argv[position])
}

/** COMMAND GETKEYSANDFLAGS command [arg …] */
export function getkeysandflags(c: Context, a: Args): Reply {
  const argv = a.rest()
  const references = findKeys(c.table, argv)
  if (references instanceof ReplyError) return references
  return references.map(({ position, flags }) => [argv[position], statuses(flags)])
}

function findKeys(table: CommandTable, argv: readonly Bytes[]): readonly KeyReference[] | ReplyError {
  const top = table.find(argv[0])
  const entry = top?.subcommands !== undefined && argv.length > 1 ? top.subcommands.get(argv[1].toLowerCase()) : top
  if (entry === undefined) return INVALID_COMMAND
  if (entry.keys.every((spec) => spec.flags.includes('not_key')) && entry.keyPositions === undefined) {
    return NO_KEY_ARGUMENTS
  }
  if (entry.arity >= 0 ? argv.length !== entry.arity : argv.length < -entry.arity) return INVALID_KEY_ARITY
  const references = keyReferencesOf(entry, argv) ?? []
  if (references.length > 0 || entry.flags & Flag.NoMandatoryKeys) return references
  return INVALID_KEY_ARGUMENTS
}
