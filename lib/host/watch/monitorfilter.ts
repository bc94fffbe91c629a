/**
 * What `zerodis tail` shows of what MONITOR tells. Which arguments are keys, which commands write and what is secret in them is known by
 * zerodis's own table of commands, whoever the server is.
 */
import { type Bytes, fromText } from '../../base/bytes.ts'
import { type Command, Flag } from '../../commands/command.ts'
import { keysOf } from '../../commands/keyspecs.ts'
import type { CommandTable } from '../../commands/table.ts'
import { globMatches } from '../../keyspace/glob.ts'
import type { MonitorLine } from './monitorline.ts'

/** Of several of one kind, one must fit; of the kinds, all. */
export interface Wanted {
  /** In lower case; with a subcommand as `config|get`. */
  readonly commands: readonly string[]
  /** Globs of keys. */
  readonly keys: readonly string[]
  /** An address with its port or without, or `lua`. */
  readonly clients: readonly string[]
  readonly db: number | undefined
  readonly type: 'read' | 'write' | undefined
}

export class MonitorFilter {
  readonly #table: CommandTable
  readonly #wanted: Wanted
  readonly #patterns: readonly Bytes[]

  constructor(table: CommandTable, wanted: Wanted) {
    this.#table = table
    this.#wanted = wanted
    this.#patterns = wanted.keys.map(fromText)
  }

  /** The line as it may be shown; undefined for one that is not wanted. A password is in none. */
  pass(line: MonitorLine): MonitorLine | undefined {
    const { argv } = line
    const name = argv[0].toLowerCase()
    if (name === 'auth') return undefined
    const command = this.#commandOf(argv)
    const { db, type, commands, clients } = this.#wanted
    if (db !== undefined && line.db !== db) return undefined
    if (clients.length > 0 && !clients.some((client) => isClient(client, line.client))) return undefined
    if (commands.length > 0 && !commands.includes(name) && !commands.includes(command?.fullName ?? '')) return undefined
    if (type !== undefined && typeOf(command) !== type) return undefined
    if (this.#patterns.length > 0 && !this.#namesKey(command, argv)) return undefined
    return { ...line, argv: command?.redact?.(argv) ?? argv }
  }

  #commandOf(argv: readonly Bytes[]): Command | undefined {
    const command = this.#table.find(argv[0])
    return command?.subcommands?.get(argv[1]?.toLowerCase() ?? '') ?? command
  }

  #namesKey(command: Command | undefined, argv: readonly Bytes[]): boolean {
    if (command === undefined) return false
    const keys = keysOf(command, argv) ?? []
    return keys.some((key) => this.#patterns.some((pattern) => globMatches(pattern, key)))
  }
}

function typeOf(command: Command | undefined): 'read' | 'write' | undefined {
  if (command === undefined) return undefined
  if (command.flags & Flag.Write) return 'write'
  return command.flags & Flag.ReadOnly ? 'read' : undefined
}

function isClient(wanted: string, client: string): boolean {
  return client === wanted || client.slice(0, client.lastIndexOf(':')) === wanted
}
