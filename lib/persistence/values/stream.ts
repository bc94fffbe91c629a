/**
 * Streams in snapshots: their nodes as listpacks under the id of the first entry, the counters, and the consumer groups
 * with what is pending. Redis 5 wrote the first form; the second (7.0) adds the counters, the third (7.2) when a consumer
 * last succeeded, the fourth (8.6) what is known of producers, the fifth (8.8) what consumers gave back. A node's entries stand
 * here in Redis's own layout, so they are copied as they are.
 */
import type { StreamValue } from '../../keyspace/values/stream.ts'
import type { StreamId } from '../../keyspace/values/stream-id.ts'
import type { StreamNode } from '../../keyspace/values/stream-node.ts'
import { ListpackOutput } from '../format/listpack.ts'
import type { RdbOutput } from '../format/output.ts'
import { RDB_VERSION_7_0, RdbType } from '../format/types.ts'

/** An id as two integers of 64 bits. */
export const ID_BYTES = 16

export type Form = 1 | 2 | 3 | 4 | 5

/** The least form that holds all of a stream, for readers of a version. */
export function formOf(stream: StreamValue, version: number): Form {
  if (stream.hasReleased) return 5
  if (stream.idempotence !== undefined) return 4
  return version > RDB_VERSION_7_0 ? 3 : 2
}

export const STREAM_TYPES: Readonly<Record<Form, number>> = {
  1: RdbType.Stream,
  2: RdbType.Stream2,
  3: RdbType.Stream3,
  4: RdbType.Stream4,
  5: RdbType.Stream5,
}

export function writeStreamNode(output: RdbOutput, node: StreamNode): void {
  output.byte(ID_BYTES)
  writeRawId(output, node.id)
  output.blob(listpackOfNode(node))
}

function listpackOfNode(node: StreamNode): Uint8Array {
  const pack = new ListpackOutput()
  pack.integer(node.count)
  pack.integer(node.deleted)
  pack.integer(node.fields.length)
  for (const field of node.fields) pack.element(field)
  pack.integer(0)
  pack.elements(node.array.subarray(0, node.length), node.countElements())
  return pack.finish()
}

export function writeRawId(output: RdbOutput, id: StreamId): void {
  output.uint64(id.ms)
  output.uint64(id.seq)
}

export function writeId(output: RdbOutput, id: StreamId): void {
  output.count(id.ms)
  output.count(id.seq)
}
