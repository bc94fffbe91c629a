/**
 * The options that say when a key (or a field) expires: EX, PX, EXAT, PXAT with a time, KEEPTTL or PERSIST without one. They
 * exclude each other, while one and the same may be repeated: the last counts. As in Redis the time itself is judged
 * only when all options have been read, so that a syntax error anywhere comes first.
 */
import type { Bytes } from '../base/bytes.ts'
import { invalidExpire, NOT_INTEGER } from '../base/errors.ts'
import type { ReplyError } from '../base/reply.ts'
import { KEEP_TTL, NO_EXPIRY } from '../keyspace/db.ts'
import type { Args } from './args.ts'
import type { Context } from './command.ts'
import { parseInteger } from './number.ts'

const TIME_LIMIT = 2 ** 63
/** The latest time that fits 64 bits as a double. */
const TIME_MAX = TIME_LIMIT - 1024

export class ExpireOption {
  /** The option in upper case, '' for none. */
  word: Bytes = ''
  #time: Bytes = ''

  /** Takes the option at the cursor, if it is one that may stand there. `flag` is the one without a time that the command knows. */
  take(a: Args, flag: 'KEEPTTL' | 'PERSIST'): boolean {
    const word = a.peek().toUpperCase()
    const timed = word === 'EX' || word === 'PX' || word === 'EXAT' || word === 'PXAT'
    if (!timed && word !== flag) return false
    if (this.word !== '' && this.word !== word) return false
    if (timed && a.left === 1) return false
    this.word = word
    a.move(1)
    if (timed) this.#time = a.next()
    return true
  }

  /** True for an option with a time. */
  get timed(): boolean {
    return this.word !== '' && this.word !== 'KEEPTTL' && this.word !== 'PERSIST'
  }

  /** True if the time is a point in time, which may have passed already. */
  get absolute(): boolean {
    return this.word === 'EXAT' || this.word === 'PXAT'
  }

  /** Unix ms, KEEP_TTL or NO_EXPIRY, as `Db.set` takes it; or the error in the time. */
  expireAt(c: Context): number | ReplyError {
    if (!this.timed) return this.word === 'KEEPTTL' ? KEEP_TTL : NO_EXPIRY
    return expireTime(c, this.#time, this.word === 'EX' || this.word === 'EXAT' ? 1000 : 1, !this.absolute)
  }
}

/** The unix ms that a positive time, in units of `unitMs` and from now on if `relative`, stands for; or the error. */
export function expireTime(c: Context, text: Bytes, unitMs: number, relative: boolean): number | ReplyError {
  const time = parseInteger(text)
  if (time === undefined) return NOT_INTEGER
  const expireAt = time * unitMs + (relative ? c.now : 0)
  if (time <= 0 || expireAt > TIME_LIMIT) return invalidExpire(c.command.fullName)
  return Math.min(expireAt, TIME_MAX)
}
