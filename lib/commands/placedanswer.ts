/** What commands on collections have in common that run by places: their keys as text, and elements of packs as answers. */
import { type Bytes, sliceOf } from '../base/bytes.ts'
import type { Places } from '../base/places.ts'
import type { Elements } from '../keyspace/large/elements.ts'
import {
  isLongInteger,
  isString,
  readElement,
  readInteger,
  skip,
  stringLength,
  stringStart,
} from '../keyspace/packed/element.ts'
import type { Pack } from '../keyspace/packed/pack.ts'
import type { At } from '../memory/arena.ts'
import type { Answer } from '../protocol/answer.ts'
import { BULK_MAX } from '../protocol/replybuffer.ts'
import type { Context } from './command.ts'
import { ANSWERED, type PlacedReply } from './placed.ts'

/** A large collection of more bytes is answered as a value, which leaves in parts. */
const AT_ONCE_MAX = 2 ** 23

/** Whether a collection is one of which so many elements, or all, are answered from their records, as what leaves whole. */
export function leavesAtOnce(elements: Elements | undefined, count?: number): elements is Elements {
  if (elements === undefined) return false
  const { memoryBytes, size } = elements
  return (count === undefined ? memoryBytes : (memoryBytes / size) * count) <= AT_ONCE_MAX
}

/** The key of a command as text, where a look-up has given its address. On V8's heap there is one already. */
export function keyText({ db: { table } }: Context, p: Places, at: At): Bytes {
  return at < 0 ? table.keyOf(at) : p.text(1)
}

/** Answers an element of a pack. */
export function answerElement({ bytes, view }: Pack, at: number, out: Answer): PlacedReply {
  answerElements(bytes, view, at, 1, out)
  return ANSWERED
}

/** Answers elements of a listpack, from an offset on, as items of an array. */
export function answerElements(bytes: Uint8Array, view: DataView, from: number, count: number, out: Answer): void {
  let at = from
  for (let i = 0; i < count; i++) {
    const lead = bytes[at]
    if (isString(lead)) {
      const start = stringStart(bytes, at)
      const length = stringLength(bytes, at)
      if (length > BULK_MAX) out.add(sliceOf(bytes, start, start + length))
      else out.bulk(bytes, view, start, start + length)
    } else if (isLongInteger(lead)) out.add(readElement(bytes, view, at))
    else out.bulkInteger(readInteger(bytes, view, at))
    at = skip(bytes, at)
  }
}

/** Answers the key of an element of a large collection, as an item. */
export function answerKey(elements: Elements, at: At, out: Answer): void {
  if (elements.openKey(at)) out.bulk(elements.keyBytes, elements.keyView, elements.keyStart, elements.keyEnd)
  else out.add(elements.keyOf(at))
}
