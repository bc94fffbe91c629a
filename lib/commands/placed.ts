/** What commands have in common that take their arguments by their places in the read buffer: see `PlacedForm`. */
import type { Places } from '../base/places.ts'
import type { Reply } from '../base/reply.ts'
import { PLACED_TEXT_MAX } from '../keyspace/table/record.ts'

/** Whether each second argument from one on is short enough to be kept where strings by their places are. */
export function fitTexts(p: Places, from: number): boolean {
  for (let i = from; i < p.count; i += 2) if (p.length(i) > PLACED_TEXT_MAX) return false
  return true
}

/** What a handler returns that has put its reply into the buffer itself. */
export const ANSWERED = undefined
export type PlacedReply = Reply | typeof ANSWERED
