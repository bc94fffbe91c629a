/** Arguments that several stream commands share: ids, ends of intervals, trimming. */
import type { Bytes } from '../../base/bytes.ts'
import type { Reply, ReplyError } from '../../base/reply.ts'
import type { StreamValue, Trim } from '../../keyspace/values/stream.ts'
import {
  formatId,
  MAX_ID,
  MIN_ID,
  nextId,
  parseId,
  previousId,
  type StreamId,
  type U64,
  U64_MAX,
} from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import { parseInt64 } from '../number.ts'
import {
  INVALID_END_ID,
  INVALID_START_ID,
  INVALID_STREAM_ID,
  LIMIT_WITHOUT_APPROXIMATION,
  LIMIT_WITHOUT_TRIM,
  MAXLEN_AND_MINID,
  TRIM_LIMIT_NEGATIVE,
  TRIM_MAXLEN_NEGATIVE,
} from './errors.ts'
import { type Policy, takePolicy } from './references.ts'

/** Without LIMIT an approximate trim looks at this many nodes. */
const DEFAULT_TRIM_NODES = 100
const MAX_DEFAULT_LIMIT = 1_000_000

/** An entry as every command answers it. */
export function entryReply(id: StreamId, pairs: readonly Bytes[]): Reply {
  return [formatId(id), pairs]
}

/** Takes an id; `ms` alone means `ms-0`. */
export function takeId(a: Args): StreamId {
  const id = parseId(a.next(), 0)
  if (id !== undefined) return id
  a.fail(INVALID_STREAM_ID)
  return MIN_ID
}

/** Takes a number of deliveries. */
export function takeDeliveries(a: Args, error: ReplyError): U64 {
  const number = parseInt64(a.next())
  if (number === undefined) a.fail(error)
  const rounded = Number(number ?? 0n)
  return Number.isSafeInteger(rounded) ? rounded : number!
}

/** Takes an id, or `-` or `+` for the least and the greatest. */
export function takeIdOrEdge(a: Args, missingSeq: typeof U64_MAX = 0): StreamId {
  const text = a.next()
  const id = text === '-' ? MIN_ID : text === '+' ? MAX_ID : parseId(text, missingSeq)
  if (id !== undefined) return id
  a.fail(INVALID_STREAM_ID)
  return MIN_ID
}

/** Takes all ids that are left. */
export function takeIds(a: Args): StreamId[] {
  const ids: StreamId[] = []
  while (!a.done && a.error === undefined) ids.push(takeId(a))
  return ids
}

/** Takes the start of an interval, which `(` excludes. */
export function takeStart(a: Args): StreamId {
  const [id, excluded] = takeEnd(a, 0)
  if (!excluded) return id
  const start = nextId(id)
  if (start === undefined) a.fail(INVALID_START_ID)
  return start ?? id
}

/** Takes the end of an interval, which `(` excludes. */
export function takeStop(a: Args): StreamId {
  const [id, excluded] = takeEnd(a, U64_MAX)
  if (!excluded) return id
  const stop = previousId(id)
  if (stop === undefined) a.fail(INVALID_END_ID)
  return stop ?? id
}

/** The id, and whether `(` stood before it; then `-` and `+` are no ids. */
function takeEnd(a: Args, missingSeq: typeof U64_MAX): [StreamId, boolean] {
  const text = a.peek()
  if (text.length < 2 || text[0] !== '(') return [takeIdOrEdge(a, missingSeq), false]
  a.move(1)
  const id = parseId(text.slice(1), missingSeq)
  if (id === undefined) a.fail(INVALID_STREAM_ID)
  return [id ?? MIN_ID, id !== undefined]
}

/** Collects MAXLEN, MINID, LIMIT and what becomes of references, which stand among the other options of XADD and XTRIM. */
export class TrimOptions {
  #to: number | StreamId | undefined
  #approximate = false
  #limit = 0
  #limitGiven = false
  #policy: Policy | undefined
  /** Where the threshold and LIMIT stand. */
  #thresholdAt = 0
  #limitAt = 0
  #policyAt = 0
  readonly #isRepeated: boolean

  /** `isRepeated`: a master has done it before. */
  constructor(isRepeated: boolean) {
    this.#isRepeated = isRepeated
  }

  /** Takes one option with its arguments; false if the next argument is none of them. */
  take(a: Args): boolean {
    if (this.#policy === undefined) {
      this.#policy = takePolicy(a)
      if (this.#policy !== undefined) {
        this.#policyAt = a.position - 1
        return true
      }
    }
    if (a.left < 2) return false
    if (a.match('MAXLEN')) this.#takeThreshold(a, true)
    else if (a.match('MINID')) this.#takeThreshold(a, false)
    else if (a.match('LIMIT')) {
      this.#limitAt = a.position - 1
      this.#limit = a.integer()
      this.#limitGiven = true
      if (this.#limit < 0) a.fail(TRIM_LIMIT_NEGATIVE)
    } else return false
    return true
  }

  get policy(): Policy {
    return this.#policy ?? 'KEEPREF'
  }

  /** The whole, once all options are taken; undefined for no trimming. */
  result(a: Args, maxEntries: number): Trim | undefined {
    const to = this.#to
    const approximate = this.#approximate
    if (to === undefined) {
      if (this.#limit !== 0) a.fail(LIMIT_WITHOUT_TRIM)
      else if (this.#limitGiven) a.fail(LIMIT_WITHOUT_APPROXIMATION)
      return undefined
    }
    // A genuine master sends what has become exact with the LIMIT that it had.
    if (this.#limitGiven && !approximate && !this.#isRepeated) a.fail(LIMIT_WITHOUT_APPROXIMATION)
    const limit = this.#isRepeated ? 0 : this.#limitGiven ? this.#limit : approximate ? defaultLimit(maxEntries) : 0
    return { to, approximate, limit }
  }

  /**
   * The command as one that trims exactly so much, whatever the size of the nodes where it is repeated, and without KEEPREF,
   * which only Redis 8.2 knows.
   */
  exact(argv: Bytes[], stream: StreamValue): Bytes[] {
    const dropped: number[] = []
    if (this.#policyAt !== 0) dropped.push(this.#policyAt)
    if (this.#to !== undefined && this.#approximate) {
      this.#exactThreshold(argv, stream)
      if (this.#limitAt !== 0) dropped.push(this.#limitAt, this.#limitAt + 1)
    }
    return dropped.length === 0 ? argv : argv.filter((_, i) => !dropped.includes(i))
  }

  #exactThreshold(argv: Bytes[], stream: StreamValue): void {
    argv[this.#thresholdAt - 1] = '='
    const first = stream.length === 0 ? MAX_ID : stream.edgeId(true)
    argv[this.#thresholdAt] = typeof this.#to === 'number' ? '' + stream.length : formatId(first)
  }

  #takeThreshold(a: Args, isLength: boolean): void {
    if (this.#to !== undefined) a.fail(MAXLEN_AND_MINID)
    this.#approximate = false
    if (a.left >= 2 && a.match('~')) this.#approximate = true
    else if (a.left >= 2) a.match('=')
    this.#thresholdAt = a.position
    if (isLength) {
      this.#to = a.integer()
      if (this.#to < 0) a.fail(TRIM_MAXLEN_NEGATIVE)
    } else this.#to = takeId(a)
  }
}

function defaultLimit(maxEntries: number): number {
  const limit = DEFAULT_TRIM_NODES * maxEntries
  return limit <= 0 ? 10_000 : Math.min(limit, MAX_DEFAULT_LIMIT)
}
