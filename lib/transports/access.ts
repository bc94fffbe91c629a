/**
 * Tokens: who comes in over HTTP, the same for every door there. The configured token stands for the default user; the
 * read-only one for a user of its own, who may read, and learns of keys only by naming them (`User.isReader`): it is given to
 * those who know what they look for.
 * All other tokens derive from the configured one and are stored nowhere, so they hold across restarts and instances:
 *
 *     base64url(name NUL HMAC(key, name NUL hash))    key = HMAC(rest-token, …), hash of one of the user's passwords
 *
 * Such a token lets in for as long as the user is on and has that password; it says nothing about it. As at Upstash, it
 * may also become the user's password itself. Secrets are compared as digests of one length in constant time.
 */
import { type Bytes, fromArray, toArray } from '../base/bytes.ts'
import { type Command, Flag } from '../commands/command.ts'
import type { CommandTable } from '../commands/table.ts'
import type { Directives } from '../config/config.ts'
import type { Acl } from '../session/acl.ts'
import type { User } from '../session/acl-user.ts'
import { Pass } from '../session/pass.ts'
import type { TokensPort } from '../session/ports.ts'
import type { Secrets } from '../session/secrets.ts'

const READ_ONLY_USER = 'default_ro'

/** Tells this use of the configured token from any other. */
const PURPOSE = 'zerodis: tokens of ACL users'

const MAC_BYTES = 32

/** In place of a password's hash, for a user whom any password lets in. */
const NO_PASSWORD = ''

export class Tokens implements TokensPort {
  readonly #acl: Acl
  readonly #secrets: Secrets
  readonly #config: Directives
  readonly #table: CommandTable
  #reader: User | undefined
  /** The configured tokens as last seen, and how often they were others. */
  #full = ''
  #readOnly = ''
  #configured = 0
  /** The configured token from which the key was made, and the key. */
  #keyOf = ''
  #key = ''

  constructor(acl: Acl, secrets: Secrets, config: Directives, table: CommandTable) {
    this.#acl = acl
    this.#secrets = secrets
    this.#config = config
    this.#table = table
  }

  get configured(): boolean {
    return this.#config['rest-token'] !== ''
  }

  /** False if nobody can come in by a token, because there is none. */
  get letsAnybodyIn(): boolean {
    return this.configured || this.#config['rest-read-only-token'] !== ''
  }

  /** Grows whenever what a token stands for may have changed. */
  get generation(): number {
    return this.#acl.changes + this.configuredChanges
  }

  /** Grows whenever a configured token is another. */
  get configuredChanges(): number {
    const full = this.#config['rest-token']
    const readOnly = this.#config['rest-read-only-token']
    if (full !== this.#full || readOnly !== this.#readOnly) {
      this.#full = full
      this.#readOnly = readOnly
      this.#configured++
    }
    return this.#configured
  }

  /** What a token lets in by; undefined if it is wrong. */
  admit(token: Bytes): Pass | undefined {
    const user = this.bearer(token)
    return user === undefined ? undefined : new TokenPass(this, token, user)
  }

  /** False if the user has been deleted; the default one and the reader cannot be. */
  isKnown(user: User): boolean {
    return user === this.#reader || this.#acl.get(user.name) === user
  }

