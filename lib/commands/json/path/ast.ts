/**
 * What a JSONPath becomes once it is parsed: segments of selectors, and the expressions of filters and projections. Chains
 * (`a && b && c`, `1 + 2 + 3`) are lists, so that the depth of a tree is that of the parentheses, which scan.ts bounds.
 */
import type { Bytes } from '../../../base/bytes.ts'
import type { JsonNode } from '../../../keyspace/values/json-node.ts'

export const Select = { Name: 0, Index: 1, Slice: 2, Wildcard: 3, Filter: 4 } as const

export type Selector =
  | { readonly kind: typeof Select.Name; readonly name: Bytes }
  | { readonly kind: typeof Select.Index; readonly index: number }
  | SliceSelector
  | { readonly kind: typeof Select.Wildcard }
  | { readonly kind: typeof Select.Filter; readonly filter: Expression }

/** Undefined bounds are those of the array. `step` is not zero. */
export interface SliceSelector {
  readonly kind: typeof Select.Slice
  readonly start: number | undefined
  readonly end: number | undefined
  readonly step: number
}

/** `.name`, `[…]`, and with `descends` what `..` stands before. */
export interface Segment {
  readonly descends: boolean
  readonly selectors: readonly Selector[]
}

/** A path from the root of the document (`$`) or from the node at hand (`@`). */
export interface Query {
  readonly kind: typeof Expr.Query
  readonly fromRoot: boolean
  readonly segments: readonly Segment[]
  /** The names and indexes of its segments where each selects at most one node, else undefined. */
  readonly keys: readonly (Bytes | number)[] | undefined
  /** True if it may find a node more than once. */
  readonly repeats: boolean
}

export const Expr = {
  Literal: 0,
  Query: 1,
  Call: 2,
  Sign: 3,
  Chain: 4,
  Compare: 5,
  Not: 6,
  And: 7,
  Or: 8,
} as const

export type Expression =
  | { readonly kind: typeof Expr.Literal; readonly value: JsonNode }
  | Query
  | Call
  | { readonly kind: typeof Expr.Sign; readonly isNegative: boolean; readonly of: Expression }
  | Chain
  | Comparison
  | { readonly kind: typeof Expr.Not; readonly of: Expression }
  | { readonly kind: typeof Expr.And | typeof Expr.Or; readonly parts: readonly Expression[] }

/** A function, written before its arguments or as a method behind the first of them; `~` is `keys`. */
export interface Call {
  readonly kind: typeof Expr.Call
  readonly name: Bytes
  readonly parameters: readonly Expression[]
}

/** Operators of one rank, from left to right: `first (op operand)*`. */
export interface Chain {
  readonly kind: typeof Expr.Chain
  readonly first: Expression
  readonly operators: readonly Arithmetic[]
  readonly operands: readonly Expression[]
}

export type Arithmetic = '+' | '-' | '*' | '/' | '%'

export interface Comparison {
  readonly kind: typeof Expr.Compare
  readonly operator: Operator
  readonly left: Expression
  readonly right: Expression
}

export const Operator = {
  Equal: 0,
  NotEqual: 1,
  Less: 2,
  LessOrEqual: 3,
  Greater: 4,
  GreaterOrEqual: 5,
  Matches: 6,
  In: 7,
  NotIn: 8,
  SubsetOf: 9,
  AnyOf: 10,
  NoneOf: 11,
  SizeOf: 12,
  Empty: 13,
} as const
export type Operator = (typeof Operator)[keyof typeof Operator]

/** True for what is true or false by itself, and so is no operand. */
export function isLogical(expression: Expression): boolean {
  return (
    expression.kind === Expr.Compare ||
    expression.kind === Expr.Not ||
    expression.kind === Expr.And ||
    expression.kind === Expr.Or
  )
}

export function queryOf(fromRoot: boolean, segments: readonly Segment[]): Query {
  return { kind: Expr.Query, fromRoot, segments, keys: keysOf(segments), repeats: repeats(segments) }
}

/** The names and indexes of segments that select at most one node each, else undefined. */
function keysOf(segments: readonly Segment[]): readonly (Bytes | number)[] | undefined {
  const keys = leadingKeys(segments)
  return keys.length === segments.length ? keys : undefined
}

/** Those of the segments before the first that may select more than one node. */
export function leadingKeys(segments: readonly Segment[]): readonly (Bytes | number)[] {
  const keys: (Bytes | number)[] = []
  for (const { descends, selectors } of segments) {
    const [selector] = selectors
    if (descends || selectors.length !== 1) break
    if (selector.kind === Select.Name) keys.push(selector.name)
    else if (selector.kind === Select.Index) keys.push(selector.index)
    else break
  }
  return keys
}

/** One that descends once, and selects by one selector at a time, meets each node once. */
function repeats(segments: readonly Segment[]): boolean {
  let descents = 0
  for (const { descends, selectors } of segments) {
    if (descends) descents++
    if (selectors.length > 1) return true
  }
  return descents > 1
}
