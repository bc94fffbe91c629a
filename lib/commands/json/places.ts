/** Where values go: the places that a path finds, or what it would add, and whether a value may be put there. */
import type { Bytes } from '../../base/bytes.ts'
import { ReplyError } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { JsonValue } from '../../keyspace/values/json.ts'
import {
  type JsonNode,
  JsonObject,
  type JsonPlace,
  MEMBER_BYTES,
  nodeAt,
  nodeWeight,
  setLevels,
} from '../../keyspace/values/json-node.ts'
import type { WeighedJson } from '../../keyspace/values/json-parse.ts'
import { stringWeight } from '../../keyspace/weight.ts'
import type { Context } from '../command.ts'
import { levelIn, placed, tooDeep } from './arguments.ts'
import { JSON_NO_SUCH_INDEX, JSON_NOT_STATIC } from './errors.ts'
import { evaluate, type JsonMatch, type JsonPath } from './path/path.ts'
import type { Steps } from './path/steps.ts'
import { checkGrowth, checkWork } from './work.ts'

export type Condition = 'NX' | 'XX' | undefined

/** In the place of others, or as new members of objects. */
export interface Places {
  readonly found: readonly JsonMatch[]
  readonly added: readonly JsonPlace[]
}

const NOWHERE: Places = { found: [], added: [] }
const ROOT: readonly JsonPlace[] = [{ parent: undefined, key: undefined }]

/** Where a value goes that is set at a path, once it is sure that it may. */
export function placesFor(
  c: Context,
  document: JsonValue,
  path: JsonPath,
  { node, bytes }: WeighedJson,
  condition: Condition,
  steps: Steps,
): readonly JsonPlace[] | ReplyError {
  if (path.isRoot) return ROOT
  const places = placesOf(path, document.root, condition, steps)
  if (places instanceof ReplyError) return places
  const { found, added } = places
  const all = [...found, ...added]
  if (all.length === 0) return all
  checkWork(all.length, all.length * bytes)
  // Of several places what stands there is not counted out: one may stand within another.
  const replaced = all.length === 1 && found.length === 1 ? nodeWeight(found[0].node) : 0
  const name = added.length === 0 ? 0 : stringWeight(path.lastName!.length) + MEMBER_BYTES
  checkGrowth(c, document, all.length * (bytes + name) - replaced)
  for (const place of all) {
    const error = tooDeep(node, levelIn(place))
    if (error !== undefined) return error
  }
  return all
}

/** What was put where, and what stood there before, if anything did. */
export interface Change {
  readonly document: JsonValue
  readonly place: JsonPlace
  readonly before: JsonNode | undefined
}

/** Puts a value into places, and says what changed. The number of places that were still there. */
export function setAll(
  document: JsonValue,
  places: readonly JsonPlace[],
  { node, bytes }: WeighedJson,
  changes?: Change[],
): number {
  let set = 0
  for (const place of places) {
    // What stood in a value that was just replaced stands nowhere any more.
    if (place.parent !== undefined && place.parent.level <= 0) continue
    changes?.push({ document, place, before: nodeAt(place, document.root) })
    document.put(place, placed(node, levelIn(place), set + 1 < places.length), bytes)
    set++
  }
  return set
}

/** Takes changes back, the last of them first. */
export function takeBack(changes: readonly Change[]): void {
  for (const { document, place, before } of changes.toReversed()) {
    if (before === undefined) document.removeMember(place.parent as JsonObject, place.key as Bytes)
    else {
      setLevels(before, levelIn(place))
      document.put(place, before)
    }
  }
}

/** Where a value goes that is set at a path other than the root. */
export function placesOf(path: JsonPath, root: JsonNode, condition: Condition, steps: Steps): Places | ReplyError {
  const found = evaluate(path, root, steps)
  if (found.length > 0) return condition === 'NX' ? NOWHERE : { found, added: [] }
  if (condition === 'XX') return NOWHERE
  if (!path.isDefinite) return JSON_NOT_STATIC
  const name = path.lastName
  if (name === undefined) return JSON_NO_SUCH_INDEX
  const added: JsonPlace[] = []
  for (const { node } of evaluate(path.parentPath!, root)) {
    if (node instanceof JsonObject) added.push({ parent: node, key: name })
  }
  return { found, added }
}

/** The root is replaced where it stands, so that the key keeps its expiry. */
export function setRoot(c: Context, key: Bytes, document: JsonValue | undefined, { node, bytes }: WeighedJson): void {
  if (document === undefined) c.db.set(key, new JsonValue(node, bytes), NO_EXPIRY)
  else document.put(ROOT[0], node, bytes)
}
