/**
 * Idempotent producers (Redis 8.6): XADD with IDMP or IDMPAUTO, XCFGSET, XIDMPRECORD. What XADD adds is repeated as a plain
 * XADD and an XIDMPRECORD; replicas, which may be older, hear of the XADD alone.
 */
import { type Bytes, fromArray } from '../../base/bytes.ts'
import { NO_SUCH_KEY, SYNTAX } from '../../base/errors.ts'
import { OK, type Reply } from '../../base/reply.ts'
import type { Directives } from '../../config/config.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import { compareIds, formatId } from '../../keyspace/values/stream-id.ts'
import { Idempotence } from '../../keyspace/values/stream-idempotence.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { xxh3 } from '../xxh3.ts'
import { takeId } from './arguments.ts'
import {
  AUTO_ID_ONLY,
  IDMP_DURATION,
  IDMP_DURATION_TWICE,
  IDMP_MAXSIZE,
  IDMP_MAXSIZE_TWICE,
  IDMP_NO_MARK,
  IDMP_NO_PRODUCER,
  IDMP_TWICE,
  IDMPAUTO_NO_PRODUCER,
  MARK_TAKEN,
  NO_MARK,
  NO_PARAMETER,
  NO_PRODUCER,
  NO_SUCH_MESSAGE,
} from './errors.ts'

const MAX_DURATION = 86_400
const MAX_SIZE = 10_000

/** The mark of an entry: by whom, and under which id of theirs; without one, the entry itself is it. */
export class MarkOption {
  producer: Bytes = ''
  #mark: Bytes | undefined
  #given = false

  /** Takes one option with its arguments; false if the next argument is none. */
  take(a: Args): boolean {
    const auto = a.left >= 2 && a.match('IDMPAUTO')
    if (!auto && !(a.left >= 3 && a.match('IDMP'))) return false
    if (this.#given) a.fail(IDMP_TWICE)
    this.#given = true
    this.producer = a.next()
    if (this.producer === '') a.fail(auto ? IDMPAUTO_NO_PRODUCER : IDMP_NO_PRODUCER)
    if (auto) return true
    this.#mark = a.next()
    if (this.#mark === '') a.fail(IDMP_NO_MARK)
    return true
  }

  /** Only an id that the store chooses can be told again. */
  check(a: Args, id: Bytes): void {
    if (this.#given && id[0] !== '*') a.fail(AUTO_ID_ONLY)
  }

  /** The mark of an entry; undefined where none was asked for. */
  of(pairs: readonly Bytes[]): Bytes | undefined {
    if (!this.#given) return undefined
    return this.#mark ?? contentMark(pairs)
  }
}

/** 16 bytes that tell entries apart by their fields and values, in whatever order these stand. */
function contentMark(pairs: readonly Bytes[]): Bytes {
  const sums = [0n, 0n, 0n, 0n]
  for (let i = 0; i < pairs.length; i += 2) {
    const pair = `${pairs[i].length}:${pairs[i]}${pairs[i + 1]}`
    for (let half = 0; half < 2; half++) {
      const hash = BigInt('0x' + xxh3(half + pair))
      sums[half] = BigInt.asUintN(64, sums[half] + hash)
      sums[half + 2] ^= hash
    }
  }
  const bytes = new DataView(new ArrayBuffer(16))
  bytes.setBigUint64(0, sums[0] ^ rotated(sums[3]))
  bytes.setBigUint64(8, sums[1] ^ rotated(sums[2]))
  return fromArray(new Uint8Array(bytes.buffer))
}

function rotated(bits: bigint): bigint {
  return BigInt.asUintN(64, (bits << 1n) | (bits >> 63n))
}

/** What a stream remembers of its producers; made with what the directives say. */
export function idempotenceOf(stream: StreamValue, config: Directives): Idempotence {
  const found = stream.idempotence
  if (found !== undefined) return found
  const made = new Idempotence(config['stream-idmp-duration'], config['stream-idmp-maxsize'])
  stream.setIdempotence(made)
  return made
}

/** XCFGSET key [IDMP-DURATION seconds] [IDMP-MAXSIZE entries] */
export function xcfgset(c: Context, a: Args): Reply {
  const key = a.next()
  let duration = 0
  let maxSize = 0
  while (!a.done && a.error === undefined) {
    if (a.left >= 2 && a.match('IDMP-DURATION')) {
      if (duration !== 0) a.fail(IDMP_DURATION_TWICE)
      duration = a.integerBetween(1, MAX_DURATION, IDMP_DURATION)
    } else if (a.left >= 2 && a.match('IDMP-MAXSIZE')) {
      if (maxSize !== 0) a.fail(IDMP_MAXSIZE_TWICE)
      maxSize = a.integerBetween(1, MAX_SIZE, IDMP_MAXSIZE)
    } else a.fail(SYNTAX)
  }
  if (a.error !== undefined) return a.error
  if (duration === 0 && maxSize === 0) return NO_PARAMETER
  const stream = c.db.findTyped(key, StreamValue)
  if (stream === undefined) return NO_SUCH_KEY
  const known = idempotenceOf(stream, c.config)
  const changes = (duration || known.duration) !== known.duration || (maxSize || known.maxSize) !== known.maxSize
  if (changes) {
    known.clear()
    if (duration !== 0) known.duration = duration
    if (maxSize !== 0) known.maxSize = maxSize
  }
  c.addDirty(key)
  if (c.propagates) c.propagate(['XCFGSET', ...a.argv.slice(1)])
  return OK
}

/** XIDMPRECORD key producer mark id */
export function xidmprecord(c: Context, a: Args): Reply {
  const key = a.next()
  const producer = a.next()
  const mark = a.next()
  const id = takeId(a)
  if (a.error !== undefined) return a.error
  if (producer === '') return NO_PRODUCER
  if (mark === '') return NO_MARK
  const stream = c.db.findTyped(key, StreamValue)
  if (stream === undefined) return NO_SUCH_KEY
  if (!stream.has(id)) return NO_SUCH_MESSAGE
  const known = idempotenceOf(stream, c.config)
  const marked = known.find(producer, mark, c.now)
  if (marked !== undefined) return compareIds(marked, id) === 0 ? OK : MARK_TAKEN
  known.record(producer, mark, id)
  known.added++
  c.addDirty(key)
  if (c.propagates) c.propagate(['XIDMPRECORD', ...a.argv.slice(1)])
  return OK
}

/** Tells that an entry was added under a mark. */
export function propagateMark(c: Context, key: Bytes, producer: Bytes, mark: Bytes, stream: StreamValue): void {
  if (c.propagates) c.propagate(['XIDMPRECORD', key, producer, mark, formatId(stream.lastId)])
}
