/** The reference page of the commands, from the list. */
import { type ListedCommand, listCommands } from '../../lib/host/commandlist.ts'

const HEAD = `# Commands

Every command of Redis Open Source 8 (8.0 to 8.10), and what is here of it. \`zerodis commands\` prints the same,
\`zerodis commands --json\` for programs.

- **exact**: what it replies, its errors, its options and its complexity are those of Redis. Where versions differ, 7.4 counts,
  and for what came later the version that brought it.
- **differs**: how, in the last column.
- **not here**: an error, as Redis gives for a command that it does not know.

Over REST some commands need a connection that stays and are refused: see [REST](./rest.md).
`

const TITLES: Readonly<Record<string, string>> = {
  hyperloglog: 'HyperLogLog',
  geo: 'Geospatial',
  json: 'JSON',
  pubsub: 'Pub/sub',
}

export function commandsPage(): string {
  const commands = listCommands()
  const groups = [...new Set(commands.map(({ group }) => group))]
  return `${HEAD}\n${totals(commands)}\n${groups.map((group) => section(group, commands)).join('\n')}`
}

function totals(commands: readonly ListedCommand[]): string {
  const count = (state: ListedCommand['state']) => commands.filter((command) => command.state === state).length
  return `| exact | differs | not here |\n|---|---|---|\n| ${count('exact')} | ${count('differs')} | ${count('not here')} |\n`
}

function section(group: string, commands: readonly ListedCommand[]): string {
  const title = TITLES[group] ?? group[0].toUpperCase() + group.slice(1)
  const rows = commands
    .filter((command) => command.group === group)
    .map(({ name, since, state, note = '' }) => `| \`${name}\` | ${since} | ${state} | ${link(note)} |`)
  return `## ${group === 'zerodis' ? 'Of zerodis itself' : title}\n\n| command | since | here | |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

/** A path in the text as a link of the site. */
function link(note: string): string {
  return note.replace(/docs\/(\S+\.md)/, '[$1](../$1)')
}
