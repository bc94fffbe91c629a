/** How the commands on JSON read a path and a value, and how they find the document and the places in it. */
import type { Bytes } from '../../base/bytes.ts'
import { JSON_TOO_LARGE, wrongArity } from '../../base/errors.ts'
import { ReplyError } from '../../base/reply.ts'
import type { Value } from '../../keyspace/value.ts'
import { JsonValue } from '../../keyspace/values/json.ts'
import {
  copyNode,
  heightOf,
  JsonArray,
  JsonDouble,
  type JsonNode,
  type JsonPlace,
  LEVEL_MAX,
  setLevels,
} from '../../keyspace/values/json-node.ts'
import { parseWeighed, TEXT_LEVEL_MAX, type WeighedJson } from '../../keyspace/values/json-parse.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { parseInteger } from '../number.ts'
import {
  JSON_COMPUTED_PATH,
  JSON_NO_KEY,
  JSON_TOO_DEEP,
  JSON_WRONG_TYPE,
  jsonNoPath,
  NOT_MODULE_INTEGER,
  withCode,
} from './errors.ts'
import { JsonPath, parsePath } from './path/path.ts'
import { sizeMax } from './work.ts'

const LEGACY_ROOT: Bytes = '.'

/** The path where none is given. */
export function legacyRoot(): JsonPath {
  return parsePath(LEGACY_ROOT) as JsonPath
}

/** The next argument, or the root where there is none. */
export function takePath(a: Args): JsonPath {
  if (a.done) return legacyRoot()
  const path = parsePath(a.next())
  if (path instanceof JsonPath) return path
  a.fail(path)
  return legacyRoot()
}

/** The same for a path to what is going to be changed. */
export function takeWritePath(a: Args): JsonPath {
  const path = takePath(a)
  if (path.isProjection) a.fail(JSON_COMPUTED_PATH)
  return path
}

/** A text that makes a node of no more than so many bytes. */
export function takeJson(c: Context, a: Args, bytesMax = sizeMax(c)): WeighedJson {
  const weighed = parsed(a.next(), bytesMax)
  if (!(weighed instanceof ReplyError)) return weighed
  a.fail(weighed)
  return { node: null, bytes: 0 }
}

function parsed(text: Bytes, bytesMax: number): WeighedJson | ReplyError {
  return text.length > bytesMax ? JSON_TOO_LARGE : parseWeighed(text, TEXT_LEVEL_MAX, bytesMax)
}

/** The next argument as what is sought or added, not put into a document: the node, or the error. */
export function operandOf(c: Context, a: Args): JsonNode | ReplyError {
  const weighed = parsed(a.next(), sizeMax(c))
  return weighed instanceof ReplyError ? withCode(weighed) : weighed.node
}

/** All arguments that are left, of which there must be one. */
export function takeJsons(c: Context, a: Args): JsonNode[] {
  if (a.done) a.fail(wrongArity(c.command.fullName))
  const nodes: JsonNode[] = []
  let bytes = 0
  while (!a.done && a.error === undefined) {
    const weighed = takeJson(c, a, sizeMax(c) - bytes)
    bytes += weighed.bytes
    nodes.push(weighed.node)
  }
  return nodes
}

/** A position in an array, which may count from its end. */
export function takePosition(a: Args): number {
  const position = parseInteger(a.next())
  if (position !== undefined) return position
  a.fail(NOT_MODULE_INTEGER)
  return 0
}

/** A document to be changed. @throws JSON_WRONG_TYPE */
export function documentAt(c: Context, key: Bytes): JsonValue | undefined {
  return checked(c.db.find(key))
}

/** A document to be changed, which must be there. @throws JSON_WRONG_TYPE, JSON_NO_KEY */
export function existingDocument(c: Context, key: Bytes): JsonValue {
  const document = documentAt(c, key)
  if (document === undefined) throw JSON_NO_KEY
  return document
}

/** A document to be read. @throws JSON_WRONG_TYPE */
export function readDocument(c: Context, key: Bytes): JsonValue | undefined {
  return checked(c.db.read(key))
}

function checked(value: Value | undefined): JsonValue | undefined {
  if (value === undefined || value instanceof JsonValue) return value
  throw JSON_WRONG_TYPE
}

/** How deep a node stands in a place: 1 for the root. */
export function levelIn({ parent }: JsonPlace): number {
  return parent === undefined ? 1 : parent.level + 1
}

/** The error for a node that would make the document too deep. */
export function tooDeep(node: JsonNode, level: number): ReplyError | undefined {
  // What was parsed is no deeper than a text may be.
  if (level + TEXT_LEVEL_MAX <= LEVEL_MAX + 1) return undefined
  return level + heightOf(node) > LEVEL_MAX + 1 ? JSON_TOO_DEEP : undefined
}

/** A node for a place at a level: itself, if it goes nowhere else, or a copy. */
export function placed(node: JsonNode, level: number, goesElsewhere: boolean): JsonNode {
  if (goesElsewhere) return copyNode(node, level)
  if (level !== 1) setLevels(node, level)
  return node
}

/** The error where a legacy path found nothing, or nothing that a command can take. */
export function noPath({ rooted }: JsonPath): ReplyError {
  return jsonNoPath(rooted)
}

/** The word of JSON.TYPE for a node. */
export function jsonTypeOf(node: JsonNode): Bytes {
  switch (typeof node) {
    case 'string':
    case 'boolean':
      return typeof node
    case 'number':
    case 'bigint':
      return 'integer'
  }
  if (node === null) return 'null'
  if (node instanceof JsonDouble) return 'number'
  return node instanceof JsonArray ? 'array' : 'object'
}
