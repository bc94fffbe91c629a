/** Commands that only hold subcommands (CONFIG, CLIENT, OBJECT, …), and the HELP that each of them has. */
import type { Bytes } from '../base/bytes.ts'
import { Status } from '../base/reply.ts'
import { type Command, command, type Group } from './command.ts'

/**
 * The lines of HELP for each of the other subcommands, as
 * `['GET <pattern>', 'Return parameters matching the glob-like <pattern> and their values.']`.
 */
export type Help = readonly (readonly Bytes[])[]

/**
 * A command with subcommands. HELP is added by itself, and loads its lines with the first call. `words` are those of the
 * container in COMMAND INFO, `helpWords` those of HELP.
 */
export function container(
  name: Bytes,
  group: Group,
  words: string,
  subcommands: readonly Command[],
  help: () => Help,
  helpWords = 'loading stale',
): Command {
  const helpCommand = command('help', group, 2, helpWords, [], () => helpOf(name, help()))
  return command(name, group, -2, words, [], unreachable, { subcommands: [...subcommands, helpCommand] })
}

/** What HELP of a container answers: see `container`. */
export function helpOf(name: Bytes, help: Help): readonly Status[] {
  return [
    `${name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
    ...help.flatMap(([syntax, ...explanation]) => [syntax, ...explanation.map((line) => '    ' + line)]),
    'HELP',
    '    Print this help.',
  ].map((line) => new Status(line))
}

/** The engine resolves a container to its subcommand and refuses the bare name for its arity. */
function unreachable(): never {
  throw new Error('a container command was run')
}
