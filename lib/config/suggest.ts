/** What somebody may have meant by a word that is no name. */
import type { Directive } from './directive.ts'
import { DIRECTIVES, type DirectiveName } from './directives.ts'

/** The directive that is nearest to a word, if it is near enough for a slip of the fingers; undefined for a name itself. */
export function suggestName(word: string): DirectiveName | undefined {
  const table: Readonly<Record<string, Directive<unknown>>> = DIRECTIVES
  const isName = Object.entries(table).some(([name, { alias }]) => [name, alias].includes(word.toLowerCase()))
  return isName ? undefined : nearestName(asDirective(word), Object.keys(DIRECTIVES) as DirectiveName[])
}

/** `maxMemory` and `max_memory` are written `max-memory` here. */
function asDirective(word: string): string {
  return word
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll('_', '-')
}

/** The same of any names. */
export function nearestName<N extends string>(wanted: string, names: readonly N[]): N | undefined {
  let nearest: N | undefined
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const name of names) {
    const distance = editDistance(wanted, name, least)
    if (distance >= least) continue
    least = distance
    nearest = name
  }
  return nearest
}

/** Insertions, deletions, replacements and swaps of neighbours between two words; `limit` or more where it is not below that. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let [beforeLast, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, i) => i)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (isSame ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1)
    }
    if (Math.min(...row) >= limit) return limit
    ;[beforeLast, last] = [last, row]
  }
  return last[b.length]
}
