/**
 * Texts that are held by more than one: a hundred readers of one value wait for the same string, and the store holds it, too.
 * Who counts what all of them hold finds here how much of that is counted more than once. Equal texts that are not the
 * same string are made the same: whoever waits for one of them is given the other.
 */
import type { Bytes } from '../base/bytes.ts'

/** Given a text that waits to be sent, the bytes that count for it, and the store's own where it is known; returns what to keep. */
export type TextVisitor = (text: Bytes, countedBytes: number, stored: Bytes | undefined) => Bytes

/** Where texts wait that are long, and perhaps not its alone. */
export interface HoldsTexts {
  /** Shows each of them, and keeps what it is given for it. */
  visitTexts?(visit: TextVisitor): void
}

/** Texts of one length that are told apart; of more than that, the others count as they are. */
const SAME_LENGTH_MAX = 8

/** Bytes that are counted of these and take no memory of their own. */
export function sharedBytes(holders: Iterable<{ readonly link: HoldsTexts }>): number {
  const seen = new Map<number, Bytes[]>()
  let shared = 0
  const visit: TextVisitor = (text, countedBytes, stored) => {
    // Strings are compared by what they are before they are compared by what is in them.
    if (stored !== undefined && stored.length === text.length && stored === text) {
      shared += countedBytes
      return stored
    }
    const known = seen.get(text.length)
    if (known === undefined) seen.set(text.length, [text])
    else {
      for (const each of known) {
        if (each !== text) continue
        shared += countedBytes
        return each
      }
      if (known.length < SAME_LENGTH_MAX) known.push(text)
    }
    return text
  }
  for (const { link } of holders) link.visitTexts?.(visit)
  return shared
}
