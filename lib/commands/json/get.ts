/** Commands that read documents: as JSON, as replies, and what they hold. */
import type { Bytes } from '../../base/bytes.ts'
import { STRING_TOO_LONG, wrongArity } from '../../base/errors.ts'
import { type Reply, ReplyError } from '../../base/reply.ts'
import { JsonValue } from '../../keyspace/values/json.ts'
import { JsonObject, nodeWeight } from '../../keyspace/values/json-node.ts'
import { type JsonLayout, JsonWriter } from '../../keyspace/values/json-print.ts'
import type { Args } from '../args.ts'
import type { Context } from '../command.ts'
import { jsonTypeOf, legacyRoot, noPath, readDocument, takePath } from './arguments.ts'
import { JSON_FORMAT_RESP2, JSON_NO_KEY, jsonExpected, jsonNoPath, jsonNoPathOr } from './errors.ts'
import { type Expansion, expanded, respReply, takeExpansion } from './expand.ts'
import { listed } from './order.ts'
import type { JsonMatch, JsonPath } from './path/path.ts'
import { Steps } from './path/steps.ts'
import { checkNodes, checkWork, textLimit } from './work.ts'

/** What a name takes in a reply, at the most. */
const NAME_BYTES = 32

/** JSON.GET key [INDENT indent] [NEWLINE newline] [SPACE space] [FORMAT STRING|EXPAND1|EXPAND] [path …] */
export function get(c: Context, a: Args): Reply {
  const key = a.next()
  const layout = { indent: '', newline: '', space: '' }
  const paths: JsonPath[] = []
  let expansion: Expansion = 'STRING'
  while (!a.done && a.error === undefined) {
    if (a.match('INDENT')) layout.indent = takeText(c, a)
    else if (a.match('NEWLINE')) layout.newline = takeText(c, a)
    else if (a.match('SPACE')) layout.space = takeText(c, a)
    else if (a.match('FORMAT')) {
      if (c.session.replyProto !== 3) a.fail(JSON_FORMAT_RESP2)
      expansion = takeExpansion(a, 'STRING')
    } else if (!a.match('NOESCAPE')) paths.push(takePath(a)) // which is passed over, as it ever was
  }
  if (a.error !== undefined) return a.error
  const document = readDocument(c, key)
  if (document === undefined) return null
  if (paths.length === 0) paths.push(legacyRoot())
  const steps = new Steps()
  if (expansion !== 'STRING') {
    return paths.map((path) => {
      const matches = listed(c, path, document.root, steps)
      checkNodes(matches)
      return matches.map(({ node }) => expanded(node, expansion))
    })
  }
  const isPlain = layout.indent + layout.newline + layout.space === ''
  return paths.length === 1
    ? printed(c, paths[0], document, steps, isPlain ? undefined : layout)
    : printedTogether(c, paths, document, steps, isPlain ? undefined : layout)
}

function takeText(c: Context, a: Args): Bytes {
  if (a.done) a.fail(wrongArity(c.command.fullName))
  return a.next()
}

/** What a path found as JSON: an array of it, or, for a legacy path, the first. */
function printed(c: Context, path: JsonPath, document: JsonValue, steps: Steps, layout?: JsonLayout): Reply {
  const found = listed(c, path, document.root, steps)
  if (path.isLegacy && found.length === 0) return noPath(path)
  // A layout makes as much of a value as many values are.
  const count = layout !== undefined ? Infinity : path.isLegacy ? 1 : found.length
  const writer = new JsonWriter(layout, textLimit(count, document.memoryBytes))
  write(writer, found, path.isLegacy)
  return writer.finish() ?? STRING_TOO_LONG
}

/** An object of what each path found. If not all of them are legacy ones, all answer as those that are not. */
function printedTogether(
  c: Context,
  paths: readonly JsonPath[],
  document: JsonValue,
  steps: Steps,
  layout?: JsonLayout,
): Reply {
  const isLegacy = paths.every((path) => path.isLegacy)
  const found = new Map<Bytes, JsonMatch[]>()
  for (const path of paths) {
    const matches = listed(c, path, document.root, steps)
    if (isLegacy && matches.length === 0) return jsonNoPath(path.text)
    found.set(path.text, matches)
  }
  const writer = new JsonWriter(layout, textLimit(paths.length, document.memoryBytes))
  let isFirst = true
  writer.open('{')
  for (const [text, matches] of found) {
    writer.next(isFirst)
    writer.key(text)
    write(writer, matches, isLegacy)
    isFirst = false
  }
  writer.close('}', false)
  return writer.finish() ?? STRING_TOO_LONG
}

