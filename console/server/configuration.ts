/** The configuration of the store: what is set, what it would be without that, and what is known of each directive. */
import { type Bytes, shown } from '../wire/bytes.ts'
import type { Rest } from '../wire/rest.ts'
import { DIRECTIVES } from './directives.ts'

export interface Known {
  readonly initial: string
  readonly kind: string
  /** Set at the start only. */
  readonly isFixed: boolean
  /** Asks for `enable-protected-configs`. */
  readonly isProtected: boolean
  /** Has no effect in zerodis. */
  readonly isInert: boolean
  readonly isSecret: boolean
  readonly summary: string
}

export interface Setting {
  readonly name: string
  readonly value: Bytes
  /** Undefined for a directive of another store. */
  readonly known: Known | undefined
  readonly isChanged: boolean
}

export type Which = 'all' | 'changed' | 'inert'

const KNOWN: ReadonlyMap<string, Known> = new Map(DIRECTIVES.split('\n').map(knownOf))

function knownOf(line: string): [string, Known] {
  const [name, initial, kind, marks, summary] = line.split('¦')
  const has = (mark: string): boolean => marks.split(' ').includes(mark)
  return [
    name,
    {
      initial,
      kind,
      isFixed: has('fixed'),
      isProtected: has('protected'),
      isInert: has('inert'),
      isSecret: has('secret'),
      summary,
    },
  ]
}

/** All that CONFIG GET tells, by name. @throws RestError */
export async function settingsOf(rest: Rest): Promise<Setting[]> {
  const flat = (await rest.run('CONFIG', 'GET', '*')) as Bytes[]
  const settings: Setting[] = []
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const [name, value] = [flat[i], flat[i + 1]]
    const known = KNOWN.get(name)
    settings.push({ name, value, known, isChanged: known !== undefined && known.initial !== value })
  }
  return settings.sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** Those whose name or purpose holds what was typed. */
export function settingsWith(settings: readonly Setting[], typed: string, which: Which): Setting[] {
  const wanted = typed.trim().toLowerCase()
  return settings.filter(
    ({ name, known, isChanged }) =>
      (which === 'all' || (which === 'changed' ? isChanged : known?.isInert === true)) &&
      (name.includes(wanted) || (known?.summary.toLowerCase().includes(wanted) ?? false)),
  )
}

/** A value as it is shown: of a secret, whether there is one. */
export function settingText({ value, known }: Setting): string {
  if (known?.isSecret) return value === '' ? '' : '••••••'
  return shown(value)
}
