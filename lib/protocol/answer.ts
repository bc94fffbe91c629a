/**
 * What a command that runs by places answers into: the bytes of RESP (replybuffer.ts), or values of JavaScript for code in the same
 * process (transports/plainanswer.ts). What it gives may stand outside V8's heap, so no string is made of what is to be bytes.
 *
 * A whole reply is one call of `reply`, or of `bulk` or `bulkInteger`; or the head of an array, a set or a map, and then its items, which may
 * be arrays, but neither sets nor maps.
 */
import type { Reply } from '../base/reply.ts'

export interface Answer {
  /** A whole reply. */
  reply(reply: Reply): void
  /** An item of an array. */
  add(reply: Reply): void
  /** A string that stands somewhere, of at most 1024 bytes: `view` is one of the same memory as `bytes`. */
  bulk(bytes: Uint8Array, view: DataView, start: number, end: number): void
  /** A string that spells a safe integer. */
  bulkInteger(integer: number): void
  /** The head of an array. */
  array(count: number): void
  /** The head of a set. */
  set(count: number): void
  /** The head of a map, of fields and values in turn. */
  map(pairs: number): void
}

const nothing = (): void => {}

/** For what nobody looks at. */
export const UNANSWERED: Answer = {
  reply: nothing,
  add: nothing,
  bulk: nothing,
  bulkInteger: nothing,
  array: nothing,
  set: nothing,
  map: nothing,
}
