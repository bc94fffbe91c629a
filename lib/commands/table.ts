/**
 * The command table: looks a command up by the name that a client sent, in any case, and gives each command its number
 * for the statistics. Built once; read-only afterwards.
 */
import type { Bytes } from '../bytes.ts'
import type { Command } from './command.ts'

export class CommandTable {
  readonly #byName = new Map<Bytes, Command>()
  /** Every command and subcommand, at the index that is its `id`. */
  readonly all: readonly Command[]

  constructor(commands: readonly Command[]) {
    const all: Command[] = []
    const number = (command: Command): void => {
      command.id = all.push(command) - 1
    }
    for (const command of commands) {
      if (this.#byName.has(command.name)) throw new Error(`two commands are named '${command.name}'`)
      // Names arrive in either case nearly always; other spellings are folded in `find`.
      this.#byName.set(command.name, command)
      this.#byName.set(command.name.toUpperCase(), command)
      number(command)
      for (const sub of command.subcommands?.values() ?? []) number(sub)
    }
    this.all = all
  }

  /** The command of a name in any case. */
  find(name: Bytes): Command | undefined {
    return this.#byName.get(name) ?? this.#byName.get(name.toLowerCase())
  }

  /** The top-level commands. */
  *commands(): IterableIterator<Command> {
    for (const command of this.all) if (command.name === command.fullName) yield command
  }
}
