/**
 * What the operators of filters say of two operands. Where one is several nodes, an operator holds if it holds for any of them.
 * Numbers are equal by value, whether they are integers or doubles; arrays and objects by what they hold. Strings are ordered
 * by their bytes, which is by their code points; false comes before true; nothing else has an order.
 */
import { JsonArray, type JsonNode, JsonObject } from '../../../keyspace/values/json-node.ts'
import { Operator } from './ast.ts'
import { isNumber, numbersEqual, numericValue, truncated } from './number.ts'
import { allNodes, itemsOf, NOTHING, NodeList, type Operand, oneNode } from './operand.ts'
import type { Steps } from './steps.ts'
import { characterCount } from './text.ts'

export function compare(operator: Operator, left: Operand, right: Operand, steps: Steps): boolean {
  if (left === NOTHING || right === NOTHING) return false
  switch (operator) {
    case Operator.In:
      return isMember(left, right, steps)
    case Operator.NotIn:
      return !isMember(left, right, steps)
    case Operator.SubsetOf:
    case Operator.AnyOf:
    case Operator.NoneOf:
      return relates(operator, left, right, steps)
    case Operator.Equal:
      return areEqual(left, right, steps)
    case Operator.NotEqual:
      // An absent node differs from all.
      return differ(left, right, steps)
  }
  const others = allNodes(right)!
  for (const node of allNodes(left)!) {
    for (const other of others) if (holds(operator, node, other, steps)) return true
  }
  return false
}

function areEqual(left: Operand, right: Operand, steps: Steps): boolean {
  const items = itemsOf(left)
  const otherItems = itemsOf(right)
  if (items !== undefined && otherItems !== undefined) return itemsEqual(items, otherItems, steps)
  return anyPair(left, right, steps, true)
}

function differ(left: Operand, right: Operand, steps: Steps): boolean {
  if (left instanceof NodeList || right instanceof NodeList) {
    if (allNodes(left)!.length === 0 || allNodes(right)!.length === 0) return true
    if (itemsOf(left) === undefined || itemsOf(right) === undefined) return anyPair(left, right, steps, false)
  }
  return !areEqual(left, right, steps)
}

/** True if some node of the left and some node of the right are equal, or are not. */
function anyPair(left: Operand, right: Operand, steps: Steps, equal: boolean): boolean {
  const others = allNodes(right)!
  for (const node of allNodes(left)!) {
    for (const other of others) if (nodesEqual(node, other, steps) === equal) return true
  }
  return false
}

/** Deep equality; the members of an object have no order. */
export function nodesEqual(left: JsonNode, right: JsonNode, steps: Steps): boolean {
  steps.spend(1)
  if (typeof left === 'string') {
    if (typeof right !== 'string' || left.length !== right.length) return false
    steps.spendBytes(left.length)
    return left === right
  }
  if (isNumber(left)) return isNumber(right) && numbersEqual(left, right)
  if (left instanceof JsonArray) return right instanceof JsonArray && itemsEqual(left.items, right.items, steps)
  if (!(left instanceof JsonObject)) return left === right
  if (!(right instanceof JsonObject) || left.size !== right.size) return false
  const keys = left.keys()
  const nodes = left.nodes()
  for (let i = 0; i < keys.length; i++) {
    const other = right.get(keys[i])
    if (other === undefined || !nodesEqual(nodes[i], other, steps)) return false
  }
  return true
}

function itemsEqual(left: readonly JsonNode[], right: readonly JsonNode[], steps: Steps): boolean {
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) if (!nodesEqual(left[i], right[i], steps)) return false
  return true
}

function holds(operator: Operator, left: JsonNode, right: JsonNode, steps: Steps): boolean {
  steps.spend(1)
  if (operator === Operator.SizeOf) return isNumber(right) && sizeOf(left, steps) === truncated(right)
  if (operator === Operator.Empty) {
    const size = sizeOf(left, steps)
    return size !== undefined && typeof right === 'boolean' && (size === 0) === right
  }
  const order = orderOf(left, right, steps)
  if (order === undefined) return false
  if (operator === Operator.Less) return order < 0
  if (operator === Operator.LessOrEqual) return order <= 0
  return operator === Operator.Greater ? order > 0 : order >= 0
}

/** Less than 0, 0 or more, or undefined for two that have no order. */
export function orderOf(left: JsonNode, right: JsonNode, steps: Steps): number | undefined {
  if (isNumber(left)) {
    if (!isNumber(right)) return undefined
    const a = numericValue(left)
    const b = numericValue(right)
    return a < b ? -1 : a > b ? 1 : 0
  }
  if (typeof left === 'string') {
    if (typeof right !== 'string') return undefined
    steps.spendBytes(Math.min(left.length, right.length))
    return left < right ? -1 : left > right ? 1 : 0
  }
  if (left === null) return right === null ? 0 : undefined
  return typeof left === 'boolean' && typeof right === 'boolean' ? Number(left) - Number(right) : undefined
}

/** The characters of a string, the items of an array, the members of an object. */
export function sizeOf(operand: Operand, steps: Steps): number | undefined {
  if (typeof operand === 'string') {
    steps.spendBytes(operand.length)
    return characterCount(operand)
  }
  if (operand instanceof JsonObject) return operand.size
  return itemsOf(operand)?.length
}

function isMember(left: Operand, right: Operand, steps: Steps): boolean {
  const sets = setsOf(right, steps)
  for (const node of allNodes(left)!) for (const set of sets) if (includes(set, node, steps)) return true
  return false
}

/** Several nodes are a set of their own, beside the arrays among them. */
function setsOf(right: Operand, steps: Steps): (readonly JsonNode[])[] {
  const items = itemsOf(right)
  if (items !== undefined) return [items]
  if (!(right instanceof NodeList)) return []
  steps.spend(right.nodes.length)
  const sets = [right.nodes]
  for (const node of right.nodes) if (node instanceof JsonArray) sets.push(node.items)
  return sets
}

function includes(nodes: readonly JsonNode[], node: JsonNode, steps: Steps): boolean {
  for (const other of nodes) if (nodesEqual(node, other, steps)) return true
  return false
}

function relates(operator: Operator, left: Operand, right: Operand, steps: Steps): boolean {
  const some = setOf(left)
  const others = setOf(right)
  if (some === undefined || others === undefined) return false
  const isWanted = operator === Operator.AnyOf
  for (const node of some) {
    const isIncluded = includes(others, node, steps)
    if (operator === Operator.SubsetOf ? !isIncluded : isIncluded) return isWanted
  }
  return !isWanted
}

/** What an operand is as a set: the items of an array, or several nodes. */
function setOf(operand: Operand): readonly JsonNode[] | undefined {
  const items = itemsOf(operand)
  if (items !== undefined) return items
  return oneNode(operand) === undefined && operand instanceof NodeList && operand.nodes.length > 0
    ? operand.nodes
    : undefined
}
