/** How much of what is long a run does: `npm test` a fixed sample, and all of it with ZERODIS_TEST_ALL=1. */

export const isWhole = process.env['ZERODIS_TEST_ALL'] !== undefined

/** A count, a time, or what is drawn from. */
export function lengthOf<T>(sample: T, whole: T): T {
  return isWhole ? whole : sample
}