function write(writer: JsonWriter, found: readonly JsonMatch[], isLegacy: boolean): void {
  if (isLegacy) writer.node(found[0].node)
  else writer.array(found.map(({ node }) => node))
}

/** JSON.MGET key [key …] path */
export function mget(c: Context, a: Args): Reply {
  const keys = a.take(a.left - 1)
  const path = takePath(a)
  if (a.error !== undefined) return a.error
  const steps = new Steps()
  let bytes = 0
  return keys.map((key) => {
    const value = c.db.read(key)
    const reply = value instanceof JsonValue ? printed(c, path, value, steps) : null
    if (typeof reply === 'string') checkWork(keys.length, (bytes += reply.length))
    return reply instanceof ReplyError && path.isLegacy && reply !== STRING_TOO_LONG ? null : reply
  })
}

/** JSON.TYPE key [path] */
export function type(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takePath(a)
  if (a.error !== undefined) return a.error
  const types = found(c, key, path)?.map(({ node }) => jsonTypeOf(node))
  const reply = types === undefined ? null : path.isLegacy ? (types[0] ?? null) : types
  return c.session.replyProto === 3 ? [reply] : reply
}

/** What a path finds in the document of a key; undefined for no key. */
function found(c: Context, key: Bytes, path: JsonPath): JsonMatch[] | undefined {
  const document = readDocument(c, key)
  return document === undefined ? undefined : listed(c, path, document.root)
}

/** JSON.STRLEN key [path] */
export function strlen(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takePath(a)
  if (a.error !== undefined) return a.error
  const matches = found(c, key, path)
  if (matches === undefined) return path.isLegacy ? null : JSON_NO_KEY
  if (!path.isLegacy) return matches.map(({ node }) => (typeof node === 'string' ? node.length : null))
  if (matches.length === 0) return noPath(path)
  const [{ node }] = matches
  return typeof node === 'string' ? node.length : jsonExpected('string', jsonTypeOf(node))
}

/** JSON.OBJLEN key [path] */
export function objlen(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takePath(a)
  if (a.error !== undefined) return a.error
  const matches = found(c, key, path)
  if (matches === undefined) return path.isLegacy ? null : jsonNoPathOr(path.rooted, 'not an object')
  if (!path.isLegacy) return matches.map(({ node }) => (node instanceof JsonObject ? node.size : null))
  if (matches.length === 0) return null
  const [{ node }] = matches
  return node instanceof JsonObject ? node.size : jsonExpected('object', jsonTypeOf(node))
}

/** JSON.OBJKEYS key [path] */
export function objkeys(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takePath(a)
  if (a.error !== undefined) return a.error
  const matches = found(c, key, path)
  if (matches === undefined) return path.isLegacy ? null : JSON_NO_KEY
  let names = 0
  const keys = matches.map(({ node }) => {
    if (!(node instanceof JsonObject)) return null
    checkWork(matches.length, NAME_BYTES * (names += node.size))
    return node.keys()
  })
  if (!path.isLegacy) return keys
  return keys.length === 0 ? null : (keys[0] ?? jsonNoPathOr(path.rooted, 'not an object'))
}

/** JSON.RESP key [path] */
export function resp(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takePath(a)
  if (a.error !== undefined) return a.error
  const matches = found(c, key, path)
  if (matches === undefined) return null
  if (!path.isLegacy) {
    checkNodes(matches)
    return matches.map(({ node }) => respReply(node))
  }
  return matches.length === 0 ? noPath(path) : respReply(matches[0].node)
}

/** JSON.DEBUG MEMORY key [path] */
export function debugMemory(c: Context, a: Args): Reply {
  const key = a.next()
  const path = takePath(a)
  if (a.error !== undefined) return a.error
  const matches = found(c, key, path)
  if (matches === undefined) return path.isLegacy ? 0 : []
  if (!path.isLegacy) {
    checkNodes(matches)
    return matches.map(({ node }) => nodeWeight(node))
  }
  return matches.length === 0 ? noPath(path) : nodeWeight(matches[0].node)
}
