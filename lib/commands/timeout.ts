/**
 * The timeouts of blocking commands, as arguments: seconds with a fraction (BLPOP, BZPOPMIN, …) or whole milliseconds
 * (XREAD BLOCK), in both cases 0 for waiting without end.
 */
import { TIMEOUT_NEGATIVE, TIMEOUT_NOT_FLOAT, TIMEOUT_NOT_INTEGER, TIMEOUT_OUT_OF_RANGE } from '../base/errors.ts'
import type { Args } from './args.ts'
import { parseLongDouble } from './longdouble.ts'
import { parseInteger } from './number.ts'

const INT64_MAX = 2 ** 63

/** Takes a timeout in seconds. Returns integer ms, rounded up; latches an error of Redis's. */
export function takeTimeoutSeconds(a: Args): number {
  const text = a.next()
  const whole = parseInteger(text)
  if (whole !== undefined) return checked(a, whole * 1000)
  const value = parseLongDouble(text)
  if (value === undefined) {
    a.fail(TIMEOUT_NOT_FLOAT)
    return 0
  }
  return checked(a, ceilClean(Number(value.mantissa) * 2 ** value.exponent * 1000))
}

/** Takes a timeout in ms. */
export function takeTimeoutMs(a: Args): number {
  return checked(a, a.integer(TIMEOUT_NOT_INTEGER))
}

function checked(a: Args, timeoutMs: number): number {
  if (timeoutMs >= INT64_MAX) a.fail(TIMEOUT_OUT_OF_RANGE)
  else if (timeoutMs < 0) a.fail(TIMEOUT_NEGATIVE)
  return timeoutMs
}

/** Rounds up, but not for an error of the last bits: 0.07 s is 70 ms, although 0.07 * 1000 > 70. */
function ceilClean(ms: number): number {
  const nearest = Math.round(ms)
  return nearest !== 0 && Math.abs(ms - nearest) <= nearest * 1e-15 ? nearest : Math.ceil(ms)
}
