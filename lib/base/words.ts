/** Words of a line, as Redis splits them: for inline commands, redis.conf and whatever a person types. */
import type { Bytes } from './bytes.ts'

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }

/**
 * Splits a line into words as Redis's inline commands, redis.conf and redis-cli do: blanks separate, "double quotes" take
 * escapes (\n, \xff), 'single quotes' only \'. Undefined if a quote is not closed or runs into the next word.
 */
export function splitWords(line: Bytes): Bytes[] | undefined {
  const words: Bytes[] = []
  let i = 0
  for (;;) {
    while (i < line.length && isBlank(line.charCodeAt(i))) i++
    if (i >= line.length) return words
    let word = ''
    while (i < line.length && !endsWord(line.charCodeAt(i))) {
      const quote = line[i]
      if (quote !== '"' && quote !== "'") {
        word += line[i++]
        continue
      }
      i++
      for (;;) {
        if (i >= line.length) return undefined
        if (line[i] === quote) break
        if (line[i] !== '\\' || i + 1 >= line.length) word += line[i++]
        else if (quote === "'") {
          if (line[i + 1] === "'") i++
          word += line[i++]
        } else if (line[i + 1] === 'x' && /^[0-9a-fA-F]{2}$/.test(line.slice(i + 2, i + 4))) {
          word += String.fromCharCode(Number.parseInt(line.slice(i + 2, i + 4), 16))
          i += 4
        } else {
          word += ESCAPES[line[i + 1]] ?? line[i + 1]
          i += 2
        }
      }
      i++
      if (i < line.length && !isBlank(line.charCodeAt(i))) return undefined
    }
    words.push(word)
    if (line[i] === '\0') return words
  }
}

/** Space, tab, CR, LF and NUL; the other blanks count only between words. */
function endsWord(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13 || code === 0
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}
