/**
 * What SCAN, HSCAN, SSCAN and ZSCAN share: the cursor, the options and the loop. A step visits `count`
 * elements and filters afterwards, so a step may well answer nothing with a cursor that is not 0. The guarantee (whatever
 * is there during the whole scan is returned) is the collection's: see `Dict`.
 *
 * Order of checks, as in Redis: the cursor, then the key and its type, and only for a key that exists the options.
 */
import type { Bytes } from '../base/bytes.ts'
import { INVALID_CURSOR, NOVALUES_OUTSIDE_HSCAN, SYNTAX } from '../base/errors.ts'
import type { Reply } from '../base/reply.ts'
import { globMatches, matchesAll } from '../keyspace/glob.ts'
import type { Args } from './args.ts'

const DEFAULT_COUNT = 10
const UINT64_MAX = 2n ** 64n - 1n
/** C's strtoull, which Redis falls back on, forgives a plus sign. */
const CURSOR = /^\+?\d+$/

/** A value whose elements can be walked in steps. */
export interface Scannable {
  /**
   * One step from a cursor (0 starts), over about `count` elements; a value in a compact encoding gives all of them at
   * once. Returns the next cursor, 0 at the end. `value` is what the scan answers beside the element, if anything.
   */
  scan(cursor: number, count: number, visit: (element: Bytes, value?: Bytes) => void): number
}

export interface ScanOptions {
  count: number
  /** Undefined where every name matches. */
  pattern: Bytes | undefined
  type: Bytes | undefined
  noValues: boolean
}

/** Which of the options a command has beside MATCH and COUNT. */
export const ScanKind = { Keys: 'keys', Hash: 'hash', Other: 'other' } as const
export type ScanKind = (typeof ScanKind)[keyof typeof ScanKind]

/** Takes the cursor; a number past the end of any collection where it does not fit, which starts over. */
export function takeCursor(a: Args): number {
  const cursor = a.next()
  if (!CURSOR.test(cursor)) {
    a.fail(INVALID_CURSOR)
    return 0
  }
  const number = Number(cursor)
  if (number > Number.MAX_SAFE_INTEGER && BigInt(cursor) > UINT64_MAX) a.fail(INVALID_CURSOR)
  return number
}

/** What a scan of a missing key answers. */
export const EMPTY_SCAN: Reply = ['0', []]

/**
 * The rest of HSCAN (ScanKind.Hash), SSCAN and ZSCAN (ScanKind.Other) once cursor and value are known: takes the options
 * from `a`, walks one step, and answers cursor and elements, each followed by its value if it has one.
 */
export function scanGeneric(a: Args, cursor: number, value: Scannable, kind: ScanKind): Reply {
  const options = takeScanOptions(a, kind)
  if (a.error !== undefined) return a.error
  const { pattern, noValues } = options
  const found: Bytes[] = []
  const next = value.scan(cursor, options.count, (element, beside) => {
    if (pattern !== undefined && !globMatches(pattern, element)) return
    found.push(element)
    if (beside !== undefined && !noValues) found.push(beside)
  })
  return ['' + next, found]
}

/** Takes MATCH, COUNT and what else this kind of scan has. */
export function takeScanOptions(a: Args, kind: ScanKind): ScanOptions {
  const options: ScanOptions = { count: DEFAULT_COUNT, pattern: undefined, type: undefined, noValues: false }
  while (!a.done && a.error === undefined) {
    if (a.left >= 2 && a.match('COUNT')) {
      options.count = a.integer()
      if (options.count < 1) a.fail(SYNTAX)
    } else if (a.left >= 2 && a.match('MATCH')) {
      const pattern = a.next()
      options.pattern = matchesAll(pattern) ? undefined : pattern
    } else if (a.left >= 2 && kind === ScanKind.Keys && a.match('TYPE')) {
      options.type = a.next().toLowerCase()
    } else if (a.match('NOVALUES')) {
      if (kind !== ScanKind.Hash) a.fail(NOVALUES_OUTSIDE_HSCAN)
      options.noValues = true
    } else {
      a.fail(SYNTAX)
    }
  }
  return options
}
