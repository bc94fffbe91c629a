/**
 * The names of an object that is read, as far as it is read: one way through a tree whose branches are names. Objects that are
 * alike take the same way, so that they have one list of names, and the name that is next can be told before it is read.
 */
import type { Bytes } from '../../base/bytes.ts'

/** As it stands in a text, a name with one of these is another. */
const ESCAPED = /["\\\x00-\x1f]/

export class JsonShape {
  readonly parent: JsonShape | undefined
  /** The last of the names; '' at the root. */
  readonly key: Bytes
  /** The number of names. */
  readonly size: number
  /** True if a text has the last name as it is. */
  readonly isPlain: boolean
  /** With the name behind that was last there. */
  recent: JsonShape | undefined = undefined
  #others: Map<Bytes, JsonShape> | undefined = undefined
  #keys: readonly Bytes[] | undefined = undefined

  constructor(parent?: JsonShape, key: Bytes = '') {
    this.parent = parent
    this.key = key
    this.size = parent === undefined ? 0 : parent.size + 1
    this.isPlain = !ESCAPED.test(key)
  }

  /** The names in order. */
  get keys(): readonly Bytes[] {
    if (this.#keys === undefined) {
      const keys = new Array<Bytes>(this.size).fill('')
      for (let shape: JsonShape = this; shape.parent !== undefined; shape = shape.parent)
        keys[shape.size - 1] = shape.key
      this.#keys = keys
    }
    return this.#keys
  }

  has(key: Bytes): boolean {
    for (let shape: JsonShape = this; shape.parent !== undefined; shape = shape.parent) {
      if (shape.key === key) return true
    }
    return false
  }

  /** The one with a name more, which is none of these, if it is there already. */
  with(key: Bytes): JsonShape | undefined {
    const shape = this.#others?.get(key)
    if (shape !== undefined) this.recent = shape
    return shape
  }

  /** Makes the one with a name more. */
  add(key: Bytes): JsonShape {
    const shape = new JsonShape(this, key)
    this.#others ??= new Map()
    this.#others.set(key, shape)
    this.recent = shape
    return shape
  }
}
