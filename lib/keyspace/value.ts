/**
 * What a key may hold. Strings, by far the most common, are stored bare: a JavaScript string, a safe integer, or a
 * `StringBuffer` that is written in place. Every other type is an object that names its type and knows how to report its
 * encoding, its size and a copy of itself, so that generic commands need no knowledge of any type.
 */
import type { Bytes } from '../base/bytes.ts'
import type { Config } from '../config/config.ts'
import type { StringBuffer } from './values/string.ts'

/** Type names as TYPE prints them. */
export type TypeName = 'string' | 'list' | 'hash' | 'set' | 'zset' | 'stream' | 'array' | 'ReJSON-RL'

/** A string is stored as a number only if it is the canonical decimal form of a safe integer. */
export type StringValue = Bytes | number | StringBuffer

export interface ObjectValue {
  readonly type: TypeName
  /** The name that OBJECT ENCODING prints, under the thresholds of the configuration that built it. */
  readonly encoding: Bytes
  /** Number of elements; a value of length 0 must be deleted by the command that emptied it (streams excepted). */
  readonly length: number
  /** Allocations that a value is made of, as Redis reckons them: those of a packed one are one. O(1). See lazyfree.ts. */
  readonly partCount: number
  /** An independent copy. O(n). */
  copy(): ObjectValue
  /** What it weighs: see weight.ts. O(1). */
  readonly memoryBytes: number
  /** What its database has last counted for it. */
  countedBytes: number
}

export type Value = StringValue | ObjectValue

/** The directives that decide encodings, read live. */
export type EncodingLimits = Config['values']
