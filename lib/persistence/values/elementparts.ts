/**
 * A large set, hash or sorted set in parts: see `ValueParts`. When it is about to change nothing is copied but the times of fields, and the
 * order of a sorted set: from then on its elements tell the walk of each that changes before it was written.
 */
import type { Bytes } from '../../base/bytes.ts'
import type { Dict } from '../../keyspace/dict.ts'
import type { Elements } from '../../keyspace/large/elements.ts'
import { ElementWalk } from '../../keyspace/large/elementwalk.ts'
import type { Ranked } from '../../keyspace/large/ranked.ts'
import { RankedWalk } from '../../keyspace/large/rankedwalk.ts'
import type { HashValue } from '../../keyspace/values/hash.ts'
import type { RdbOutput } from '../format/output.ts'
import { hasExpiry, writeField } from './write.ts'

/** One part: so many elements, or as many bytes of them. */
export const PART_ELEMENTS = 512

abstract class ElementParts {
  readonly #length: number
  readonly #walk: ElementWalk
  #left: number

  constructor(elements: Elements) {
    this.#length = this.#left = elements.size
    this.#walk = new ElementWalk(elements)
  }

  protected abstract writeHead(output: RdbOutput, length: number): void
  protected abstract writeElement(output: RdbOutput, key: Bytes, value: Bytes): void

  write(output: RdbOutput): boolean {
    if (this.#left === this.#length) this.writeHead(output, this.#length)
    for (let left = PART_ELEMENTS; left > 0 && this.#left > 0; this.#left--) {
      const walk = this.#walk
      walk.next()
      this.writeElement(output, walk.key, walk.value)
      left -= 1 + ((walk.key.length + walk.value.length) >> 8)
    }
    return this.#left === 0
  }

  detach(): void {
    this.#walk.follow()
  }

  end(): void {
    this.#walk.end()
  }
}

export class LargeSetParts extends ElementParts {
  protected writeHead(output: RdbOutput, length: number): void {
    output.count(length)
  }

  protected writeElement(output: RdbOutput, member: Bytes): void {
    output.string(member)
  }
}

export class LargeHashParts extends ElementParts {
  readonly #hash: HashValue
  /** The earliest time of a field, where fields have times. */
  readonly #earliest: number | undefined
  /** The times of the fields, once it is detached. */
  #times: Dict<number> | undefined

  constructor(hash: HashValue, elements: Elements) {
    super(elements)
    this.#hash = hash
    this.#earliest = hasExpiry(hash) ? hash.expiry!.next() : undefined
  }

  protected writeHead(output: RdbOutput, length: number): void {
    if (this.#earliest !== undefined) output.int64(this.#earliest)
    output.count(length)
  }

  protected writeElement(output: RdbOutput, field: Bytes, value: Bytes): void {
    const earliest = this.#earliest
    const times = this.#times
    const expireAt =
      earliest === undefined ? undefined : times === undefined ? this.#hash.expireAt(field) : times.get(field)
    writeField(output, field, value, expireAt, earliest)
  }

  override detach(): void {
    super.detach()
    if (this.#earliest !== undefined) this.#times ??= this.#hash.expiry!.copyTimes()
  }
}

/** From the greatest down, as `writeValue` does. */
export class LargeZSetParts {
  readonly #walk: RankedWalk
  #isStarted = false

  constructor(ranked: Ranked) {
    this.#walk = new RankedWalk(ranked)
  }

  write(output: RdbOutput): boolean {
    if (!this.#isStarted) output.count(this.#walk.left)
    this.#isStarted = true
    this.#walk.next(PART_ELEMENTS, (member, score) => {
      output.string(member)
      output.double(score)
    })
    return this.#walk.left === 0
  }

  detach(): void {
    this.#walk.follow()
  }

  end(): void {
    this.#walk.end()
  }
}
