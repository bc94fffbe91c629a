/**
 * JSONPath as RedisJSON has it: parsing, and the nodes that a path finds in a document. A text that begins with `$.` or `$[`, or is
 * `$`, is a JSONPath; any other is of the legacy syntax, which is the same without `$` but answers otherwise. A legacy text
 * that is none is read again as an expression (`($.a + $.b) / 2`, `length($.a)`): Redis 8.10 takes these where it reads.
 */
import type { Bytes } from '../../../base/bytes.ts'
import { ReplyError } from '../../../base/reply.ts'
import { JsonArray, type JsonContainer, type JsonNode, JsonObject } from '../../../keyspace/values/json-node.ts'
import { JSON_PATH_LONG, malformedPath } from '../errors.ts'
import { Expr, type Expression, leadingKeys, type Query, queryOf, Select } from './ast.ts'
import { Evaluation, type JsonMatch } from './evaluation.ts'
import { PathParser } from './parse.ts'
import { PathFault } from './scan.ts'
import { Steps } from './steps.ts'

export type { JsonMatch } from './evaluation.ts'

const PATH_BYTES_MAX = 65_536

/** Parsed paths are kept by their texts: those of the last so many, if they are not longer than that. */
const KEPT_MAX = 128
const KEPT_BYTES_MAX = 256

export class JsonPath {
  /** As it was given. */
  readonly text: Bytes
  /** The same as a JSONPath: a legacy one with `$` before it. */
  readonly rooted: Bytes
  readonly isLegacy: boolean
  /** Set for a projection: what is made of the document, instead of nodes that stand there. It can be read, not written. */
  readonly projection: Expression | undefined
  readonly query: Query | undefined

  constructor(text: Bytes, rooted: Bytes, isLegacy: boolean, expression: Expression) {
    this.text = text
    this.rooted = rooted
    this.isLegacy = isLegacy
    const isPath = expression.kind === Expr.Query
    this.query = isPath ? expression : undefined
    this.projection = isPath ? undefined : expression
  }

  get isProjection(): boolean {
    return this.projection !== undefined
  }

  get isRoot(): boolean {
    return this.query?.segments.length === 0
  }

  /** True if it finds one node at most, whatever the document. */
  get isDefinite(): boolean {
    return this.query?.keys !== undefined
  }

  /**
   * The names and indexes that lead to where all stands that it finds; undefined if nothing that it finds can stand within a value
   * that holds another: without `..` all of it is as deep.
   */
  get keysToDescent(): readonly (Bytes | number)[] | undefined {
    const segments = this.query?.segments
    return segments?.some(({ descends }) => descends) ? leadingKeys(segments) : undefined
  }

  /** The member that the last segment names, if it names one. */
  get lastName(): Bytes | undefined {
    const last = this.query?.segments.at(-1)
    if (last === undefined || last.descends || last.selectors.length !== 1) return undefined
    const [selector] = last.selectors
    return selector.kind === Select.Name ? selector.name : undefined
  }

  /** The path without its last segment; undefined for the root. */
  get parentPath(): JsonPath | undefined {
    const segments = this.query?.segments ?? []
    if (segments.length === 0) return undefined
    return new JsonPath(this.text, this.rooted, this.isLegacy, queryOf(true, segments.slice(0, -1)))
  }
}

let young = new Map<Bytes, JsonPath>()
let old = new Map<Bytes, JsonPath>()

/** The path that a text is, or the error that says why it is none. */
export function parsePath(text: Bytes): JsonPath | ReplyError {
  const recent = young.get(text)
  if (recent !== undefined) return recent
  const path = old.get(text) ?? parse(text)
  if (path instanceof JsonPath && text.length <= KEPT_BYTES_MAX) {
    if (young.size === KEPT_MAX) {
      old = young
      young = new Map()
    }
    young.set(text, path)
  }
  return path
}

function parse(text: Bytes): JsonPath | ReplyError {
  if (text.length > PATH_BYTES_MAX) return JSON_PATH_LONG
  if (isRooted(text)) return pathOf(text, text, false)
  const legacy = legacyPath(text)
  if (legacy instanceof JsonPath && !legacy.isProjection) return legacy
  const projection = pathOf(text, text, false)
  if (projection instanceof JsonPath && (projection.isProjection || text.startsWith('('))) return projection
  return legacy instanceof ReplyError ? legacy : malformedPath(legacy.rooted, 0, 'a legacy path computes nothing')
}

/** True for what the first characters say is a JSONPath, or an expression. */
function isRooted(text: Bytes): boolean {
  if (text.startsWith('-$') || text.startsWith('+$')) return true
  return text.startsWith('$') && (text.length === 1 || '.[~ \t\n\r'.includes(text[1]))
}

function legacyPath(text: Bytes): JsonPath | ReplyError {
  return pathOf(text, text === '.' ? '$' : text.startsWith('.') ? `$${text}` : `$.${text}`, true)
}

function pathOf(text: Bytes, rooted: Bytes, isLegacy: boolean): JsonPath | ReplyError {
  try {
    return new JsonPath(text, rooted, isLegacy, new PathParser(rooted).parse())
  } catch (error) {
    if (error instanceof PathFault) return malformedPath(rooted, error.position, error.expected)
    throw error
  }
}

/**
 * The nodes that a path finds, in the order of the document. Throws JSON_PATH_COST if it would visit too many; nothing has changed
 * then. A command that evaluates more than once shares its steps. O(nodes visited).
 */
export function evaluate(path: JsonPath, root: JsonNode, steps = new Steps()): JsonMatch[] {
  const { query } = path
  if (query === undefined) return new Evaluation(root, steps).made(path.projection!)
  return query.keys === undefined ? new Evaluation(root, steps).matches(query) : one(query.keys, root)
}

/** The match of a path of names and indexes alone. */
function one(keys: readonly (Bytes | number)[], root: JsonNode): JsonMatch[] {
  let node = root
  let parent: JsonContainer | undefined
  let at: Bytes | number | undefined
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]
    let child: JsonNode | undefined
    if (typeof key === 'string') {
      if (!(node instanceof JsonObject)) return []
      at = key
      child = node.get(key)
    } else {
      if (!(node instanceof JsonArray)) return []
      at = key < 0 ? key + node.items.length : key
      child = node.items[at]
    }
    if (child === undefined) return []
    parent = node
    node = child
  }
  return [{ node, parent, key: at }]
}
