/** How to connect to this store, with the token if one wants to see it. */
import { useState } from 'react'
import { statusOf } from '../model/info.ts'
import { CopyButton } from '../parts/buttons.tsx'
import { useStore } from '../parts/store.tsx'
import { useLoaded } from '../parts/useloaded.ts'
import { Snippets } from './snippets.tsx'
import { TransferView } from './transferview.tsx'

export default function ConnectPage() {
  const { rest, place, token } = useStore()
  const [isShown, setShown] = useState(false)
  const info = useLoaded(async () => statusOf((await rest.run('INFO', 'everything')) as string), [rest])
  return (
    <section className="page" aria-label="Connect">
      <dl className="addresses">
        <Address name="REST" value={place.url} />
        {info.value !== undefined && info.value.respPort !== 0 ? (
          <Address name="RESP" value={`redis://${place.hostname}:${info.value.respPort}`} />
        ) : null}
      </dl>
      {token === undefined ? (
        <p className="hint">
          You are signed in by a cookie, from which no token can be read. It is in the environment of the server.
        </p>
      ) : (
        <p className="token">
          <button type="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
            {isShown ? 'Hide the token' : 'Show the token'}
          </button>
          {isShown ? <code>{token}</code> : null}
        </p>
      )}
      <h2>Clients</h2>
      <Snippets place={place} respPort={info.value?.respPort ?? 0} token={isShown ? token : undefined} />
      <TransferView />
    </section>
  )
}

function Address({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton text={value} label={`Copy the address of ${name}`} />
      </dd>
    </div>
  )
}
