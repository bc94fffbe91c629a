/**
 * A selector: one set of commands, keys and channels that go together. A user has a root selector and may have more; he
 * may run a command if any one of them permits all of it.
 *
 * Commands are a bit each, so that a check costs the same however many rules there are. The rules that set the bits are
 * kept in their order as well, for printing (as since Redis 7.2): a rule takes the place of earlier ones that it makes void.
 */
import type { Bytes } from '../base/bytes.ts'
import { splitWords } from '../base/words.ts'
import { globMatches } from '../keyspace/glob.ts'
import { type AclCommand, type AclCommands, hasBlanks, type RuleBook, RuleFault } from './acl-rules.ts'

/** What a key is touched for. */
export const Access = { Read: 1, Write: 2, All: 3 } as const

interface KeyPattern {
  readonly pattern: Bytes
  /** OR of Access bits. */
  readonly access: number
}

export class Selector {
  #allCommands = false
  #allKeys = false
  #allChannels: boolean
  /** Commands yet unknown count as permitted: the last of `allcommands` and `nocommands` was the former. */
  #startsFromAll = false
  #bits: Uint32Array
  /** By command id: the only first arguments with which it may be run. */
  #firstArguments = new Map<number, Set<Bytes>>()
  /** Rules about commands since then, in order: `get` and whether it is permitted, `@string`, `config|get`. */
  #rules = new Map<Bytes, boolean>()
  /** By the name of a command: which rules there are of its parts. */
  readonly #partRules = new Map<Bytes, Set<Bytes>>()
  #keys: KeyPattern[] = []
  #channels: Bytes[] = []
  /** Where each pattern stands; made when one is added. */
  #keyPlaces: Map<Bytes, number> | undefined
  #channelNames: Set<Bytes> | undefined

  constructor({ commands, opensChannels }: RuleBook) {
    this.#bits = new Uint32Array(Math.ceil(commands.all.length / 32))
    this.#allChannels = opensChannels
  }

  /** From `(rule …)`. */
  static parse(text: Bytes, book: RuleBook): Selector | RuleFault {
    const selector = new Selector(book)
    for (const rule of splitWords(text.slice(1, -1)) ?? []) {
      const fault = selector.apply(rule, book)
      if (fault !== undefined) return fault
    }
    return selector
  }

