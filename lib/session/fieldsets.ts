/** The fieldsets of a connection (HIMPORT): by its name each, fields whose values are to come. */
import type { Bytes } from '../base/bytes.ts'

/** What is kept per fieldset and per field beside the strings. */
const SET_BYTES = 120
const FIELD_BYTES = 24

export class Fieldsets {
  readonly #byName = new Map<Bytes, readonly Bytes[]>()
  /** What they weigh. */
  bytes = 0

  get size(): number {
    return this.#byName.size
  }

  get(name: Bytes): readonly Bytes[] | undefined {
    return this.#byName.get(name)
  }

  /** Adds or replaces. */
  set(name: Bytes, fields: readonly Bytes[]): void {
    this.delete(name)
    this.#byName.set(name, fields)
    this.bytes += weight(name, fields)
  }

  /** False if there is none of that name. */
  delete(name: Bytes): boolean {
    const fields = this.#byName.get(name)
    if (fields === undefined) return false
    this.bytes -= weight(name, fields)
    return this.#byName.delete(name)
  }
}

function weight(name: Bytes, fields: readonly Bytes[]): number {
  let bytes = SET_BYTES + name.length
  for (const field of fields) bytes += FIELD_BYTES + field.length
  return bytes
}
