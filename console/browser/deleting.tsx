/** Deleting: keys that were chosen, or all below a branch, which are counted first. What was deleted can be brought back for a while. */
import { useEffect, useState } from 'react'
import { type Removed, remove, restore, UNDO_KEYS } from '../model/editing.ts'
import { globEscaped } from '../model/glob.ts'
import { Dialog, FormDialog } from '../parts/dialog.tsx'
import { type Store, useStore } from '../parts/store.tsx'
import { type Bytes, brief } from '../wire/bytes.ts'
import type { Rest } from '../wire/rest.ts'

interface DeletingProps {
  readonly onClose: () => void
  readonly onGone: (keys: readonly Bytes[]) => void
  readonly onBack: (keys: readonly Bytes[]) => void
}

/** Names that a dialog shows. */
const SHOWN = 8

export function DeleteKeysDialog({ keys, onClose, onGone, onBack }: DeletingProps & { keys: readonly Bytes[] }) {
  const store = useStore()
  return (
    <FormDialog
      title={keys.length === 1 ? 'Delete this key?' : `Delete ${keys.length.toLocaleString('en')} keys?`}
      action="Delete"
      isDangerous
      onClose={onClose}
      onSubmit={async (form) => {
        tell(store, await remove(store.rest, keys, form.has('undo')), onBack)
        onGone(keys)
      }}
    >
      <ul className="names">
        {keys.slice(0, SHOWN).map((key) => (
          <li key={key}>
            <bdi>{brief(key)}</bdi>
          </li>
        ))}
        {keys.length > SHOWN ? <li>… and {(keys.length - SHOWN).toLocaleString('en')} more</li> : null}
      </ul>
      {keys.length > UNDO_KEYS ? (
        <p className="hint">They cannot be brought back: of more than {UNDO_KEYS} no copy is kept.</p>
      ) : (
        <label className="check">
          <input type="checkbox" name="undo" defaultChecked /> Keep a copy for half a minute, to undo it
        </label>
      )}
    </FormDialog>
  )
}

/** Finds and counts what is below a branch before it asks. */
export function DeleteBranchDialog({ prefix, onClose, ...rest }: DeletingProps & { prefix: Bytes }) {
  const store = useStore()
  const [keys, setKeys] = useState<readonly Bytes[]>()
  const [count, setCount] = useState(0)
  const [error, setError] = useState('')
  useEffect(() => {
    const abort = new AbortController()
    keysBelow(store.rest, prefix, setCount, abort.signal).then(
      (found) => abort.signal.aborted || setKeys(found),
      (reason: Error) => setError(reason.message),
    )
    return () => abort.abort()
  }, [store, prefix])
  if (keys !== undefined) return <DeleteKeysDialog keys={keys} onClose={onClose} {...rest} />
  return (
    <Dialog title="Counting" onClose={onClose}>
      <div className="dialog-body">
        <p aria-live="polite">
          {error === '' ? `${count.toLocaleString('en')} keys begin with ` : `${error} `}
          <bdi className="mono">{brief(prefix)}</bdi>
        </p>
      </div>
    </Dialog>
  )
}

const STEP = 5000

async function keysBelow(
  rest: Rest,
  prefix: Bytes,
  onCount: (count: number) => void,
  signal: AbortSignal,
): Promise<Bytes[]> {
  const found = new Set<Bytes>()
  let cursor = '0'
  do {
    const reply = await rest.run('SCAN', cursor, 'MATCH', `${globEscaped(prefix)}*`, 'COUNT', STEP)
    const [next, keys] = reply as [Bytes, Bytes[]]
    for (const key of keys) found.add(key)
    onCount(found.size)
    cursor = next
  } while (cursor !== '0' && !signal.aborted)
  return [...found]
}

function tell({ rest, notices }: Store, removed: Removed, onBack: (keys: readonly Bytes[]) => void): void {
  const count = removed.keys.length
  const text = count === 1 ? `Deleted ${brief(removed.keys[0], 60)}.` : `Deleted ${count.toLocaleString('en')} keys.`
  if (removed.payloads.length === 0) {
    notices.say(text)
    return
  }
  notices.say(text, () => {
    restore(rest, removed).then(
      (back) => {
        notices.say(back === 1 ? 'The key is back.' : `${back.toLocaleString('en')} keys are back.`)
        onBack(removed.payloads.map(({ key }) => key))
      },
      (error) => notices.fail(error),
    )
  })
}
