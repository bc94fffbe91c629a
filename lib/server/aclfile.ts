/**
 * The file of users that `aclfile` names: read at the start and by ACL LOAD, written by ACL SAVE in one step that leaves either
 * the old file or the new one. Its name is relative to `dir`.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Bytes, fromText, toText } from '../base/bytes.ts'
import { systemReason } from '../base/systemreason.ts'
import type { Config } from '../config/config.ts'
import type { Log } from '../observability/log.ts'
import { type Acl, DEFAULT_USER } from '../session/acl.ts'
import { hasBlanks, withoutSecret } from '../session/acl-rules.ts'
import { RefusedRule } from '../session/acl-user.ts'
import type { AclFilePort } from '../session/ports.ts'
import type { Session } from '../session/session.ts'
import { replaceFile, UnreadableFile } from './configfile.ts'

const TWO_SOURCES =
  'Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. This setup ' +
  'is very likely to lead to configuration errors and security holes, please define either an ACL file or declare ' +
  'users directly in your redis.conf, but not both.'

export class AclFile implements AclFilePort {
  readonly #acl: Acl
  readonly #config: Config
  readonly #log: Log

  constructor(acl: Acl, config: Config, log: Log) {
    this.#acl = acl
    this.#config = config
    this.#log = log
  }

  get #name(): Bytes {
    return this.#config.values.aclfile
  }

  get #path(): string {
    return resolve(toText(this.#config.values.dir), toText(this.#name))
  }

  /**
   * Takes the users that the configuration has as lines (`name rule …`), or those of the file.
   * @throws UnreadableFile, in Redis's words
   */
  start(users: readonly (readonly Bytes[])[]): void {
    if (this.#name !== '' && users.length > 0) throw new UnreadableFile(TWO_SOURCES)
    for (const [name, ...rules] of users) {
      if (hasBlanks(name)) throw new UnreadableFile('Spaces not allowed in ACL usernames')
      const refused = this.#acl.set(name, name === DEFAULT_USER ? ['reset', ...rules] : rules)
      if (refused instanceof RefusedRule) throw new UnreadableFile(refusal(name, refused))
      if (this.#acl.get(name)?.isOn !== false) continue
      this.#log(
        'notice',
        `The user '${name}' is disabled (there is no 'on' modifier in the user description). Make sure this is not a configuration error.`,
      )
    }
    const faults = this.#name === '' ? undefined : this.load()
    if (faults !== undefined) throw new UnreadableFile(`Aborting Redis startup because of ACL errors: ${faults}`)
  }

  load(by?: Session): Bytes | undefined {
    let text: Bytes
    try {
      text = readFileSync(this.#path, 'latin1')
    } catch (error) {
      return `Error loading ACLs, opening file '${this.#name}': ${fromText(systemReason(error))}`
    }
    const users = this.#acl.parse(text, this.#name)
    if (!(users instanceof Map)) return users
    this.#acl.replaceAll(users, by)
    return undefined
  }

  save(): boolean {
    try {
      replaceFile(this.#path, this.#acl.users.map(({ line }) => line + '\n').join(''))
      return true
    } catch (error) {
      this.#log('warning', `Writing ACL file for ACL SAVE: ${systemReason(error)}`)
      return false
    }
  }
}

function refusal(name: Bytes, { rule, fault }: RefusedRule): string {
  return `Error loading ACL rule '${withoutSecret(rule)}' for the user named '${name}': ${fault}`
}
