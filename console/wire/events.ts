/** Server-sent events out of the pieces in which they come: what stands in their `data:` lines, as bytes. */
import { type Bytes, fromArray } from './bytes.ts'

/** What one event may hold. Unit: bytes. */
const EVENT_MAX = 64 * 1024 * 1024

export class EventReader {
  #rest = ''

  /** The events that are whole with this piece. @throws Error where one is longer than a page can hold */
  feed(piece: Uint8Array): Bytes[] {
    const parts = (this.#rest + fromArray(piece)).split('\n\n')
    this.#rest = parts.pop()!
    if (this.#rest.length > EVENT_MAX) throw new Error('a message is too long')
    const events: Bytes[] = []
    for (const part of parts) {
      const lines = part.split('\n').filter((line) => line.startsWith('data:'))
      if (lines.length > 0) events.push(lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n'))
    }
    return events
  }
}
