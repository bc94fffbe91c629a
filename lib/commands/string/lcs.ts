/**
 * LCS: the longest common subsequence of two strings, by the textbook table: cell (i, j) is the length for the first i
 * bytes of one and the first j of the other. O(n * m) in time and memory, bounded by `proto-max-bulk-len` as in Redis.
 * Walking back from the last cell gives the sequence and, where both strings run on together, the ranges that match.
 */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import { MapReply, type Reply } from '../../base/reply.ts'
import { typeName } from '../../keyspace/typed.ts'
import type { StringValue, Value } from '../../keyspace/value.ts'
import { stringBytes } from '../../keyspace/values/string.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { LCS_LEN_AND_IDX, LCS_NOT_STRINGS, LCS_TOO_LARGE } from './errors.ts'

/** Bytes that Redis reserves for a cell; ours take half, as no length can reach 2^16 within the bound. */
const REDIS_CELL_BYTES = 4

/** Stretches that match, the last one first. `startA` to `endA` in one string, both included, is `startB` on in the other. */
interface Match {
  readonly startA: number
  readonly endA: number
  readonly startB: number
}

/** LCS key1 key2 [LEN] [IDX] [MINMATCHLEN length] [WITHMATCHLEN] */
export function lcs(c: Context, a: Args): Reply {
  const first = c.db.read(a.next())
  const second = c.db.read(a.next())
  if (!isStringOrAbsent(first) || !isStringOrAbsent(second)) return LCS_NOT_STRINGS
  let len = false
  let idx = false
  let minMatchLength = 0
  let withMatchLength = false
  while (!a.done) {
    if (a.match('IDX')) idx = true
    else if (a.match('LEN')) len = true
    else if (a.match('WITHMATCHLEN')) withMatchLength = true
    else if (a.left > 1 && a.match('MINMATCHLEN')) minMatchLength = a.integer()
    else return a.fail(SYNTAX)
  }
  if (a.error !== undefined) return a.error
  if (len && idx) return LCS_LEN_AND_IDX

  const x = first === undefined ? '' : stringBytes(first)
  const y = second === undefined ? '' : stringBytes(second)
  if ((x.length + 1) * (y.length + 1) * REDIS_CELL_BYTES > c.config['proto-max-bulk-len']) return LCS_TOO_LARGE
  const table = lengthTable(x, y)
  const length = table[table.length - 1]
  if (len) return length
  const matches = walkBack(table, x, y)
  if (!idx) return sequence(matches, x)
  const replies: Reply[] = []
  for (const { startA, endA, startB } of matches) {
    const matchLength = endA - startA + 1
    if (matchLength < minMatchLength) continue
    const ranges: Reply[] = [
      [startA, endA],
      [startB, startB + matchLength - 1],
    ]
    if (withMatchLength) ranges.push(matchLength)
    replies.push(ranges)
  }
  return new MapReply(['matches', replies, 'len', length])
}

function isStringOrAbsent(value: Value | undefined): value is StringValue | undefined {
  return value === undefined || typeName(value) === 'string'
}

/** Row i, column j at `i * (y.length + 1) + j`. */
function lengthTable(x: Bytes, y: Bytes): Uint16Array {
  const width = y.length + 1
  const table = new Uint16Array((x.length + 1) * width)
  for (let i = 1; i <= x.length; i++) {
    const byte = x.charCodeAt(i - 1)
    for (let j = 1; j <= y.length; j++) {
      const cell = i * width + j
      if (y.charCodeAt(j - 1) === byte) table[cell] = table[cell - width - 1] + 1
      else {
        const above = table[cell - width]
        const left = table[cell - 1]
        table[cell] = Math.max(above, left)
      }
    }
  }
  return table
}

/** The matching stretches, from the end to the start. Where two ways are as good, `y` is shortened, as Redis does. */
function walkBack(table: Uint16Array, x: Bytes, y: Bytes): Match[] {
  const width = y.length + 1
  const matches: Match[] = []
  let i = x.length
  let j = y.length
  let endA = -1
  while (i > 0 && j > 0) {
    if (x.charCodeAt(i - 1) === y.charCodeAt(j - 1)) {
      if (endA === -1) endA = i - 1
      i--
      j--
      continue
    }
    if (endA !== -1) matches.push({ startA: i, endA, startB: j })
    endA = -1
    if (table[(i - 1) * width + j] > table[i * width + j - 1]) i--
    else j--
  }
  if (endA !== -1) matches.push({ startA: i, endA, startB: j })
  return matches
}

function sequence(matches: readonly Match[], x: Bytes): Bytes {
  let bytes = ''
  for (let i = matches.length - 1; i >= 0; i--) bytes += x.slice(matches[i].startA, matches[i].endA + 1)
  return bytes
}