  clone(book: RuleBook): Selector {
    const copy = new Selector(book)
    copy.#allCommands = this.#allCommands
    copy.#allKeys = this.#allKeys
    copy.#allChannels = this.#allChannels
    copy.#startsFromAll = this.#startsFromAll
    copy.#bits = this.#bits.slice()
    for (const [id, first] of this.#firstArguments) copy.#firstArguments.set(id, new Set(first))
    copy.#rules = new Map(this.#rules)
    for (const [name, parts] of this.#partRules) copy.#partRules.set(name, new Set(parts))
    copy.#keys = this.#keys.slice()
    copy.#channels = this.#channels.slice()
    return copy
  }

  /** True if it forbids nothing, so that nothing need be asked. */
  get permitsAll(): boolean {
    return this.#allCommands && this.#allKeys && this.#allChannels
  }

  get allKeys(): boolean {
    return this.#allKeys
  }

  get allChannels(): boolean {
    return this.#allChannels
  }

  /** Patterns of channels; none where all are permitted. */
  get channels(): readonly Bytes[] {
    return this.#channels
  }

  mayRun({ id }: AclCommand, argv: readonly Bytes[]): boolean {
    if (this.#allCommands || this.#has(id)) return true
    const first = this.#firstArguments.get(id)
    return first !== undefined && argv.length > 1 && first.has(argv[1].toLowerCase())
  }

  /** `access` is an OR of Access bits; without any, a pattern of either kind will do. */
  mayTouch(key: Bytes, access: number): boolean {
    if (this.#allKeys) return true
    return this.#keys.some(({ pattern, access: given }) => (given & access) === access && globMatches(pattern, key))
  }

  /** True if whatever key there is may be touched so. */
  mayTouchAny(access: number): boolean {
    if (this.#allKeys) return true
    return this.#keys.some(({ pattern, access: given }) => (given & access) === access && pattern === '*')
  }

  mayUse(channel: Bytes, isPattern: boolean): boolean {
    return this.#allChannels || channelMatches(this.#channels, channel, isPattern)
  }

  /** Follows one rule. What is refused changes nothing. */
  apply(rule: Bytes, book: RuleBook): RuleFault | undefined {
    switch (rule.toLowerCase()) {
      case 'allkeys':
      case '~*':
        return this.#setKeys(true)
      case 'resetkeys':
        return this.#setKeys(false)
      case 'allchannels':
      case '&*':
        return this.#setChannels(true)
      case 'resetchannels':
        return this.#setChannels(false)
      case 'allcommands':
      case '+@all':
        return this.#setCommands(true)
      case 'nocommands':
      case '-@all':
        return this.#setCommands(false)
    }
    switch (rule[0]) {
      case '~':
      case '%':
        return this.#addKeys(rule)
      case '&':
        return this.#addChannels(rule.slice(1))
      case '+':
      case '-':
        return this.#changeCommands(rule.slice(1).toLowerCase(), rule[0] === '+', book)
      default:
        return RuleFault.Syntax
    }
  }

  #setKeys(all: boolean): undefined {
    this.#allKeys = all
    this.#keys = []
    this.#keyPlaces = undefined
  }

  #setChannels(all: boolean): undefined {
    this.#allChannels = all
    this.#channels = []
    this.#channelNames = undefined
  }

  #setCommands(all: boolean): undefined {
    this.#allCommands = all
    this.#startsFromAll = all
    this.#bits.fill(all ? 0xffffffff : 0)
    this.#firstArguments.clear()
    this.#rules.clear()
    this.#partRules.clear()
  }

  /** `~pattern`, `%R~pattern`, `%W~pattern`, `%RW~pattern` */
  #addKeys(rule: Bytes): RuleFault | undefined {
    if (this.#allKeys) return RuleFault.AllKeys
    const [, letters = 'RW', pattern] = /^(?:~|%(R|W|RW|WR)(?:~|$))(.*)$/is.exec(rule) ?? []
    if (pattern === undefined || hasBlanks(pattern)) return RuleFault.Syntax
    let access = 0
    if (/r/i.test(letters)) access |= Access.Read
    if (/w/i.test(letters)) access |= Access.Write
    this.#keyPlaces ??= new Map(this.#keys.map((key, i) => [key.pattern, i]))
    const at = this.#keyPlaces.get(pattern)
    if (at !== undefined) this.#keys[at] = { pattern, access: this.#keys[at].access | access }
    else this.#keyPlaces.set(pattern, this.#keys.push({ pattern, access }) - 1)
    return undefined
  }

  #addChannels(pattern: Bytes): RuleFault | undefined {
    if (this.#allChannels) return RuleFault.AllChannels
    if (hasBlanks(pattern)) return RuleFault.Syntax
    this.#channelNames ??= new Set(this.#channels)
    if (this.#channelNames.has(pattern)) return undefined
    this.#channelNames.add(pattern)
    this.#channels.push(pattern)
    return undefined
  }

  /** `name`, `name|subcommand`, `name|first-argument` (to permit only) or `@category`, in lower case. */
  #changeCommands(target: Bytes, permitted: boolean, { commands }: RuleBook): RuleFault | undefined {
    if (target[0] === '@') return this.#changeCategory(target, permitted, commands)
    const [name, part, ...more] = target.split('|')
    if (permitted && part !== undefined) return this.#permitPart(target, commands)
    const command = commands.original(name)
    const entry = part === undefined ? command : command?.subcommands?.get(part)
    if (more.length > 0) return RuleFault.Unknown
    if (entry === undefined) return RuleFault.Unknown
    this.#change(entry, permitted)
    for (const alias of commands.aliasesOf(entry)) this.#change(alias, permitted)
    return this.#note(entry.fullName, permitted)
  }

  #changeCategory(target: Bytes, permitted: boolean, { categories, all }: AclCommands): RuleFault | undefined {
    const category = target.slice(1)
    if (!categories.includes(category)) return RuleFault.Unknown
    for (const command of all) if (command.words.categories.includes(category)) this.#change(command, permitted)
    return this.#note(target, permitted)
  }

  /** `name|part`, where the part is a subcommand, or of a command that has none, a first argument. */
  #permitPart(target: Bytes, commands: AclCommands): RuleFault | undefined {
    const [name, part, ...more] = target.split('|')
    const command = commands.original(name)
    const sub = command?.subcommands?.get(part)
    if (more.length > 0) return sub !== undefined && more.length === 1 ? RuleFault.FirstArgument : RuleFault.Unknown
    if (command === undefined) return RuleFault.Unknown
    // With a blank in it, which Redis lets pass, the rule could not be read again where it is written.
    if (part === '' || hasBlanks(part)) return RuleFault.Syntax
    if (sub !== undefined) this.#change(sub, true)
    else if (command.subcommands !== undefined) return RuleFault.Unknown
    else this.#addFirstArgument(command.id, part)
    return this.#note(target, true)
  }

