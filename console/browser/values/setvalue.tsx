/** A set: its members, found by SSCAN. */
import { useState } from 'react'
import { patternOf } from '../../model/glob.ts'
import { Field } from '../../parts/dialog.tsx'
import { useStore } from '../../parts/store.tsx'
import { usePages } from '../../parts/usepages.ts'
import { type Bytes, brief, fromText } from '../../wire/bytes.ts'
import { Cell, Elements } from '../elements.tsx'
import { ElementsBar } from '../elementsbar.tsx'
import type { ValueProps } from '../keypane.tsx'

const PART = 200

export function SetValue({ name, canWrite, onChanged }: ValueProps) {
  const { rest } = useStore()
  const [filter, setFilter] = useState('')
  const pages = usePages<Bytes, string>(
    async (from = '0') => {
      const reply = await rest.run('SSCAN', name, from, 'MATCH', patternOf(filter), 'COUNT', PART)
      const [cursor, items] = reply as [Bytes, Bytes[]]
      return { items, next: cursor === '0' ? undefined : cursor }
    },
    [rest, name, filter],
  )
  const changed = (): void => {
    pages.reload()
    onChanged()
  }
  const add = async (form: FormData): Promise<void> => {
    const reply = await rest.run('SADD', name, fromText(String(form.get('member'))))
    if (reply === 0) throw new Error('This member is there already.')
    changed()
  }
  const members = [...new Set(pages.items)]
  return (
    <>
      <ElementsBar filter={filter} onFilter={setFilter} what="member" canAdd={canWrite} onAdd={add} error={pages.error}>
        <Field label="Member" name="member" isOptional />
      </ElementsBar>
      <Elements
        columns={['Member']}
        elements={members.map((member) => ({
          id: member,
          title: brief(member, 60),
          value: member,
          cells: [<Cell key="m" bytes={member} />],
        }))}
        canWrite={canWrite}
        onRemove={async (index) => {
          await rest.run('SREM', name, members[index])
          changed()
        }}
        onReload={pages.reload}
        onMore={pages.more}
        isLoading={pages.isLoading}
      />
    </>
  )
}
