/**
 * The access control list: all users, who a session is, and what follows for sessions when users change. A session's gate
 * bits are set from here alone: `Unauthenticated` while it must say a password first, `Restricted` while its user may not
 * do everything. So the rules of a user hold for live sessions from the next command on, and a session of a user without
 * limits pays nothing for them.
 *
 * The default user always exists: it is who a session is before it says otherwise, and `requirepass` is its password.
 */
import type { Bytes } from '../base/bytes.ts'
import { parseUsers } from './acl-lines.ts'
import type { AclLog } from './acl-log.ts'
import { joinSelectors, type RuleBook, Unclosed } from './acl-rules.ts'
import { channelMatches } from './acl-selector.ts'
import { RefusedRule, User } from './acl-user.ts'
import type { Clients } from './clients.ts'
import { NoPass } from './pass.ts'
import type { PubSubPort } from './ports.ts'
import { Gate, type Session } from './session.ts'

export const DEFAULT_USER = 'default'

/** The rules of a default user that nobody has changed. */
const OPEN_RULES = ['+@all', '~*', '&*', 'on', 'nopass']

export interface AclParts {
  /** What rules are read by. */
  readonly book: RuleBook
  readonly clients: Clients
  readonly pubsub: PubSubPort
  readonly log: AclLog
}

export class Acl {
  readonly default: User
  readonly log: AclLog
  readonly #users = new Map<Bytes, User>()
  readonly #book: RuleBook
  readonly #clients: Clients
  readonly #pubsub: PubSubPort
  /** Counts the changes of users: what was found out about one holds while it stays the same. */
  changes = 0

  constructor({ book, clients, pubsub, log }: AclParts) {
    this.#book = book
    this.log = log
    this.#clients = clients
    this.#pubsub = pubsub
    this.default = this.#newDefault()
    this.#users.set(DEFAULT_USER, this.default)
  }

  /** True if a client must say a password before anything else. */
  get asksForPassword(): boolean {
    return !this.default.nopass || !this.default.isOn
  }

  get(name: Bytes): User | undefined {
    return this.#users.get(name)
  }

