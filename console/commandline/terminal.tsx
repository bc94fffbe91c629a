/** One tab of the command line: the log, the line, and what may stand in it. */
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useObservable } from '../model/observable.ts'
import { Icon } from '../parts/icons.tsx'
import { useStore } from '../parts/store.tsx'
import { type CommandDoc, commandOf, completions } from './docs.ts'
import { rowsOf } from './printed.ts'
import { type LogLine, Shell } from './shell.ts'

interface TerminalProps {
  readonly docs: ReadonlyMap<string, CommandDoc>
  readonly isCurrent: boolean
}

const HISTORY = 'zerodis-history'
const HISTORY_MAX = 200
/** Lines that hold a secret are not kept. */
const SECRET = /^\s*(auth|hello|acl|config\s+set|migrate)\b/i

export function Terminal({ docs, isCurrent }: TerminalProps) {
  const { rest } = useStore()
  const shell = useObservable(useMemo(() => new Shell(rest), [rest]))
  const [line, setLine] = useState('')
  const [chosen, setChosen] = useState(-1)
  const [past, setPast] = useState<{ at: number; typed: string }>()
  const log = useRef<HTMLDivElement>(null)
  const id = useId()
  const count = shell.lines.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: the last line is to be seen when there is another
  useEffect(() => {
    log.current!.scrollTop = log.current!.scrollHeight
  }, [count])
  useEffect(() => () => shell.stop(), [shell])

  const offered = line.includes(' ') && commandOf(docs, line) === undefined ? [] : completions(docs, line)
  const isOffering = offered.length > 0 && !(offered.length === 1 && offered[0].name === line.trim().toUpperCase())
  const doc = commandOf(docs, line)
  const edit = (next: string): void => {
    setLine(next)
    setChosen(-1)
    setPast(undefined)
  }
  const complete = (name: string): void => edit(`${name.toLowerCase()} `)
  const enter = (): void => {
    if (line.trim() === '' || shell.isBusy) return
    keep(line)
    shell.enter(line, docs).catch(() => {}) // the log has it
    // A line that is asked for once more stays.
    if (shell.asked === undefined) edit('')
  }
  const walk = (by: number): void => {
    const lines = pastLines()
    const from = past ?? { at: lines.length, typed: line }
    const at = Math.max(0, Math.min(lines.length, from.at + by))
    setPast({ at, typed: from.typed })
    setLine(lines[at] ?? from.typed)
    setChosen(-1)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Tab' && !event.shiftKey && isOffering) complete(offered[Math.max(chosen, 0)].name)
    else if (event.key === 'ArrowDown' && isOffering && past === undefined) setChosen((chosen + 1) % offered.length)
    else if (event.key === 'ArrowUp' && isOffering && chosen > 0) setChosen(chosen - 1)
    else if (event.key === 'ArrowUp') walk(-1)
    else if (event.key === 'ArrowDown') walk(1)
    else if (event.key === 'Enter' && chosen >= 0) complete(offered[chosen].name)
    else if (event.key === 'Enter') enter()
    else if (event.key === 'Escape') {
      shell.stop()
      shell.leave()
      setChosen(-1)
    } else if (event.key === 'l' && event.ctrlKey) shell.clear()
    else return
    event.preventDefault()
  }
  return (
    <div className="terminal" hidden={!isCurrent}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard */}
      <div ref={log} className="log" role="log" aria-label="Replies" tabIndex={0}>
        {count === 0 ? (
          <p className="hint">Type a command of Redis. Tab completes it, help COMMAND explains it.</p>
        ) : null}
        {shell.lines.map((each) => (
          <Line key={each.id} line={each} />
        ))}
      </div>
      {isOffering ? (
        <div id={id} className="offers" role="listbox" aria-label="Commands">
          {offered.map((each, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the line takes the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the line has the focus
            <div
              key={each.name}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === chosen}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => complete(each.name)}
            >
              <span className="mono">{each.name}</span>
              <span className="soft">{each.summary}</span>
            </div>
          ))}
        </div>
      ) : null}
      {doc === undefined ? null : (
        <p className="syntax">
          <span className="mono">{doc.syntax}</span> <span className="soft">{doc.summary}</span>
        </p>
      )}
      <div className="prompt">
        <span aria-hidden="true">{shell.queued === undefined ? '>' : `(TX ${shell.queued.length})>`}</span>
        <input
          aria-label="Command"
          role="combobox"
          aria-expanded={isOffering}
          aria-controls={isOffering ? id : undefined}
          aria-activedescendant={chosen < 0 ? undefined : `${id}-${chosen}`}
          aria-autocomplete="list"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          dir="ltr"
          value={line}
          onChange={(event) => edit(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {shell.isStreaming ? (
          <button type="button" onClick={() => shell.stop()}>
            <Icon name="stop" /> Stop
          </button>
        ) : (
          <button type="button" className="primary" onClick={enter} disabled={shell.isBusy}>
            Run
          </button>
        )}
      </div>
    </div>
  )
}

function Line({ line }: { line: LogLine }) {
  const [isTable, setTable] = useState(false)
  const rows = useMemo(() => (line.reply === undefined ? undefined : rowsOf(`${line.command}`, line.reply)), [line])
  return (
    <div className={`log-line log-${line.kind}`}>
      {line.kind === 'typed' ? <span aria-hidden="true">&gt; </span> : null}
      {isTable && rows !== undefined ? (
        <table>
          <tbody>
            {rows.map((row, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a reply does not change
              <tr key={i}>
                {row.map((cell, column) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a reply does not change
                  <td key={column}>
                    <bdi>{cell}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <pre>{line.text}</pre>
      )}
      {rows === undefined ? null : (
        <button type="button" className="link" onClick={() => setTable(!isTable)}>
          {isTable ? 'as text' : 'as a table'}
        </button>
      )}
    </div>
  )
}

/** The lines that were typed, for this tab of the browser. */
function pastLines(): string[] {
  try {
    const kept = JSON.parse(sessionStorage.getItem(HISTORY) ?? '[]')
    return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : []
  } catch {
    return []
  }
}

function keep(line: string): void {
  if (SECRET.test(line)) return
  const lines = pastLines().filter((each) => each !== line)
  sessionStorage.setItem(HISTORY, JSON.stringify([...lines, line].slice(-HISTORY_MAX)))
}
