/** What a user may do: some commands with a key that one chooses, and one that one types. Nothing of it is carried out. */
import { type FormEvent, useState } from 'react'
import { Dialog } from '../parts/dialog.tsx'
import { useStore } from '../parts/store.tsx'
import { useLoaded } from '../parts/useloaded.ts'
import { type Bytes, shown } from '../wire/bytes.ts'
import { type Verdict, verdictOf, verdictsOf } from './users.ts'

export function TryDialog({ user, onClose }: { user: Bytes; onClose: () => void }) {
  const { rest } = useStore()
  const [key, setKey] = useState('key')
  const asked = useLoaded(() => verdictsOf(rest, user, key), [rest, user, key])
  const [typed, setTyped] = useState<Verdict>()
  const [error, setError] = useState('')
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    setError('')
    verdictOf(rest, user, String(new FormData(event.currentTarget).get('command'))).then(setTyped, (reason: Error) =>
      setError(reason.message),
    )
  }
  return (
    <Dialog title={`What ${shown(user)} may do`} onClose={onClose}>
      <div className="dialog-body">
        <form className="bar" onSubmit={submit}>
          <input
            name="command"
            className="grow"
            aria-label="Command to try"
            placeholder="A command, as set app:1 x"
            required
            dir="ltr"
          />
          <button type="submit" className="primary">
            Try
          </button>
        </form>
        {error === '' ? null : <p className="problem-text">{error}</p>}
        {typed === undefined ? null : <VerdictLine verdict={typed} />}
        <div className="field">
          <label htmlFor="tried-key">Key or channel</label>
          <input id="tried-key" value={key} dir="auto" onChange={(event) => setKey(event.target.value)} />
        </div>
        {asked.error === '' ? null : <p className="problem-text">{asked.error}</p>}
        <ul className="verdicts">
          {asked.value?.map((verdict) => (
            <li key={verdict.command}>
              <VerdictLine verdict={verdict} />
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  )
}

function VerdictLine({ verdict: { command, isAllowed, reason } }: { verdict: Verdict }) {
  return (
    <p className={isAllowed ? 'verdict' : 'verdict refused'} title={reason}>
      <bdi className="mono">{command}</bdi>
      <span>{isAllowed ? 'may' : 'may not'}</span>
    </p>
  )
}
