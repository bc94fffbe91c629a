/** Text that is too long for a record, on V8's heap: a record has the index of its own. */
import type { Bytes } from '../../base/bytes.ts'
import { stringWeight } from '../weight.ts'

export class LongTexts {
  #texts: (Bytes | undefined)[] = []
  #free: number[] = []
  /** What they weigh. */
  bytes = 0

  at(index: number): Bytes {
    return this.#texts[index]!
  }

  /** Returns the index of a new one. */
  add(text: Bytes): number {
    const index = this.#free.pop() ?? this.#texts.length
    this.#texts[index] = text
    this.bytes += stringWeight(text.length)
    return index
  }

  remove(index: number): void {
    this.bytes -= stringWeight(this.at(index).length)
    this.#texts[index] = undefined
    this.#free.push(index)
    if (this.size !== 0) return
    this.#texts = []
    this.#free = []
  }

  /** How many there are. */
  get size(): number {
    return this.#texts.length - this.#free.length
  }

  copy(): LongTexts {
    const copy = new LongTexts()
    copy.#texts = this.#texts.slice()
    copy.#free = this.#free.slice()
    copy.bytes = this.bytes
    return copy
  }
}
