/**
 * One evaluation of a path on a document. Segments are taken one after the other, each on all nodes that the one before found,
 * in their order: RFC 9535 says so, and RedisJSON's answers have the same order. A node that is found twice stays there
 * twice. Nothing recurses but into the expressions of filters, whose depth the parser bounds; `..` keeps a stack of its own.
 */
import type { Bytes } from '../../../base/bytes.ts'
import {
  childrenOf,
  isContainer,
  JsonArray,
  type JsonContainer,
  type JsonNode,
  JsonObject,
} from '../../../keyspace/values/json-node.ts'
import {
  type Call,
  type Chain,
  type Comparison,
  Expr,
  type Expression,
  Operator,
  type Query,
  Select,
  type Selector,
  type SliceSelector,
} from './ast.ts'
import { compare } from './compare.ts'
import { FUNCTIONS } from './functions.ts'
import { calculate, isNumber, negated } from './number.ts'
import { ABSENT, allNodes, found, NOTHING, NodeList, type Operand, oneNode } from './operand.ts'
import { Dialect, PathRegexes } from './regexes.ts'
import type { Steps } from './steps.ts'

/** A node, and where it stands: the container and its key or index there; undefined for the root and for what was made. */
export interface JsonMatch {
  readonly node: JsonNode
  readonly parent: JsonContainer | undefined
  readonly key: Bytes | number | undefined
}

/** What it costs to find a node in a path that may find it again: the list of these has no bound in the document. */
const STEPS_PER_REPEATED = 8

/** Takes what the last segment finds. The segments before it hand on their nodes alone. */
interface Sink {
  nodes: JsonNode[]
  matches: JsonMatch[] | undefined
}

export class Evaluation {
  readonly #root: JsonNode
  readonly #steps: Steps
  #regexes: PathRegexes | undefined
  /** What paths from the root found within filters, as that is the same for each node. */
  #fromRoot: Map<Query, Operand> | undefined

  constructor(root: JsonNode, steps: Steps) {
    this.#root = root
    this.#steps = steps
  }

  /** The nodes of a path from the root, and where they stand. */
  matches(query: Query): JsonMatch[] {
    const matches: JsonMatch[] = []
    this.#walk(query, this.#root, matches)
    return matches
  }

  /** What an expression makes of the document. */
  made(expression: Expression): JsonMatch[] {
    const nodes = allNodes(this.#operand(expression, this.#root)) ?? []
    return nodes.map((node) => ({ node, parent: undefined, key: undefined }))
  }

  /** The nodes of the last segment, or its matches, if there is a place for them. */
  #walk({ segments, repeats }: Query, start: JsonNode, matches: JsonMatch[] | undefined): JsonNode[] {
    let nodes = [start]
    for (let i = 0; i < segments.length; i++) {
      const sink: Sink = { nodes: [], matches: i === segments.length - 1 ? matches : undefined }
      const { descends, selectors } = segments[i]
      const into = sink.matches ?? sink.nodes
      for (const node of nodes) {
        const before = into.length
        if (descends) this.#descend(selectors, node, sink)
        else this.#select(selectors, node, sink)
        if (repeats) this.#steps.spend((into.length - before) * STEPS_PER_REPEATED)
      }
      nodes = sink.nodes
    }
    return nodes
  }

