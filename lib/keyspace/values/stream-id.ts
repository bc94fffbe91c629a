/**
 * Ids of stream entries: two unsigned 64-bit integers, written `ms-seq`. Each half is a number as long as it is safe as
 * one, and a bigint beyond (`U64`), always in the smaller form, so that `===`, `<` and `>` compare any two halves.
 */
import type { Bytes } from '../../base/bytes.ts'

export type U64 = number | bigint

export interface StreamId {
  readonly ms: U64
  readonly seq: U64
}

const MAX = 2n ** 64n - 1n

export const U64_MAX: U64 = MAX
export const MIN_ID: StreamId = { ms: 0, seq: 0 }
export const MAX_ID: StreamId = { ms: MAX, seq: MAX }

/** Redis reads ids through a buffer of this size. */
const LONGEST_ID = 127

export function compareIds(a: StreamId, b: StreamId): number {
  if (a.ms !== b.ms) return a.ms < b.ms ? -1 : 1
  if (a.seq !== b.seq) return a.seq < b.seq ? -1 : 1
  return 0
}

export function isZeroId(id: StreamId): boolean {
  return id.ms === 0 && id.seq === 0
}

/** The first half of the id that was written last, which most often is that of the next as well. */
let lastMs: U64 = 0
let lastMsText: Bytes = '0-'

export function formatId({ ms, seq }: StreamId): Bytes {
  if (ms !== lastMs) {
    lastMs = ms
    lastMsText = textOfMs(ms)
  }
  return lastMsText + seq
}

/** Seconds that the last id had, and the ends of the first half of ids: from `000-` to `999-`, as they are needed. */
let lastSeconds = 0
let lastSecondsText: Bytes = '0'
const ENDS: Bytes[] = []

/** Ids are near each other, and to print a number of 13 digits takes long. */
function textOfMs(ms: U64): Bytes {
  if (typeof ms !== 'number' || ms < 1000) return `${ms}-`
  const seconds = Math.floor(ms / 1000)
  if (seconds !== lastSeconds) {
    lastSeconds = seconds
    lastSecondsText = '' + seconds
  }
  const end = ms - 1000 * seconds
  return lastSecondsText + (ENDS[end] ??= `${end}-`.padStart(4, '0'))
}

/** The smaller of the two forms of a 64-bit integer; wraps around as C's unsigned integers do. */
export function u64(value: bigint): U64 {
  const wrapped = BigInt.asUintN(64, value)
  return wrapped <= Number.MAX_SAFE_INTEGER ? Number(wrapped) : wrapped
}

/** No id comes after this one. */
export function isMaxId({ ms, seq }: StreamId): boolean {
  return typeof seq === 'bigint' && seq === MAX && ms === MAX
}

/** The next id, or undefined after the last. */
export function nextId(id: StreamId): StreamId | undefined {
  if (id.seq !== MAX) return { ms: id.ms, seq: plus(id.seq, 1) }
  return id.ms === MAX ? undefined : { ms: plus(id.ms, 1), seq: 0 }
}

/** The id before, or undefined before the first. */
export function previousId(id: StreamId): StreamId | undefined {
  if (id.seq !== 0) return { ms: id.ms, seq: plus(id.seq, -1) }
  return id.ms === 0 ? undefined : { ms: plus(id.ms, -1), seq: MAX }
}

export function plus(half: U64, step: 1 | -1): U64 {
  return typeof half === 'number' && half < Number.MAX_SAFE_INTEGER ? half + step : u64(BigInt(half) + BigInt(step))
}

/** `ms-seq` or `ms`, the sequence number then being `missingSeq`; undefined for anything else. */
export function parseId(text: Bytes, missingSeq: U64): StreamId | undefined {
  if (text.length > LONGEST_ID) return undefined
  const dash = text.indexOf('-')
  const ms = parseHalf(dash === -1 ? text : text.slice(0, dash))
  const seq = dash === -1 ? missingSeq : parseHalf(text.slice(dash + 1))
  return ms === undefined || seq === undefined ? undefined : { ms, seq }
}

/** As C's strtoull reads it: leading zeros, leading space and a plus sign do no harm. */
function parseHalf(text: Bytes): U64 | undefined {
  if (!/^[\t-\r ]*\+?\d+$/.test(text)) return undefined
  const number = Number(text)
  if (number <= Number.MAX_SAFE_INTEGER) return number
  const exact = BigInt(text.trim())
  return exact <= MAX ? u64(exact) : undefined
}
