/** One key: its name, type, time to live and size, what can be done to it as a whole, and what is in it. */
import { type ReactNode, useState } from 'react'
import { durationOf, sizeText, ttlText } from '../model/figures.ts'
import { factsOf, type KeyFacts } from '../model/keyfacts.ts'
import { typeClass, typeLabel } from '../model/types.ts'
import { CopyButton, IconButton } from '../parts/buttons.tsx'
import { Field, FormDialog } from '../parts/dialog.tsx'
import { useStore } from '../parts/store.tsx'
import { useInterval, useLoaded } from '../parts/useloaded.ts'
import { type Bytes, fromText, shown, toText } from '../wire/bytes.ts'
import { DeleteKeysDialog } from './deleting.tsx'
import { ArrayValue } from './values/arrayvalue.tsx'
import { HashValue } from './values/hashvalue.tsx'
import { JsonValue } from './values/jsonvalue.tsx'
import { ListValue } from './values/listvalue.tsx'
import { SetValue } from './values/setvalue.tsx'
import { StreamValue } from './values/streamvalue.tsx'
import { StringValue } from './values/stringvalue.tsx'
import { ZsetValue } from './values/zsetvalue.tsx'

interface KeyPaneProps {
  readonly name: Bytes
  readonly onOpen: (key: Bytes | undefined) => void
}

export interface ValueProps {
  /** The name of the key. */
  readonly name: Bytes
  readonly canWrite: boolean
  /** Its size or its time may be others now, or it is gone. */
  readonly onChanged: () => void
}

const VALUES: Readonly<Record<string, (props: ValueProps) => ReactNode>> = {
  string: StringValue,
  hash: HashValue,
  list: ListValue,
  set: SetValue,
  zset: ZsetValue,
  stream: StreamValue,
  'ReJSON-RL': JsonValue,
  array: ArrayValue,
}

type Doing = 'rename' | 'copy' | 'ttl' | 'delete' | undefined

export function KeyPane({ name, onOpen }: KeyPaneProps) {
  const { rest, access, facts, changes, notices } = useStore()
  const asked = useLoaded(async () => (await factsOf(rest, [name]))[0], [rest, name])
  const [doing, setDoing] = useState<Doing>()
  const [round, setRound] = useState(0)
  const [, setTick] = useState(0)
  useInterval(() => setTick((tick) => tick + 1), 1000)
  const changed = (): void => {
    facts.forget([name])
    asked.reload()
  }
  const close = (): void => setDoing(undefined)
  const title = name === '' ? '(the empty name)' : shown(name)
  const Value = asked.value === undefined ? undefined : VALUES[asked.value.type]
  return (
    <section className="key-pane" aria-label="Key">
      <header className="key-head">
        <IconButton icon="left" label="Back to the keys" className="narrow" onClick={() => onOpen(undefined)} />
        {asked.value === undefined ? null : (
          <span className={typeClass(asked.value.type)}>{typeLabel(asked.value.type)}</span>
        )}
        <h2>
          <bdi>{title.length > 400 ? `${title.slice(0, 400)}…` : title}</bdi>
        </h2>
        <CopyButton text={toText(name) ?? title} label="Copy the name" />
        <span className="grow" />
        <IconButton
          icon="refresh"
          label="Read it again"
          onClick={() => {
            changed()
            setRound(round + 1)
          }}
        />
        {access.canWrite && asked.value !== undefined && asked.value.type !== 'none' ? (
          <>
            <IconButton icon="edit" label="Rename" onClick={() => setDoing('rename')} />
            <IconButton icon="double" label="Copy to another name" onClick={() => setDoing('copy')} />
            <IconButton icon="trash" label="Delete this key" onClick={() => setDoing('delete')} />
          </>
        ) : null}
      </header>
      {asked.error === '' ? null : <p className="problem">{asked.error}</p>}
      {asked.value === undefined ? null : asked.value.type === 'none' ? (
        <p className="waiting">There is no such key, or it has ended.</p>
      ) : (
        <>
          <Facts facts={asked.value} canWrite={access.canWrite} onTtl={() => setDoing('ttl')} />
          {Value === undefined ? (
            <p className="waiting">A value of the type {asked.value.type} is not shown here.</p>
          ) : (
            <Value
              key={`${round} ${name}`}
              name={name}
              canWrite={access.canWrite && access.canScript}
              onChanged={changed}
            />
          )}
        </>
      )}
      {doing === 'ttl' ? (
        <TtlDialog name={name} expiresAt={asked.value?.expiresAt ?? -1} onClose={close} onDone={changed} />
      ) : doing === 'rename' || doing === 'copy' ? (
        <NameDialog
          name={name}
          isCopy={doing === 'copy'}
          onClose={close}
          onDone={(other) => {
            notices.say(doing === 'copy' ? 'Copied.' : 'Renamed.')
            changes.tell(doing === 'copy' ? { made: [other] } : { gone: [name], made: [other] })
            onOpen(other)
          }}
        />
      ) : doing === 'delete' ? (
        <DeleteKeysDialog
          keys={[name]}
          onClose={close}
          onGone={(gone) => {
            changes.tell({ gone })
            onOpen(undefined)
          }}
          onBack={(made) => {
            changes.tell({ made })
            onOpen(name)
          }}
        />
      ) : null}
    </section>
  )
}

