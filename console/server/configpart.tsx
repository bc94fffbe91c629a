/** The configuration: searched, compared with its defaults, and set while the store runs. */
import { useState } from 'react'
import { Segments } from '../parts/buttons.tsx'
import { Field, FormDialog } from '../parts/dialog.tsx'
import { SearchField } from '../parts/searchfield.tsx'
import { useStore } from '../parts/store.tsx'
import { TableHead } from '../parts/tablehead.tsx'
import { useLoaded } from '../parts/useloaded.ts'
import { fromText, toText } from '../wire/bytes.ts'
import { type Setting, settingsOf, settingsWith, settingText, type Which } from './configuration.ts'

export function ConfigPart() {
  const { rest, access, notices } = useStore()
  const asked = useLoaded(() => settingsOf(rest), [rest])
  const [typed, setTyped] = useState('')
  const [which, setWhich] = useState<Which>('all')
  const [edited, setEdited] = useState<Setting>()
  const found = settingsWith(asked.value ?? [], typed, which)
  const save = async ({ name }: Setting, form: FormData): Promise<void> => {
    await rest.run('CONFIG', 'SET', name, fromText(String(form.get('value'))))
    notices.say(`${name} is set.`)
    asked.reload()
  }
  return (
    <>
      <div className="bar">
        <SearchField label="Filter directives" hint="A name, or what it is for" value={typed} onType={setTyped} />
        <Segments<Which>
          label="Which directives"
          value={which}
          choices={[
            { value: 'all', label: 'All' },
            { value: 'changed', label: 'Not the default' },
            { value: 'inert', label: 'Without effect' },
          ]}
          onChange={setWhich}
        />
      </div>
      {asked.error === '' ? null : <p className="problem">{asked.error}</p>}
      {asked.value === undefined ? null : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard
        <section className="table" aria-label="Configuration" tabIndex={0}>
          <table>
            <TableHead columns={['Directive', 'Value', 'Default', 'What it is for']} />
            <tbody>
              {found.map((setting) => (
                <Line key={setting.name} setting={setting} onEdit={access.canWrite ? setEdited : undefined} />
              ))}
            </tbody>
          </table>
          {found.length === 0 ? <p className="waiting">No directive fits.</p> : null}
        </section>
      )}
      {edited === undefined ? null : (
        <FormDialog
          title={`Set ${edited.name}`}
          action="Set"
          onClose={() => setEdited(undefined)}
          onSubmit={(form) => save(edited, form)}
        >
          {edited.known === undefined ? null : <p>{edited.known.summary}</p>}
          <Field
            label="Value"
            name="value"
            value={edited.known?.isSecret ? '' : (toText(edited.value) ?? '')}
            isOptional
            hint={
              edited.known === undefined
                ? 'It holds until the store ends.'
                : `${edited.known.kind}; ${edited.known.initial === '' ? 'empty' : edited.known.initial} by default. It holds until the store ends.`
            }
          />
        </FormDialog>
      )}
    </>
  )
}

interface LineProps {
  readonly setting: Setting
  /** Undefined for who may not. */
  readonly onEdit: ((setting: Setting) => void) | undefined
}

function Line({ setting, onEdit }: LineProps) {
  const { name, known, isChanged } = setting
  const marks = [
    known?.isFixed ? 'set at the start' : '',
    known?.isProtected ? 'protected' : '',
    known?.isInert ? 'without effect' : '',
  ].filter((mark) => mark !== '')
  return (
    <tr>
      <td className="mono">{name}</td>
      <td>
        <bdi className={isChanged ? 'cell changed' : 'cell'}>{settingText(setting)}</bdi>
      </td>
      <td>
        <bdi className="cell soft">{known?.initial ?? ''}</bdi>
      </td>
      <td>
        {known?.summary}
        {marks.map((mark) => (
          <span key={mark} className="mark">
            {mark}
          </span>
        ))}
      </td>
      <td className="row-actions">
        {onEdit === undefined || known?.isFixed ? null : (
          <button type="button" aria-label={`Set ${name}`} onClick={() => onEdit(setting)}>
            Set
          </button>
        )}
      </td>
    </tr>
  )
}
