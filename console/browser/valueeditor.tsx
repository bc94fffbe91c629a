/**
 * One value to read and to edit, in the format that suits it. What is saved takes the place of what was seen; where somebody else
 * has written meanwhile, one is asked.
 */
import { useEffect, useMemo, useState } from 'react'
import { Conflict } from '../model/editing.ts'
import { sizeText } from '../model/figures.ts'
import { bestFormat, type Format, formatsOf } from '../model/formats.ts'
import { CopyButton, Segments } from '../parts/buttons.tsx'
import type { Bytes } from '../wire/bytes.ts'

interface ValueEditorProps {
  readonly label: string
  readonly value: Bytes
  readonly canWrite: boolean
  /** Writes; over what somebody else has written only if told to. @throws Conflict */
  readonly onSave: (value: Bytes, overwrites: boolean) => Promise<void>
  /** Shows what is there now. */
  readonly onReload: () => void
}

export function ValueEditor({ label, value, canWrite, onSave, onReload }: ValueEditorProps) {
  const formats = useMemo(() => formatsOf(value), [value])
  const [format, setFormat] = useState<Format>(() => bestFormat(value))
  const shownText = useShown(format, value)
  const [typed, setTyped] = useState<string>()
  const [error, setError] = useState('')
  const [isConflict, setConflict] = useState(false)
  const [isBusy, setBusy] = useState(false)

  const choose = (next: Format): void => {
    setFormat(next)
    setTyped(undefined)
    setError('')
  }
  const save = (overwrites: boolean): void => {
    const bytes = format.read!(typed!)
    if (bytes === undefined) {
      setError(format.wrong!)
      return
    }
    setBusy(true)
    setError('')
    setConflict(false)
    onSave(bytes, overwrites)
      .then(
        () => setTyped(undefined),
        (reason: Error) => {
          setConflict(reason instanceof Conflict)
          setError(reason.message)
        },
      )
      .finally(() => setBusy(false))
  }
  const revert = (): void => {
    setTyped(undefined)
    setError('')
    setConflict(false)
  }
  const isEditable = canWrite && format.read !== undefined
  return (
    <div className="value-editor">
      <div className="bar">
        <Segments
          label="Format"
          value={format.name}
          choices={formats.map(({ name, label }) => ({ value: name, label }))}
          onChange={(name) => choose(formats.find((each) => each.name === name)!)}
        />
        <span className="soft">{sizeText(value.length)}</span>
        <CopyButton text={shownText} label="Copy the value" />
      </div>
      <textarea
        aria-label={label}
        className={format.name === 'text' ? 'value' : 'value mono'}
        dir={format.name === 'text' ? 'auto' : 'ltr'}
        spellCheck={false}
        readOnly={!isEditable}
        value={typed ?? shownText}
        onChange={(event) => setTyped(event.target.value)}
      />
      {error === '' ? null : (
        <div className="problem" role="alert">
          <p>{error}</p>
          {isConflict ? (
            <p className="choices">
              <button type="button" onClick={onReload}>
                Show what is there now
              </button>
              <button type="button" className="danger" onClick={() => save(true)}>
                Overwrite it
              </button>
            </p>
          ) : null}
        </div>
      )}
      {typed === undefined ? null : (
        <div className="bar actions">
          <button type="button" onClick={revert}>
            Revert
          </button>
          <button type="button" className="primary" disabled={isBusy} onClick={() => save(false)}>
            Save
          </button>
        </div>
      )}
    </div>
  )
}

/** What a format shows; some take a moment. */
function useShown(format: Format, value: Bytes): string {
  const result = useMemo(() => format.show(value), [format, value])
  const [late, setLate] = useState('')
  useEffect(() => {
    if (typeof result === 'string') return
    let isWanted = true
    result.then(
      (text) => isWanted && setLate(text),
      (error: Error) => isWanted && setLate(error.message),
    )
    return () => {
      isWanted = false
    }
  }, [result])
  return typeof result === 'string' ? result : late
}
