/**
 * A user of the ACL: how he is let in (on or off, passwords as SHA-256, or any password at all) and what he may do (his
 * selectors, of which the first, the root, is never taken away). Sessions hold their user, so that a change of his rules
 * holds from their next command on.
 */
import type { Bytes } from '../base/bytes.ts'
import { type RuleBook, RuleFault } from './acl-rules.ts'
import { Selector } from './acl-selector.ts'

const HASH = /^[0-9a-f]{64}$/

export class User {
  readonly name: Bytes
  isOn = false
  /** Any password will do. */
  nopass = false
  #sanitizes = true
  /** Shared with those who were made of this one, or this one of, until it changes. */
  #passwords: ReadonlySet<Bytes> = new Set()
  /** The same, where nobody shares it yet. */
  #ownPasswords: Set<Bytes> | undefined
  #selectors: [Selector, ...Selector[]]
  #book: RuleBook
  /** The bearer of the read-only token: it learns of keys only by naming them, and is refused in Upstash's words. */
  isReader = false
  /** Counts the changes of how he is let in: on or off, passwords. */
  entryChanges = 0

  constructor(name: Bytes, book: RuleBook) {
    this.name = name
    this.#book = book
    this.#selectors = [new Selector(book)]
  }

  /** A user of these rules; the rule that is not one, and why. */
  static from(name: Bytes, rules: readonly Bytes[], book: RuleBook): User | RefusedRule {
    return new User(name, book).changedBy(rules)
  }

  /** SHA-256 in hexadecimal. */
  get passwords(): readonly Bytes[] {
    return [...this.#passwords]
  }

  get root(): Selector {
    return this.#selectors[0]
  }

  get selectors(): readonly Selector[] {
    return this.#selectors
  }

  /** False if he may do everything, so that his commands need no check. */
  get isRestricted(): boolean {
    return !this.#selectors.some((selector) => selector.permitsAll)
  }

  /** Compares with each password, all of them to the end. */
  accepts(password: Bytes): boolean {
    if (this.nopass) return true
    const { sha256, sameDigest } = this.#book.secrets
    const digest = sha256(password)
    let accepted = false
    for (const each of this.#passwords) if (sameDigest(digest, each)) accepted = true
    return accepted
  }

  /** A copy to which the rules were applied; this one stays as it is. */
  changedBy(rules: readonly Bytes[]): User | RefusedRule {
    const copy = new User(this.name, this.#book)
    copy.become(this)
    for (const rule of rules) {
      const fault = copy.follow(rule)
      if (fault !== undefined) return new RefusedRule(rule, fault)
    }
    return copy
  }

  /** Takes over all that another user has but his name. */
  become(other: User): void {
    if (this.isOn !== other.isOn || this.nopass !== other.nopass || this.#passwords !== other.#passwords)
      this.entryChanges++
    this.isOn = other.isOn
    this.nopass = other.nopass
    this.#sanitizes = other.#sanitizes
    this.#passwords = other.#passwords
    this.#ownPasswords = undefined
    const [root, ...more] = other.#selectors
    this.#selectors = [root.clone(this.#book), ...more]
  }

  /** Follows one rule; one that is refused changes nothing. For a user whom nobody has yet: others get `changedBy`. */
  follow(rule: Bytes): RuleFault | undefined {
    switch (rule.toLowerCase()) {
      case '':
        return undefined
      case 'on':
      case 'off':
        this.isOn = rule.length === 2
        return undefined
      case 'sanitize-payload':
      case 'skip-sanitize-payload':
        this.#sanitizes = /^san/i.test(rule)
        return undefined
      case 'nopass':
      case 'resetpass':
        this.nopass = /^nop/i.test(rule)
        this.#passwords = this.#ownPasswords = new Set()
        return undefined
      case 'clearselectors':
        this.#selectors = [this.root]
        return undefined
      case 'reset':
        this.become(new User(this.name, this.#book))
        return undefined
    }
    if (/^[<>#!]/.test(rule)) return this.#changePasswords(rule[0], rule.slice(1))
    if (rule[0] !== '(' || !rule.endsWith(')')) return this.root.apply(rule, this.#book)
    const selector = Selector.parse(rule, this.#book)
    if (!(selector instanceof Selector)) return selector
    this.#selectors.push(selector)
    return undefined
  }

  /** `>password` and `#hash` add one, `<password` and `!hash` take one away. */
  #changePasswords(sign: Bytes, text: Bytes): RuleFault | undefined {
    const isHash = sign === '#' || sign === '!'
    if (isHash && !HASH.test(text)) return RuleFault.BadHash
    const hash = isHash ? text : this.#book.secrets.sha256(text)
    if (sign === '>' || sign === '#') {
      if (!this.#passwords.has(hash)) this.#own().add(hash)
      this.nopass = false
      return undefined
    }
    if (!this.#passwords.has(hash)) return RuleFault.NoSuchPassword
    this.#own().delete(hash)
    return undefined
  }

  #own(): Set<Bytes> {
    if (this.#ownPasswords === undefined) this.#passwords = this.#ownPasswords = new Set(this.#passwords)
    return this.#ownPasswords
  }

  get flags(): readonly Bytes[] {
    const flags = [this.isOn ? 'on' : 'off']
    if (this.nopass) flags.push('nopass')
    flags.push(this.#sanitizes ? 'sanitize-payload' : 'skip-sanitize-payload')
    return flags
  }

  /** The rules that make the same user again. */
  get rules(): Bytes {
    const [root, ...more] = this.#selectors
    const passwords = this.passwords.map((hash) => '#' + hash)
    return [...this.flags, ...passwords, root.rules, ...more.map(({ rules }) => `(${rules})`)].join(' ')
  }

  /** As a line of redis.conf, of an ACL file, and of ACL LIST. */
  get line(): Bytes {
    return `user ${this.name} ${this.rules}`
  }
}

/** A rule that cannot be followed. */
export class RefusedRule {
  readonly rule: Bytes
  readonly fault: RuleFault
  constructor(rule: Bytes, fault: RuleFault) {
    this.rule = rule
    this.fault = fault
  }
}
