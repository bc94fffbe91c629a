/**
 * Long replies: which are long, and how they leave. A reply is a value that is shared with the store, or an array of such;
 * written as JSON or RESP it would be a copy, of which each of a hundred readers that do not read would hold one. So of a
 * long reply only one part is encoded at a time, when its reader has taken the one before.
 */
import type { Bytes } from '../base/bytes.ts'
import { formatDouble, Kind, type Reply, type TaggedReply } from '../base/reply.ts'
import { Encoder } from './encode.ts'

/** Bytes of a reply that are encoded at once; a reply of more is long. A multiple of 3, for base64. */
export const PART_BYTES = 63 * 1024

/** What an item of an array adds, besides its text. */
const ITEM_BYTES = 8

/** True if a reply is to leave in parts. Looks at no more of it than one part would hold. */
export function isLong(reply: Reply): boolean {
  if (typeof reply === 'string') return reply.length > PART_BYTES
  return typeof reply === 'object' && reply !== null && roomAfter(reply, PART_BYTES) < 0
}

/** Bytes of a reply's texts, and of the places in its arrays. O(size of its arrays). */
export function weightOf(reply: Reply): number {
  return Number.MAX_SAFE_INTEGER - roomAfter(reply, Number.MAX_SAFE_INTEGER)
}

/** What is left of a room when a reply has been put into it; negative, and no more exact, if it does not fit. */
function roomAfter(reply: Reply, room: number): number {
  if (typeof reply === 'string') return room - ITEM_BYTES - reply.length
  if (typeof reply !== 'object' || reply === null) return room - ITEM_BYTES
  const items = itemsOf(reply)
  if (items === undefined) return room - ITEM_BYTES - textOf(reply).length
  let left = room - ITEM_BYTES
  for (let i = 0; i < items.length && left >= 0; i++) left = roomAfter(items[i], left)
  return left
}

/** The items of what is written as an array; undefined for anything else. */
export function itemsOf(reply: Reply): readonly Reply[] | undefined {
  if (typeof reply !== 'object' || reply === null) return undefined
  if (Array.isArray(reply)) return reply
  const tagged = reply as TaggedReply
  switch (tagged.kind) {
    case Kind.Map:
      return tagged.flat
    case Kind.Set:
    case Kind.Push:
      return tagged.items
    case Kind.Attributed:
      return itemsOf(tagged.reply)
    default:
      return undefined
  }
}

/** The text of what is written as a string; '' for anything else. */
export function textOf(reply: Reply): Bytes {
  if (typeof reply === 'string') return reply
  if (typeof reply !== 'object' || reply === null || Array.isArray(reply)) return ''
  const tagged = reply as TaggedReply
  switch (tagged.kind) {
    case Kind.Status:
    case Kind.Verbatim:
    case Kind.Error:
      return tagged.text
    case Kind.Double:
      return tagged.text ?? formatDouble(tagged.value)
    case Kind.BigNumber:
      return tagged.digits
    case Kind.Attributed:
      return textOf(tagged.reply)
    default:
      return ''
  }
}

/** Writes replies in RESP2, part by part. */
export class Resp2Writer {
  #text = ''
  readonly #encoder = new Encoder((part) => {
    this.#text += part
  })
  /** The text that is leaving part by part; an equal one may be put in its place. */
  longText: Bytes = ''

  /** All that was written since the last call. */
  take(): Bytes {
    this.#encoder.flush()
    const text = this.#text
    this.#text = ''
    return text
  }

  /** Replies, one after another. What is left at the end is still to be taken. */
  *long(replies: readonly Reply[]): Generator<Bytes, void> {
    for (let i = 0; i < replies.length; i++) {
      if (isLong(replies[i])) yield* this.#longValue(replies[i])
      else this.#encoder.add(replies[i])
      if (this.#text.length + this.#encoder.gatheredBytes > PART_BYTES) yield this.take()
    }
  }

  *#longValue(reply: Reply): Generator<Bytes, void> {
    const items = itemsOf(reply)
    if (items !== undefined) {
      this.#encoder.raw(`*${items.length}\r\n`)
      yield* this.long(items)
      return
    }
    this.longText = textOf(reply)
    const kind = typeof reply === 'string' ? Kind.Verbatim : (reply as TaggedReply).kind
    this.#encoder.raw(kind === Kind.Error ? '-' : kind === Kind.Status ? '+' : `$${this.longText.length}\r\n`)
    yield this.take()
    for (let i = 0; i < this.longText.length; i += PART_BYTES) yield this.longText.slice(i, i + PART_BYTES)
    this.longText = ''
    this.#encoder.raw('\r\n')
  }
}
