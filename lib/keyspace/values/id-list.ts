/**
 * Things that bear a stream id, in the order of their ids: the nodes of a stream, the pending entries of a group or a
 * consumer. Sorted chunks of bounded size stand in one array, so that finding is two binary searches, adding and removing
 * moves a chunk at most, and adding at the end, by far the most common, moves nothing. (Redis keeps them in radix trees.)
 */
import { compareIds, type StreamId } from './stream-id.ts'

const CHUNK = 128

interface Identified {
  readonly id: StreamId
}

export class IdList<V extends Identified> {
  /** No chunk is empty. */
  readonly #chunks: V[][] = []
  #size = 0
  /** Chunks that somebody keeps as they were: before one changes, a copy takes its place. */
  #kept: Set<V[]> | undefined

  get size(): number {
    return this.#size
  }

  first(): V | undefined {
    return this.#chunks[0]?.[0]
  }

  last(): V | undefined {
    return this.#chunks.at(-1)?.at(-1)
  }

  get(id: StreamId): V | undefined {
    const found = this.ceiling(id)
    return found !== undefined && compareIds(found.id, id) === 0 ? found : undefined
  }

  /** Adds a value; its id must not be in the list. */
  add(value: V): void {
    const { id } = value
    const last = this.last()
    this.#size++
    if (last === undefined || compareIds(last.id, id) < 0) {
      const chunk = this.#chunks.at(-1)
      if (chunk !== undefined && chunk.length < CHUNK) this.#own(this.#chunks.length - 1).push(value)
      else this.#chunks.push([value])
      return
    }
    const c = this.#chunkOf(id)
    const chunk = this.#own(c)
    chunk.splice(lowerBound(chunk, id), 0, value)
    if (chunk.length > CHUNK) this.#chunks.splice(c + 1, 0, chunk.splice(CHUNK >> 1))
  }

  /** Removes the value with an id, and returns it. */
  delete(id: StreamId): V | undefined {
    if (this.#size === 0) return undefined
    const c = this.#chunkOf(id)
    const chunk = this.#chunks[c]
    const at = lowerBound(chunk, id)
    if (at === chunk.length || compareIds(chunk[at].id, id) !== 0) return undefined
    const owned = this.#own(c)
    const [removed] = owned.splice(at, 1)
    if (owned.length === 0) this.#chunks.splice(c, 1)
    this.#size--
    return removed
  }

  /** The value with the least id that is not less than this one. */
  ceiling(id: StreamId): V | undefined {
    return this.#from(id, false)
  }

  /** The value with the least id greater than this one. */
  above(id: StreamId): V | undefined {
    return this.#from(id, true)
  }

  /** The value with the greatest id that is not greater than this one. */
  floor(id: StreamId): V | undefined {
    const exact = this.get(id)
    return exact ?? this.below(id)
  }

  /** The value with the greatest id less than this one. */
  below(id: StreamId): V | undefined {
    if (this.#size === 0) return undefined
    const c = this.#chunkOf(id)
    const at = lowerBound(this.#chunks[c], id)
    return at > 0 ? this.#chunks[c][at - 1] : this.#chunks[c - 1]?.at(-1)
  }

  /** The values in runs of some hundred at most: to walk many of them quickly. Neither keep nor change them. */
  get runs(): readonly (readonly V[])[] {
    return this.#chunks
  }

  /** The runs as they are now, which stay so whatever becomes of the list, until `letGo`. O(n / 128). */
  keep(): readonly (readonly V[])[] {
    this.#kept = new Set(this.#chunks)
    return this.#chunks.slice()
  }

  /** Nobody reads what was kept any more. */
  letGo(): void {
    this.#kept = undefined
  }

  *[Symbol.iterator](): IterableIterator<V> {
    for (const chunk of this.#chunks) yield* chunk
  }

  /** A chunk that is about to change. */
  #own(c: number): V[] {
    const chunk = this.#chunks[c]
    if (this.#kept === undefined || !this.#kept.delete(chunk)) return chunk
    const own = chunk.slice()
    this.#chunks[c] = own
    return own
  }

  #from(id: StreamId, exclusive: boolean): V | undefined {
    if (this.#size === 0) return undefined
    const c = this.#chunkOf(id)
    const chunk = this.#chunks[c]
    let at = lowerBound(chunk, id)
    if (exclusive && at < chunk.length && compareIds(chunk[at].id, id) === 0) at++
    return at < chunk.length ? chunk[at] : this.#chunks[c + 1]?.[0]
  }

  /** The last chunk that does not begin behind an id; the first if all do. */
  #chunkOf(id: StreamId): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (compareIds(this.#chunks[middle][0].id, id) <= 0) low = middle
      else high = middle - 1
    }
    return low
  }
}

/** Position of the first value whose id is not less than this one. */
function lowerBound(chunk: readonly Identified[], id: StreamId): number {
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareIds(chunk[middle].id, id) < 0) low = middle + 1
    else high = middle
  }
  return low
}
