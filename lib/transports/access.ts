/**
 * Who may come in by a token, and what it allows: the same for every door on HTTP. Tokens are compared as SHA-256 digests
 * in constant time.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Bytes } from '../bytes.ts'
import type { Directives } from '../config.ts'
import type { Engine } from '../engine/engine.ts'
import { noPermission } from '../errors.ts'
import type { Reply, ReplyError } from '../reply.ts'
import { Gate, type Session } from '../session/session.ts'

/** What a token lets its bearer do. */
export type Access = 'full' | 'read-only'

export class Tokens {
  readonly #config: Directives
  readonly #full = new Token()
  readonly #readOnly = new Token()

  constructor(config: Directives) {
    this.#config = config
  }

  /** False if nobody can come in by a token, because there is none. */
  get configured(): boolean {
    return this.#config['rest-token'] !== '' || this.#config['rest-read-only-token'] !== ''
  }

  /** What a token allows; undefined if it is wrong. */
  accessOf(token: Bytes): Access | undefined {
    const digest = sha256(token)
    if (this.#full.matches(this.#config['rest-token'], digest)) return 'full'
    return this.#readOnly.matches(this.#config['rest-read-only-token'], digest) ? 'read-only' : undefined
  }
}

/** The digest of a configured token, made once per value. */
class Token {
  #value = ''
  #digest: Buffer | undefined

  matches(value: Bytes, digest: Buffer): boolean {
    if (value === '') return false
    if (value !== this.#value || this.#digest === undefined) {
      this.#value = value
      this.#digest = sha256(value)
    }
    return timingSafeEqual(digest, this.#digest)
  }
}

function sha256(token: Bytes): Buffer {
  return createHash('sha256').update(token, 'latin1').digest()
}

/** A read-only token may not list keys: it is given to those who know what they look for. */
export function refusedReadOnly(argv: readonly Bytes[]): ReplyError | undefined {
  const name = argv.length === 0 ? '' : argv[0].toLowerCase()
  return name === 'keys' || name === 'scan' ? noPermission(name) : undefined
}

/** Runs a command for the bearer of a read-only token, whatever the session has done before. */
export function executeReadOnly(engine: Engine, session: Session, argv: readonly Bytes[]): Reply | Promise<Reply> {
  session.gate |= Gate.Restricted
  return refusedReadOnly(argv) ?? engine.execute(session, argv)
}
