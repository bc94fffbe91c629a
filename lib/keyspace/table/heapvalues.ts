/**
 * The keys of a table whose names and values are on V8's heap, without gaps: name next to value, and in columns beside them
 * what others have in their records. An address below 0 stands for an index here.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { At } from '../../memory/arena.ts'
import type { Value } from '../value.ts'
import { grown, isSparse } from './record.ts'

/** The address of an index, and the index of an address: MOVED (slots.ts) is between them and the other addresses. */
export function heapAt(index: number): At {
  return -2 - index
}

export class HeapValues {
  /** name, value, name, value, … */
  readonly #pairs: (Bytes | Value)[] = []
  #positions: Int32Array = new Int32Array(16)
  #accesses: Int32Array = new Int32Array(16)
  /** Indexes among the keys with an expiry, or -1. */
  #times: Int32Array = new Int32Array(16)

  get size(): number {
    return this.#pairs.length / 2
  }

  nameOf(at: At): Bytes {
    return this.#pairs[-4 - 2 * at] as Bytes
  }

  valueOf(at: At): Value {
    return this.#pairs[-3 - 2 * at] as Value
  }

  setValue(at: At, value: Value): void {
    this.#pairs[-3 - 2 * at] = value
  }

  positionOf(at: At): number {
    return this.#positions[-2 - at]
  }

  setPosition(at: At, position: number): void {
    this.#positions[-2 - at] = position
  }

  accessOf(at: At): number {
    return this.#accesses[-2 - at] >>> 0
  }

  setAccess(at: At, word: number): void {
    this.#accesses[-2 - at] = word
  }

  timeOf(at: At): number {
    return this.#times[-2 - at]
  }

  setTime(at: At, index: number): void {
    this.#times[-2 - at] = index
  }

  add(name: Bytes, value: Value): At {
    const index = this.#pairs.length / 2
    this.#pairs.push(name, value)
    if (index === this.#times.length) {
      this.#positions = grown(this.#positions)
      this.#accesses = grown(this.#accesses)
      this.#times = grown(this.#times)
    }
    this.#times[index] = -1
    return heapAt(index)
  }

  /** The last one takes the place, and the address, of the one that goes. Returns the address that it had, which may be that. */
  remove(at: At): At {
    const pairs = this.#pairs
    const last = pairs.length / 2 - 1
    const index = -2 - at
    if (index !== last) {
      pairs[2 * index] = pairs[2 * last]
      pairs[2 * index + 1] = pairs[2 * last + 1]
      this.#positions[index] = this.#positions[last]
      this.#accesses[index] = this.#accesses[last]
      this.#times[index] = this.#times[last]
    }
    pairs.pop()
    pairs.pop()
    if (isSparse(this.#times, last)) {
      this.#positions = this.#positions.slice(0, 2 * last)
      this.#accesses = this.#accesses.slice(0, 2 * last)
      this.#times = this.#times.slice(0, 2 * last)
    }
    return heapAt(last)
  }
}
