/**
 * What an operand of an expression becomes: one node; the nodes of a path that are none or several; a list that a function
 * made; or nothing, where it cannot be calculated.
 */
import { JsonArray, type JsonNode } from '../../../keyspace/values/json-node.ts'

export const NOTHING = Symbol('nothing')

export class NodeList {
  readonly nodes: readonly JsonNode[]
  /** Made by a function, and to others an array. */
  readonly isMade: boolean
  constructor(nodes: readonly JsonNode[], isMade: boolean) {
    this.nodes = nodes
    this.isMade = isMade
  }
}

export type Operand = JsonNode | NodeList | typeof NOTHING

/** What a path found: its node where it is one. */
export function found(nodes: readonly JsonNode[]): Operand {
  return nodes.length === 1 ? nodes[0] : new NodeList(nodes, false)
}

export const ABSENT: Operand = new NodeList([], false)

/** The one node that an operand is; undefined for none and for several. */
export function oneNode(operand: Operand): JsonNode | undefined {
  return operand === NOTHING || operand instanceof NodeList ? undefined : operand
}

/** The nodes that an operand is; undefined for nothing. */
export function allNodes(operand: Operand): readonly JsonNode[] | undefined {
  if (operand === NOTHING) return undefined
  return operand instanceof NodeList ? operand.nodes : [operand]
}

/** The items of an array, or of a list that a function made. */
export function itemsOf(operand: Operand): readonly JsonNode[] | undefined {
  if (operand instanceof JsonArray) return operand.items
  return operand instanceof NodeList && operand.isMade ? operand.nodes : undefined
}
