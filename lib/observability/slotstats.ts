/**
 * What commands spend on each slot of a cluster (CLUSTER SLOT-STATS of Redis 8.2), while `cluster-slot-stats-enabled`: time, and bytes in
 * and out. A command counts for the slot of its keys; a transaction counts as a whole, with all that was sent for it, and the time of its
 * commands not again.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'
import { SLOTS } from '../base/slots.ts'
import type { Command } from '../commands/command.ts'
import { commandLength, replyLength } from '../protocol/wirelength.ts'
import type { SlotUse } from '../session/ports.ts'
import type { Session } from '../session/session.ts'

/** What came before the commands of a transaction. */
const MULTI_BYTES = commandLength(['MULTI'])

export class SlotStats {
  readonly #microseconds = new Float64Array(SLOTS)
  readonly #bytesIn = new Float64Array(SLOTS)
  readonly #bytesOut = new Float64Array(SLOTS)

  add(
    session: Session,
    command: Command,
    argv: readonly Bytes[],
    microseconds: number,
    reply: Reply | Promise<Reply>,
  ): void {
    const { slot, lastCommand } = session
    if (slot === -1) return
    const isNested = lastCommand !== command.fullName
    if (!isNested || lastCommand === 'exec') this.#bytesIn[slot] += commandLength(argv)
    if (isNested) return
    if (lastCommand === 'exec') this.#bytesIn[slot] += MULTI_BYTES
    this.#microseconds[slot] += microseconds
    if (reply instanceof Promise) return
    this.#bytesOut[slot] += replyLength(reply, session.proto)
    if (command.name === 'spublish') this.#bytesOut[slot] += Number(reply) * messageLength(argv)
  }

  of(slot: number): SlotUse {
    return {
      microseconds: Math.floor(this.#microseconds[slot]),
      bytesIn: this.#bytesIn[slot],
      bytesOut: this.#bytesOut[slot],
    }
  }

  /** What was counted of these slots is forgotten. */
  forget(slots: Iterable<number>): void {
    for (const slot of slots) {
      for (const figures of [this.#microseconds, this.#bytesIn, this.#bytesOut]) figures[slot] = 0
    }
  }

  reset(): void {
    for (const figures of [this.#microseconds, this.#bytesIn, this.#bytesOut]) figures.fill(0)
  }
}

/** What each subscriber of a shard channel is sent. */
function messageLength([, channel, message]: readonly Bytes[]): number {
  return commandLength(['smessage', channel, message])
}
