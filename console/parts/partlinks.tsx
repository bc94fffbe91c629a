/** The parts of a page, of which one is seen. */
import { hashOf } from '../model/route.ts'

export interface Part {
  readonly name: string
  readonly label: string
}

interface PartsProps {
  readonly page: string
  readonly parts: readonly Part[]
  readonly current: string
}

export function Parts({ page, parts, current }: PartsProps) {
  return (
    <nav className="parts" aria-label="Parts of this page">
      {parts.map(({ name, label }) => (
        <a key={name} href={hashOf(page, { part: name })} aria-current={name === current ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  )
}
