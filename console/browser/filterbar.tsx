/** Which keys are shown: by pattern, type and time to live, as a tree or as a list. */
import { useEffect, useState } from 'react'
import type { Expiry, Filter } from '../model/keyscan.ts'
import { TYPES } from '../model/types.ts'
import { IconButton } from '../parts/buttons.tsx'
import { SearchField } from '../parts/searchfield.tsx'

interface FilterBarProps {
  readonly filter: Filter
  readonly view: string
  readonly onFilter: (change: Partial<Filter>) => void
  readonly onView: (view: string) => void
}

/** A pattern is looked for when nothing was typed for so long. */
const TYPED_MS = 250

const EXPIRIES: readonly { readonly value: Expiry; readonly label: string }[] = [
  { value: 'any', label: 'Any time to live' },
  { value: 'some', label: 'With an expiry' },
  { value: 'soon', label: 'Expires within an hour' },
  { value: 'none', label: 'No expiry' },
]

export function FilterBar({ filter, view, onFilter, onView }: FilterBarProps) {
  const [typed, setTyped] = useState(filter.pattern)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed starts the wait
  useEffect(() => {
    if (typed === filter.pattern) return
    const timer = setTimeout(() => onFilter({ pattern: typed }), TYPED_MS)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <search className="filters">
      <SearchField
        label="Names that hold this, or match a pattern like user:*"
        hint="Filter: user:* or a part of a name"
        value={typed}
        onType={setTyped}
      />
      <div className="selects">
        <select aria-label="Type" value={filter.type} onChange={(event) => onFilter({ type: event.target.value })}>
          <option value="">All types</option>
          {TYPES.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
        <select
          aria-label="Time to live"
          value={filter.expiry}
          onChange={(event) => onFilter({ expiry: event.target.value as Expiry })}
        >
          {EXPIRIES.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        <IconButton icon="tree" label="As a tree" isPressed={view === 'tree'} onClick={() => onView('tree')} />
        <IconButton icon="list" label="As a list" isPressed={view === 'list'} onClick={() => onView('list')} />
      </div>
    </search>
  )
}