  /** All users, in the order of their names. */
  get users(): readonly User[] {
    return [...this.#users.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The users that lines describe (see acl-lines.ts); or all that is wrong with them, in one line. */
  parse(text: Bytes, file: Bytes): Map<Bytes, User> | Bytes {
    return parseUsers(text, file, this.#book)
  }

  /** A user of these rules who is not on the list. @throws Error for a rule that is none */
  draft(name: Bytes, rules: readonly Bytes[]): User {
    const user = User.from(name, rules, this.#book)
    if (user instanceof RefusedRule) throw new Error(`${user.rule}: ${user.fault}`)
    return user
  }

  /**
   * Makes a user or changes one: all rules, or with the reason returned, none. Sessions that subscribe to channels that he
   * may no longer use are ended.
   */
  set(name: Bytes, words: readonly Bytes[], by?: Session): RefusedRule | Unclosed | undefined {
    const rules = joinSelectors(words)
    if (rules instanceof Unclosed) return rules
    const user = this.#users.get(name)
    const changed = user === undefined ? User.from(name, rules, this.#book) : user.changedBy(rules)
    if (changed instanceof RefusedRule) return changed
    if (user === undefined) this.#users.set(name, changed)
    else this.#replace(user, changed, by)
    this.#settleAll(by)
    return undefined
  }

  /** False if there was no such user. The sessions that were his are ended. The default user is not to be deleted. */
  delete(name: Bytes, by?: Session): boolean {
    const user = this.#users.get(name)
    if (user === undefined) return false
    this.#users.delete(name)
    for (const session of this.#clients) {
      if (session.user === user || session.pass?.user === user) this.#expel(session, session === by)
    }
    this.#settleAll(by)
    return true
  }

  /** Puts other users in the place of all there are. Sessions stay as far as their users do, and their channels. */
  replaceAll(users: ReadonlyMap<Bytes, User>, by?: Session): void {
    const gone = new Set(this.#users.keys())
    this.#replace(this.default, users.get(DEFAULT_USER) ?? this.#newDefault(), by)
    for (const [name, user] of users) {
      const before = this.#users.get(name)
      if (before === undefined) this.#users.set(name, user)
      else if (before !== this.default) this.#replace(before, user, by)
      gone.delete(name)
    }
    for (const name of gone) if (name !== DEFAULT_USER) this.delete(name, by)
    this.#settleAll(by)
  }

  /** What `requirepass` says; '' lets anyone in. */
  setDefaultPassword(password: Bytes): void {
    this.set(DEFAULT_USER, ['resetpass', password === '' ? 'nopass' : '>' + password])
  }

  /** A session begins, or begins again: its user is the one of its pass, or the default one. */
  admit(session: Session): void {
    const { pass } = session
    if (pass !== undefined && !pass.holds) session.pass = new NoPass(this.#nobody(pass.user))
    session.user = session.pass?.user ?? this.default
    session.isAuthenticated = pass !== undefined || !session.authenticates || !this.asksForPassword
    this.#settle(session)
  }

  /** The configured tokens are others: whoever came by one that is no more is ended, once it has its reply. */
  tokensChanged(): void {
    for (const session of this.#clients) {
      if (session.pass?.holds === false) this.#expel(session, session.parked === undefined)
    }
  }

  /**
   * Lets a session in as a user. Who came by a token is somebody already: only a real password makes somebody else of him.
   */
  authenticate(session: Session, name: Bytes, password: Bytes): boolean {
    const user = this.verify(name, password)
    if (user === undefined || (user.nopass && isPinnedToAnother(session, user))) return false
    session.user = user
    session.isAuthenticated = true
    this.#settle(session)
    return true
  }

  /** The user whose password this is; undefined also where he is off. */
  verify(name: Bytes, password: Bytes): User | undefined {
    const user = this.#users.get(name)
    return user?.isOn && user.accepts(password) ? user : undefined
  }

  #newDefault(): User {
    return this.draft(DEFAULT_USER, OPEN_RULES)
  }

  #replace(user: User, changed: User, by: Session | undefined): void {
    const lost = losesChannels(user, changed)
    user.become(changed)
    if (!lost) return
    for (const session of this.#clients) {
      if (session.user === user && session.gate & Gate.Subscriber && this.#listensUnduly(session)) {
        this.#expel(session, session === by)
      }
    }
  }

  #listensUnduly(session: Session): boolean {
    const { channels, patterns, shards } = this.#pubsub
    const permitted = session.user.selectors.flatMap((selector) => selector.channels)
    const refuses = (names: ReadonlySet<Bytes>, arePatterns: boolean): boolean =>
      [...names].some((name) => !channelMatches(permitted, name, arePatterns))
    return (
      refuses(patterns.namesOf(session), true) ||
      refuses(channels.namesOf(session), false) ||
      refuses(shards.namesOf(session), false)
    )
  }

  /** Ends a session, which may do nothing from now on; whoever asked for that still gets the reply. */
  #expel(session: Session, afterReply: boolean): void {
    session.pass = new NoPass((session.user = this.#nobody(session.user)))
    this.#settle(session)
    if (afterReply) session.link.closeAfterReply()
    else session.link.close()
  }

  #nobody({ name, isReader }: User): User {
    const nobody = new User(name, this.#book)
    nobody.isReader = isReader
    return nobody
  }

  /** Rules hold from the next command on; a pass that does not hold any more ends its session. */
  #settleAll(by: Session | undefined): void {
    this.changes++
    for (const session of this.#clients) {
      if (session.pass?.holds === false) this.#expel(session, session === by)
      else this.#settle(session)
    }
  }

  /** The link to a master: what it says holds, whatever users there are. */
  admitMaster(session: Session): void {
    session.user = this.draft('(superuser)', OPEN_RULES)
    session.isMaster = true
    session.isAuthenticated = true
    session.mayBlock = false
    this.#settle(session)
  }

  #settle(session: Session): void {
    session.gate &= ~(Gate.Unauthenticated | Gate.Restricted)
    if (!session.isAuthenticated && this.asksForPassword) session.gate |= Gate.Unauthenticated
    if (session.user.isRestricted) session.gate |= Gate.Restricted
  }
}

function isPinnedToAnother(session: Session, user: User): boolean {
  return session.pass !== undefined && session.pass.user !== user
}

/** True if there may be a channel that the one can use and the other cannot. */
function losesChannels(before: User, after: User): boolean {
  if (after.selectors.some(({ allChannels }) => allChannels)) return false
  if (before.selectors.some(({ allChannels }) => allChannels)) return true
  const kept = new Set(after.selectors.flatMap(({ channels }) => channels))
  return before.selectors.some(({ channels }) => channels.some((pattern) => !kept.has(pattern)))
}
