/**
 * The command table: looks a command up by the name that a client sent, in any case, and gives each command its number
 * for the statistics. Built once, and settled before the first client comes.
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

  /**
   * Gives a command another name, or with '' none, for rename-command. Its errors and statistics keep the old one. Returns
   * why that cannot be.
   */
  rename(from: Bytes, to: Bytes): string | undefined {
    const command = this.find(from)
    if (command === undefined) return 'No such command in rename-command'
    if (to !== '' && this.find(to) !== undefined) return 'Target command name already exists'
    for (const [name, other] of this.#byName) if (other === command) this.#byName.delete(name)
    if (to === '') return undefined
    this.#byName.set(to.toLowerCase(), command)
    this.#byName.set(to.toUpperCase(), command)
    return undefined
  }

  /** The top-level commands. */
  *commands(): IterableIterator<Command> {
    for (const command of this.all) if (command.name === command.fullName) yield command
  }
}
