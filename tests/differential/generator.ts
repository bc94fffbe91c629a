/** What a differential test draws its commands from: one generator per data type, in generators/. */
import type { Bytes } from '../../lib/base/bytes.ts'
import type { Seen } from '../contract/harness/seen.ts'
import type { Random } from './random.ts'

export interface Generator {
  readonly name: string
  /** The keys that it uses: few, so that commands meet. Their final state is compared. */
  readonly keys: readonly Bytes[]
  /** The next command, valid or not. */
  next(random: Random): Bytes[]
  /** The version of Redis that brought the commands; an older genuine Redis is not compared with. */
  readonly since?: string
  /** How much of a run's commands it makes, where each costs more than others do; 1 without it. */
  readonly share?: number
  /** Commands run on both servers before the first, such as CONFIG SET of thresholds. */
  readonly setup?: readonly (readonly Bytes[])[]
  /**
   * What may differ in a reply, made equal; called with both servers' replies. For what the protocol leaves open: the
   * order of unordered replies is settled before (UNORDERED in runner.ts), doubles and errors are not touched.
   */
  normalise?(argv: readonly Bytes[], reply: Seen): Seen
  /** Only for what the compared version of Redis does not know or answers at random: the reply is not compared. */
  ignoresReply?(argv: readonly Bytes[]): boolean
}
