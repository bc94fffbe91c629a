/** A stream: its entries, the newest first, and its groups. */
import { useState } from 'react'
import { Segments } from '../../parts/buttons.tsx'
import { Field } from '../../parts/dialog.tsx'
import { useStore } from '../../parts/store.tsx'
import { usePages } from '../../parts/usepages.ts'
import { type Bytes, fromText, shown } from '../../wire/bytes.ts'
import { Cell, Elements } from '../elements.tsx'
import { ElementsBar } from '../elementsbar.tsx'
import type { ValueProps } from '../keypane.tsx'
import { StreamGroups } from './streamgroups.tsx'

interface Entry {
  readonly id: Bytes
  readonly fields: readonly Bytes[]
}

const PART = 100

export function StreamValue(props: ValueProps) {
  const [part, setPart] = useState<'entries' | 'groups'>('entries')
  return (
    <>
      <div className="bar">
        <Segments
          label="Part of the stream"
          value={part}
          choices={[
            { value: 'entries', label: 'Entries' },
            { value: 'groups', label: 'Groups' },
          ]}
          onChange={setPart}
        />
      </div>
      {part === 'entries' ? <Entries {...props} /> : <StreamGroups {...props} />}
    </>
  )
}

function Entries({ name, canWrite, onChanged }: ValueProps) {
  const { rest } = useStore()
  const pages = usePages<Entry, string>(
    async (from = '+') => {
      const reply = (await rest.run('XREVRANGE', name, from, '-', 'COUNT', PART)) as [Bytes, Bytes[]][]
      const items = reply.map(([id, fields]) => ({ id, fields }))
      return { items, next: items.length < PART ? undefined : `(${items.at(-1)!.id}` }
    },
    [rest, name],
  )
  const changed = (): void => {
    pages.reload()
    onChanged()
  }
  const add = async (form: FormData): Promise<void> => {
    const pairs = String(form.get('pairs'))
      .split('\n')
      .filter((line) => line.trim() !== '')
      .flatMap((line) => {
        const equals = line.indexOf('=')
        if (equals < 1) throw new Error('Each line is a field and its value: name=value.')
        return [fromText(line.slice(0, equals)), fromText(line.slice(equals + 1))]
      })
    await rest.run('XADD', name, '*', ...pairs)
    changed()
  }
  return (
    <>
      <ElementsBar what="entry" canAdd={canWrite} onAdd={add} error={pages.error}>
        <Field label="Fields" name="pairs" isLong hint="A line for each: name=value" />
      </ElementsBar>
      <Elements
        columns={['ID', 'Time', 'Fields']}
        elements={pages.items.map(({ id, fields }) => ({
          id,
          title: `entry ${id}`,
          value: asText(fields),
          cells: [
            <span key="i" className="mono">
              {id}
            </span>,
            <time key="t">{timeOf(id)}</time>,
            <Pairs key="p" fields={fields} />,
          ],
        }))}
        canWrite={canWrite}
        onRemove={async (index) => {
          await rest.run('XDEL', name, pages.items[index].id)
          changed()
        }}
        onReload={pages.reload}
        onMore={pages.more}
        isLoading={pages.isLoading}
      />
    </>
  )
}

function Pairs({ fields }: { fields: readonly Bytes[] }) {
  const pairs = Array.from({ length: fields.length / 2 }, (_, i) => [fields[i * 2], fields[i * 2 + 1]])
  return (
    <dl className="pairs">
      {pairs.map(([field, value], i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a field may stand there twice
        <div key={i}>
          <dt>
            <bdi>{shown(field)}</bdi>
          </dt>
          <dd>
            <Cell bytes={value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** An entry to look at, a line for each field. */
function asText(fields: readonly Bytes[]): Bytes {
  return Array.from({ length: fields.length / 2 }, (_, i) => `${fields[i * 2]}=${fields[i * 2 + 1]}`).join('\n')
}

/** The first part of an ID is Unix ms, where nobody has chosen it. */
export function timeOf(id: Bytes): string {
  const ms = Number(id.split('-', 1)[0])
  const earliest = Date.UTC(2000, 0)
  return ms < earliest || ms > 4e12 ? '' : new Date(ms).toISOString().replace('T', ' ').replace('Z', '')
}
