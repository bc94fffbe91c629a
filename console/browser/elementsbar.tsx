/** Above the elements of a collection: a filter, what went wrong, and a dialog for a new element. */
import { type ReactNode, useEffect, useState } from 'react'
import { FormDialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { SearchField } from '../parts/searchfield.tsx'

interface ElementsBarProps {
  readonly filter?: string
  readonly onFilter?: (filter: string) => void
  /** By what it filters; without it by what an element is called. */
  readonly filterBy?: string
  /** What an element is called. */
  readonly what: string
  readonly canAdd: boolean
  readonly onAdd: (form: FormData) => Promise<void>
  readonly error: string
  /** The fields of the dialog. */
  readonly children: ReactNode
  readonly extra?: ReactNode
}

const TYPED_MS = 250

export function ElementsBar({
  filter,
  onFilter,
  filterBy,
  what,
  canAdd,
  onAdd,
  error,
  children,
  extra,
}: ElementsBarProps) {
  const [isAdding, setAdding] = useState(false)
  const [typed, setTyped] = useState(filter ?? '')
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed starts the wait
  useEffect(() => {
    if (onFilter === undefined || typed === filter) return
    const timer = setTimeout(() => onFilter(typed), TYPED_MS)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <>
      <div className="bar">
        {onFilter === undefined ? (
          <span className="grow" />
        ) : (
          <SearchField label={`Filter by ${filterBy ?? what}`} value={typed} onType={setTyped} />
        )}
        {extra}
        {canAdd ? (
          <button type="button" onClick={() => setAdding(true)}>
            <Icon name="plus" /> Add {what}
          </button>
        ) : null}
      </div>
      {error === '' ? null : <p className="problem">{error}</p>}
      {isAdding ? (
        <FormDialog title={`New ${what}`} action="Add" onClose={() => setAdding(false)} onSubmit={onAdd}>
          {children}
        </FormDialog>
      ) : null}
    </>
  )
}
