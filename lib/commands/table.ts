/**
 * The command table: looks a command up by the name that a client sent, in any case, and gives each command its number
 * for the statistics. Built once, and settled before the first client comes.
 */
import type { Bytes } from '../base/bytes.ts'
import { EMPTY_COMMAND, unknownCommand, unknownSubcommand, wrongArity } from '../base/errors.ts'
import type { ReplyError } from '../base/reply.ts'
import type { AclCommands } from '../session/acl-rules.ts'
import { CATEGORY_NAMES, type Command } from './command.ts'

/** A power of 2. */
const LAST_NAMES = 256

export class CommandTable implements AclCommands {
  readonly #byName = new Map<Bytes, Command>()
  /** By the names that they have here, in lower case; made when an ACL rule names one. */
  #originals: ReadonlyMap<Bytes, Command> | undefined
  readonly categories: readonly string[] = CATEGORY_NAMES
  /** The names that were looked up last, each at the place of its letters, and what was found: often the same come again. */
  readonly #lastNames = new Array<Bytes>(LAST_NAMES).fill('')
  readonly #lastFound = new Array<Command | undefined>(LAST_NAMES).fill(undefined)
  /** Every command and subcommand, at the index that is its `id`. */
  readonly all: readonly Command[]

  constructor(commands: readonly Command[]) {
    const all: Command[] = []
    const number = (command: Command): void => {
      command.id = all.push(command) - 1
    }
    for (let i = 0; i < commands.length; i++) {
      const command = commands[i]
      if (this.#byName.has(command.name)) throw new Error(`two commands are named '${command.name}'`)
      // Names arrive in either case nearly always; other spellings are folded in `find`.
      this.#byName.set(command.name, command)
      this.#byName.set(command.name.toUpperCase(), command)
      number(command)
      command.subcommands?.forEach(number)
    }
    this.all = all
  }

  /** The command of a name in any case. */
  find(name: Bytes): Command | undefined {
    const sum = 29 * name.charCodeAt(0) + 5 * name.charCodeAt(1) + 19 * name.charCodeAt(2) + 13 * name.length
    const place = sum & (LAST_NAMES - 1)
    if (name === this.#lastNames[place]) return this.#lastFound[place]
    const found = this.#byName.get(name) ?? this.#byName.get(name.toLowerCase())
    if (found !== undefined) {
      this.#lastNames[place] = name
      this.#lastFound[place] = found
    }
    return found
  }

  /**
   * Gives a command another name, or with '' none, for rename-command. Its errors and statistics keep the old one. Returns
   * why that cannot be.
   */
  rename(from: Bytes, to: Bytes): string | undefined {
    const command = this.find(from)
    if (command === undefined) return 'No such command in rename-command'
    if (to !== '' && this.find(to) !== undefined) return 'Target command name already exists'
    this.#lastNames.fill('')
    this.#lastFound.fill(undefined)
    for (const [name, other] of this.#byName) if (other === command) this.#byName.delete(name)
    if (to === '') return undefined
    this.#byName.set(to.toLowerCase(), command)
    this.#byName.set(to.toUpperCase(), command)
    return undefined
  }

  /** The command that argv names, its subcommand included, with the arity checked. */
  resolve(argv: readonly Bytes[]): Command | ReplyError {
    if (argv.length === 0) return EMPTY_COMMAND
    const command = this.find(argv[0])
    if (command === undefined) return unknownCommand(argv)
    if (command.subcommands === undefined || argv.length === 1) return checkArity(command, argv)
    const sub = command.subcommands.get(argv[1].toLowerCase())
    if (sub === undefined) return unknownSubcommand(command.name, argv[1])
    return checkArity(sub, argv)
  }

  original(name: Bytes): Command | undefined {
    this.#originals ??= new Map(Array.from(this.commands(), (command) => [command.name, command]))
    const command = this.#originals.get(name)
    return command?.aliasOf === undefined ? command : this.#originals.get(command.aliasOf)
  }

  aliasesOf({ fullName }: { readonly fullName: Bytes }): readonly Command[] {
    return this.all.filter(({ aliasOf }) => aliasOf === fullName)
  }

  /** Every name, in lower case and in upper, with its command. */
  names(): IterableIterator<[Bytes, Command]> {
    return this.#byName.entries()
  }

  /** The top-level commands. */
  *commands(): IterableIterator<Command> {
    for (const command of this.all) if (command.name === command.fullName) yield command
  }
}

function checkArity(command: Command, argv: readonly Bytes[]): Command | ReplyError {
  return suitsArity(command, argv.length) ? command : wrongArity(command.fullName)
}

export function suitsArity({ arity }: Command, count: number): boolean {
  return arity === count || (arity < 0 && count >= -arity)
}
