/** An array: its elements by their indexes; what is not set takes no place. */
import { edit, overwrite } from '../../model/editing.ts'
import { Field } from '../../parts/dialog.tsx'
import { useStore } from '../../parts/store.tsx'
import { usePages } from '../../parts/usepages.ts'
import { type Bytes, fromText } from '../../wire/bytes.ts'
import type { Reply } from '../../wire/resp.ts'
import { Cell, Elements } from '../elements.tsx'
import { ElementsBar } from '../elementsbar.tsx'
import type { ValueProps } from '../keypane.tsx'

interface ArrayElement {
  readonly index: bigint
  readonly value: Bytes
}

const PART = 200
const LAST = '18446744073709551614'

export function ArrayValue({ name, canWrite, onChanged }: ValueProps) {
  const { rest } = useStore()
  const pages = usePages<ArrayElement, bigint>(
    async (from = 0n) => {
      const reply = (await rest.run('ARSCAN', name, String(from), LAST, 'LIMIT', PART)) as Reply[]
      const items = pairsOf(reply)
      return { items, next: items.length < PART ? undefined : items.at(-1)!.index + 1n }
    },
    [rest, name],
  )
  const changed = (): void => {
    pages.reload()
    onChanged()
  }
  const add = async (form: FormData): Promise<void> => {
    const index = String(form.get('index')).trim()
    if (!/^\d+$/.test(index)) throw new Error('An index is a number from 0 on.')
    await edit(rest, 'array', name, undefined, [index], fromText(String(form.get('value'))))
    changed()
  }
  return (
    <>
      <ElementsBar what="element" canAdd={canWrite} onAdd={add} error={pages.error}>
        <Field label="Index" name="index" />
        <Field label="Element" name="value" isLong isOptional />
      </ElementsBar>
      <Elements
        columns={['Index', 'Element']}
        elements={pages.items.map(({ index, value }) => ({
          id: `${index}`,
          title: `element ${index}`,
          value,
          cells: [<span key="i">{`${index}`}</span>, <Cell key="v" bytes={value} />],
        }))}
        canWrite={canWrite}
        onSave={async (at, value, overwrites) => {
          const { index, value: seen } = pages.items[at]
          if (overwrites) await overwrite(rest, 'array', name, [`${index}`], value)
          else await edit(rest, 'array', name, seen, [`${index}`], value)
          changed()
        }}
        onRemove={async (at) => {
          await rest.run('ARDEL', name, `${pages.items[at].index}`)
          changed()
        }}
        onReload={pages.reload}
        onMore={pages.more}
        isLoading={pages.isLoading}
      />
    </>
  )
}

/** Index and element, flat or as pairs. */
function pairsOf(reply: readonly Reply[]): ArrayElement[] {
  const flat = reply.flat() as Reply[]
  return Array.from({ length: flat.length / 2 }, (_, i) => ({
    index: BigInt(String(flat[i * 2])),
    value: String(flat[i * 2 + 1]),
  }))
}
