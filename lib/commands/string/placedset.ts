/**
 * SET, SETEX and PSETEX with arguments by their places in the read buffer: what their handlers in string.ts do, without a string
 * for a key or a value. Of SET's options those that caches and locks use, in any order; what is wrong with others, or with a time, the
 * handlers in string.ts say.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Places } from '../../base/places.ts'
import { OK, type Reply } from '../../base/reply.ts'
import { KEEP_TTL, NO_EXPIRY } from '../../keyspace/db.ts'
import { PLACED_TEXT_MAX } from '../../keyspace/table/record.ts'
import { checkString } from '../../keyspace/typed.ts'
import { stringBytes } from '../../keyspace/values/string.ts'
import { type Context, Notify, type PlacedForm } from '../command.ts'
import type { PlacedReply } from '../placed.ts'

/** Later times are left to the other handlers. Unit: of the option. */
const TIME_MAX = 1e12
const MS_AT_MAX = 1e15
const SECOND = 1000

/** Options as bits. */
const Option = { Nx: 1, Xx: 2, Get: 4, KeepTtl: 8, Ex: 16, Px: 32, ExAt: 64, PxAt: 128 } as const
const CONDITIONS = Option.Nx | Option.Xx
const SECONDS = Option.Ex | Option.ExAt
const RELATIVE = Option.Ex | Option.Px
const TIMES = RELATIVE | Option.ExAt | Option.PxAt
const EXPIRIES = TIMES | Option.KeepTtl
const NO_OPTION = 0
const UNSUITED = -1

const LOWER_CASE = 32
const [C_A, C_E, C_G, C_K, C_N, C_P, C_T, C_X] = Array.from('aegknptx', (letter) => letter.charCodeAt(0))
const KEEP_TTL_WORD = Array.from('keepttl', (letter) => letter.charCodeAt(0))

/**
 * SET key value [NX | XX] [GET]
 *   [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]
 */
export const placedSet: PlacedForm = {
  suits: (p) => p.length(2) <= PLACED_TEXT_MAX && (p.count === 3 || optionsOf(p) !== UNSUITED),
  run(c: Context, p: Places): PlacedReply {
    if (p.count !== 3) return setWithOptions(c, p, optionsOf(p))
    c.db.setPlace(p, 1, 2, NO_EXPIRY)
    c.signalPlace(p, 1, Notify.String, 'set')
    return OK
  },
}

/** SETEX key seconds value */
export const placedSetex: PlacedForm = {
  suits: (p) => isTime(p, 2) && p.length(3) <= PLACED_TEXT_MAX,
  run: (c, p) => setExpiring(c, p, SECOND),
}

/** PSETEX key milliseconds value */
export const placedPsetex: PlacedForm = {
  suits: (p) => isTime(p, 2) && p.length(3) <= PLACED_TEXT_MAX,
  run: (c, p) => setExpiring(c, p, 1),
}

function setExpiring(c: Context, p: Places, unitMs: number): PlacedReply {
  const expireAt = c.now + p.integer(2) * unitMs
  c.db.setPlace(p, 1, 3, expireAt)
  c.signalPlace(p, 1, Notify.String, 'set')
  if (c.propagates) c.propagate(['SET', p.text(1), p.text(3), 'PXAT', '' + expireAt])
  return OK
}

function setWithOptions(c: Context, p: Places, options: number): PlacedReply {
  const { db } = c
  let answer: Reply = OK
  if ((options & Option.Get) !== 0) {
    const at = db.readPlace(p, 1)
    answer = at === 0 ? null : stringBytes(checkString(db.table.valueOf(at))!)
  }
  if ((options & CONDITIONS) !== 0 && (db.findPlace(p, 1) !== 0) !== ((options & Option.Xx) !== 0)) {
    return (options & Option.Get) === 0 ? null : answer
  }
  const isTimed = (options & TIMES) !== 0
  let expireAt = (options & Option.KeepTtl) === 0 ? NO_EXPIRY : KEEP_TTL
  if (isTimed) {
    const time = p.integer(timeIndex(p)) * ((options & SECONDS) === 0 ? 1 : SECOND)
    expireAt = (options & RELATIVE) === 0 ? time : c.now + time
  }
  db.setPlace(p, 1, 2, expireAt)
  c.signalPlace(p, 1, Notify.String, 'set')
  if (!c.propagates || (options & Option.PxAt) !== 0) return answer
  if (isTimed) c.propagate(['SET', p.text(1), p.text(2), 'PXAT', '' + expireAt])
  else if ((options & Option.Get) !== 0) c.propagate(withoutGet(p))
  return answer
}

/** The options of SET as bits; UNSUITED where one is unknown, or stands twice, or excludes another. */
function optionsOf(p: Places): number {
  let options = NO_OPTION
  for (let i = 3; i < p.count; i++) {
    const option = optionAt(p, i)
    if (option === NO_OPTION || (options & excludedBy(option)) !== 0) return UNSUITED
    if ((option & TIMES) !== 0 && !(++i < p.count && isTime(p, i, option === Option.PxAt ? MS_AT_MAX : TIME_MAX))) {
      return UNSUITED
    }
    options |= option
  }
  return options
}

function excludedBy(option: number): number {
  if ((option & CONDITIONS) !== 0) return CONDITIONS
  return (option & EXPIRIES) === 0 ? option : EXPIRIES
}

function optionAt(p: Places, index: number): number {
  const { bytes } = p
  const start = p.start(index)
  const first = bytes[start] | LOWER_CASE
  const second = bytes[start + 1] | LOWER_CASE
  switch (p.length(index)) {
    case 2:
      if (second !== C_X) return NO_OPTION
      if (first === C_E) return Option.Ex
      if (first === C_P) return Option.Px
      if (first === C_N) return Option.Nx
      return first === C_X ? Option.Xx : NO_OPTION
    case 3:
      return first === C_G && second === C_E && (bytes[start + 2] | LOWER_CASE) === C_T ? Option.Get : NO_OPTION
    case 4:
      if (second !== C_X || (bytes[start + 2] | LOWER_CASE) !== C_A || (bytes[start + 3] | LOWER_CASE) !== C_T)
        return NO_OPTION
      if (first === C_E) return Option.ExAt
      return first === C_P ? Option.PxAt : NO_OPTION
    case KEEP_TTL_WORD.length:
      return first === C_K && isKeepTtl(bytes, start) ? Option.KeepTtl : NO_OPTION
    default:
      return NO_OPTION
  }
}

function isKeepTtl(bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < KEEP_TTL_WORD.length; i++) if ((bytes[start + i] | LOWER_CASE) !== KEEP_TTL_WORD[i]) return false
  return true
}

/** The index of the time among options that suit. */
function timeIndex(p: Places): number {
  let index = 3
  while ((optionAt(p, index) & TIMES) === 0) index++
  return index + 1
}

function isTime(p: Places, index: number, most = TIME_MAX): boolean {
  const time = p.integer(index)
  return time > 0 && time <= most
}

/** The command as it is told to others: GET changes nothing. */
function withoutGet(p: Places): Bytes[] {
  const argv: Bytes[] = []
  for (let i = 0; i < p.count; i++) if (i < 3 || optionAt(p, i) !== Option.Get) argv.push(p.text(i))
  return argv
}
