/**
 * What COMMAND DOCS tells of a command beyond the table, and the replies made of it. Arguments are written in a line of
 * their own small language, one word each:
 *
 *     ?*+name:type#0^6.2.0~7.0.0=TOKEN(children …)
 *
 * `?` optional, `*` may be repeated, `+` the token, too; `#` number of the key spec, `^` since, `~` deprecated since, `=` the
 * token that stands before it, and in parentheses the parts of a `block` or the choices of a `oneof`.
 */
import type { Bytes } from '../base/bytes.ts'
import { MapReply, type Reply, SetReply, Status } from '../base/reply.ts'
import { type Command, Flag } from './command.ts'

export interface Doc {
  readonly summary: string
  readonly since: string
  readonly complexity?: string
  /** Not meant for users. */
  readonly system?: true
  readonly deprecatedSince?: string
  readonly replacedBy?: string
  /** What changed with which version. */
  readonly history?: readonly (readonly [version: string, change: string])[]
  readonly arguments?: string
}

/** Docs by the full name of the command. */
export type Docs = Readonly<Record<Bytes, Doc>>

/** Full name and documentation of a command, those of its subcommands in it; nothing for one without documentation. */
export function docReply(docs: Docs, command: Command): readonly Reply[] {
  const doc = docs[command.fullName]
  if (doc === undefined) return []
  const flags = [...(doc.deprecatedSince === undefined ? [] : ['deprecated']), ...(doc.system ? ['syscmd'] : [])]
  const subcommands = [...(command.subcommands?.values() ?? [])].flatMap((sub) => docReply(docs, sub))
  return [
    command.fullName,
    new MapReply([
      ...['summary', doc.summary, 'since', doc.since, 'group', groupOf(command)],
      ...field('complexity', doc.complexity),
      ...field('doc_flags', flags.length > 0 ? statuses(flags) : undefined),
      ...field('deprecated_since', doc.deprecatedSince),
      ...field('replaced_by', doc.replacedBy),
      ...field('history', doc.history && new SetReply(doc.history)),
      ...field('arguments', doc.arguments && argumentsReply(doc.arguments)),
      ...field('subcommands', subcommands.length > 0 ? new MapReply(subcommands) : undefined),
    ]),
  ]
}

/** A module's commands are of no group of Redis's own. */
function groupOf({ flags, group }: Command): string {
  return flags & Flag.Module ? 'module' : group.replace('_', '-')
}

function field(name: string, value: Reply | undefined): readonly Reply[] {
  return value === undefined ? [] : [name, value]
}

function statuses(words: readonly string[]): Reply {
  return new SetReply(words.map((word) => new Status(word)))
}

const WORD = /^(\??)(\*?)(\+?)([^=(]+?):([a-z-]+)(?:#(\d+))?(?:\^([\d.]+))?(?:~([\d.]+))?(?:=([^(]*))?(?:\((.*)\))?$/

function argumentsReply(syntax: string): readonly Reply[] {
  return splitWords(syntax).map((word) => {
    const match = WORD.exec(word)
    if (match === null) throw new Error(`not an argument: ${word}`)
    const [, optional, multiple, multipleToken, name, type, keySpec, since, deprecatedSince, token, children] = match
    const flags = [
      ...(optional ? ['optional'] : []),
      ...(multiple ? ['multiple'] : []),
      ...(multipleToken ? ['multiple_token'] : []),
    ]
    return new MapReply([
      ...['name', name, 'type', type],
      ...field('key_spec_index', keySpec === undefined ? undefined : Number(keySpec)),
      ...field('token', token),
      ...field('since', since),
      ...field('deprecated_since', deprecatedSince),
      ...field('flags', flags.length > 0 ? statuses(flags) : undefined),
      ...field('arguments', children === undefined ? undefined : argumentsReply(children)),
    ])
  })
}

/** Splits at the blanks that are not inside parentheses. */
function splitWords(syntax: string): string[] {
  const words: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i <= syntax.length; i++) {
    if (syntax[i] === '(') depth++
    else if (syntax[i] === ')') depth--
    else if (i === syntax.length || (syntax[i] === ' ' && depth === 0)) {
      if (i > start) words.push(syntax.slice(start, i))
      start = i + 1
    }
  }
  return words
}
