/** Export into a file, import out of one, and keys to try things out with. */
import { type ChangeEvent, useState } from 'react'
import { useStore } from '../parts/store.tsx'
import { addSamples, exported, imported } from './transfer.ts'

export function TransferView() {
  const { rest, access, facts, notices } = useStore()
  const [pattern, setPattern] = useState('')
  const [isBusy, setBusy] = useState(false)
  const run = (work: () => Promise<string>): void => {
    setBusy(true)
    work()
      .then(
        (said) => notices.say(said),
        (error) => notices.fail(error),
      )
      .finally(() => {
        facts.forget()
        setBusy(false)
      })
  }
  const download = (): void =>
    run(async () => {
      const lines: string[] = []
      for await (const line of exported(rest, pattern)) lines.push(line)
      save(new Blob(lines, { type: 'application/x-ndjson' }))
      return `${lines.length.toLocaleString('en')} keys are in the file.`
    })
  const upload = (event: ChangeEvent<HTMLInputElement>): void => {
    const [file] = event.target.files ?? []
    if (file === undefined) return
    run(async () => {
      const { added, kept } = await imported(rest, await file.text())
      return `${added.toLocaleString('en')} keys came in, ${kept.toLocaleString('en')} were there already.`
    })
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
          <button type="button" disabled={isBusy} onClick={download}>
            Export
          </button>
        </div>
      ) : null}
      {access.canWrite ? (
        <div className="bar">
          <label>
            Import a file that was exported{' '}
            <input type="file" accept=".jsonl,.ndjson" disabled={isBusy} onChange={upload} />
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
      <p className="hint">
        A line of JSON for each key, with what DUMP gives. Keys that are there already stay as they are.
      </p>
    </section>
  )
}

function save(blob: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = `zerodis-${new Date().toISOString().slice(0, 10)}.jsonl`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
