/**
 * A string: whole where it is not long, else in pieces of which one is seen at a time. HyperLogLogs tell what they count; bits
 * are seen as places that are set.
 */
import { useState } from 'react'
import { edit, overwrite } from '../../model/editing.ts'
import { countText, sizeText } from '../../model/figures.ts'
import { useStore } from '../../parts/store.tsx'
import { useLoaded } from '../../parts/useloaded.ts'
import type { Bytes } from '../../wire/bytes.ts'
import type { ValueProps } from '../keypane.tsx'
import { ValueEditor } from '../valueeditor.tsx'

/** Strings up to this length are edited; longer ones are seen in pieces. Unit: bytes. */
const WHOLE_MAX = 1024 * 1024
const PIECE = 64 * 1024

export function StringValue({ name, canWrite, onChanged }: ValueProps) {
  const { rest } = useStore()
  const [at, setAt] = useState(0)
  const asked = useLoaded(async () => {
    const length = (await rest.run('STRLEN', name)) as number
    const isWhole = length <= WHOLE_MAX
    const value = (await (isWhole
      ? rest.run('GET', name)
      : rest.run('GETRANGE', name, at, at + PIECE - 1))) as Bytes | null
    const isHyperLogLog = value?.startsWith('HYLL') ?? false
    const count = isHyperLogLog && at === 0 ? await rest.run('PFCOUNT', name).catch(() => null) : null
    return { length, isWhole, value: value ?? '', count }
  }, [rest, name, at])
  if (asked.error !== '') return <p className="problem">{asked.error}</p>
  if (asked.value === undefined) return <p className="waiting">Loading …</p>
  const { length, isWhole, value, count } = asked.value
  const save = async (next: Bytes, overwrites: boolean): Promise<void> => {
    if (overwrites) await overwrite(rest, 'string', name, [], next)
    else await edit(rest, 'string', name, value, [], next)
    asked.reload()
    onChanged()
  }
  return (
    <>
      {typeof count === 'number' ? (
        <p className="note">A HyperLogLog of about {countText(count)} different elements.</p>
      ) : null}
      {isWhole ? null : (
        <div className="bar pieces">
          <span>
            {sizeText(at)} to {sizeText(Math.min(at + PIECE, length))} of {sizeText(length)}
          </span>
          <button type="button" disabled={at === 0} onClick={() => setAt(Math.max(0, at - PIECE))}>
            Back
          </button>
          <button type="button" disabled={at + PIECE >= length} onClick={() => setAt(at + PIECE)}>
            On
          </button>
          <button
            type="button"
            disabled={at + PIECE >= length}
            onClick={() => setAt(Math.floor((length - 1) / PIECE) * PIECE)}
          >
            End
          </button>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              const wanted = Number(new FormData(event.currentTarget).get('at'))
              setAt(Math.max(0, Math.min(length - 1, Math.floor(wanted) || 0)))
            }}
          >
            <input name="at" type="number" min={0} max={length - 1} aria-label="Go to byte" placeholder="Go to byte" />
          </form>
        </div>
      )}
      <ValueEditor
        key={`${at} ${value.length > WHOLE_MAX ? '' : value}`}
        label="Value"
        value={value}
        canWrite={canWrite && isWhole}
        onSave={save}
        onReload={asked.reload}
      />
    </>
  )
}
