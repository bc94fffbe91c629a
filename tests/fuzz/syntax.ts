/** The arguments of every command, as its documentation tells them: from these come commands that are valid but for their values. */
import { type MapReply, type Reply, SetReply } from '../../lib/base/reply.ts'
import type { Command } from '../../lib/commands/command.ts'
import { DOCS, docReply } from '../../lib/commands/docs.ts'
import { createCommandTable } from '../../lib/commands/index.ts'

export interface Argument {
  readonly name: string
  readonly type: string
  readonly token: string | undefined
  readonly optional: boolean
  readonly multiple: boolean
  readonly multipleToken: boolean
  /** The parts of a block, or the choices of a oneof. */
  readonly parts: readonly Argument[]
}

export interface Syntax {
  /** The name, and that of the subcommand. */
  readonly words: readonly string[]
  readonly fullName: string
  readonly arguments: readonly Argument[]
}

/** One of each command and subcommand that has documentation. */
export function allSyntaxes(): readonly Syntax[] {
  const syntaxes: Syntax[] = []
  for (const command of createCommandTable().all) {
    if (command.subcommands === undefined) syntaxes.push(syntaxOf(command))
  }
  return syntaxes
}

function syntaxOf(command: Command): Syntax {
  const { fullName } = command
  const doc = docReply(DOCS, { ...command, subcommands: undefined } as Command)[1] as MapReply | undefined
  const list = doc === undefined ? undefined : (fieldsOf(doc).get('arguments') as readonly Reply[] | undefined)
  return { words: fullName.split('|'), fullName, arguments: list === undefined ? [] : list.map(argumentOf) }
}

function argumentOf(reply: Reply): Argument {
  const fields = fieldsOf(reply as MapReply)
  const flags = flagsOf(fields.get('flags'))
  return {
    name: fields.get('name') as string,
    type: fields.get('type') as string,
    token: fields.get('token') as string | undefined,
    optional: flags.includes('optional'),
    multiple: flags.includes('multiple'),
    multipleToken: flags.includes('multiple_token'),
    parts: ((fields.get('arguments') as readonly Reply[] | undefined) ?? []).map(argumentOf),
  }
}

function flagsOf(reply: Reply | undefined): readonly string[] {
  if (!(reply instanceof SetReply)) return []
  return reply.items.map((item) => (item as { text: string }).text)
}

function fieldsOf(map: MapReply): Map<string, Reply> {
  const fields = new Map<string, Reply>()
  for (let i = 0; i < map.flat.length; i += 2) fields.set(map.flat[i] as string, map.flat[i + 1])
  return fields
}
