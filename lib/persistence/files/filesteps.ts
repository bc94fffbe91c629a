/** A snapshot at the beginning of a file, read in steps: whoever has other work to do beside goes on with the next one later. */
import { monotonic } from '../../base/runtime.ts'
import type { EncodingLimits } from '../../keyspace/value.ts'
import { Malformed } from '../format/input.ts'
import { SnapshotArrival } from '../snapshot/arrival.ts'
import type { SnapshotTaker } from '../snapshot/taker.ts'
import type { FileSource } from './files.ts'

/** One step. */
const STEP_MS = 2

/**
 * Hands over what it holds, in steps. Returns its length in bytes; commands may stand behind it. @throws Malformed, the system's
 * error, and what the taker throws
 */
export function* takeSnapshot(
  source: FileSource,
  limits: EncodingLimits,
  taker: SnapshotTaker,
): Generator<undefined, number, undefined> {
  const arrival = new SnapshotArrival(limits, taker, { length: source.left, mayBeFollowed: true })
  for (const piece of source.pieces()) {
    arrival.feed(piece)
    let progress = arrival.read(monotonic() + STEP_MS)
    for (; progress === 'later'; progress = arrival.read(monotonic() + STEP_MS)) yield
    if (progress === 'end') return arrival.readBytes
    yield
  }
  throw new Malformed('unexpected end')
}
