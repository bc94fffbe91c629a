/** Dialogs, on the browser's own: it keeps the focus in, gives it back, and ends at Escape. */
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { IconButton } from './buttons.tsx'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
}

export function Dialog({ title, onClose, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = ref.current!
    dialog.showModal()
    return () => dialog.close()
  }, [])
  return (
    <dialog ref={ref} aria-labelledby={id} onClose={onClose}>
      <header>
        <h2 id={id}>{title}</h2>
        <IconButton icon="close" label="Close" onClick={onClose} />
      </header>
      {children}
    </dialog>
  )
}

interface FormDialogProps extends DialogProps {
  /** What the button says that carries it out. */
  readonly action: string
  readonly isDangerous?: boolean
  /** Carries it out; what it throws is shown, and the dialog stays. */
  readonly onSubmit: (form: FormData) => Promise<void>
}

export function FormDialog({ title, action, isDangerous = false, onSubmit, onClose, children }: FormDialogProps) {
  const [error, setError] = useState('')
  const [isBusy, setBusy] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setError('')
    onSubmit(form).then(onClose, (reason: Error) => {
      setError(reason.message)
      setBusy(false)
    })
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit}>
        <div className="dialog-body">{children}</div>
        {error === '' ? null : (
          <p className="problem" role="alert">
            {error}
          </p>
        )}
        <footer>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className={isDangerous ? 'danger' : 'primary'} disabled={isBusy}>
            {action}
          </button>
        </footer>
      </form>
    </Dialog>
  )
}

interface FieldProps {
  readonly label: string
  readonly name: string
  readonly value?: string
  readonly hint?: string
  readonly isLong?: boolean
  readonly isOptional?: boolean
  readonly type?: 'text' | 'number'
}

/** A field of a dialog's form with its label. */
export function Field({
  label,
  name,
  value = '',
  hint,
  isLong = false,
  isOptional = false,
  type = 'text',
}: FieldProps) {
  const id = useId()
  const common = { id, name, defaultValue: value, required: !isOptional, 'aria-describedby': hint && `${id}-hint` }
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {isLong ? (
        <textarea {...common} rows={6} spellCheck={false} dir="auto" />
      ) : (
        <input {...common} type={type} step="any" autoComplete="off" spellCheck={false} dir="auto" />
      )}
      {hint === undefined ? null : (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
    </div>
  )
}
