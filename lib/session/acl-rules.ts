/**
 * The language of ACL rules: what rules speak of, why one can be refused, and how rules that came in several words become
 * one. What each rule does stands with what it changes: acl-selector.ts and acl-user.ts.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Secrets } from './secrets.ts'

/** A command as rules see it. */
export interface AclCommand {
  /** Bit in the sets of permitted commands. */
  readonly id: number
  readonly name: Bytes
  /** `config|get` for a subcommand. */
  readonly fullName: Bytes
  readonly words: { readonly categories: readonly string[] }
  readonly subcommands?: ReadonlyMap<Bytes, AclCommand> | undefined
}

/** All commands, by the names that they had before any rename-command: rules hold whatever a command is called. */
export interface AclCommands {
  readonly all: readonly AclCommand[]
  readonly categories: readonly string[]
  /** A top-level command, by its name in lower case; for another name of a command, that command. */
  original(name: Bytes): AclCommand | undefined
  /** The other names of a command, each an entry of its own. */
  aliasesOf(command: AclCommand): readonly AclCommand[]
}

/** What rules need to be understood. */
export interface RuleBook {
  readonly commands: AclCommands
  readonly secrets: Secrets
  /** `acl-pubsub-default` is `allchannels`. */
  readonly opensChannels: boolean
}

/** Why a rule cannot be followed, in Redis's words. */
export const RuleFault = {
  Unknown: 'Unknown command or category name in ACL',
  Syntax: 'Syntax error',
  AllKeys:
    "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns",
  AllChannels:
    "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels",
  NoSuchPassword: 'The password you are trying to remove from the user does not exist',
  BadHash: 'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
  FirstArgument: 'Allowing first-arg of a subcommand is not supported',
  Duplicate: 'Duplicate user found. A user can only be defined once in config files',
} as const
export type RuleFault = (typeof RuleFault)[keyof typeof RuleFault]

/** A selector that was opened and not closed. */
export class Unclosed {
  /** The word that opened it. */
  readonly word: Bytes
  constructor(word: Bytes) {
    this.word = word
  }
}

/** Puts selectors together that came as several words, `(+get` and `~key)`. */
export function joinSelectors(words: readonly Bytes[]): Bytes[] | Unclosed {
  const rules: Bytes[] = []
  let selector: Bytes | undefined
  let opened = ''
  for (const word of words) {
    if (selector !== undefined) selector += ' ' + word
    else if (word[0] === '(') {
      selector = word
      opened = word
    } else rules.push(word)
    if (selector === undefined || !word.endsWith(')')) continue
    rules.push(selector)
    selector = undefined
  }
  return selector === undefined ? rules : new Unclosed(opened)
}

/** What names and patterns may not hold, so that a rule prints as it is read. */
export function hasBlanks(text: Bytes): boolean {
  return /[\0\t-\r ]/.test(text)
}

/** The rule without what it says of a password. */
export function withoutSecret(rule: Bytes): Bytes {
  return /^[<>#!]/.test(rule) ? `${rule[0]}(redacted)` : rule
}
