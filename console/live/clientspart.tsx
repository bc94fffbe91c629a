/** Who is connected, since when, what each did last and waits for; each can be ended. */

import { useState } from 'react'
import { durationText, sizeText } from '../model/figures.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { useStore } from '../parts/store.tsx'
import { TableHead } from '../parts/tablehead.tsx'
import { useInterval, useLoaded } from '../parts/useloaded.ts'
import { shown } from '../wire/bytes.ts'
import { type Client, clientsOf, stateOf } from './clients.ts'

const REFRESH_MS = 3000

export function ClientsPart() {
  const { rest, access } = useStore()
  const asked = useLoaded(() => clientsOf(rest), [rest])
  useInterval(asked.reload, REFRESH_MS)
  const [ended, setEnded] = useState<Client>()
  const field = (client: Client, name: string): string => client.get(name) ?? ''
  return (
    <>
      {asked.error === '' ? null : <p className="problem">{asked.error}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard */}
      <section className="table" aria-label="Clients" tabIndex={0}>
        <table>
          <TableHead columns={['ID', 'Name', 'Address', 'User', 'Since', 'Idle', 'Last command', 'State', 'Memory']} />
          <tbody>
            {asked.value?.map((client) => (
              <tr key={field(client, 'id')}>
                <td className="number">{field(client, 'id')}</td>
                <td>
                  <bdi>{shown(field(client, 'name'))}</bdi>
                </td>
                <td className="mono">{field(client, 'addr')}</td>
                <td>
                  <bdi>{shown(field(client, 'user'))}</bdi>
                </td>
                <td>{durationText(Number(field(client, 'age')))}</td>
                <td>{durationText(Number(field(client, 'idle')))}</td>
                <td className="mono">{field(client, 'cmd')}</td>
                <td>
                  <bdi>{stateOf(client).join('; ')}</bdi>
                </td>
                <td className="number">{sizeText(Number(field(client, 'tot-mem')))}</td>
                <td className="row-actions">
                  {access.canWrite ? (
                    <button type="button" onClick={() => setEnded(client)}>
                      End
                    </button>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {ended === undefined ? null : (
        <FormDialog
          title="End this connection?"
          action="End it"
          isDangerous
          onClose={() => setEnded(undefined)}
          onSubmit={async () => {
            await rest.run('CLIENT', 'KILL', 'ID', field(ended, 'id'))
            asked.reload()
          }}
        >
          <p>
            Client {field(ended, 'id')} at {field(ended, 'addr')}
          </p>
        </FormDialog>
      )}
    </>
  )
}
