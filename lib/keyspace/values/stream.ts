/**
 * Streams: entries in nodes (stream-node.ts), the nodes in order of their ids, and the counters from which Redis tells how
 * far behind a consumer group is. A stream may be empty: it goes on living for its groups and its last id.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { EncodingLimits, ObjectValue } from '../value.ts'
import type { Tally } from '../weight.ts'
import { IdList } from './id-list.ts'
import { byName, type ConsumerGroup, UNKNOWN_ENTRIES_READ } from './stream-group.ts'
import { compareIds, isZeroId, MAX_ID, MIN_ID, type StreamId } from './stream-id.ts'
import type { Idempotence } from './stream-idempotence.ts'
import { EntryCursor, StreamNode } from './stream-node.ts'

/** The greatest node, whatever `stream-node-max-bytes` says. */
const MAX_NODE_BYTES = 2 ** 30
/** Room that a node has at most before there is something in it. Unit: bytes. */
const MAX_CAPACITY = 8192
/** What a stream weighs beside its nodes and groups. */
const STREAM_BYTES = 730

/** Called with an entry; `pairs` is field, value, … Returns false to end the walk. */
export type EntryVisitor = (id: StreamId, pairs: Bytes[]) => boolean
/** The same of a cursor that has been moved to an entry; one and the same for the entries of a node. */
export type CursorVisitor = (cursor: EntryCursor) => boolean

/** What XTRIM and XADD cut a stream to. */
export interface Trim {
  /** A greatest length, or a least id. */
  readonly to: number | StreamId
  /** `~`: remove whole nodes only. */
  readonly approximate: boolean
  /** The most entries to remove; 0 for no bound. */
  readonly limit: number
}

/** Decides for each entry whether it may be trimmed; then there is no approximation. */
export interface TrimGate {
  release(id: StreamId): boolean
  removed(id: StreamId): void
}

export class StreamValue implements ObjectValue {
  readonly type = 'stream'
  readonly encoding = 'stream'
  #nodes = new IdList<StreamNode>()
  readonly #groups = new Map<Bytes, ConsumerGroup>()
  length = 0
  /** The greatest id ever, whether or not its entry is still there. */
  lastId: StreamId = MIN_ID
  /** The least id that is there; 0-0 for an empty stream. */
  firstId: StreamId = MIN_ID
  /** The greatest id that was removed from among others (not by trimming). */
  maxDeletedId: StreamId = MIN_ID
  /** Entries ever added. */
  entriesAdded = 0
  /** What is known of its producers; undefined before that is asked for. */
  #idempotence: Idempotence | undefined
  /** What nodes and groups weigh. */
  readonly #tally: Tally = { bytes: STREAM_BYTES }
  countedBytes = 0

