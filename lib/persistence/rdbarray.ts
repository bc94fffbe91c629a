/**
 * Arrays as snapshots hold them since Redis 8.8: the number of elements, whether there was an append and at which index the
 * last one was, and the elements in order: index, how the text is held, and the text. Redis holds some texts as integers and
 * doubles; those are read, and written as texts.
 */
import type { Bytes } from '../base/bytes.ts'
import { formatDouble } from '../base/reply.ts'
import { ArrayValue } from '../keyspace/values/array.ts'
import { INDEX_MAX, indexAt, offsetOf, SLICE_SIZE, sliceIdOf } from '../keyspace/values/array-index.ts'
import { ArraySlice } from '../keyspace/values/array-slice.ts'
import { Malformed, type RdbInput } from './input.ts'
import type { RdbOutput } from './output.ts'

/** How the text of an element is held. */
const Form = { Long: 0, Integer: 1, Double: 2, Short: 3 } as const
/** Up to so many bytes Redis holds a text in the place of its pointer. */
const SHORT_MAX = 7
/** An element takes no fewer bytes: index, form and the length of its text. */
const ELEMENT_BYTES = 3

export function writeArray(output: RdbOutput, array: ArrayValue): void {
  writeArrayHead(output, array)
  array.forEachSlice((sliceId, slice) => writeArraySlice(output, sliceId, slice))
}

export function writeArrayHead(output: RdbOutput, array: ArrayValue): void {
  output.count(array.length)
  output.count(array.cursor === undefined ? 0 : 1)
  if (array.cursor !== undefined) output.count(array.cursor)
}

export function writeArraySlice(output: RdbOutput, sliceId: number, slice: ArraySlice): void {
  slice.walk(0, SLICE_SIZE - 1, false, (offset, value) => {
    output.count(indexAt(sliceId, offset))
    output.count(value.length > SHORT_MAX ? Form.Long : Form.Short)
    output.string(value)
  })
}

/** @throws Malformed */
export function readArray(input: RdbInput): ArrayValue {
  const array = new ArrayValue()
  let left = input.count(ELEMENT_BYTES)
  input.check(left > 0, 'an empty array')
  const hasCursor = input.integer()
  input.check(hasCursor === 0 || hasCursor === 1, 'neither a cursor nor none')
  if (hasCursor === 1) array.cursor = input.integer()
  input.check(array.cursor === undefined || array.cursor <= INDEX_MAX, 'a cursor past all indexes')
  let sliceId = -1
  let offsets: number[] = []
  let values: Bytes[] = []
  for (; left > 0; left--) {
    const index = input.integer()
    input.check(index <= INDEX_MAX, 'an index past all')
    const [id, offset] = [sliceIdOf(index), offsetOf(index)]
    if (id < sliceId || (id === sliceId && offset <= offsets[offsets.length - 1]))
      throw new Malformed('indexes out of order')
    if (id > sliceId) {
      if (sliceId >= 0) array.addSlice(sliceId, ArraySlice.of(offsets, values, true))
      sliceId = id
      offsets = []
      values = []
    }
    offsets.push(offset)
    values.push(readElement(input))
  }
  array.addSlice(sliceId, ArraySlice.of(offsets, values, true))
  return array
}

function readElement(input: RdbInput): Bytes {
  switch (input.integer()) {
    case Form.Long:
    case Form.Short:
      return input.string()
    case Form.Integer:
      return `${input.int64()}`
    case Form.Double:
      return doubleText(input.double())
  }
  throw new Malformed('an element in an unknown form')
}

/** With a point where Redis would take it for an integer otherwise. */
function doubleText(value: number): Bytes {
  const text = formatDouble(value)
  return Number.isFinite(value) && !/[.e]/.test(text) ? `${text}.0` : text
}
