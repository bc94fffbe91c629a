/**
 * XREAD and XREADGROUP: what comes after an id, from several streams at once, waiting for it if need be. `$` and `+` mean
 * the state at the time of the command, so a command that waits is run again with the ids that they stood for.
 */
import type { Bytes } from '../../base/bytes.ts'
import { MapReply, NULL_ARRAY, type Reply, type ReplyError } from '../../base/reply.ts'
import { StreamValue } from '../../keyspace/values/stream.ts'
import {
  formatId,
  MAX_ID,
  MIN_ID,
  nextId,
  parseId,
  previousId,
  type StreamId,
} from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import type { Context, PARKED } from '../command.ts'
import { entryReply } from './arguments.ts'
import { GroupReader, msUntilClaimable } from './deliver.ts'
import { INVALID_STREAM_ID, meaninglessId, noKeyOrGroupToRead, XREAD_NEW_ID } from './errors.ts'
import { takeReadOptions } from './readoptions.ts'

type Outcome = Reply | typeof PARKED

/** XREAD [COUNT count] [MAXCOUNT count] [MAXSIZE bytes] [BLOCK milliseconds] STREAMS key [key …] id [id …] */
export function xread(c: Context, a: Args): Outcome {
  const options = takeReadOptions(c, a, false)
  if (a.error !== undefined) return a.error
  const { keys, count, budget } = options
  const after: StreamId[] = []
  for (let i = 0; i < keys.length; i++) {
    const id = startOf(c.db.readTyped(keys[i], StreamValue), options.ids[i])
    if ('kind' in id) return id
    after.push(id)
  }
  const found: Found[] = []
  for (let i = 0; i < keys.length && !budget.spent; i++) {
    const stream = c.db.readTyped(keys[i], StreamValue)
    const start = nextId(after[i])
    if (stream === undefined || stream.length === 0 || start === undefined) continue
    const entries: Reply[] = []
    stream.range(start, MAX_ID, false, (id, pairs) => {
      budget.spend(formatId(id), pairs)
      return entries.push(entryReply(id, pairs)) !== count && !budget.spent
    })
    if (entries.length > 0) found.push([keys[i], entries])
  }
  if (found.length > 0) return streamsReply(c, found)
  if (options.timeoutMs === -1) return NULL_ARRAY
  return c.park(keys, 'stream', options.timeoutMs, NULL_ARRAY, false, withIds(a.argv, after))
}

/** The id behind which XREAD reads. */
function startOf(stream: StreamValue | undefined, text: Bytes): StreamId | ReplyError {
  if (text === '$') return stream?.lastId ?? MIN_ID
  if (text === '+') {
    if (stream === undefined || stream.length === 0) return stream?.lastId ?? MIN_ID
    return previousId(stream.edgeId(false)) ?? MIN_ID
  }
  if (text === '>') return XREAD_NEW_ID
  return parseId(text, 0) ?? INVALID_STREAM_ID
}

/** The command with ids in place of `$` and `+`. */
function withIds(argv: readonly Bytes[], ids: readonly StreamId[]): Bytes[] {
  return [...argv.slice(0, argv.length - ids.length), ...ids.map(formatId)]
}

/**
 * XREADGROUP GROUP group consumer [COUNT count] [MAXCOUNT count] [MAXSIZE bytes] [BLOCK milliseconds] [CLAIM min-idle-time]
 * [NOACK] STREAMS key [key …] id [id …]
 *
 * `>` asks for entries that were never delivered, with CLAIM after those that were delivered to whomever and not
 * acknowledged for so long; any other id for the consumer's own pending ones after it, and from there on nothing is claimed.
 */
export function xreadgroup(c: Context, a: Args): Outcome {
  const options = takeReadOptions(c, a, true)
  if (a.error !== undefined) return a.error
  const { keys, ids } = options
  const groupName = options.group!
  const after: (StreamId | undefined)[] = []
  for (let i = 0; i < keys.length; i++) {
    if (c.db.readTyped(keys[i], StreamValue)?.group(groupName) === undefined) {
      return noKeyOrGroupToRead(keys[i], groupName)
    }
    if (ids[i] === '$' || ids[i] === '+') return meaninglessId(ids[i])
    const id = ids[i] === '>' ? undefined : parseId(ids[i], 0)
    if (id === undefined && ids[i] !== '>') return INVALID_STREAM_ID
    after.push(id)
  }
  const found: Found[] = []
  const claimed: Bytes[] = []
  for (let i = 0; i < keys.length && !options.budget.spent; i++) {
    const stream = c.db.readTyped(keys[i], StreamValue)!
    const from = after[i]
    if (from !== undefined) options.claimIdleMs = -1
    else if (options.claimIdleMs >= 0) claimed.push(keys[i])
    c.db.beforeChange(keys[i])
    const reader = new GroupReader(c, keys[i], stream, groupName, options)
    const entries = from === undefined ? reader.readNew() : reader.readHistory(from)
    if (entries !== undefined) found.push([keys[i], entries])
  }
  if (found.length > 0) return streamsReply(c, found)
  if (options.timeoutMs === -1) return NULL_ARRAY
  const { db } = c
  const retryMs = (now: number) => msUntilClaimable(db, claimed, groupName, options.claimIdleMs, now)
  return c.park(
    keys,
    'stream',
    options.timeoutMs,
    NULL_ARRAY,
    true,
    undefined,
    claimed.length > 0 ? retryMs : undefined,
  )
}

type Found = readonly [key: Bytes, entries: Reply[]]

/** A map in RESP3, pairs in arrays of their own in RESP2. */
function streamsReply(c: Context, found: readonly Found[]): Reply {
  return c.session.replyProto === 3 ? new MapReply(found.flat()) : found
}
