/**
 * `Upstash-Sync-Token` where keys are shared: the store's id, the position in its log, and a nonce, as in `ID.POSITION.NONCE`. A
 * client hands back the one of its last answer, to whichever process it asks next.
 */
import type { Bytes } from '../../base/bytes.ts'

/** Of which log a token tells, and how far that is here. */
export interface LogPosition {
  readonly id: Bytes
  readonly position: number
}

export function syncTokenOf({ id, position }: LogPosition, nonce: Bytes): Bytes {
  return `${id}.${position}.${nonce}`
}

/**
 * The position of which a client has seen. Infinity for a token that is not of this store: nobody knows what its client has seen, so it is
 * to be shown all.
 */
export function seenBy(token: Bytes | undefined, { id }: LogPosition): number {
  if (token === undefined || token === '') return 0
  const [of, position, nonce] = token.split('.', 3)
  return of === id && nonce !== undefined && /^\d{1,15}$/.test(position) ? Number(position) : Infinity
}
