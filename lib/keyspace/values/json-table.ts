/**
 * The members of a large JSON object by their names, in the order in which they were added. V8 hashes a string by its bytes up to some
 * length, and by its length alone beyond that, so a Map of long names would compare each with all of the same length. These are
 * found by a table of our own, and stand in the Map as what it tells.
 */
import type { Bytes } from '../../base/bytes.ts'
import { Dict } from '../dict.ts'

/** As long a string as V8 hashes whole. */
export const HASHED_BYTES_MAX = 16_383

/** What stands for a long name. */
interface LongName {
  readonly name: Bytes
}

export class MemberTable<T> {
  readonly #nodes = new Map<Bytes | LongName, T>()
  #longNames: Dict<LongName> | undefined = undefined

  constructor(members: Iterable<readonly [name: Bytes, node: T]> = []) {
    for (const [name, node] of members) this.set(name, node)
  }

  get size(): number {
    return this.#nodes.size
  }

  /** In order. O(their number). */
  names(): Bytes[] {
    const keys = [...this.#nodes.keys()]
    return this.#longNames === undefined ? (keys as Bytes[]) : keys.map(nameOf)
  }

  /** In the order of their names. O(their number). */
  nodes(): T[] {
    return [...this.#nodes.values()]
  }

  get(name: Bytes): T | undefined {
    if (name.length <= HASHED_BYTES_MAX) return this.#nodes.get(name)
    const long = this.#longNames?.get(name)
    return long === undefined ? undefined : this.#nodes.get(long)
  }

  /** Puts a node in the place of another, or adds a member behind all. */
  set(name: Bytes, node: T): this {
    this.#nodes.set(name.length <= HASHED_BYTES_MAX ? name : this.#long(name), node)
    return this
  }

  delete(name: Bytes): void {
    if (name.length <= HASHED_BYTES_MAX) this.#nodes.delete(name)
    else {
      const long = this.#longNames?.get(name)
      if (long === undefined) return
      this.#nodes.delete(long)
      this.#longNames!.delete(name)
    }
  }

  #long(name: Bytes): LongName {
    this.#longNames ??= new Dict()
    const known = this.#longNames.get(name)
    if (known !== undefined) return known
    const long = { name }
    this.#longNames.add(name, long)
    return long
  }
}

function nameOf(key: Bytes | LongName): Bytes {
  return typeof key === 'string' ? key : key.name
}