function Facts({ facts, canWrite, onTtl }: { facts: KeyFacts; canWrite: boolean; onTtl: () => void }) {
  const ttl = facts.expiresAt < 0 ? 'No expiry' : `Expires in ${ttlText(Math.max(0, facts.expiresAt - Date.now()))}`
  return (
    <p className="facts">
      {canWrite ? (
        <button type="button" className="link" onClick={onTtl}>
          {ttl}
        </button>
      ) : (
        <span>{ttl}</span>
      )}
      {facts.sizeBytes < 0 ? null : <span>{sizeText(facts.sizeBytes)} in memory</span>}
    </p>
  )
}

interface TtlDialogProps {
  readonly name: Bytes
  readonly expiresAt: number
  readonly onClose: () => void
  readonly onDone: () => void
}

function TtlDialog({ name, expiresAt, onClose, onDone }: TtlDialogProps) {
  const { rest } = useStore()
  const submit = async (form: FormData): Promise<void> => {
    const text = String(form.get('ttl')).trim()
    const ms = text === '' ? 0 : durationOf(text)
    if (ms === undefined || (text !== '' && ms === 0)) throw new Error('A duration is 90, 5m, 2h 30m or 1d.')
    const reply = text === '' ? await rest.run('PERSIST', name) : await rest.run('PEXPIRE', name, ms)
    if (text !== '' && reply === 0) throw new Error('The key is no more.')
    onDone()
  }
  const left = expiresAt < 0 ? '' : ttlText(Math.max(1000, expiresAt - Date.now()))
  return (
    <FormDialog title="Time to live" action="Set" onClose={onClose} onSubmit={submit}>
      <Field label="Expires in" name="ttl" value={left} isOptional hint="90, 5m, 2h 30m, 1d; nothing for no expiry" />
    </FormDialog>
  )
}

interface NameDialogProps {
  readonly name: Bytes
  readonly isCopy: boolean
  readonly onClose: () => void
  readonly onDone: (other: Bytes) => void
}

/** A new name never takes the place of a key that is there. */
function NameDialog({ name, isCopy, onClose, onDone }: NameDialogProps) {
  const { rest } = useStore()
  const submit = async (form: FormData): Promise<void> => {
    const other = fromText(String(form.get('name')))
    const reply = await rest.run(isCopy ? 'COPY' : 'RENAMENX', name, other)
    if (reply === 0) throw new Error('A key of that name is there already.')
    onDone(other)
  }
  return (
    <FormDialog
      title={isCopy ? 'Copy to another name' : 'Rename'}
      action={isCopy ? 'Copy' : 'Rename'}
      onClose={onClose}
      onSubmit={submit}
    >
      <Field label="New name" name="name" value={toText(name) ?? ''} />
    </FormDialog>
  )
}
