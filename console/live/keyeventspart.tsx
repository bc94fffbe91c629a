/** What happens to keys, as it happens. Where the store tells nothing of it, one is asked whether it shall for a while. */
import { useEffect, useMemo, useRef, useState } from 'react'
import { useObservable } from '../model/observable.ts'
import { FormDialog } from '../parts/dialog.tsx'
import { Icon } from '../parts/icons.tsx'
import { SearchField } from '../parts/searchfield.tsx'
import { useStore } from '../parts/store.tsx'
import { useLoaded } from '../parts/useloaded.ts'
import { shown } from '../wire/bytes.ts'
import {
  type Changed,
  keyEventOf,
  keyEventText,
  notifiedEvents,
  tellEvents,
  tellsEvents,
  untellAtEnd,
  untellEvents,
} from './keyevents.ts'
import { Stream } from './stream.ts'
import { StreamLog } from './streamlog.tsx'

const COMMAND = ['psubscribe', '__keyevent@*__:*']

export function KeyEventsPart() {
  const { rest, access, notices } = useStore()
  const stream = useObservable(useMemo(() => new Stream(rest), [rest]))
  const flags = useLoaded(() => notifiedEvents(rest), [rest])
  const [isAsking, setAsking] = useState(false)
  const [filter, setFilter] = useState('')
  const wanted = useRef('')
  wanted.current = filter.trim().toLowerCase()
  const changed = useRef<Changed>(undefined)

  const putBack = (): void => {
    const own = changed.current
    changed.current = undefined
    if (own === undefined) return
    untellEvents(rest, own).then(flags.reload, (error) => notices.fail(error))
  }
  const end = useRef(putBack)
  end.current = putBack
  useEffect(() => {
    const atEnd = (): void => {
      if (changed.current !== undefined) untellAtEnd(rest, changed.current)
    }
    window.addEventListener('pagehide', atEnd)
    return () => {
      window.removeEventListener('pagehide', atEnd)
      stream.stop('')
      end.current()
    }
  }, [stream, rest])

  const listen = (): void =>
    stream.start(COMMAND, (text) => {
      const told = keyEventOf(text)
      return told !== undefined && `${told.event} ${shown(told.key)}`.toLowerCase().includes(wanted.current)
    })
  const start = (): void => {
    if (flags.value !== undefined && !tellsEvents(flags.value) && access.canWrite) setAsking(true)
    else listen()
  }
  const stop = (): void => {
    stream.stop('Ended.')
    putBack()
  }
  return (
    <>
      <div className="bar">
        <SearchField
          label="Only events or keys with"
          hint="Only events or keys with …"
          value={filter}
          onType={setFilter}
        />
        {stream.isOn ? (
          <button type="button" onClick={stop}>
            <Icon name="stop" /> Stop
          </button>
        ) : (
          <button type="button" className="primary" onClick={start}>
            <Icon name="play" /> Start
          </button>
        )}
      </div>
      <p className="soft" role="status">
        {stream.isOn ? `${stream.count.toLocaleString('en')} lines so far.` : stream.reason || said(flags.value)}
      </p>
      <StreamLog label="Events of keys" lines={stream.lines} textOf={keyEventText} />
      {isAsking ? (
        <FormDialog
          title="Have the store tell of its keys?"
          action="Tell them"
          onClose={() => setAsking(false)}
          onSubmit={async () => {
            changed.current = await tellEvents(rest, (begun) => {
              changed.current = begun
            })
            listen()
            flags.reload()
          }}
        >
          <p>
            It runs <code>CONFIG SET notify-keyspace-events</code>, which costs the store something with each write.
            When you stop or leave this page it is put back to{' '}
            {flags.value === '' ? 'nothing' : <code>{flags.value}</code>}.
          </p>
        </FormDialog>
      ) : null}
    </>
  )
}

function said(flags: string | undefined): string {
  if (flags === undefined)
    return 'What is done to keys, if notify-keyspace-events has it told. This user may not know whether it has.'
  return tellsEvents(flags)
    ? `The store tells of its keys: notify-keyspace-events is ${flags}.`
    : `The store does not tell of its keys: notify-keyspace-events is ${flags === '' ? 'empty' : flags}.`
}
