/** The groups of a stream: who reads, what is pending with whom, and taking it over or off the list. */

import { useState } from 'react'
import { durationText } from '../../model/figures.ts'
import { Field, FormDialog } from '../../parts/dialog.tsx'
import { Icon } from '../../parts/icons.tsx'
import { useStore } from '../../parts/store.tsx'
import { TableHead } from '../../parts/tablehead.tsx'
import { useLoaded } from '../../parts/useloaded.ts'
import { type Bytes, fromText, shown } from '../../wire/bytes.ts'
import type { Reply } from '../../wire/resp.ts'
import type { ValueProps } from '../keypane.tsx'

const PENDING = 100

export function StreamGroups({ name, canWrite, onChanged }: ValueProps) {
  const { rest } = useStore()
  const groups = useLoaded(
    async () => ((await rest.run('XINFO', 'GROUPS', name)) as Reply[][]).map(mapOf),
    [rest, name],
  )
  const [isAdding, setAdding] = useState(false)
  const [open, setOpen] = useState<Bytes>()
  const add = async (form: FormData): Promise<void> => {
    await rest.run('XGROUP', 'CREATE', name, fromText(String(form.get('group'))), String(form.get('id')))
    groups.reload()
    onChanged()
  }
  if (groups.error !== '') return <p className="problem">{groups.error}</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard
    <section className="elements" aria-label="Groups" tabIndex={0}>
      {canWrite ? (
        <div className="bar">
          <span className="grow" />
          <button type="button" onClick={() => setAdding(true)}>
            <Icon name="plus" /> Add group
          </button>
        </div>
      ) : null}
      {groups.value?.length === 0 ? <p className="waiting">Nobody reads it in a group.</p> : null}
      {groups.value?.map((group) => {
        const own = String(group.get('name'))
        return (
          <details key={own} open={own === open} onToggle={(event) => event.currentTarget.open && setOpen(own)}>
            <summary>
              <bdi>{shown(own)}</bdi>
              <span className="soft">
                {String(group.get('consumers'))} consumers, {String(group.get('pending'))} pending, at{' '}
                {String(group.get('last-delivered-id'))}, behind by {String(group.get('lag') ?? 'what nobody knows')}
              </span>
            </summary>
            {own === open ? <Group stream={name} group={own} canWrite={canWrite} onChanged={groups.reload} /> : null}
          </details>
        )
      })}
      {isAdding ? (
        <FormDialog title="New group" action="Add" onClose={() => setAdding(false)} onSubmit={add}>
          <Field label="Name" name="group" />
          <Field label="Reads from" name="id" value="$" hint="$ is what comes from now on, 0 all that is there" />
        </FormDialog>
      ) : null}
    </section>
  )
}

interface GroupProps {
  readonly stream: Bytes
  readonly group: Bytes
  readonly canWrite: boolean
  readonly onChanged: () => void
}

function Group({ stream, group, canWrite, onChanged }: GroupProps) {
  const { rest, notices } = useStore()
  const [claimed, setClaimed] = useState<Bytes>()
  const asked = useLoaded(async () => {
    const [consumers, pending] = await Promise.all([
      rest.run('XINFO', 'CONSUMERS', stream, group),
      rest.run('XPENDING', stream, group, '-', '+', PENDING),
    ])
    return { consumers: (consumers as Reply[][]).map(mapOf), pending: pending as [Bytes, Bytes, number, number][] }
  }, [rest, stream, group])
  const changed = (): void => {
    asked.reload()
    onChanged()
  }
  const acknowledge = (id: Bytes): void => {
    rest.run('XACK', stream, group, id).then(changed, (error) => notices.fail(error))
  }
  if (asked.value === undefined) return <p className="waiting">{asked.error || 'Loading …'}</p>
  const { consumers, pending } = asked.value
  return (
    <>
      <h3>Consumers</h3>
      <ul className="chips">
        {consumers.map((consumer) => (
          <li key={String(consumer.get('name'))}>
            <bdi>{shown(String(consumer.get('name')))}</bdi>
            <span className="soft">
              {String(consumer.get('pending'))} pending, idle {durationText(Number(consumer.get('idle')) / 1000)}
            </span>
          </li>
        ))}
      </ul>
      <h3>Pending</h3>
      <table>
        <TableHead columns={['ID', 'Consumer', 'For', 'Deliveries']} />
        <tbody>
          {pending.map(([id, consumer, idleMs, deliveries]) => (
            <tr key={id}>
              <td className="mono">{id}</td>
              <td>
                <bdi>{shown(consumer)}</bdi>
              </td>
              <td>{durationText(idleMs / 1000)}</td>
              <td>{deliveries}</td>
              <td className="row-actions">
                {canWrite ? (
                  <>
                    <button type="button" onClick={() => acknowledge(id)}>
                      Acknowledge
                    </button>
                    <button type="button" onClick={() => setClaimed(id)}>
                      Claim
                    </button>
                  </>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {claimed === undefined ? null : (
        <FormDialog
          title={`Claim ${claimed}`}
          action="Claim"
          onClose={() => setClaimed(undefined)}
          onSubmit={async (form) => {
            await rest.run('XCLAIM', stream, group, fromText(String(form.get('consumer'))), 0, claimed, 'JUSTID')
            changed()
          }}
        >
          <Field label="For the consumer" name="consumer" />
        </FormDialog>
      )}
    </>
  )
}

function mapOf(flat: readonly Reply[]): Map<string, Reply> {
  const map = new Map<string, Reply>()
  for (let i = 0; i + 1 < flat.length; i += 2) map.set(String(flat[i]), flat[i + 1])
  return map
}
