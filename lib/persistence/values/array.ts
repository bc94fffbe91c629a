/**
 * Arrays as snapshots hold them since Redis 8.8: the number of elements, whether there was an append and at which index the
 * last one was, and the elements in order: index, how the text is held, and the text. Redis holds some texts as integers and
 * doubles; those are read, and written as texts.
 */
import type { Bytes } from '../../base/bytes.ts'
import { formatDouble } from '../../base/reply.ts'
import { ArrayValue } from '../../keyspace/values/array.ts'
import { INDEX_MAX, indexAt, offsetOf, SLICE_SIZE, sliceIdOf } from '../../keyspace/values/array-index.ts'
import { ArraySlice } from '../../keyspace/values/array-slice.ts'
import { EmptyCollection, Malformed, type RdbInput } from '../format/input.ts'
import type { RdbOutput } from '../format/output.ts'
import { CountedReader } from './countedreader.ts'

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

export class ArrayReader extends CountedReader {
  readonly #array = new ArrayValue()
  /** The slice that is being read; its elements so far. */
  #sliceId = -1
  #offsets: number[] = []
  #values: Bytes[] = []

  protected begin(input: RdbInput): number {
    const count = input.count(ELEMENT_BYTES)
    if (count === 0) throw new EmptyCollection('an empty array')
    const hasCursor = input.integer()
    input.check(hasCursor === 0 || hasCursor === 1, 'neither a cursor nor none')
    const cursor = hasCursor === 1 ? input.integer() : undefined
    input.check(cursor === undefined || cursor <= INDEX_MAX, 'a cursor past all indexes')
    if (cursor !== undefined) this.#array.cursor = cursor
    return count
  }

  protected readElement(input: RdbInput): void {
    const index = input.integer()
    input.check(index <= INDEX_MAX, 'an index past all')
    const [sliceId, offset] = [sliceIdOf(index), offsetOf(index)]
    const isBefore = sliceId === this.#sliceId && offset <= this.#offsets[this.#offsets.length - 1]
    if (sliceId < this.#sliceId || isBefore) throw new Malformed('indexes out of order')
    const value = readElement(input)
    if (sliceId > this.#sliceId) this.#beginSlice(sliceId)
    this.#offsets.push(offset)
    this.#values.push(value)
  }

  #beginSlice(sliceId: number): void {
    if (this.#sliceId >= 0) this.#array.addSlice(this.#sliceId, ArraySlice.of(this.#offsets, this.#values, true))
    this.#sliceId = sliceId
    this.#offsets = []
    this.#values = []
  }

  finish(): ArrayValue {
    this.#beginSlice(-1)
    return this.#array
  }
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
