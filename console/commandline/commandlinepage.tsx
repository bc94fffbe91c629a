/** The command line, in several tabs: each has its own log, and its own transaction that is being gathered. */
import { useEffect, useState } from 'react'
import { IconButton } from '../parts/buttons.tsx'
import { Icon } from '../parts/icons.tsx'
import { useStore } from '../parts/store.tsx'
import { type CommandDoc, commandDocs } from './docs.ts'
import { Terminal } from './terminal.tsx'

const NO_DOCS: ReadonlyMap<string, CommandDoc> = new Map()

export default function CommandLinePage() {
  const { rest } = useStore()
  const [tabs, setTabs] = useState<readonly number[]>([1])
  const [current, setCurrent] = useState(1)
  const [docs, setDocs] = useState(NO_DOCS)
  useEffect(() => {
    let isWanted = true
    commandDocs(rest).then(
      (found) => isWanted && setDocs(found),
      () => {}, // the commands work without their documentation
    )
    return () => {
      isWanted = false
    }
  }, [rest])
  const add = (): void => {
    const next = Math.max(...tabs) + 1
    setTabs([...tabs, next])
    setCurrent(next)
  }
  const close = (tab: number): void => {
    const left = tabs.filter((each) => each !== tab)
    setTabs(left)
    if (tab === current) setCurrent(left.at(-1)!)
  }
  return (
    <section className="command-line" aria-label="Command line">
      <div className="tabs" role="toolbar" aria-label="Tabs">
        {tabs.map((tab) => (
          <span key={tab} className={tab === current ? 'tab is-current' : 'tab'}>
            <button type="button" aria-pressed={tab === current} onClick={() => setCurrent(tab)}>
              <Icon name="terminal" /> {tab}
            </button>
            {tabs.length === 1 ? null : (
              <IconButton icon="close" label={`Close tab ${tab}`} onClick={() => close(tab)} />
            )}
          </span>
        ))}
        <IconButton icon="plus" label="New tab" onClick={add} />
      </div>
      {tabs.map((tab) => (
        <Terminal key={tab} docs={docs} isCurrent={tab === current} />
      ))}
    </section>
  )
}
