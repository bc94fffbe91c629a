/**
 * The timeouts of blocking commands, as arguments: seconds with a fraction (BLPOP, BZPOPMIN, …) or whole milliseconds
 * (XREAD BLOCK, WAIT, CLIENT PAUSE), in both cases 0 for waiting without end. As Redis does, seconds are multiplied as a
 * long double and rounded up, so no time but 0 becomes 0; what does not fit 64 bits with the time of day is refused.
 */
import { TIMEOUT_NEGATIVE, TIMEOUT_NOT_FLOAT, TIMEOUT_NOT_INTEGER, TIMEOUT_OUT_OF_RANGE } from '../base/errors.ts'
import type { Args } from './args.ts'
import type { Context } from './command.ts'
import { ceilLongDouble, isInfinite, multiplyLongDouble, parseLongDouble } from './longdouble.ts'
import { parseInt64, parseInteger } from './number.ts'

const INT64_MAX = 2n ** 63n - 1n
const MS_PER_SECOND = 1000n

/** Takes a timeout in seconds. Returns integer ms; latches an error of Redis's. */
export function takeTimeoutSeconds(c: Context, a: Args): number {
  const text = a.next()
  const whole = parseInteger(text)
  if (whole !== undefined && Number.isSafeInteger(whole * 1000)) return checked(a, whole * 1000)
  const value = parseLongDouble(text)
  if (value === undefined) {
    a.fail(TIMEOUT_NOT_FLOAT)
    return 0
  }
  const ms = multiplyLongDouble(value, MS_PER_SECOND)
  if (!isInfinite(ms)) return checkedInt64(c, a, ceilLongDouble(ms))
  a.fail(ms.mantissa > 0n ? TIMEOUT_OUT_OF_RANGE : TIMEOUT_NEGATIVE)
  return 0
}

/** Takes a timeout in ms. */
export function takeTimeoutMs(c: Context, a: Args): number {
  const text = a.next()
  const ms = parseInteger(text)
  if (ms !== undefined && Number.isSafeInteger(ms)) return checked(a, ms)
  const exact = parseInt64(text)
  if (exact !== undefined) return checkedInt64(c, a, exact)
  a.fail(TIMEOUT_NOT_INTEGER)
  return 0
}

/** The time of day, some 2^41 ms, is small beside what a safe integer leaves of 64 bits. */
function checked(a: Args, ms: number): number {
  if (ms < 0) a.fail(TIMEOUT_NEGATIVE)
  return ms
}

function checkedInt64(c: Context, a: Args, ms: bigint): number {
  if (ms < 0n) a.fail(TIMEOUT_NEGATIVE)
  else if (ms > INT64_MAX - BigInt(c.now)) a.fail(TIMEOUT_OUT_OF_RANGE)
  return Number(ms)
}
