/** How the store stands: what is on disk, its master or its replicas, what it shares or stands before; and what can be done about it. */
import { useState } from 'react'
import { durationText, sizeText } from '../model/figures.ts'
import { numbersOf, sectionsOf } from '../model/info.ts'
import { Field, FormDialog } from '../parts/dialog.tsx'
import { useStore } from '../parts/store.tsx'
import { useInterval, useLoaded } from '../parts/useloaded.ts'
import type { Argument } from '../wire/rest.ts'

type Fields = ReadonlyMap<string, string>

const REFRESH_MS = 3000

/** Sections of INFO that are shown, where the store has them. */
const SECTIONS = ['Persistence', 'Replication', 'Store', 'Upstream', 'Cluster']

/** What is asked for once more before it is done. */
interface Action {
  readonly label: string
  readonly title: string
  readonly does: string
  readonly command: readonly Argument[]
  readonly isDangerous?: boolean
  /** Takes a time within which a replica must have caught up. */
  readonly hasTimeout?: boolean
}

const SAVE: Action = {
  label: 'Save a snapshot',
  title: 'Save a snapshot now?',
  does: 'It writes all keys to disk, beside all other work (BGSAVE).',
  command: ['BGSAVE'],
}
const REWRITE: Action = {
  label: 'Rewrite the append-only file',
  title: 'Rewrite the append-only file now?',
  does: 'It writes the file anew, as short as it can be, beside all other work (BGREWRITEAOF).',
  command: ['BGREWRITEAOF'],
}
const FAILOVER: Action = {
  label: 'Fail over',
  title: 'Make a replica the master?',
  does: 'Writes wait until a replica has all that this store has; then it is the master, and this one its replica (FAILOVER).',
  command: ['FAILOVER'],
  isDangerous: true,
  hasTimeout: true,
}
const PROMOTE: Action = {
  label: 'Make it a master',
  title: 'Make this store a master?',
  does: 'It follows its master no longer, and takes writes (REPLICAOF NO ONE).',
  command: ['REPLICAOF', 'NO', 'ONE'],
  isDangerous: true,
}
const REWRITE_CONFIG: Action = {
  label: 'Write the configuration to its file',
  title: 'Write the configuration to its file?',
  does: 'What was set while the store ran holds after the next start, too (CONFIG REWRITE).',
  command: ['CONFIG', 'REWRITE'],
}

export function StatePart() {
  const { rest, access, notices } = useStore()
  const asked = useLoaded(async () => sectionsOf(String(await rest.run('INFO', 'everything'))), [rest])
  useInterval(asked.reload, REFRESH_MS)
  const [action, setAction] = useState<Action>()
  const { value: sections } = asked
  if (sections === undefined)
    return <p className={asked.error === '' ? 'waiting' : 'problem'}>{asked.error || 'Loading …'}</p>
  const isReplica = sections.get('Replication')?.get('role') === 'slave'
  const run = async ({ command, title }: Action, form: FormData): Promise<void> => {
    const timeout = Number(form.get('timeout') || 0)
    await rest.run(...command, ...(timeout > 0 ? ['TIMEOUT', Math.round(timeout * 1000)] : []))
    notices.say(`${title.replace(/( now)?\?$/, '')}: the store has begun.`)
    asked.reload()
  }
  return (
    <>
      {asked.error === '' ? null : <p className="problem">{asked.error}</p>}
      {access.canWrite || isReplica ? (
        <div className="bar">
          {[SAVE, REWRITE, isReplica ? PROMOTE : FAILOVER, REWRITE_CONFIG].map((each) => (
            <button key={each.label} type="button" onClick={() => setAction(each)}>
              {each.label} …
            </button>
          ))}
        </div>
      ) : null}
      {SECTIONS.map((title) => {
        const fields = sections.get(title)
        return fields === undefined ? null : <Section key={title} title={title} fields={fields} />
      })}
      {action === undefined ? null : (
        <FormDialog
          title={action.title}
          action={action.label}
          isDangerous={action.isDangerous ?? false}
          onClose={() => setAction(undefined)}
          onSubmit={(form) => run(action, form)}
        >
          <p>{action.does}</p>
          {action.hasTimeout ? (
            <Field
              label="Give up after"
              name="timeout"
              type="number"
              isOptional
              hint="Seconds; nothing to wait for as long as it takes"
            />
          ) : null}
        </FormDialog>
      )}
    </>
  )
}

function Section({ title, fields }: { title: string; fields: Fields }) {
  return (
    <section className="state" aria-label={title}>
      <h2>{title}</h2>
      <p>{(SUMMARIES[title] ?? (() => ''))(fields)}</p>
      <dl className="fields">
        {[...fields].map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** The gist of a section in a sentence or two. */
const SUMMARIES: Readonly<Record<string, (fields: Fields) => string>> = {
  Persistence: (fields) => {
    const savedAt = Number(fields.get('rdb_last_save_time') ?? 0)
    const saved = savedAt === 0 ? 'No snapshot yet' : `Last snapshot ${durationText(Date.now() / 1000 - savedAt)} ago`
    const changes = `${Number(fields.get('rdb_changes_since_last_save') ?? 0).toLocaleString('en')} changes since`
    const isOn = fields.get('aof_enabled') === '1'
    const size = fields.get('aof_current_size')
    const file = isOn
      ? `an append-only file${size === undefined ? '' : ` of ${sizeText(Number(size))}`}`
      : 'no append-only file'
    const failed = [
      ['rdb_last_bgsave_status', 'The last snapshot has failed.'],
      ['aof_last_bgrewrite_status', 'The last rewriting has failed.'],
      ['aof_last_write_status', 'The append-only file cannot be written.'],
    ].flatMap(([name, text]) => ((fields.get(name) ?? 'ok') === 'ok' ? [] : [text]))
    return [`${saved}, ${changes}; ${file}.`, ...failed].join(' ')
  },
  Replication: (fields) => {
    if (fields.get('role') === 'slave') {
      const link = fields.get('master_link_status') === 'up' ? 'connected' : 'not connected'
      return `A replica of ${fields.get('master_host')}:${fields.get('master_port')}, ${link}.`
    }
    const replicas = [...fields].filter(([name]) => /^slave\d+$/.test(name))
    const lags = replicas.map(([, value]) => numbersOf(value).get('lag') ?? 0)
    const count = replicas.length === 1 ? 'one replica' : `${replicas.length || 'no'} replicas`
    return `A master with ${count}${replicas.length === 0 ? '' : `, the slowest ${Math.max(...lags)} s behind`}.`
  },
  Store: (fields) =>
    `Keys are shared through ${fields.get('store_kind')}; this process is ${fields.get('store_lag')} batches behind.`,
}
