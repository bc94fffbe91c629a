/**
 * What one command may do for all that a path finds together. A short path can find the same large value a million times
 * (`$[0,0,0]`), or each value within another (`$..*`): to answer, copy or move all of them would stop everybody else,
 * or take all memory. What is done for a single value is bounded by what a document may weigh: what is read into one, and what
 * makes one grow.
 */
import { JSON_TOO_LARGE } from '../../base/errors.ts'
import type { JsonValue } from '../../keyspace/values/json.ts'
import { type JsonNode, type JsonPlace, nodeWeight } from '../../keyspace/values/json-node.ts'
import type { Context } from '../command.ts'
import { JSON_WORK } from './errors.ts'

/** Unit: bytes. */
const WORK_MAX = 128 * 1024 * 1024

/** As much as a document may weigh, and a text have in bytes. What a master has done, or a log says, is done. */
export function sizeMax({ session, config }: Context): number {
  return session.isMaster ? Infinity : config['json-max-document-size']
}

/** @throws JSON_TOO_LARGE for a document that would grow by so many bytes; to be asked before anything is changed */
export function checkGrowth(c: Context, document: JsonValue, bytes: number): void {
  if (bytes > 0 && document.nodeBytes + bytes > sizeMax(c)) throw JSON_TOO_LARGE
}

/** @throws JSON_WORK for more than one value and too many bytes; to be asked before anything is changed */
export function checkWork(count: number, bytes: number): void {
  if (count > 1 && bytes > WORK_MAX) throw JSON_WORK
}

/** The same for what takes each of these nodes in full. @throws JSON_WORK */
export function checkNodes(nodes: readonly { readonly node: JsonNode }[]): void {
  if (nodes.length < 2) return
  let bytes = 0
  for (const { node } of nodes) checkWork(nodes.length, (bytes += nodeWeight(node)))
}

/** As long as the text of so many values may be that stand in a document of this weight. Unit: bytes. */
export function textLimit(count: number, memoryBytes: number): number {
  return count > 1 ? Math.max(WORK_MAX / 4, 2 * memoryBytes) : Infinity
}

/** True if a path found one place more than once. O(n). */
export function findsTwice(places: readonly JsonPlace[]): boolean {
  const keys = new Map<JsonPlace['parent'], Set<JsonPlace['key']>>()
  for (const { parent, key } of places) {
    const seen = keys.get(parent)
    if (seen === undefined) keys.set(parent, new Set([key]))
    else if (seen.size === seen.add(key).size) return true
  }
  return false
}
