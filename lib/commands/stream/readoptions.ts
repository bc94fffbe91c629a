/** What XREAD and XREADGROUP are asked for, and how much of it one reply may hold. */
import type { Bytes } from '../../base/bytes.ts'
import { SYNTAX } from '../../base/errors.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { takeTimeoutMs } from '../timeout.ts'
import {
  COUNT_ABOVE_MAXCOUNT,
  MAXCOUNT_NOT_POSITIVE,
  MAXSIZE_NOT_POSITIVE,
  MIN_IDLE_NEGATIVE,
  MIN_IDLE_NOT_INTEGER,
  unbalancedStreams,
  XREAD_WITH_CLAIM,
  XREAD_WITH_GROUP,
  XREAD_WITH_NOACK,
  XREADGROUP_WITHOUT_GROUP,
} from './errors.ts'

export interface ReadOptions {
  count: number
  /** -1 without BLOCK. */
  timeoutMs: number
  group: Bytes | undefined
  consumer: Bytes
  noAck: boolean
  /** CLAIM: pending entries that were idle for so long are read first; -1 without. */
  claimIdleMs: number
  /** Over all streams. */
  budget: Budget
  keys: Bytes[]
  /** The ids as they were written, in the order of the keys. */
  ids: Bytes[]
}

/** What is left of MAXCOUNT and MAXSIZE (Redis 8.10). The entry that crosses MAXSIZE is still read, and there is always one. */
export class Budget {
  #entries: number
  #bytes: number

  constructor(maxCount: number, maxSize: number) {
    this.#entries = maxCount
    this.#bytes = maxSize
  }

  get spent(): boolean {
    return this.#entries <= 0 || this.#bytes <= 0
  }

  /** An entry is read. */
  spend(id: Bytes, pairs: readonly Bytes[]): void {
    this.#entries--
    if (this.#bytes === Infinity) return
    this.#bytes -= headBytes(2) + bulkBytes(id) + headBytes(pairs.length)
    for (const string of pairs) this.#bytes -= bulkBytes(string)
  }
}

/** Bytes of an array's head, in RESP. */
function headBytes(length: number): number {
  return 3 + ('' + length).length
}

function bulkBytes({ length }: Bytes): number {
  return headBytes(length) + length + 2
}

export function takeReadOptions(c: Context, a: Args, grouped: boolean): ReadOptions {
  const options: ReadOptions = {
    count: 0,
    timeoutMs: -1,
    group: undefined,
    consumer: '',
    noAck: false,
    claimIdleMs: -1,
    budget: new Budget(Infinity, Infinity),
    keys: [],
    ids: [],
  }
  let maxCount = 0
  let maxSize = 0
  while (a.error === undefined) {
    if (a.left >= 2 && a.match('BLOCK')) options.timeoutMs = takeTimeoutMs(c, a)
    else if (a.left >= 2 && a.match('COUNT')) options.count = Math.max(0, a.integer())
    else if (a.left >= 2 && a.match('MAXCOUNT')) maxCount = a.integerBetween(1, Infinity, MAXCOUNT_NOT_POSITIVE)
    else if (a.left >= 2 && a.match('MAXSIZE')) maxSize = a.integerBetween(1, Infinity, MAXSIZE_NOT_POSITIVE)
    else if (a.left >= 2 && a.match('CLAIM')) {
      if (!grouped) a.fail(XREAD_WITH_CLAIM)
      options.claimIdleMs = a.integer(MIN_IDLE_NOT_INTEGER)
      if (options.claimIdleMs < 0) a.fail(MIN_IDLE_NEGATIVE)
    } else if (a.left >= 2 && a.match('STREAMS')) {
      if (a.left % 2 === 1) a.fail(unbalancedStreams(c.command.name, grouped ? "ID or '>'" : "ID, '+', or '$'"))
      options.keys = a.take(a.left >> 1)
      options.ids = a.rest()
      break
    } else if (a.left >= 3 && a.match('GROUP')) {
      if (!grouped) a.fail(XREAD_WITH_GROUP)
      options.group = a.next()
      options.consumer = a.next()
    } else if (a.match('NOACK')) {
      if (!grouped) a.fail(XREAD_WITH_NOACK)
      options.noAck = true
    } else a.fail(SYNTAX)
  }
  if (maxCount > 0 && options.count > maxCount) a.fail(COUNT_ABOVE_MAXCOUNT)
  options.budget = new Budget(maxCount || Infinity, maxSize || Infinity)
  if (grouped && options.group === undefined) a.fail(XREADGROUP_WITHOUT_GROUP)
  return options
}
