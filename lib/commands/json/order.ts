/**
 * The order in which replies list what a path found: that of the document, or, where Upstash answers, with all that stands
 * within a value before the value (`$..a`). What a command does, it does in the order of the document everywhere, so
 * that a replica comes to the same.
 */
import type { Reply } from '../../base/reply.ts'
import { childrenOf, isContainer, type JsonContainer, type JsonNode } from '../../keyspace/values/json-node.ts'
import type { Context } from '../command.ts'
import { follow } from './path/evaluation.ts'
import { evaluate, type JsonMatch, type JsonPath } from './path/path.ts'
import { Steps } from './path/steps.ts'

/** A value that stands in a container is looked at so much quicker than a path looks at it. */
const CHILDREN_PER_STEP = 8

/** What a path finds, as a reply lists it. */
export function listed(c: Context, path: JsonPath, root: JsonNode, steps = new Steps()): JsonMatch[] {
  const matches = evaluate(path, root, steps)
  const order = listingOrder(c, path, root, matches, steps)
  return order === undefined ? matches : order.map((i) => matches[i])
}

/**
 * The positions of what a path found, as a reply lists them; undefined where they are listed as they are. To be asked before a
 * change. O(n) with n all that stands where the path begins to descend.
 */
export function listingOrder(
  c: Context,
  path: JsonPath,
  root: JsonNode,
  matches: readonly JsonMatch[],
  steps = new Steps(),
): number[] | undefined {
  if (!c.session.asUpstash || path.isLegacy || matches.length < 2) return undefined
  const keys = path.keysToDescent
  if (keys === undefined) return undefined
  const ranks = new Map<JsonContainer, Rank>()
  rankInner(follow(keys, root)!, ranks, steps)
  if (!isNested(matches, ranks)) return undefined
  const rankOf = (i: number): number => ranks.get(matches[i].parent!)?.last ?? -1
  return [...matches.keys()].sort((i, j) => rankOf(i) - rankOf(j))
}

export function inOrder(replies: readonly Reply[], order: readonly number[] | undefined): readonly Reply[] {
  return order === undefined ? replies : order.map((i) => replies[i])
}

/** A container's number, which is higher than those of all within it, and the lowest of these. */
interface Rank {
  readonly first: number
  readonly last: number
}

function rankInner(node: JsonNode, ranks: Map<JsonContainer, Rank>, steps: Steps): void {
  if (!isContainer(node)) return
  const first = ranks.size
  const children = childrenOf(node)
  steps.spend(1 + children.length / CHILDREN_PER_STEP)
  for (const child of children) rankInner(child, ranks, steps)
  ranks.set(node, { first, last: ranks.size })
}

/** True if some of what a path found stands within a container that holds others of it: else there is nothing to list before. */
function isNested(matches: readonly JsonMatch[], ranks: ReadonlyMap<JsonContainer, Rank>): boolean {
  const found = new Set<Rank>()
  for (const { parent } of matches) {
    const rank = parent && ranks.get(parent)
    if (rank !== undefined) found.add(rank)
  }
  const sorted = [...found].sort((a, b) => a.last - b.last)
  return sorted.some(({ first }, i) => i > 0 && sorted[i - 1].last >= first)
}
