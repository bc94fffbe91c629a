/**
 * The order in which replies list what a path found: that of the document, or, where Upstash answers, with all that stands
 * within a value before the value (`$..a`). What a command does, it does in the order of the document everywhere, so
 * that a replica comes to the same.
 */
import type { Reply } from '../../base/reply.ts'
import { isContainer, JsonArray, type JsonContainer, type JsonNode } from '../../keyspace/values/json.ts'
import type { Context } from '../command.ts'
import { evaluate, type JsonMatch, type JsonPath } from './jsonpath.ts'
import type { Steps } from './path-steps.ts'

/** What a path finds, as a reply lists it. */
export function listed(c: Context, path: JsonPath, root: JsonNode, steps?: Steps): JsonMatch[] {
  const matches = evaluate(path, root, steps)
  const order = listingOrder(c, path, root, matches)
  return order === undefined ? matches : order.map((i) => matches[i])
}

/** The positions of what a path found, as a reply lists them; undefined where they are listed as they are. To be asked before a change. */
export function listingOrder(
  c: Context,
  path: JsonPath,
  root: JsonNode,
  matches: readonly JsonMatch[],
): number[] | undefined {
  if (!c.session.asUpstash || path.isLegacy || path.isDefinite || matches.length < 2) return undefined
  const ranks = new Map<JsonContainer, number>()
  rankInner(root, ranks)
  const rankOf = (i: number): number => ranks.get(matches[i].parent!) ?? -1
  return [...matches.keys()].sort((i, j) => rankOf(i) - rankOf(j))
}

export function inOrder(replies: readonly Reply[], order: readonly number[] | undefined): readonly Reply[] {
  return order === undefined ? replies : order.map((i) => replies[i])
}

/** Numbers containers so that each has a higher number than all within it. */
function rankInner(node: JsonNode, ranks: Map<JsonContainer, number>): void {
  if (!isContainer(node)) return
  const children = node instanceof JsonArray ? node.items : node.members.values()
  for (const child of children) rankInner(child, ranks)
  ranks.set(node, ranks.size)
}
