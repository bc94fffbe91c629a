/**
 * The elements of a collection as a table: a part at a time, each with what can be done to it. What an element holds is edited in
 * a dialog, in whatever format suits it.
 */

import { type ReactNode, useState } from 'react'
import { IconButton } from '../parts/buttons.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { useStore } from '../parts/store.tsx'
import { TableHead } from '../parts/tablehead.tsx'
import { type Bytes, brief } from '../wire/bytes.ts'
import { ValueEditor } from './valueeditor.tsx'

export interface Element {
  readonly id: string
  /** What stands in the columns. */
  readonly cells: readonly ReactNode[]
  /** What is edited, and what it is called. */
  readonly value?: Bytes
  readonly title: string
}

interface ElementsProps {
  readonly columns: readonly string[]
  readonly elements: readonly Element[]
  readonly canWrite: boolean
  /** Writes the value of the element at this place. @throws Conflict */
  readonly onSave?: (index: number, value: Bytes, overwrites: boolean) => Promise<void>
  readonly onRemove?: (index: number) => Promise<void>
  readonly onReload: () => void
  /** More buttons for an element. */
  readonly actions?: (index: number) => ReactNode
  /** There are more. */
  readonly onMore?: (() => void) | undefined
  readonly isLoading: boolean
}

export function Elements(props: ElementsProps) {
  const { columns, elements, canWrite, onSave, onRemove, onReload, actions, onMore, isLoading } = props
  const { notices } = useStore()
  const [edited, setEdited] = useState<number>()
  const remove = (index: number): void => {
    onRemove!(index).catch((error) => notices.fail(error))
  }
  const open = edited === undefined ? undefined : elements[edited]
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard
    <section className="elements" aria-label="Elements" tabIndex={0}>
      <table>
        <TableHead columns={columns} />
        <tbody>
          {elements.map((element, i) => (
            <tr key={element.id}>
              {element.cells.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells stand in columns
                <td key={column}>{cell}</td>
              ))}
              <td className="row-actions">
                {actions?.(i)}
                {element.value === undefined ? null : (
                  <IconButton
                    icon={canWrite && onSave !== undefined ? 'edit' : 'search'}
                    label={`${canWrite && onSave !== undefined ? 'Edit' : 'Look at'} ${element.title}`}
                    onClick={() => setEdited(i)}
                  />
                )}
                {canWrite && onRemove !== undefined ? (
                  <IconButton icon="trash" label={`Remove ${element.title}`} onClick={() => remove(i)} />
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {onMore === undefined ? null : (
        <button type="button" className="more" disabled={isLoading} onClick={onMore}>
          Load more
        </button>
      )}
      {open?.value === undefined ? null : (
        <Dialog title={open.title} onClose={() => setEdited(undefined)}>
          <div className="dialog-body wide-body">
            <ValueEditor
              key={open.value}
              label="Value"
              value={open.value}
              canWrite={canWrite && onSave !== undefined}
              onSave={async (value, overwrites) => {
                await onSave!(edited!, value, overwrites)
                setEdited(undefined)
              }}
              onReload={onReload}
            />
          </div>
        </Dialog>
      )}
    </section>
  )
}

/** Bytes in a cell. */
export function Cell({ bytes }: { bytes: Bytes }) {
  return (
    <bdi className="cell" title={brief(bytes, 2000)}>
      {brief(bytes)}
    </bdi>
  )
}
