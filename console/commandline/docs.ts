/** What the store says of its commands (COMMAND DOCS): the names to complete, and the syntax and summary of each. */
import type { Bytes } from '../wire/bytes.ts'
import type { Reply } from '../wire/resp.ts'
import type { Rest } from '../wire/rest.ts'

export interface CommandDoc {
  /** In upper case; of a subcommand both words. */
  readonly name: string
  readonly summary: string
  readonly syntax: string
  readonly group: string
  readonly since: string
  readonly complexity: string
}

/** All commands by their names. Empty where this user may not ask. */
export async function commandDocs(rest: Rest): Promise<ReadonlyMap<string, CommandDoc>> {
  const docs = new Map<string, CommandDoc>()
  try {
    collect(docs, '', (await rest.run('COMMAND', 'DOCS')) as Reply[])
  } catch {
    return docs // who may not ask types without help
  }
  return docs
}

function collect(docs: Map<string, CommandDoc>, parent: string, flat: readonly Reply[]): void {
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const own = String(flat[i]).toUpperCase().split('|').at(-1)!
    const name = parent === '' ? own : `${parent} ${own}`
    const doc = mapOf(flat[i + 1] as Reply[])
    const subcommands = doc.get('subcommands') as Reply[] | undefined
    if (subcommands !== undefined) collect(docs, name, subcommands)
    const text = (field: string): string => String(doc.get(field) ?? '')
    docs.set(name, {
      name,
      summary: text('summary'),
      syntax: [
        name,
        ...((doc.get('arguments') as Reply[]) ?? []).map((argument) => syntaxOf(mapOf(argument as Reply[]))),
      ].join(' '),
      group: text('group'),
      since: text('since'),
      complexity: text('complexity'),
    })
  }
}

/** As the documentation of Redis writes it: `[EX seconds | PX milliseconds]`. */
function syntaxOf(argument: Map<Bytes, Reply>): string {
  const flags = ((argument.get('flags') as Reply[]) ?? []).map(flagOf)
  const token = argument.get('token')
  const inner = innerOf(argument)
  const one =
    token === undefined ? inner : [token === '' ? '""' : String(token), inner].filter((part) => part !== '').join(' ')
  const many = flags.includes('multiple')
    ? `${one} [${flags.includes('multiple_token') ? one : inner || one} ...]`
    : one
  return flags.includes('optional') ? `[${many}]` : many
}

function innerOf(argument: Map<Bytes, Reply>): string {
  const type = String(argument.get('type'))
  const parts = ((argument.get('arguments') as Reply[]) ?? []).map((part) => syntaxOf(mapOf(part as Reply[])))
  if (type === 'oneof') return parts.length === 1 ? parts[0] : `<${parts.join(' | ')}>`
  if (type === 'block') return parts.join(' ')
  if (type === 'pure-token') return ''
  return String(argument.get('display_text') ?? argument.get('name') ?? '')
}

function flagOf(flag: Reply): string {
  return typeof flag === 'object' && flag !== null && 'text' in flag ? flag.text : String(flag)
}

function mapOf(flat: readonly Reply[]): Map<Bytes, Reply> {
  const map = new Map<Bytes, Reply>()
  for (let i = 0; i + 1 < flat.length; i += 2) map.set(String(flat[i]), flat[i + 1])
  return map
}

const SHOWN = 8

/** Commands that what was typed may become, the shortest first. */
export function completions(docs: ReadonlyMap<string, CommandDoc>, typed: string): CommandDoc[] {
  const start = typed.trimStart().toUpperCase()
  if (start === '') return []
  return [...docs.values()]
    .filter(({ name }) => name.startsWith(start))
    .sort((a, b) => a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .slice(0, SHOWN)
}

/** The command that a line begins with. */
export function commandOf(docs: ReadonlyMap<string, CommandDoc>, line: string): CommandDoc | undefined {
  const [first = '', second = ''] = line.trimStart().toUpperCase().split(/\s+/)
  return docs.get(`${first} ${second}`) ?? docs.get(first)
}
