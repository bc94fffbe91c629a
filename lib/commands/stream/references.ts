/**
 * Removing entries with regard to the consumer groups that refer to them (Redis 8.2): KEEPREF leaves pending entries as
 * they are, as XDEL does; DELREF ends them with the entry, in every group; ACKED removes only what every group has read and
 * acknowledged.
 *
 * What is done is repeated as XACK and XDEL, which every Redis understands.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { StreamValue } from '../../keyspace/values/stream.ts'
import { compareIds, formatId, type StreamId } from '../../keyspace/values/stream-id.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'

export type Policy = 'KEEPREF' | 'DELREF' | 'ACKED'

const POLICIES: readonly Policy[] = ['KEEPREF', 'DELREF', 'ACKED']

/** Takes a policy, if there is one. */
export function takePolicy(a: Args): Policy | undefined {
  return POLICIES.find((policy) => !a.done && a.match(policy))
}

/** Decides what goes out of a stream, and keeps what was done to repeat it. */
export class References {
  readonly #stream: StreamValue
  readonly #policy: Policy
  readonly #acknowledged = new Map<Bytes, Bytes[]>()
  readonly #removed: Bytes[] = []

  constructor(stream: StreamValue, policy: Policy) {
    this.#stream = stream
    this.#policy = policy
  }

  /** True if the entry of this id may go; what refers to it is ended then, if it is to be. */
  release(id: StreamId): boolean {
    if (this.#policy === 'ACKED' && isReferredTo(this.#stream, id)) return false
    if (this.#policy === 'DELREF') for (const { name } of this.#stream.groups()) this.acknowledge(name, id)
    return true
  }

  /** Ends what a group has pending. False if it was not. */
  acknowledge(group: Bytes, id: StreamId): boolean {
    if (this.#stream.group(group)?.deletePending(id) !== true) return false
    const ids = this.#acknowledged.get(group)
    if (ids === undefined) this.#acknowledged.set(group, [formatId(id)])
    else ids.push(formatId(id))
    return true
  }

  /** An entry was removed. */
  removed(id: StreamId): void {
    this.#removed.push(formatId(id))
  }

  /** True if entries or references are gone. */
  get changed(): boolean {
    return this.#removed.length > 0 || this.#acknowledged.size > 0
  }

  propagate(c: Context, key: Bytes): void {
    if (!c.propagates) return
    for (const [group, ids] of this.#acknowledged) c.propagate(['XACK', key, group, ...ids])
    if (this.#removed.length > 0) c.propagate(['XDEL', key, ...this.#removed])
  }
}

/** True if a group has the entry pending, or has yet to read it. */
function isReferredTo(stream: StreamValue, id: StreamId): boolean {
  return stream.groups().some((group) => compareIds(id, group.lastId) > 0 || group.pending.get(id) !== undefined)
}
