/** Export into a file, import out of one, and keys to try things out with. */
import { type ChangeEvent, useState } from 'react'
import { Segments } from '../parts/buttons.tsx'
import { FormDialog } from '../parts/dialog.tsx'
import { useStore } from '../parts/store.tsx'
import type { Rest } from '../wire/rest.ts'
import { type CommandFile, commandLines, readCommands, runCommands } from './commandlines.ts'
import { RdbFile } from './rdbfile.ts'
import { addSamples, dumped, exported, type Imported, imported, importedSnapshot } from './transfer.ts'

type Kind = 'jsonl' | 'redis' | 'rdb'

const KINDS: readonly { readonly value: Kind; readonly label: string }[] = [
  { value: 'jsonl', label: 'JSON lines' },
  { value: 'redis', label: 'Commands' },
  { value: 'rdb', label: 'RDB' },
]

const HINTS: Readonly<Record<Kind, string>> = {
  jsonl: 'A line of JSON for each key, with what DUMP gives. Imported, keys that are there already stay as they are.',
  redis:
    'The commands that make the keys, as redis-cli reads them. Imported, they are carried out as they stand there.',
  rdb: 'A snapshot with the keys of this database, as dump.rdb is. Imported, keys that are there already stay as they are.',
}

export function TransferView() {
  const { rest, access, facts, notices } = useStore()
  const [pattern, setPattern] = useState('')
  const [kind, setKind] = useState<Kind>('jsonl')
  const [isBusy, setBusy] = useState(false)
  const [file, setFile] = useState<CommandFile>()
  const run = (work: () => Promise<string>): void => {
    setBusy(true)
    work()
      .then(
        (said) => said !== '' && notices.say(said),
        (error) => notices.fail(error),
      )
      .finally(() => {
        facts.forget()
        setBusy(false)
      })
  }
  const download = (): void =>
    run(async () => {
      const { blob, said } = await packed(rest, pattern, kind)
      save(blob, kind)
      return said
    })
  const upload = (event: ChangeEvent<HTMLInputElement>): void => {
    const [chosen] = event.target.files ?? []
    if (chosen === undefined) return
    run(async () => {
      if ((await chosen.slice(0, 5).text()) === 'REDIS') {
        const { readSnapshot } = await import('./rdbreader.ts')
        const snapshot = readSnapshot(new Uint8Array(await chosen.arrayBuffer()))
        return saidOf(await importedSnapshot(rest, snapshot))
      }
      const text = await chosen.text()
      if (!text.trimStart().startsWith('{')) {
        setFile(readCommands(text))
        return ''
      }
      return saidOf(await imported(rest, text))
    })
    event.target.value = ''
  }
  return (
    <section className="transfer" aria-label="Export and import">
      <h2>Export and import</h2>
      {access.canScan ? (
        <div className="bar">
          <input
            aria-label="Keys to export"
            placeholder="All keys, or a pattern like user:*"
            value={pattern}
            dir="auto"
            onChange={(event) => setPattern(event.target.value)}
          />
          <Segments label="Kind of the file" value={kind} choices={KINDS} onChange={setKind} />
          <button type="button" disabled={isBusy} onClick={download}>
            Export
          </button>
        </div>
      ) : null}
      <p className="hint">{HINTS[kind]}</p>
      {access.canWrite ? (
        <div className="bar">
          <label>
            Import JSON lines, commands or a snapshot{' '}
            <input type="file" accept=".jsonl,.ndjson,.redis,.txt,.rdb" disabled={isBusy} onChange={upload} />
          </label>
          <span className="grow" />
          <button
            type="button"
            disabled={isBusy}
            onClick={() => run(() => addSamples(rest).then(() => 'Keys of every type begin with sample:.'))}
          >
            Add sample keys
          </button>
        </div>
      ) : null}
      {file === undefined ? null : (
        <FormDialog
          title={`Run ${file.commands.length.toLocaleString('en')} commands?`}
          action="Run them"
          isDangerous
          onClose={() => setFile(undefined)}
          onSubmit={async () => {
            await runCommands(rest, file)
            notices.say('All commands have run.')
            facts.forget()
          }}
        >
          <ul className="names">
            {[...file.counts].map(([name, count]) => (
              <li key={name}>
                <bdi>
                  {count.toLocaleString('en')} {name}
                </bdi>
              </li>
            ))}
          </ul>
        </FormDialog>
      )}
    </section>
  )
}

function saidOf({ added, kept }: Imported): string {
  return `${added.toLocaleString('en')} came in, ${kept.toLocaleString('en')} were there already.`
}

async function packed(rest: Rest, pattern: string, kind: Kind): Promise<{ blob: Blob; said: string }> {
  if (kind === 'rdb') {
    const file = new RdbFile(rest.db)
    for await (const each of dumped(rest, pattern)) file.add(each, Date.now())
    return { blob: file.blob(), said: `${file.count.toLocaleString('en')} keys are in the file.` }
  }
  const lines: string[] = []
  const parts = kind === 'jsonl' ? exported(rest, pattern) : commandLines(rest, pattern)
  for await (const line of parts) lines.push(line)
  const what = kind === 'jsonl' ? 'keys' : 'commands'
  return { blob: new Blob(lines), said: `${lines.length.toLocaleString('en')} ${what} are in the file.` }
}

function save(blob: Blob, kind: Kind): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = `zerodis-${new Date().toISOString().slice(0, 10)}.${kind}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