  /** Whom a token lets in; undefined if it is wrong. */
  bearer(token: Bytes): User | undefined {
    if (this.#isSame(token, this.#config['rest-token'])) return this.#acl.default
    if (this.#isSame(token, this.#config['rest-read-only-token'])) return this.#readOnlyUser()
    const parts = split(token)
    const user = parts === undefined ? undefined : this.#acl.get(parts.name)
    if (parts === undefined || user === undefined || !user.isOn) return undefined
    if (!user.nopass && user.accepts(token)) return user
    let isHis = false
    const hashes = user.nopass ? [NO_PASSWORD] : user.passwords
    for (const hash of hashes) if (this.#secrets.sameDigest(this.#mac(parts.name, hash), parts.mac)) isHis = true
    return isHis && this.configured ? user : undefined
  }

  /** True for the tokens that let in to the metrics. */
  readsMetrics(token: Bytes): boolean {
    return this.#isSame(token, this.#config['rest-token']) || this.#isSame(token, this.#config['metrics-token'])
  }

  issue(name: Bytes, password: Bytes): Bytes {
    const hash = this.#acl.get(name)?.nopass ? NO_PASSWORD : this.#secrets.sha256(password)
    return this.#tokenOf(name, hash)
  }

  userOf(name: Bytes, password: Bytes): User | undefined {
    return this.#acl.verify(name, password) ?? this.#acl.verify(name, this.issue(name, password))
  }

  /** Made when he first comes in. */
  #readOnlyUser(): User {
    if (this.#reader !== undefined) return this.#reader
    const commands = this.#table.all.filter(isForReaders).map(({ fullName }) => '+' + fullName)
    this.#reader = this.#acl.draft(READ_ONLY_USER, ['on', 'allkeys', 'resetchannels', ...commands])
    this.#reader.isReader = true
    return this.#reader
  }

  #tokenOf(name: Bytes, hash: Bytes): Bytes {
    return toArray(`${name}\0${this.#mac(name, hash)}`).toString('base64url')
  }

  #mac(name: Bytes, hash: Bytes): Bytes {
    const token = this.#config['rest-token']
    if (token !== this.#keyOf) {
      this.#keyOf = token
      this.#key = this.#secrets.hmac(token, PURPOSE)
    }
    return this.#secrets.hmac(this.#key, `${name}\0${hash}`)
  }

  #isSame(token: Bytes, configured: Bytes): boolean {
    const { sha256, sameDigest } = this.#secrets
    return configured !== '' && sameDigest(sha256(token), sha256(configured))
  }
}

/** The pass of a token. The token is looked at again only where its user's way in, or a configured token, has changed. */
class TokenPass extends Pass {
  readonly #tokens: Tokens
  readonly #token: Bytes
  readonly user: User
  /** When it was last found to hold. */
  #generation: number
  #configuredChanges: number
  #entryChanges: number

  constructor(tokens: Tokens, token: Bytes, user: User) {
    super()
    this.#tokens = tokens
    this.#token = token
    this.user = user
    this.#generation = tokens.generation
    this.#configuredChanges = tokens.configuredChanges
    this.#entryChanges = user.entryChanges
  }

  get holds(): boolean {
    const { generation, configuredChanges } = this.#tokens
    if (generation === this.#generation) return true
    const { entryChanges } = this.user
    const isTouched = configuredChanges !== this.#configuredChanges || entryChanges !== this.#entryChanges
    const holds = isTouched ? this.#tokens.bearer(this.#token) === this.user : this.#tokens.isKnown(this.user)
    if (!holds) return false
    this.#generation = generation
    this.#configuredChanges = configuredChanges
    this.#entryChanges = entryChanges
    return true
  }
}

/** Name and proof of a derived token; undefined for what cannot be one. */
function split(token: Bytes): { readonly name: Bytes; readonly mac: Bytes } | undefined {
  const decoded = Buffer.from(token, 'base64url')
  if (decoded.toString('base64url') !== token) return undefined
  const bytes = fromArray(decoded)
  const end = bytes.length - MAC_BYTES - 1
  return end < 0 || bytes[end] !== '\0' ? undefined : { name: bytes.slice(0, end), mac: bytes.slice(end + 1) }
}

/** What the read-only token is for: whatever only reads, and what concerns the connection alone. */
function isForReaders({ fullName, flags, group, subcommands }: Command): boolean {
  if (subcommands !== undefined || flags & (Flag.Write | Flag.Admin)) return false
  return (flags & Flag.ReadOnly) !== 0 || group === 'connection' || isTransaction(fullName)
}

/** A transaction is what its commands are. */
function isTransaction(fullName: Bytes): boolean {
  return fullName === 'multi' || fullName === 'exec' || fullName === 'discard'
}
