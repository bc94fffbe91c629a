/** The field in which one types what is to be found among many. */
import { Icon } from './icons.tsx'

export interface SearchFieldProps {
  /** For those who hear the page. */
  readonly label: string
  /** What stands in it before something is typed; without it, the label. */
  readonly hint?: string
  readonly value: string
  readonly onType: (value: string) => void
}

export function SearchField({ label, hint = label, value, onType }: SearchFieldProps) {
  return (
    <div className="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={hint}
        value={value}
        spellCheck={false}
        dir="auto"
        onChange={(event) => onType(event.target.value)}
      />
    </div>
  )
}
