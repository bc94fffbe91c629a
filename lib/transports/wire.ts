/** What carries the bytes of a connection, whatever it is made of: a handle, a stream, a WebSocket. */
import type { Bytes } from '../base/bytes.ts'

export interface Wire {
  /** Takes latin1 text. False when what it holds unsent is more than it likes. */
  write(part: Bytes): boolean
  /** Bytes taken and not yet sent. */
  readonly unsentBytes: number
  /** Number of its descriptor, where it has one. */
  readonly fd?: number
  pause(): void
  resume(): void
  /** Sends what was taken, then ends the connection. */
  end(): void
  /** Ends the connection now. */
  destroy(): void
}
