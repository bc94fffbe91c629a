/** What a type of moduletypes.ts declares, and what it writes to and reads from. */
import type { Bytes } from '../../base/bytes.ts'
import type { EncodingLimits, ObjectValue, TypeName } from '../../keyspace/value.ts'
import type { U64 } from '../../keyspace/values/stream-id.ts'
import { Malformed, type RdbInput } from '../format/input.ts'
import type { RdbOutput } from '../format/output.ts'

/** Kinds of what a module writes. */
export const Kind = { End: 0, Unsigned: 2, String: 5 } as const

/** A type, and how its values are kept. */
export interface ModuleType<T extends ObjectValue = ObjectValue> {
  readonly type: TypeName
  /** Nine of the letters, digits, `-` and `_`. */
  readonly name: Bytes
  /** Of the form, from 0 to 1023; an older one is read as well as its `read` knows how to. */
  readonly version: number
  write(output: ModuleOutput, value: T): void
  /** @throws Malformed */
  read(input: ModuleInput, version: number, limits: EncodingLimits): T
}

export class ModuleOutput {
  readonly #output: RdbOutput

  constructor(output: RdbOutput) {
    this.#output = output
  }

  unsigned(value: U64): void {
    this.#output.count(Kind.Unsigned)
    this.#output.count(value)
  }

  string(bytes: Bytes): void {
    this.#output.count(Kind.String)
    this.#output.string(bytes)
  }
}

export class ModuleInput {
  readonly #input: RdbInput

  constructor(input: RdbInput) {
    this.#input = input
  }

  unsigned(): U64 {
    this.#input.check(this.#input.integer() === Kind.Unsigned, 'no integer where there should be one')
    return this.#input.integer()
  }

  /** An integer from 0 to `max`, which is safe as a number. */
  count(max: number): number {
    const count = this.unsigned()
    if (typeof count !== 'number' || count > max) throw new Malformed('impossible count')
    return count
  }

  get documentBytesMax(): number {
    return this.#input.documentBytesMax
  }

  string(): Bytes {
    this.#input.check(this.#input.integer() === Kind.String, 'no string where there should be one')
    return this.#input.string()
  }
}
