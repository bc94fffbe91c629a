/** Documents of tests as nodes, and nodes as text: 1.0 stays 1.0. */
import { type Bytes, fromText, toText } from '../../../lib/base/bytes.ts'
import { ReplyError } from '../../../lib/base/reply.ts'
import { evaluate, parsePath } from '../../../lib/commands/json/path/path.ts'
import { JsonArray, JsonDouble, type JsonNode, JsonObject } from '../../../lib/keyspace/values/json-node.ts'
import { MemberTable } from '../../../lib/keyspace/values/json-table.ts'

/** Numbers become strings with a mark before JSON.parse makes them numbers. */
export function nodeOf(json: string): JsonNode {
  const marked = json.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token[0] === '"' ? token : `"\\u0000${token}"`,
  )
  return fromValue(JSON.parse(marked))
}

export function fromValue(value: unknown): JsonNode {
  if (typeof value === 'string') return value[0] === '\u0000' ? fromNumber(value.slice(1)) : fromText(value)
  if (typeof value === 'number') return fromNumber(JSON.stringify(value))
  if (Array.isArray(value)) return new JsonArray(value.map(fromValue))
  if (value === null || typeof value !== 'object') return value as JsonNode
  return JsonObject.of(
    new MemberTable(Object.entries(value).map(([key, member]) => [fromText(key), fromValue(member)])),
  )
}

function fromNumber(text: string): JsonNode {
  if (/[.eE]/.test(text)) return new JsonDouble(Number(text))
  return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)
}

export function toJson(node: JsonNode): string {
  if (node instanceof JsonArray) return `[${node.items.map(toJson).join(',')}]`
  if (node instanceof JsonObject) {
    return `{${node
      .keys()
      .map((key) => `${JSON.stringify(toText(key))}:${toJson(node.get(key)!)}`)
      .join(',')}}`
  }
  if (node instanceof JsonDouble) return Number.isInteger(node.value) ? node.value.toFixed(1) : String(node.value)
  if (typeof node === 'string') return JSON.stringify(toText(node))
  return String(node)
}

/** What a path finds in a document of JSON, as JSON; the text of the error for what is no path. */
export function find(path: string, document: string): string {
  return findIn(path, nodeOf(document))
}

export function findIn(path: string, root: JsonNode): string {
  const parsed = parsePath(fromText(path))
  return parsed instanceof ReplyError ? parsed.text : `[${evaluate(parsed, root).map(({ node }) => toJson(node))}]`
}

export function parsed(path: string): Exclude<ReturnType<typeof parsePath>, ReplyError> {
  const result = parsePath(fromText(path) as Bytes)
  if (result instanceof ReplyError) throw new Error(result.text)
  return result
}
