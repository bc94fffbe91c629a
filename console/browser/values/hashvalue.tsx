/** A hash: its fields with their values and, where the store knows that, their time to live. */
import { useState } from 'react'
import { edit, overwrite } from '../../model/editing.ts'
import { durationOf, ttlText } from '../../model/figures.ts'
import { patternOf } from '../../model/glob.ts'
import { IconButton } from '../../parts/buttons.tsx'
import { Field, FormDialog } from '../../parts/dialog.tsx'
import { useStore } from '../../parts/store.tsx'
import { usePages } from '../../parts/usepages.ts'
import { type Bytes, brief, fromText } from '../../wire/bytes.ts'
import type { Rest } from '../../wire/rest.ts'
import { Cell, Elements } from '../elements.tsx'
import { ElementsBar } from '../elementsbar.tsx'
import type { ValueProps } from '../keypane.tsx'

interface HashField {
  readonly field: Bytes
  readonly value: Bytes
  /** Unit: ms; -1 without an end. */
  readonly ttl: number
}

const PART = 200

export function HashValue({ name, canWrite, onChanged }: ValueProps) {
  const { rest } = useStore()
  const [filter, setFilter] = useState('')
  const pages = usePages<HashField, string>((from) => fieldsOf(rest, name, filter, from), [rest, name, filter])
  const [timed, setTimed] = useState<HashField>()
  const changed = (): void => {
    pages.reload()
    onChanged()
  }
  const save = async (index: number, value: Bytes, overwrites: boolean): Promise<void> => {
    const { field, value: seen } = pages.items[index]
    if (overwrites) await overwrite(rest, 'hash', name, [field], value)
    else await edit(rest, 'hash', name, seen, [field], value)
    changed()
  }
  const add = async (form: FormData): Promise<void> => {
    const [field, value] = [fromText(String(form.get('field'))), fromText(String(form.get('value')))]
    const reply = await rest.run('HSETNX', name, field, value)
    if (reply === 0) throw new Error('This field is there already.')
    changed()
  }
  return (
    <>
      <ElementsBar filter={filter} onFilter={setFilter} what="field" canAdd={canWrite} onAdd={add} error={pages.error}>
        <Field label="Field" name="field" />
        <Field label="Value" name="value" isLong isOptional />
      </ElementsBar>
      <Elements
        columns={['Field', 'Value', 'Time to live']}
        elements={pages.items.map(({ field, value, ttl }) => ({
          id: field,
          title: brief(field, 60),
          value,
          cells: [<Cell key="f" bytes={field} />, <Cell key="v" bytes={value} />, <span key="t">{ttlText(ttl)}</span>],
        }))}
        canWrite={canWrite}
        onSave={save}
        onRemove={async (index) => {
          await rest.run('HDEL', name, pages.items[index].field)
          changed()
        }}
        actions={(index) =>
          canWrite ? (
            <IconButton
              icon="clock"
              label={`Time to live of ${brief(pages.items[index].field, 60)}`}
              onClick={() => setTimed(pages.items[index])}
            />
          ) : null
        }
        onReload={pages.reload}
        onMore={pages.more}
        isLoading={pages.isLoading}
      />
      {timed === undefined ? null : (
        <FormDialog
          title="Time to live of the field"
          action="Set"
          onClose={() => setTimed(undefined)}
          onSubmit={async (form) => {
            const text = String(form.get('ttl')).trim()
            const ms = text === '' ? undefined : durationOf(text)
            if (text !== '' && !ms) throw new Error('A duration is 90, 5m, 2h 30m or 1d.')
            const what = ms === undefined ? ['HPERSIST', name] : ['HPEXPIRE', name, ms]
            await rest.run(...what, 'FIELDS', 1, timed.field)
            changed()
          }}
        >
          <Field
            label="Expires in"
            name="ttl"
            value={ttlText(timed.ttl)}
            isOptional
            hint="90, 5m, 2h 30m, 1d; nothing for no expiry"
          />
        </FormDialog>
      )}
    </>
  )
}

async function fieldsOf(rest: Rest, name: Bytes, filter: string, from = '0') {
  const [cursor, flat] = (await rest.run('HSCAN', name, from, 'MATCH', patternOf(filter), 'COUNT', PART)) as [
    Bytes,
    Bytes[],
  ]
  const fields = flat.filter((_, i) => i % 2 === 0)
  const ttls =
    fields.length === 0 ? [] : await rest.run('HPTTL', name, 'FIELDS', fields.length, ...fields).catch(() => [])
  const items = fields.map((field, i) => ({ field, value: flat[i * 2 + 1], ttl: Number((ttls as number[])[i] ?? -1) }))
  return { items, next: cursor === '0' ? undefined : cursor }
}
