/** What commands have in common that take their arguments by their places in the read buffer: see `PlacedForm`. */
import type { Places } from '../base/places.ts'
import type { Reply } from '../base/reply.ts'
import { hashOfBytes } from '../keyspace/table/keyhash.ts'
import { PLACED_KEY_MAX, PLACED_TEXT_MAX } from '../keyspace/table/record.ts'
import type { Command } from './command.ts'
import { suitsArity } from './table.ts'

/** Whether each second argument from one on is short enough to be kept where strings by their places are. */
export function fitTexts(p: Places, from: number): boolean {
  for (let i = from; i < p.count; i += 2) if (p.length(i) > PLACED_TEXT_MAX) return false
  return true
}

/** Whether the arguments that `p` stands at are those of a call of it that can run by places, as far as their number and keys say. */
export function fits(p: Places, command: Command): boolean {
  return suitsArity(command, p.count) && keysFit(p, command)
}

/** Whether the keys of a command are short enough. */
function keysFit(p: Places, { keyPlaces: { first, step } }: Command): boolean {
  const end = first === 0 ? 0 : step === 0 ? 2 : p.count
  for (let i = 1; i < end; i += step === 0 ? 1 : step) if (p.length(i) > PLACED_KEY_MAX) return false
  return true
}

/** Takes the hashes of a command's keys. */
export function hashKeys(p: Places, { keyPlaces: { first, step } }: Command): void {
  const end = first === 0 ? 0 : step === 0 ? p.first + 2 : p.first + p.count
  for (let i = p.first + 1; i < end; i += step === 0 ? 1 : step) {
    p.hashes[i] = hashOfBytes(p.view, p.starts[i], p.ends[i])
  }
}

/** What a handler returns that has answered by itself. */
export const ANSWERED = undefined
export type PlacedReply = Reply | typeof ANSWERED
