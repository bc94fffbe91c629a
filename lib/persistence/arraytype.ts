/**
 * How arrays are kept: the form is our own, since that of Redis 8.8 is not documented. First the index of the next append,
 * which is one past all indexes where there can be none, and the size of the ring; then the slices in order: number, whether
 * it is dense, elements, and for each element its offset and its text.
 */
import { ArrayValue } from '../keyspace/values/array.ts'
import { indexBefore, SLICE_MAX, SLICE_SIZE } from '../keyspace/values/array-index.ts'
import { ArraySlice } from '../keyspace/values/array-slice.ts'
import { U64_MAX } from '../keyspace/values/stream-id.ts'
import { Malformed } from './input.ts'
import type { ModuleInput, ModuleOutput, ModuleType } from './moduletype.ts'

export const ARRAY_TYPE: ModuleType<ArrayValue> = {
  type: 'array',
  name: 'zerodis-a',
  version: 1,
  write,
  parts: {
    count: (array) => array.sliceCount,
    writeHead,
    writePart: (output, array, index) => array.sliceAt(index, (sliceId, slice) => writeSlice(output, sliceId, slice)),
  },
  read,
}

function write(output: ModuleOutput, array: ArrayValue): void {
  writeHead(output, array)
  array.forEachSlice((sliceId, slice) => writeSlice(output, sliceId, slice))
}

function writeHead(output: ModuleOutput, array: ArrayValue): void {
  output.unsigned(array.next ?? U64_MAX)
  output.unsigned(array.ringSize)
  output.unsigned(array.sliceCount)
}

function writeSlice(output: ModuleOutput, sliceId: number, slice: ArraySlice): void {
  output.unsigned(sliceId)
  output.unsigned(slice.isDense ? 1 : 0)
  output.unsigned(slice.count)
  slice.walk(0, SLICE_SIZE - 1, false, (offset, value) => {
    output.unsigned(offset)
    output.string(value)
  })
}

function read(input: ModuleInput): ArrayValue {
  const array = new ArrayValue()
  const next = input.unsigned()
  array.cursor = next === 0 ? undefined : indexBefore(next)
  array.ringSize = input.unsigned()
  let previous = -1
  for (let left = input.count(SLICE_MAX + 1); left > 0; left--) {
    const sliceId = input.count(SLICE_MAX)
    if (sliceId <= previous) throw new Malformed('slices that are not in order')
    array.addSlice(sliceId, readSlice(input))
    previous = sliceId
  }
  if (array.length === 0) throw new Malformed('an empty array')
  if (array.get(U64_MAX) !== undefined) throw new Malformed('an index past all')
  return array
}

function readSlice(input: ModuleInput): ArraySlice {
  const isDense = input.count(1) === 1
  const count = input.count(SLICE_SIZE)
  if (count === 0) throw new Malformed('an empty slice')
  const offsets: number[] = []
  const values: string[] = []
  for (let i = 0; i < count; i++) {
    const offset = input.count(SLICE_SIZE - 1)
    if (i > 0 && offset <= offsets[i - 1]) throw new Malformed('offsets that are not in order')
    offsets.push(offset)
    values.push(input.string())
  }
  return ArraySlice.of(offsets, values, isDense)
}
