/** The regular expressions of one evaluation, each compiled once. */
import type { Bytes } from '../../../base/bytes.ts'
import { holdsPart } from '../../part.ts'
import { Regex } from './regex.ts'
import { parseRegex } from './regex-parse.ts'
import type { Steps } from './steps.ts'

/** Who asks: `=~` and `search()` for a part of a text, `match()` for the whole; functions have RFC 9485's dot, which takes no `\r`. */
export const Dialect = { Operator: 0, Part: 1, Whole: 2 } as const
export type Dialect = (typeof Dialect)[keyof typeof Dialect]

/** Patterns that documents hold may be many: so many are kept. */
const KEPT_MAX = 64
/** A longer pattern has more states than an expression may have, or says little in many words. */
const PATTERN_BYTES_MAX = 16_384
/** Characters that have a meaning in an expression. A text without them is looked for as it is. */
const MEANING = /[\\^$.|?*+()[\]{}]/

export class PathRegexes {
  readonly #steps: Steps
  readonly #kept = [new Map<Bytes, Regex | undefined>(), new Map<Bytes, Regex | undefined>()] as const

  constructor(steps: Steps) {
    this.#steps = steps
  }

  /** False for a pattern that is no expression. */
  matches(dialect: Dialect, pattern: Bytes, text: Bytes): boolean {
    // A document may hold a pattern that is longer than all texts, and that each of them asks for.
    this.#steps.spendBytes(pattern.length)
    if (!MEANING.test(pattern)) {
      this.#steps.spendBytes(text.length)
      return dialect === Dialect.Whole ? pattern === text : holdsPart(text, pattern)
    }
    if (pattern.length > PATTERN_BYTES_MAX) return false
    return this.#regex(dialect, pattern)?.matches(text, dialect === Dialect.Whole) ?? false
  }

  #regex(dialect: Dialect, pattern: Bytes): Regex | undefined {
    const kept = this.#kept[dialect === Dialect.Operator ? 0 : 1]
    const known = kept.get(pattern)
    if (known !== undefined || kept.has(pattern)) return known
    const program = parseRegex(pattern, dialect !== Dialect.Operator, this.#steps)
    const regex = program === undefined ? undefined : new Regex(program, this.#steps)
    if (kept.size < KEPT_MAX) kept.set(pattern, regex)
    return regex
  }
}
