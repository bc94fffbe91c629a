/** A JSON document: as a tree whose members open, or as text that is edited whole. */
import { useState } from 'react'
import { edit, overwrite } from '../../model/editing.ts'
import { sizeText } from '../../model/figures.ts'
import { Segments } from '../../parts/buttons.tsx'
import { useStore } from '../../parts/store.tsx'
import { useLoaded } from '../../parts/useloaded.ts'
import { type Bytes, toText } from '../../wire/bytes.ts'
import type { ValueProps } from '../keypane.tsx'
import { ValueEditor } from '../valueeditor.tsx'
import { JsonTree } from './jsontree.tsx'

/** Longer documents are seen as a tree alone. Unit: bytes. */
const EDITED_MAX = 1024 * 1024
/** The path of the whole, whose text is that of the document itself. */
const WHOLE = '.'

export function JsonValue({ name, canWrite, onChanged }: ValueProps) {
  const { rest } = useStore()
  const [view, setView] = useState<'tree' | 'text'>('tree')
  const asked = useLoaded(async () => (await rest.run('JSON.GET', name, WHOLE)) as Bytes, [rest, name])
  if (asked.error !== '') return <p className="problem">{asked.error}</p>
  if (asked.value === undefined) return <p className="waiting">Loading …</p>
  const document = asked.value
  const write = async (path: string, seen: Bytes, value: Bytes, overwrites: boolean): Promise<void> => {
    if (overwrites) await overwrite(rest, 'json', name, [path], value)
    else await edit(rest, 'json', name, seen, [path], value)
    asked.reload()
    onChanged()
  }
  return (
    <>
      <div className="bar">
        <Segments
          label="View"
          value={view}
          choices={[
            { value: 'tree', label: 'Tree' },
            { value: 'text', label: 'Text' },
          ]}
          onChange={setView}
        />
        <span className="soft">{sizeText(document.length)}</span>
      </div>
      {view === 'tree' ? (
        <JsonTree text={toText(document) ?? ''} canWrite={canWrite} onWrite={write} />
      ) : document.length > EDITED_MAX ? (
        <p className="waiting">This document is too long to be edited here as a whole.</p>
      ) : (
        <ValueEditor
          key={document}
          label="Document"
          value={document}
          canWrite={canWrite}
          onSave={(value, overwrites) => write(WHOLE, document, value, overwrites)}
          onReload={asked.reload}
        />
      )}
    </>
  )
}
