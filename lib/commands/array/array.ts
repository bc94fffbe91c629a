/** Commands on elements by their indexes, and what describes an array. */
import type { Bytes } from '../../base/bytes.ts'
import { NO_SUCH_KEY, SYNTAX, wrongArity } from '../../base/errors.ts'
import { Double, MapReply, type Reply } from '../../base/reply.ts'
import { NO_EXPIRY } from '../../keyspace/db.ts'
import { ArrayValue } from '../../keyspace/values/array.ts'
import { indexAfter, SLICE_SIZE } from '../../keyspace/values/array-index.ts'
import type { Args } from '../args.ts'
import { type Context, Notify } from '../command.ts'
import { indexReply, takeIndex, takeIndexes } from './arguments.ts'
import { ARRAY_INDEX_OVERFLOW } from './errors.ts'

/** The array of a key, which is made where there is none. @throws WRONG_TYPE */
export function arrayOf(c: Context, key: Bytes): ArrayValue {
  let array = c.db.findTyped(key, ArrayValue)
  if (array === undefined) {
    array = new ArrayValue()
    c.db.set(key, array, NO_EXPIRY)
  }
  return array
}

/** Says that elements were removed, and removes the key with the last. */
export function signalDeletion(c: Context, key: Bytes, array: ArrayValue, deleted: number, event: Bytes): void {
  if (deleted === 0) return
  c.signal(key, Notify.Array, event)
  c.count(deleted)
  if (array.length > 0) return
  c.db.delete(key)
  c.notify(Notify.Generic, 'del', key)
}

/** ARSET key index value [value …] */
export function arset(c: Context, a: Args): Reply {
  const key = a.next()
  const index = takeIndex(a)
  const count = a.left
  if (a.error === undefined && indexAfter(index, count - 1) === undefined) a.fail(ARRAY_INDEX_OVERFLOW)
  if (a.error !== undefined) return a.error
  const array = arrayOf(c, key)
  let added = 0
  for (let i = 0; i < count; i++) if (array.set(indexAfter(index, i)!, a.next())) added++
  c.signal(key, Notify.Array, 'arset')
  c.count(count)
  return added
}

/** ARMSET key index value [index value …] */
export function armset(c: Context, a: Args): Reply {
  const key = a.next()
  if (a.left % 2 !== 0) return wrongArity(c.command.fullName)
  const start = a.position
  const count = a.left / 2
  const indexes = []
  for (let i = 0; i < count; i++) {
    indexes.push(takeIndex(a))
    a.move(1)
  }
  if (a.error !== undefined) return a.error
  const array = arrayOf(c, key)
  let added = 0
  for (let i = 0; i < count; i++) if (array.set(indexes[i], a.argv[start + 2 * i + 1])) added++
  c.signal(key, Notify.Array, 'armset')
  c.count(count)
  return added
}

/** ARGET key index */
export function arget(c: Context, a: Args): Reply {
  const array = c.db.readTyped(a.next(), ArrayValue)
  const index = takeIndex(a)
  if (a.error !== undefined) return a.error
  return array?.get(index) ?? null
}

/** ARMGET key index [index …] */
export function armget(c: Context, a: Args): Reply {
  const array = c.db.readTyped(a.next(), ArrayValue)
  const indexes = takeIndexes(a)
  if (a.error !== undefined) return a.error
  return indexes.map((index) => array?.get(index) ?? null)
}

/** ARDEL key index [index …] */
export function ardel(c: Context, a: Args): Reply {
  const key = a.next()
  const indexes = takeIndexes(a)
  if (a.error !== undefined) return a.error
  const array = c.db.findTyped(key, ArrayValue)
  if (array === undefined) return 0
  let deleted = 0
  for (const index of indexes) if (array.delete(index)) deleted++
  signalDeletion(c, key, array, deleted, 'ardel')
  return deleted
}

/** ARLEN key */
export function arlen(c: Context, a: Args): Reply {
  return indexReply(c.db.readTyped(a.next(), ArrayValue)?.end ?? 0)
}

/** ARCOUNT key */
export function arcount(c: Context, a: Args): Reply {
  return c.db.readTyped(a.next(), ArrayValue)?.length ?? 0
}

/** ARINFO key [FULL]. Where Redis has a directory of slices with room for more, there is a Map of those that there are. */
export function arinfo(c: Context, a: Args): Reply {
  const key = a.next()
  const isFull = a.match('FULL')
  if (!a.done) return SYNTAX
  const array = c.db.readTyped(key, ArrayValue)
  if (array === undefined) return NO_SUCH_KEY
  return new MapReply([
    ...['count', array.length, 'len', indexReply(array.end), 'next-insert-index', indexReply(array.next ?? 0)],
    ...['slices', array.sliceCount, 'directory-size', array.sliceCount, 'super-dir-entries', 0],
    ...['slice-size', SLICE_SIZE],
    ...(isFull ? sliceFacts(array) : []),
  ])
}

function sliceFacts(array: ArrayValue): readonly Reply[] {
  let dense = 0
  let densePlaces = 0
  let denseElements = 0
  let sparseElements = 0
  array.forEachSlice((_, slice) => {
    if (!slice.isDense) {
      sparseElements += slice.count
      return
    }
    dense++
    densePlaces += slice.span
    denseElements += slice.count
  })
  const sparse = array.sliceCount - dense
  return [
    ...['dense-slices', dense, 'sparse-slices', sparse],
    ...['avg-dense-size', new Double(dense === 0 ? 0 : densePlaces / dense)],
    ...['avg-dense-fill', new Double(dense === 0 ? 0 : denseElements / densePlaces)],
    ...['avg-sparse-size', new Double(sparse === 0 ? 0 : sparseElements / sparse)],
  ]
}
