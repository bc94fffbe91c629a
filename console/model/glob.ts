/** Patterns of SCAN. */
import { type Bytes, fromText } from '../wire/bytes.ts'

/** What was typed as a pattern: without a wildcard it is looked for anywhere in a name. */
export function patternOf(typed: string): Bytes {
  const bytes = fromText(typed)
  if (typed === '') return '*'
  return /[*?[\]]/.test(typed) ? bytes : `*${globEscaped(bytes)}*`
}

/** A pattern that stands for these very bytes. */
export function globEscaped(bytes: Bytes): Bytes {
  return bytes.replace(/[*?[\]\\^]/g, '\\$&')
}