  /** A node and all below it, each before what it holds. */
  #descend(selectors: readonly Selector[], start: JsonNode, sink: Sink): void {
    const stack = [start]
    while (stack.length > 0) {
      const node = stack.pop()!
      this.#select(selectors, node, sink)
      const bottom = stack.length
      if (isContainer(node)) {
        const children = childrenOf(node)
        this.#steps.spend(children.length)
        for (let i = 0; i < children.length; i++) if (isContainer(children[i])) stack.push(children[i])
      }
      reverseFrom(stack, bottom)
    }
  }

  #select(selectors: readonly Selector[], node: JsonNode, sink: Sink): void {
    this.#steps.spend(selectors.length)
    for (const selector of selectors) {
      switch (selector.kind) {
        case Select.Name: {
          if (!(node instanceof JsonObject)) break
          const member = node.get(selector.name)
          if (member !== undefined) emit(sink, member, node, selector.name)
          break
        }
        case Select.Index:
          if (node instanceof JsonArray) selectIndex(selector.index, node, sink)
          break
        case Select.Slice:
          if (node instanceof JsonArray) this.#slice(selector, node, sink)
          break
        case Select.Wildcard:
          this.#all(undefined, node, sink)
          break
        default:
          this.#all(selector.filter, node, sink)
      }
    }
  }

  /** All that a container holds, or what a filter lets pass. */
  #all(filter: Expression | undefined, node: JsonNode, sink: Sink): void {
    if (node instanceof JsonArray) {
      const { items } = node
      this.#steps.spend(items.length)
      for (let i = 0; i < items.length; i++) {
        if (filter === undefined || this.#holds(filter, items[i])) emit(sink, items[i], node, i)
      }
    } else if (node instanceof JsonObject) {
      const keys = node.keys()
      const nodes = node.nodes()
      this.#steps.spend(keys.length)
      for (let i = 0; i < keys.length; i++) {
        if (filter === undefined || this.#holds(filter, nodes[i])) emit(sink, nodes[i], node, keys[i])
      }
    }
  }

  #slice({ start, end, step }: SliceSelector, node: JsonArray, sink: Sink): void {
    const { items } = node
    const { length } = items
    const lowest = step > 0 ? 0 : -1
    const from = bound(start ?? (step > 0 ? 0 : length - 1), length, lowest)
    const to = end === undefined ? (step > 0 ? length : -1) : bound(end, length, lowest)
    this.#steps.spend(Math.max(0, Math.ceil((to - from) / step)))
    for (let i = from; step > 0 ? i < to : i > to; i += step) emit(sink, items[i], node, i)
  }

  /** True if an expression lets a node pass: a comparison that holds, a path that finds something, a function that is true. */
  #holds(expression: Expression, node: JsonNode): boolean {
    switch (expression.kind) {
      case Expr.And:
        for (const part of expression.parts) if (!this.#holds(part, node)) return false
        return true
      case Expr.Or:
        for (const part of expression.parts) if (this.#holds(part, node)) return true
        return false
      case Expr.Not:
        return !this.#holds(expression.of, node)
      case Expr.Compare:
        return this.#compare(expression, node)
      case Expr.Query: {
        const operand = this.#query(expression, node)
        return !(operand instanceof NodeList && operand.nodes.length === 0)
      }
    }
    const operand = this.#operand(expression, node)
    if (operand instanceof NodeList) return operand.nodes.length > 0
    return operand !== NOTHING && operand !== false
  }

  #compare({ operator, left, right }: Comparison, node: JsonNode): boolean {
    this.#steps.spend(1)
    const subject = this.#operand(left, node)
    const object = this.#operand(right, node)
    if (operator !== Operator.Matches) return compare(operator, subject, object, this.#steps)
    // Only a path can match, by an expression that stands in the path or in the document.
    if (left.kind !== Expr.Query || (right.kind !== Expr.Query && right.kind !== Expr.Literal)) return false
    return this.#anyMatches(subject, object)
  }

  #anyMatches(subject: Operand, object: Operand): boolean {
    for (const pattern of allNodes(object) ?? []) {
      const texts = allNodes(subject) ?? []
      this.#steps.spend(1 + texts.length)
      if (typeof pattern !== 'string') continue
      for (const text of texts) {
        if (typeof text === 'string' && this.#matches(Dialect.Operator, pattern, text)) return true
      }
    }
    return false
  }

  #operand(expression: Expression, node: JsonNode): Operand {
    switch (expression.kind) {
      case Expr.Literal:
        return expression.value
      case Expr.Query:
        return this.#query(expression, node)
      case Expr.Call:
        return this.#call(expression, node)
      case Expr.Chain:
        return this.#calculate(expression, node)
      case Expr.Sign: {
        const operand = oneNode(this.#operand(expression.of, node))
        if (!isNumber(operand)) return NOTHING
        return expression.isNegative ? (negated(operand) ?? NOTHING) : operand
      }
    }
    return this.#holds(expression, node)
  }

  #query(query: Query, node: JsonNode): Operand {
    const { fromRoot, keys } = query
    if (keys !== undefined) {
      this.#steps.spend(keys.length)
      const one = follow(keys, fromRoot ? this.#root : node)
      return one === undefined ? ABSENT : one
    }
    if (!fromRoot) return found(this.#walk(query, node, undefined))
    this.#fromRoot ??= new Map()
    let operand = this.#fromRoot.get(query)
    if (operand === undefined) {
      operand = found(this.#walk(query, this.#root, undefined))
      this.#fromRoot.set(query, operand)
    }
    return operand
  }

  #calculate({ first, operators, operands }: Chain, node: JsonNode): Operand {
    this.#steps.spend(operators.length)
    let result = oneNode(this.#operand(first, node))
    for (let i = 0; i < operators.length && isNumber(result); i++) {
      const operand = oneNode(this.#operand(operands[i], node))
      result = isNumber(operand) ? calculate(operators[i], result, operand) : undefined
    }
    return isNumber(result) ? result : NOTHING
  }

  #call({ name, parameters }: Call, node: JsonNode): Operand {
    this.#steps.spend(1)
    const operands = parameters.map((parameter) => this.#operand(parameter, node))
    if (name === 'match') return this.#match(Dialect.Whole, operands)
    if (name === 'search') return this.#match(Dialect.Part, operands)
    const [run, least, most] = FUNCTIONS.get(name)!
    return operands.length < least || operands.length > most ? NOTHING : run(this.#steps, operands)
  }

  #match(dialect: Dialect, operands: readonly Operand[]): Operand {
    if (operands.length !== 2) return NOTHING
    const [text, pattern] = operands
    return typeof text === 'string' && typeof pattern === 'string' && this.#matches(dialect, pattern, text)
  }

  #matches(dialect: Dialect, pattern: Bytes, text: Bytes): boolean {
    this.#regexes ??= new PathRegexes(this.#steps)
    return this.#regexes.matches(dialect, pattern, text)
  }
}

/** The one node at the end of names and indexes; undefined for none. */
export function follow(keys: readonly (Bytes | number)[], root: JsonNode): JsonNode | undefined {
  let node: JsonNode | undefined = root
  for (let i = 0; i < keys.length && node !== undefined; i++) node = childOf(node, keys[i])
  return node
}

/** The member or item of a node by its name or index; an index below 0 counts from the end. */
export function childOf(node: JsonNode, key: Bytes | number): JsonNode | undefined {
  if (typeof key === 'string') return node instanceof JsonObject ? node.get(key) : undefined
  if (!(node instanceof JsonArray)) return undefined
  return node.items[key < 0 ? key + node.items.length : key]
}

function selectIndex(index: number, node: JsonArray, sink: Sink): void {
  const at = index < 0 ? index + node.items.length : index
  if (at >= 0 && at < node.items.length) emit(sink, node.items[at], node, at)
}

function emit(sink: Sink, node: JsonNode, parent: JsonContainer, key: Bytes | number): void {
  if (sink.matches === undefined) sink.nodes.push(node)
  else sink.matches.push({ node, parent, key })
}

/** A bound of a slice as an index from the start, within the array. */
function bound(value: number, length: number, lowest: number): number {
  const fromStart = value < 0 ? value + length : value
  return Math.min(Math.max(fromStart, lowest), length + lowest)
}

function reverseFrom(stack: JsonNode[], bottom: number): void {
  for (let low = bottom, high = stack.length - 1; low < high; low++, high--) {
    const moved = stack[low]
    stack[low] = stack[high]
    stack[high] = moved
  }
}
