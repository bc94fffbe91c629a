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
import { parseInt64, parseInteger } from './number.ts'

const INT64_MAX = 2n ** 63n - 1n
const INT64_MIN = -(2n ** 63n)

/** The latest time of expiry that is kept: a double below 2^63, so that it is an integer of 64 bits wherever it is sent. */
export const EXPIRE_AT_MAX = 2 ** 63 - 1024

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
  const expireAt = unixMs(c, text, unitMs, relative ? c.now : 0)
  if (typeof expireAt === 'object') return expireAt
  return parseInteger(text)! <= 0 ? invalidExpire(c.command.fullName) : expireAt
}

/**
 * The unix ms that a time of either sign stands for, counted from `base`; or the error. Overflow is judged in 64-bit
 * integers, as Redis does; past 2^53 ms (the year 287396) the result is rounded to a double.
 */
export function unixMs(c: Context, text: Bytes, unitMs: number, base: number): number | ReplyError {
  const time = parseInteger(text)
  if (time === undefined) return NOT_INTEGER
  const ms = time * unitMs
  if (Number.isSafeInteger(ms)) return ms + base
  const exact = parseInt64(text)! * BigInt(unitMs)
  if (exact > INT64_MAX - BigInt(base) || exact < INT64_MIN) return invalidExpire(c.command.fullName)
  return Math.min(Number(exact + BigInt(base)), EXPIRE_AT_MAX)
}
