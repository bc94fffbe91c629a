/**
 * The ends of ranges as clients write them. By score: a number as C's strtod reads it (which forgives leading space, takes
 * nothing at all for 0, and ends at a NUL byte), open with `(` before it. By member: `[member`, `(member`, `-` and `+`.
 */
import type { Bytes } from '../../base/bytes.ts'
import { BOTTOM, type Cut, MemberCut, ScoreCut, TOP } from '../../keyspace/values/cut.ts'
import type { Args } from '../args.ts'
import { strtod } from '../number.ts'
import { NOT_FLOAT_RANGE, NOT_LEX_RANGE } from './errors.ts'

/** A range of a sorted set: what lies between two cuts. */
export interface CutRange {
  readonly min: Cut
  readonly max: Cut
}

/** Reads the ends of a range by score; a bad one latches the error, and BOTTOM stands in. */
export function scoreRange(a: Args, min: Bytes, max: Bytes): CutRange {
  return { min: scoreCut(a, min, true), max: scoreCut(a, max, false) }
}

/** Reads the ends of a range by member. */
export function lexRange(a: Args, min: Bytes, max: Bytes): CutRange {
  return { min: lexCut(a, min, true), max: lexCut(a, max, false) }
}

function scoreCut(a: Args, bytes: Bytes, isMin: boolean): Cut {
  const open = bytes[0] === '('
  const score = strtod(open ? bytes.slice(1) : bytes)
  if (score !== undefined) return new ScoreCut(score, open === isMin)
  a.fail(NOT_FLOAT_RANGE)
  return BOTTOM
}

function lexCut(a: Args, bytes: Bytes, isMin: boolean): Cut {
  const [lead] = bytes
  if (lead === '(' || lead === '[') return new MemberCut(bytes.slice(1), (lead === '(') === isMin)
  // Redis looks for the end of a C string here.
  if (lead === '-' && (bytes.length === 1 || bytes[1] === '\x00')) return BOTTOM
  if (lead === '+' && (bytes.length === 1 || bytes[1] === '\x00')) return TOP
  a.fail(NOT_LEX_RANGE)
  return BOTTOM
}
