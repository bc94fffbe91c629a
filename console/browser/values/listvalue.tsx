/** A list: its elements by their places, a part at a time. */
import { edit, overwrite, removeElement } from '../../model/editing.ts'
import { Field } from '../../parts/dialog.tsx'
import { useStore } from '../../parts/store.tsx'
import { usePages } from '../../parts/usepages.ts'
import { type Bytes, fromText } from '../../wire/bytes.ts'
import { Cell, Elements } from '../elements.tsx'
import { ElementsBar } from '../elementsbar.tsx'
import type { ValueProps } from '../keypane.tsx'

const PART = 200

export function ListValue({ name, canWrite, onChanged }: ValueProps) {
  const { rest } = useStore()
  const pages = usePages<Bytes, number>(
    async (from = 0) => {
      const items = (await rest.run('LRANGE', name, from, from + PART - 1)) as Bytes[]
      return { items, next: items.length < PART ? undefined : from + PART }
    },
    [rest, name],
  )
  const changed = (): void => {
    pages.reload()
    onChanged()
  }
  const add = async (form: FormData): Promise<void> => {
    const command = form.get('end') === 'head' ? 'LPUSH' : 'RPUSH'
    await rest.run(command, name, fromText(String(form.get('value'))))
    changed()
  }
  return (
    <>
      <ElementsBar what="element" canAdd={canWrite} onAdd={add} error={pages.error}>
        <Field label="Element" name="value" isLong isOptional />
        <fieldset className="field radios">
          <legend>Where</legend>
          <label>
            <input type="radio" name="end" value="tail" defaultChecked /> at its end
          </label>
          <label>
            <input type="radio" name="end" value="head" /> at its beginning
          </label>
        </fieldset>
      </ElementsBar>
      <Elements
        columns={['Index', 'Element']}
        elements={pages.items.map((value, i) => ({
          id: `${i}`,
          title: `element ${i}`,
          value,
          cells: [<span key="i">{i}</span>, <Cell key="v" bytes={value} />],
        }))}
        canWrite={canWrite}
        onSave={async (index, value, overwrites) => {
          if (overwrites) await overwrite(rest, 'list', name, [index], value)
          else await edit(rest, 'list', name, pages.items[index], [index], value)
          changed()
        }}
        onRemove={async (index) => {
          await removeElement(rest, name, index, pages.items[index])
          changed()
        }}
        onReload={pages.reload}
        onMore={pages.more}
        isLoading={pages.isLoading}
      />
    </>
  )
}
