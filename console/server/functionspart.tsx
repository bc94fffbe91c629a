/** Libraries of functions and scripts, with their text; of scripts not every store tells it. */
import { useState } from 'react'
import { sizeText } from '../model/figures.ts'
import { fieldsOf } from '../model/info.ts'
import { Field, FormDialog } from '../parts/dialog.tsx'
import { useStore } from '../parts/store.tsx'
import { useLoaded } from '../parts/useloaded.ts'
import { type Bytes, fromText, shown, toText } from '../wire/bytes.ts'
import { Failure } from '../wire/resp.ts'
import { type Library, librariesOf, type Script, scriptState, scriptsOf } from './functions.ts'

type Open = 'load' | { readonly deleted: Library } | { readonly edited: Library } | undefined

export function FunctionsPart() {
  const { rest, access, notices } = useStore()
  const asked = useLoaded(() => librariesOf(rest), [rest])
  const scripts = useLoaded(async () => {
    const [info] = await rest.pipeline([['INFO', 'memory']])
    return info instanceof Failure ? undefined : fieldsOf(String(info)).get('number_of_cached_scripts')
  }, [rest])
  const [open, setOpen] = useState<Open>()
  const close = (): void => setOpen(undefined)
  const load = async (form: FormData): Promise<void> => {
    const code = fromText(String(form.get('code')).replace(/\r\n/g, '\n'))
    await rest.run('FUNCTION', 'LOAD', ...(form.has('replaces') ? ['REPLACE'] : []), code)
    notices.say('The library is loaded.')
    asked.reload()
  }
  return (
    <>
      <div className="bar">
        <p className="grow soft">Libraries of functions, as FUNCTION LIST tells them.</p>
        {access.canWrite ? (
          <button type="button" onClick={() => setOpen('load')}>
            Load a library
          </button>
        ) : null}
      </div>
      {asked.error === '' ? null : <p className="problem">{asked.error}</p>}
      {asked.value?.length === 0 ? <p className="waiting">No library is loaded.</p> : null}
      {asked.value?.map((library) => (
        <section key={library.name} className="library" aria-label={shown(library.name)}>
          <header className="bar">
            <h2>
              <bdi>{shown(library.name)}</bdi>
            </h2>
            <span className="soft grow">{shown(library.engine)}</span>
            {access.canWrite ? (
              <>
                <button type="button" onClick={() => setOpen({ edited: library })}>
                  Edit
                </button>
                <button type="button" className="danger" onClick={() => setOpen({ deleted: library })}>
                  Delete
                </button>
              </>
            ) : null}
          </header>
          <ul className="names">
            {library.functions.map(({ name, flags, description }) => (
              <li key={name}>
                <bdi>{[shown(name), ...flags.map((flag) => `(${flag})`), shown(description)].join(' ').trim()}</bdi>
              </li>
            ))}
          </ul>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard */}
          <pre tabIndex={0}>{toText(library.code) ?? shown(library.code)}</pre>
        </section>
      ))}
      <Scripts count={scripts.value} />
      {open === 'load' || (open !== undefined && 'edited' in open) ? (
        <FormDialog
          title={open === 'load' ? 'Load a library' : 'Edit the library'}
          action="Load"
          onClose={close}
          onSubmit={load}
        >
          <Field
            label="Text"
            name="code"
            isLong
            value={open === 'load' ? '#!lua name=mine\n' : (toText(open.edited.code) ?? '')}
          />
          <label className="check">
            <input type="checkbox" name="replaces" defaultChecked={open !== 'load'} /> In the place of one of that name
          </label>
        </FormDialog>
      ) : open !== undefined ? (
        <FormDialog
          title="Delete this library?"
          action="Delete"
          isDangerous
          onClose={close}
          onSubmit={async () => {
            await rest.run('FUNCTION', 'DELETE', open.deleted.name)
            notices.say('The library is deleted.')
            asked.reload()
          }}
        >
          <p>
            <bdi>{shown(open.deleted.name)}</bdi>: who calls its functions gets an error from then on.
          </p>
        </FormDialog>
      ) : null}
    </>
  )
}

/** Scripts that are shown; the others are found by their SHA-1. */
const SHOWN = 100

/** zerodis tells all scripts, Valkey one by its SHA-1, Redis only whether it knows one. */
function Scripts({ count }: { count: string | undefined }) {
  const { rest } = useStore()
  const all = useLoaded(() => scriptsOf(rest), [rest])
  const [found, setFound] = useState<Script | string>('')
  const look = (digest: Bytes): void => {
    scriptState(rest, digest).then(setFound, (error: Error) => setFound(error.message))
  }
  const scripts = all.value ?? []
  return (
    <section className="advice" aria-label="Scripts">
      <h2>Scripts</h2>
      <p>
        {count === undefined ? '' : `The store knows ${count} scripts. `}
        {all.value === undefined
          ? 'It does not tell them: it can be asked for one by its SHA-1.'
          : scripts.length > SHOWN
            ? `Here are ${SHOWN} of them; it can be asked for the others by their SHA-1.`
            : ''}
      </p>
      {scripts.slice(0, SHOWN).map((script) => (
        <ScriptText key={script.digest} script={script} isOpen={false} />
      ))}
      <form
        className="bar"
        onSubmit={(event) => {
          event.preventDefault()
          look(fromText(String(new FormData(event.currentTarget).get('digest')).trim()))
        }}
      >
        <input name="digest" className="grow" aria-label="SHA-1 of a script" placeholder="SHA-1" required dir="ltr" />
        <button type="submit">Look</button>
      </form>
      <p role="status">{typeof found === 'string' ? found : ''}</p>
      {typeof found === 'string' ? null : <ScriptText key={found.digest} script={found} isOpen />}
    </section>
  )
}

function ScriptText({ script: { digest, text }, isOpen }: { script: Script; isOpen: boolean }) {
  return (
    <details open={isOpen}>
      <summary>
        <code>{shown(digest)}</code> <span className="soft">{sizeText(text.length)}</span>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard */}
      <pre tabIndex={0}>{toText(text) ?? shown(text)}</pre>
    </details>
  )
}