  /** Adds an entry behind all others; the caller has checked the id. `pairs` is field, value, … */
  append(id: StreamId, pairs: readonly Bytes[], limits: EncodingLimits): void {
    let node = this.#nodes.last()
    if (node === undefined) {
      node = new StreamNode(id, this.#fieldsOf(pairs))
      this.#addNode(node)
    } else if (isFull(node, pairs, limits)) {
      this.#tally.bytes -= node.memoryBytes
      node.seal()
      this.#tally.bytes += node.memoryBytes
      // The next node is likely to become as large.
      node = new StreamNode(id, this.#fieldsOf(pairs), Math.min(node.length + (node.length >> 4), MAX_CAPACITY))
      this.#addNode(node)
    }
    this.#tally.bytes -= node.memoryBytes
    node.append(id, pairs)
    this.#tally.bytes += node.memoryBytes
    this.entriesAdded++
    this.lastId = id
    if (++this.length === 1) this.firstId = id
  }

  /** Adds a node that was read from elsewhere behind all others. The ids and counters of the stream are the caller's. */
  adopt(node: StreamNode): void {
    this.#addNode(node)
    this.length += node.count
  }

  nodes(): Iterable<StreamNode> {
    return this.#nodes
  }

  /** Visits the entries from `start` to `end`, both included, in either direction. Seeking is O(log n). */
  range(start: StreamId, end: StreamId, reverse: boolean, visit: EntryVisitor): void {
    this.scan(start, end, reverse, (cursor) => visit(cursor.id, cursor.pairs()))
  }

  /** `range` without reading the entries. */
  scan(start: StreamId, end: StreamId, reverse: boolean, visit: CursorVisitor): void {
    if (compareIds(start, end) > 0) return
    if (reverse) this.#scanBackward(start, end, visit)
    else this.#scanForward(start, end, visit)
  }

  /** The field, value, … of one entry. */
  get(id: StreamId): Bytes[] | undefined {
    return this.#find(id)?.cursor.pairs()
  }

  has(id: StreamId): boolean {
    return this.#find(id) !== undefined
  }

  /** Id of the first or the last entry that is there; 0-0 for an empty stream. */
  edgeId(first: boolean): StreamId {
    let edge = MIN_ID
    this.scan(MIN_ID, MAX_ID, !first, ({ id }) => {
      edge = id
      return false
    })
    return edge
  }

  /** Removes an entry. False if it is not there. */
  delete(id: StreamId): boolean {
    const found = this.#find(id)
    if (found === undefined) return false
    found.node.markDeleted(found.cursor.offset)
    if (found.node.count === 0) this.#deleteNode(found.node)
    this.length--
    if (compareIds(id, this.maxDeletedId) > 0) this.maxDeletedId = id
    if (this.length === 0) this.firstId = MIN_ID
    else if (compareIds(id, this.firstId) === 0) this.firstId = this.edgeId(true)
    return true
  }

  /** Removes entries from the front, whole nodes as far as that goes; one by one where a gate decides. Returns how many. */
  trim({ to, approximate, limit }: Trim, gate?: TrimGate): number {
    let removed = 0
    for (let node = this.#nodes.first(); node !== undefined; node = this.#nodes.above(node.id)) {
      if (typeof to === 'number' && this.length <= to) break
      if (limit > 0 && removed + node.count > limit) break
      const whole = typeof to === 'number' ? this.length - node.count >= to : compareIds(node.lastId, to) < 0
      if (gate !== undefined) {
        removed += this.#trimNode(node, to, gate)
        if (node.count === 0) this.#deleteNode(node)
        if (!whole) break
        continue
      }
      if (!whole) {
        if (!approximate) removed += this.#trimNode(node, to)
        break
      }
      this.#deleteNode(node)
      this.length -= node.count
      removed += node.count
    }
    if (this.length === 0) this.firstId = MIN_ID
    else if (removed > 0) this.firstId = this.edgeId(true)
    return removed
  }

  /** Number of nodes, which XINFO prints. */
  get nodeCount(): number {
    return this.#nodes.size
  }

  get groupCount(): number {
    return this.#groups.size
  }

  get partCount(): number {
    return this.#nodes.size + this.#groups.size
  }

  group(name: Bytes): ConsumerGroup | undefined {
    return this.#groups.get(name)
  }

  /** All groups, by name, as Redis lists them. */
  groups(): ConsumerGroup[] {
    return byName(this.#groups)
  }

  addGroup(group: ConsumerGroup): void {
    this.#groups.set(group.name, group)
    group.joinTally(this.#tally)
  }

  /** True if the group was there. */
  deleteGroup(name: Bytes): boolean {
    this.#groups.get(name)?.leaveTally()
    return this.#groups.delete(name)
  }

  /** True if a group has something that was given back. O(groups). */
  get hasReleased(): boolean {
    for (const group of this.#groups.values()) if (group.releasedCount > 0) return true
    return false
  }

  get idempotence(): Idempotence | undefined {
    return this.#idempotence
  }

  /** Begins to remember its producers. */
  setIdempotence(idempotence: Idempotence): void {
    this.#idempotence = idempotence
    idempotence.joinTally(this.#tally)
  }

  /** True if something was removed from among the entries behind an id, so that counting from it is not possible. */
  hasGapFrom(id: StreamId): boolean {
    return this.length > 0 && !isZeroId(this.maxDeletedId) && compareIds(id, this.maxDeletedId) <= 0
  }

  /**
   * How many entries were ever added up to this id, itself included; UNKNOWN_ENTRIES_READ where only counting could tell:
   * for an id between the first and the last, and where removals left gaps.
   */
  entriesUpTo(id: StreamId): number {
    if (this.entriesAdded === 0) return 0
    const toLast = compareIds(id, this.lastId)
    if (this.length === 0 && toLast <= 0) return this.entriesAdded
    if (!isZeroId(id) && compareIds(id, this.maxDeletedId) < 0) return UNKNOWN_ENTRIES_READ
    if (toLast === 0) return this.entriesAdded
    if (toLast > 0) return UNKNOWN_ENTRIES_READ
    if (isZeroId(this.maxDeletedId) || compareIds(this.maxDeletedId, this.firstId) < 0) {
      const toFirst = compareIds(id, this.firstId)
      if (toFirst < 0) return this.entriesAdded - this.length
      if (toFirst === 0) return this.entriesAdded - this.length + 1
    }
    return UNKNOWN_ENTRIES_READ
  }

  copy(): StreamValue {
    const copy = new StreamValue()
    for (const node of this.#nodes) copy.#addNode(node.copy())
    for (const group of this.#groups.values()) copy.addGroup(group.copy())
    copy.length = this.length
    copy.lastId = this.lastId
    copy.firstId = this.firstId
    copy.maxDeletedId = this.maxDeletedId
    copy.entriesAdded = this.entriesAdded
    if (this.#idempotence !== undefined) copy.setIdempotence(this.#idempotence.copy())
    return copy
  }

  get memoryBytes(): number {
    return this.#tally.bytes
  }

  #addNode(node: StreamNode): void {
    this.#nodes.add(node)
    this.#tally.bytes += node.memoryBytes
  }

  #deleteNode(node: StreamNode): void {
    this.#nodes.delete(node.id)
    this.#tally.bytes -= node.memoryBytes
  }

  /** The names of an entry's fields; those of the last node where they are the same, so that nodes share them. */
  #fieldsOf(pairs: readonly Bytes[]): readonly Bytes[] {
    const fields = this.#nodes.last()?.fields
    if (fields !== undefined && pairs.length === 2 * fields.length) {
      let same = true
      for (let i = 0; i < fields.length && same; i++) same = pairs[2 * i] === fields[i]
      if (same) return fields
    }
    return pairs.filter((_, i) => i % 2 === 0)
  }

  #scanForward(start: StreamId, end: StreamId, visit: CursorVisitor): void {
    let node = this.#nodes.floor(start) ?? this.#nodes.first()
    for (; node !== undefined && compareIds(node.id, end) <= 0; node = this.#nodes.above(node.id)) {
      const cursor = new EntryCursor(node)
      // Most nodes lie within as a whole, and to compare an id with the greatest one takes longer than to read it.
      const beginsWithin = compareIds(node.id, start) >= 0
      const endsWithin = compareIds(node.lastId, end) <= 0
      while (cursor.next()) {
        if (cursor.deleted || (!beginsWithin && cursor.compare(start) < 0)) continue
        if (!endsWithin && cursor.compare(end) > 0) return
        if (!visit(cursor)) return
      }
    }
  }

  #scanBackward(start: StreamId, end: StreamId, visit: CursorVisitor): void {
    let node = this.#nodes.floor(end)
    for (; node !== undefined && compareIds(node.lastId, start) >= 0; node = this.#nodes.below(node.id)) {
      const cursor = new EntryCursor(node)
      const offsets: number[] = []
      const beginsWithin = compareIds(node.id, start) >= 0
      const endsWithin = compareIds(node.lastId, end) <= 0
      while (cursor.next() && (endsWithin || cursor.compare(end) <= 0)) {
        if (!cursor.deleted && (beginsWithin || cursor.compare(start) >= 0)) offsets.push(cursor.offset)
      }
      for (let i = offsets.length - 1; i >= 0; i--) {
        cursor.moveTo(offsets[i])
        if (!visit(cursor)) return
      }
    }
  }

  /** The node of an entry that is there, and a cursor that stands on it. */
  #find(id: StreamId): { node: StreamNode; cursor: EntryCursor } | undefined {
    const node = this.#nodes.floor(id)
    if (node === undefined || compareIds(node.lastId, id) < 0) return undefined
    const cursor = new EntryCursor(node)
    while (cursor.next()) {
      const order = cursor.compare(id)
      if (order > 0) return undefined
      if (order === 0) return cursor.deleted ? undefined : { node, cursor }
    }
    return undefined
  }

  /** Removes entries from the front of a node that stays. */
  #trimNode(node: StreamNode, to: number | StreamId, gate?: TrimGate): number {
    const cursor = new EntryCursor(node)
    let removed = 0
    while (cursor.next()) {
      if (typeof to === 'number' ? this.length <= to : cursor.compare(to) >= 0) break
      if (cursor.deleted || gate?.release(cursor.id) === false) continue
      node.markDeleted(cursor.offset)
      gate?.removed(cursor.id)
      this.length--
      removed++
    }
    return removed
  }
}

/** As Redis, counts the new entry by its bare strings, and deleted entries as entries. */
function isFull(node: StreamNode, pairs: readonly Bytes[], limits: EncodingLimits): boolean {
  const maxBytes = limits['stream-node-max-bytes']
  const maxEntries = limits['stream-node-max-entries']
  let added = 0
  for (const element of pairs) added += element.length
  if (node.listpackBytes + added >= (maxBytes === 0 || maxBytes > MAX_NODE_BYTES ? MAX_NODE_BYTES : maxBytes))
    return true
  return maxEntries > 0 && node.count + node.deleted >= maxEntries
}
