/**
 * What Redis would hand to a background thread to free, which INFO counts as `lazyfreed_objects`. Here everything is freed
 * that way: a value that is dropped is V8's to collect, in threads of its own, so nothing ever waits to be freed and no
 * command pays for the size of what it drops. The figure is kept for those who watch it, by Redis's rules: keys of a
 * database that is emptied in the background, and values that took more than a few steps to free, where the command or
 * the directive for its case (`lazyfree-lazy-…`) asks for it.
 */
import type { Value } from './value.ts'
import { StringBuffer } from './values/string.ts'

/** Values of up to so many parts Redis frees at once. */
const FEW_PARTS = 64

/** True for a value that Redis does not free at once where it may free it later. */
export function isFreedLater(value: Value): boolean {
  return typeof value === 'object' && !(value instanceof StringBuffer) && value.partCount > FEW_PARTS
}
