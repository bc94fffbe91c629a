/** For the read-only token of REST, which may read keys and not look for them: a key is opened by its name. */
import type { FormEvent } from 'react'
import type { Bytes } from '../wire/bytes.ts'
import { fromText } from '../wire/bytes.ts'

export function OpenByName({ onOpen }: { onOpen: (key: Bytes) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    onOpen(fromText(String(new FormData(event.currentTarget).get('name'))))
  }
  return (
    <section className="keys by-name" aria-label="Keys">
      <form onSubmit={submit}>
        <label htmlFor="name">Name of a key</label>
        <input id="name" name="name" required autoComplete="off" spellCheck={false} dir="auto" />
        <button type="submit" className="primary">
          Open
        </button>
      </form>
      <p className="hint">This token may read keys and not list them. Who knows the name of a key opens it here.</p>
    </section>
  )
}
