/** Documents as replies: those of RESP that say the same (JSON.RESP, and FORMAT in RESP3). */
import type { Bytes } from '../../base/bytes.ts'
import { STRING_TOO_LONG } from '../../base/errors.ts'
import { Double, MapReply, type Reply, Status } from '../../base/reply.ts'
import { isContainer, JsonArray, JsonDouble, type JsonNode } from '../../keyspace/values/json-node.ts'
import { printJson } from '../../keyspace/values/json-print.ts'
import type { Args } from '../args.ts'
import { JSON_WRONG_FORMAT } from './errors.ts'

/** What FORMAT makes of values: JSON, replies but for containers, or replies in all. */
export type Expansion = 'STRING' | 'STRINGS' | 'EXPAND1' | 'EXPAND'

const INT64_MAX = 2n ** 63n - 1n

const ARRAY_MARK = new Status('[')
const OBJECT_MARK = new Status('{')
const TRUE = new Status('true')
const FALSE = new Status('false')

/** Behind the word FORMAT; `plain` is the word for JSON. */
export function takeExpansion(a: Args, plain: 'STRING' | 'STRINGS'): Expansion {
  const word = a.next()
  if (word === plain || word === 'EXPAND1' || word === 'EXPAND') return word
  a.fail(JSON_WRONG_FORMAT)
  return plain
}

/** A node as a reply of RESP3. O(its size). */
export function expanded(node: JsonNode, expansion: Expansion): Reply {
  if (!isContainer(node)) return scalarReply(node)
  if (expansion === 'EXPAND1') return printJson(node) ?? STRING_TOO_LONG
  if (node instanceof JsonArray) return node.items.map((item) => expanded(item, expansion))
  const flat: Reply[] = []
  const nodes = node.nodes()
  for (const [i, key] of node.keys().entries()) flat.push(key, expanded(nodes[i], expansion))
  return new MapReply(flat)
}

/** A node as JSON.RESP answers it. O(its size). */
export function respReply(node: JsonNode): Reply {
  if (typeof node === 'boolean') return node ? TRUE : FALSE
  if (!isContainer(node)) return scalarReply(node)
  if (node instanceof JsonArray) {
    const replies: Reply[] = [ARRAY_MARK]
    for (const item of node.items) replies.push(respReply(item))
    return replies
  }
  const replies: Reply[] = [OBJECT_MARK]
  const nodes = node.nodes()
  for (const [i, key] of node.keys().entries()) replies.push(key, respReply(nodes[i]))
  return replies
}

/** An integer that RESP has no word for is a double. */
function scalarReply(node: null | boolean | Bytes | number | bigint | JsonDouble): Reply {
  if (node instanceof JsonDouble) return new Double(node.value)
  return typeof node === 'bigint' && node > INT64_MAX ? new Double(Number(node)) : node
}
