/** JSON as a tree: objects and arrays open and close, other members are edited in place. A member is written by its path alone. */
import { type FormEvent, useMemo, useState } from 'react'
import { Conflict } from '../../model/editing.ts'
import { isJson } from '../../model/jsontext.ts'
import { IconButton } from '../../parts/buttons.tsx'
import { useStore } from '../../parts/store.tsx'
import { type Bytes, fromText, shown } from '../../wire/bytes.ts'

type Json = null | boolean | number | string | Digits | Json[] | { [name: string]: Json }

/** A number whose text JavaScript would write otherwise: 1.0, or one past 2^53. */
class Digits {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

interface JsonTreeProps {
  readonly text: string
  readonly canWrite: boolean
  readonly onWrite: (path: string, seen: Bytes, value: Bytes, overwrites: boolean) => Promise<void>
}

/** Open at first down to this depth. */
const OPEN_DEPTH = 2
/** Members that are shown of one object or array at first. */
const SHOWN = 200

export function JsonTree({ text, canWrite, onWrite }: JsonTreeProps) {
  const document = useMemo(() => parsed(text), [text])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard
    <section className="json-tree elements" aria-label="Document" tabIndex={0}>
      <Node name={undefined} value={document} path="." depth={0} canWrite={canWrite} onWrite={onWrite} />
    </section>
  )
}

interface NodeProps {
  readonly name: string | undefined
  readonly value: Json
  readonly path: string
  readonly depth: number
  readonly canWrite: boolean
  readonly onWrite: JsonTreeProps['onWrite']
}

function Node(props: NodeProps) {
  const { name, value, path, depth } = props
  const [isOpen, setOpen] = useState(depth < OPEN_DEPTH)
  const [count, setCount] = useState(SHOWN)
  if (value === null || typeof value !== 'object' || value instanceof Digits) return <Leaf {...props} />
  const isArray = Array.isArray(value)
  const names = Object.keys(value)
  const label = isArray ? `[${names.length}]` : `{${names.length}}`
  return (
    <details className="json-node" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {name === undefined ? null : <Name name={name} />}
        <span className="soft">{label}</span>
      </summary>
      {isOpen
        ? names
            .slice(0, count)
            .map((member) => (
              <Node
                {...props}
                key={member}
                name={member}
                value={(value as Record<string, Json>)[member]}
                path={isArray ? `${pathBefore(path)}[${member}]` : `${pathBefore(path)}[${JSON.stringify(member)}]`}
                depth={depth + 1}
              />
            ))
        : null}
      {isOpen && names.length > count ? (
        <button type="button" className="more" onClick={() => setCount(count + SHOWN)}>
          {(names.length - count).toLocaleString('en')} more
        </button>
      ) : null}
    </details>
  )
}

function Leaf({ name, value, path, canWrite, onWrite }: NodeProps) {
  const { notices } = useStore()
  const [typed, setTyped] = useState<string>()
  const text = value instanceof Digits ? value.text : JSON.stringify(value)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (!isJson(typed!)) {
      notices.fail('This is not JSON: text stands between quotes.')
      return
    }
    onWrite(path, fromText(text), fromText(typed!), false).then(
      () => setTyped(undefined),
      (error) =>
        notices.fail(error instanceof Conflict ? `${error.message} Read it again to see what is there.` : error),
    )
  }
  return (
    <div className="json-leaf">
      {name === undefined ? null : <Name name={name} />}
      {typed === undefined ? (
        <>
          <bdi className={`json-${kindOf(value)}`}>{shown(fromText(text))}</bdi>
          {canWrite ? (
            <IconButton icon="edit" label={`Edit ${name ?? 'the value'}`} onClick={() => setTyped(text)} />
          ) : null}
        </>
      ) : (
        <form onSubmit={submit}>
          <input
            aria-label={`Value of ${name ?? 'the document'}`}
            value={typed}
            spellCheck={false}
            // biome-ignore lint/a11y/noAutofocus: it has taken the place of the button that was pressed
            autoFocus
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && setTyped(undefined)}
          />
          <button type="submit" className="primary">
            Save
          </button>
        </form>
      )}
    </div>
  )
}

/** Browsers that do not tell the text of a number show it as JavaScript writes it. */
function parsed(text: string): Json {
  const keep = (_: string, value: Json, context?: { readonly source?: string }): Json =>
    typeof value === 'number' && context?.source !== undefined && context.source !== String(value)
      ? new Digits(context.source)
      : value
  return JSON.parse(text, keep) as Json
}

function kindOf(value: Json): string {
  if (value === null) return 'null'
  return value instanceof Digits ? 'number' : typeof value
}

function Name({ name }: { name: string }) {
  return <bdi className="json-name">{shown(fromText(name))}</bdi>
}

/** The path of the whole is a dot, behind which no bracket may stand. */
function pathBefore(path: string): string {
  return path === '.' ? '' : path
}