  #change({ id, subcommands }: AclCommand, permitted: boolean): void {
    this.#setBit(id, permitted)
    this.#firstArguments.delete(id)
    if (subcommands !== undefined) for (const sub of subcommands.values()) this.#setBit(sub.id, permitted)
  }

  #addFirstArgument(id: number, argument: Bytes): void {
    const first = this.#firstArguments.get(id)
    if (first === undefined) this.#firstArguments.set(id, new Set([argument]))
    else first.add(argument)
  }

  /** Keeps a rule for printing, and drops those that speak of the same, or of a part of it. */
  #note(target: Bytes, permitted: boolean): undefined {
    const parts = this.#partRules.get(target)
    if (parts !== undefined) {
      for (const part of parts) this.#rules.delete(part)
      this.#partRules.delete(target)
    }
    this.#rules.delete(target)
    this.#rules.set(target, permitted)
    const bar = target.indexOf('|')
    if (bar === -1) return
    const name = target.slice(0, bar)
    const others = this.#partRules.get(name)
    if (others === undefined) this.#partRules.set(name, new Set([target]))
    else others.add(target)
  }

  #has(id: number): boolean {
    return (this.#bits[id >>> 5] & (1 << (id & 31))) !== 0
  }

  #setBit(id: number, permitted: boolean): void {
    if (permitted) this.#bits[id >>> 5] |= 1 << (id & 31)
    else {
      this.#bits[id >>> 5] &= ~(1 << (id & 31))
      this.#allCommands = false
    }
  }

  // As rules that make the same selector again.

  get commandRules(): Bytes {
    const rules = Array.from(this.#rules, ([target, permitted]) => (permitted ? '+' : '-') + target)
    rules.unshift(this.#startsFromAll ? '+@all' : '-@all')
    return rules.join(' ')
  }

  get keyRules(): Bytes {
    return this.#allKeys ? '~*' : this.#keys.map(keyRule).join(' ')
  }

  get channelRules(): Bytes {
    return this.#allChannels ? '&*' : this.#channels.map((pattern) => '&' + pattern).join(' ')
  }

  get rules(): Bytes {
    const { keyRules: keys, channelRules: channels, commandRules: commands } = this
    const parts = [keys, this.#allChannels ? channels : `resetchannels ${channels}`.trimEnd(), commands]
    return parts.filter((part) => part !== '').join(' ')
  }
}

function keyRule({ pattern, access }: KeyPattern): Bytes {
  return (access === Access.All ? '~' : access === Access.Read ? '%R~' : '%W~') + pattern
}

/** A channel may match a pattern; a pattern (of PSUBSCRIBE) must be one of them, as it is. */
export function channelMatches(patterns: readonly Bytes[], channel: Bytes, isPattern: boolean): boolean {
  return isPattern ? patterns.includes(channel) : patterns.some((pattern) => globMatches(pattern, channel))
}
