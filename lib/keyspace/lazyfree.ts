/**
 * What Redis would hand to a background thread to free, which INFO counts as `lazyfreed_objects`. Here everything is freed
 * that way: a value that is dropped is V8's to collect, in threads of its own, so nothing ever waits to be freed and no
 * command pays for the size of what it drops. The figure is kept for those who watch it, by Redis's rules: keys of a
 * database that is emptied in the background, and values that took more than a few steps to free, where the command or
 * the directive for its case (`lazyfree-lazy-…`) asks for it.
 */
import type { Value } from './value.ts'
import { ArrayValue } from './values/array.ts'
import { HashValue } from './values/hash.ts'
import { JsonValue } from './values/json.ts'
import { ListValue } from './values/list.ts'
import { SetValue } from './values/set.ts'
import { StreamValue } from './values/stream.ts'
import { ZSetValue } from './values/zset.ts'

/** Values of up to so many parts Redis frees at once. */
const FEW_PARTS = 64

/** True for a value that Redis does not free at once where it may free it later. */
export function isFreedLater(value: Value): boolean {
  return partsOf(value) > FEW_PARTS
}

/** Allocations that a value is made of, as Redis reckons them: those of a packed one are one. O(1). */
function partsOf(value: Value): number {
  if (typeof value !== 'object') return 1
  if (value instanceof ListValue) return value.encoding === 'quicklist' ? value.nodeCount : 1
  if (value instanceof HashValue || value instanceof SetValue) return value.encoding === 'hashtable' ? value.length : 1
  if (value instanceof ZSetValue) return value.encoding === 'skiplist' ? value.length : 1
  if (value instanceof StreamValue) return value.nodeCount + value.groupCount
  if (value instanceof ArrayValue) return value.sliceCount
  if (value instanceof JsonValue) return value.partCount
  return 1
}
