/** What commands have in common that take their arguments by their places in the read buffer: see `PlacedForm`. */
import { sliceOf } from '../base/bytes.ts'
import type { Places } from '../base/places.ts'
import type { Reply } from '../base/reply.ts'
import { isString, readElement, skip, stringLength, stringStart } from '../keyspace/packed/element.ts'
import type { Pack } from '../keyspace/packed/pack.ts'
import { hashOfBytes } from '../keyspace/table/keyhash.ts'
import { PLACED_KEY_MAX, PLACED_TEXT_MAX } from '../keyspace/table/record.ts'
import { BULK_MAX, type ReplyBuffer } from '../protocol/replybuffer.ts'
import type { Command } from './command.ts'

/** Whether each second argument from one on is short enough to be kept where strings by their places are. */
export function fitTexts(p: Places, from: number): boolean {
  for (let i = from; i < p.count; i += 2) if (p.length(i) > PLACED_TEXT_MAX) return false
  return true
}

/** The same of the keys of a command. */
export function keysFit(p: Places, { keyPlaces: { step } }: Command): boolean {
  const end = step === 0 ? 2 : p.count
  for (let i = 1; i < end; i += step === 0 ? 1 : step) if (p.length(i) > PLACED_KEY_MAX) return false
  return true
}

/** Takes the hashes of a command's keys. */
export function hashKeys(p: Places, { keyPlaces: { step } }: Command): void {
  const end = step === 0 ? p.first + 2 : p.first + p.count
  for (let i = p.first + 1; i < end; i += step === 0 ? 1 : step) {
    p.hashes[i] = hashOfBytes(p.view, p.starts[i], p.ends[i])
  }
}

/** Answers an element of a pack. */
export function answerElement(pack: Pack, at: number, out: ReplyBuffer): PlacedReply {
  const { bytes } = pack
  if (!isString(bytes[at])) return pack.elementAt(at)
  const start = stringStart(bytes, at)
  out.bulk(pack.view, start, start + stringLength(bytes, at))
  return ANSWERED
}

/** Adds elements of a listpack, from an offset on, to an array that was begun. */
export function answerElements(bytes: Uint8Array, view: DataView, at: number, count: number, out: ReplyBuffer): void {
  for (let i = 0; i < count; i++) {
    const lead = bytes[at]
    if (!isString(lead)) out.add(readElement(bytes, view, at))
    else {
      const start = stringStart(bytes, at)
      const length = stringLength(bytes, at)
      if (length > BULK_MAX) out.add(sliceOf(bytes, start, start + length))
      else out.bulk(view, start, start + length)
    }
    at = skip(bytes, at)
  }
}

/** What a handler returns that has put its reply into the buffer itself. */
export const ANSWERED = undefined
export type PlacedReply = Reply | typeof ANSWERED
