/** All commands as they run, through a filter. It costs the store something, so it ends by itself. */
import { useEffect, useMemo, useRef, useState } from 'react'
import { useObservable } from '../model/observable.ts'
import { Icon } from '../parts/icons.tsx'
import { SearchField } from '../parts/searchfield.tsx'
import { useStore } from '../parts/store.tsx'
import { shown } from '../wire/bytes.ts'
import { Stream } from './stream.ts'
import { StreamLog } from './streamlog.tsx'

const BOUNDS = { ms: 60_000, lines: 20_000 }

export function MonitorPart() {
  const { rest } = useStore()
  const stream = useObservable(useMemo(() => new Stream(rest, BOUNDS), [rest]))
  const [filter, setFilter] = useState('')
  const wanted = useRef('')
  wanted.current = filter.trim().toLowerCase()
  useEffect(() => () => stream.stop(''), [stream])
  const start = (): void => stream.start(['monitor'], (text) => shown(text).toLowerCase().includes(wanted.current))
  return (
    <>
      <div className="bar">
        <SearchField label="Only lines with" hint="Only lines with …" value={filter} onType={setFilter} />
        {stream.isOn ? (
          <button type="button" onClick={() => stream.stop('Ended.')}>
            <Icon name="stop" /> Stop
          </button>
        ) : (
          <button type="button" className="primary" onClick={start}>
            <Icon name="play" /> Start
          </button>
        )}
      </div>
      <p className="soft" role="status">
        {stream.isOn
          ? `${stream.count.toLocaleString('en')} lines so far; it ends by itself after a minute.`
          : stream.reason || 'Every command of every client, as MONITOR tells them. It ends by itself after a minute.'}
      </p>
      <StreamLog label="Commands" lines={stream.lines} />
    </>
  )
}
