/**
 * Checks that what a keyspace has counted for its keys is what they weigh, that values know what they weigh, and that its tables
 * hold together.
 */
import type { Config } from '../../lib/config/config.ts'
import type { Keyspace } from '../../lib/keyspace/keyspace.ts'
import type { Elements } from '../../lib/keyspace/large/elements.ts'
import { Packable } from '../../lib/keyspace/packed/packable.ts'
import type { ObjectValue, Value } from '../../lib/keyspace/value.ts'
import { ArrayValue } from '../../lib/keyspace/values/array.ts'
import { SLICE_SIZE } from '../../lib/keyspace/values/array-index.ts'
import { ArraySlice } from '../../lib/keyspace/values/array-slice.ts'
import { HashValue } from '../../lib/keyspace/values/hash.ts'
import { SetValue } from '../../lib/keyspace/values/set.ts'
import { StringBuffer } from '../../lib/keyspace/values/string.ts'
import { readPayload, writePayload } from '../../lib/persistence/snapshot/payload.ts'

/** @throws Error that names the key whose change was not counted */
export function checkAccount(keyspace: Keyspace, config: Config['values']): void {
  let weight = 0
  for (const db of keyspace.dbs) {
    db.table.check()
    for (const key of db.keys().slice()) {
      const value = db.peek(key)
      if (value === undefined) continue
      const before = keyspace.bytes
      db.recount(key)
      // A string that is written in place changes its form also when it is read.
      if (!(value instanceof StringBuffer) && keyspace.bytes !== before)
        throw new Error(`${key}: ${keyspace.bytes - before} bytes were not counted`)
      if (typeof value === 'object' && !(value instanceof StringBuffer)) checkValue(key, value, config)
      weight += db.weightOf(key)!
    }
  }
  if (weight !== keyspace.bytes) throw new Error(`${keyspace.bytes} bytes counted, the keys weigh ${weight}`)
}

/** A list counts by nodes, which its copy counts anew; the others are copied with their sums. Payloads of arrays do not tell how a slice is held. */
function rebuild(value: ObjectValue, config: Config['values']): Value | undefined {
  if (value.type === 'list') return value.copy()
  if (!(value instanceof ArrayValue)) return readPayload(writePayload(value), config)
  const rebuilt = new ArrayValue()
  value.forEachSlice((sliceId, slice) => {
    const offsets: number[] = []
    const values: string[] = []
    slice.walk(0, SLICE_SIZE - 1, false, (offset, element) => {
      offsets.push(offset)
      values.push(element)
    })
    rebuilt.addSlice(sliceId, ArraySlice.of(offsets, values, slice.isDense))
  })
  return rebuilt
}

function elementsOf(value: ObjectValue): Elements | undefined {
  return value instanceof HashValue || value instanceof SetValue ? value.elements : undefined
}

/** A value that is built anew must weigh the same, less the room that it keeps for more. */
function checkValue(key: string, value: ObjectValue, config: Config['values']): void {
  if (value instanceof Packable && value.isPacked) return // it is in a record, which weighs what it weighs
  const elements = elementsOf(value)
  elements?.check()
  if (value instanceof HashValue && value.expiry !== undefined) return // its heap keeps what is past
  const rebuilt = rebuild(value, config)
  if (typeof rebuilt !== 'object' || rebuilt instanceof StringBuffer) throw new Error(`${key} cannot be rebuilt`)
  if (rebuilt.encoding !== value.encoding) return
  if (elements !== undefined && elementsOf(rebuilt) === undefined) return // it has become small, and stays what it was
  const difference = value.memoryBytes - rebuilt.memoryBytes
  const room = value.type === 'stream' ? rebuilt.memoryBytes + 1024 : 0
  if (difference >= 0 && difference <= room) return
  throw new Error(`${key}, a ${value.encoding}, weighs ${value.memoryBytes} bytes, built anew ${rebuilt.memoryBytes}`)
}
