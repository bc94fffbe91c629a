/** Channels: which there are, what is sent to them, and sending. */
import { type FormEvent, useEffect, useMemo, useState } from 'react'
import { useObservable } from '../model/observable.ts'
import { Icon } from '../parts/icons.tsx'
import { useStore } from '../parts/store.tsx'
import { useInterval, useLoaded } from '../parts/useloaded.ts'
import { type Bytes, fromText, shown, toText } from '../wire/bytes.ts'
import { Stream } from './stream.ts'
import { StreamLog } from './streamlog.tsx'

const REFRESH_MS = 3000

export function PubSubPart() {
  const { rest, notices } = useStore()
  const stream = useObservable(useMemo(() => new Stream(rest), [rest]))
  const [channel, setChannel] = useState('')
  useEffect(() => () => stream.stop(''), [stream])
  const channels = useLoaded(async () => {
    const names = (await rest.run('PUBSUB', 'CHANNELS')) as Bytes[]
    const flat = names.length === 0 ? [] : ((await rest.run('PUBSUB', 'NUMSUB', ...names)) as (Bytes | number)[])
    return names.map((name, i) => ({ name, readers: Number(flat[i * 2 + 1]) }))
  }, [rest])
  useInterval(channels.reload, REFRESH_MS)
  const listen = (name: string): void => {
    const isPattern = /[*?[]/.test(name)
    stream.start([isPattern ? 'psubscribe' : 'subscribe', fromText(name)], () => true)
    setChannel(name)
  }
  const publish = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    rest.run('PUBLISH', fromText(String(form.get('to'))), fromText(String(form.get('message')))).then(
      (count) => notices.say(`Sent; ${count} heard it.`),
      (error) => notices.fail(error),
    )
  }
  return (
    <>
      <form
        className="bar"
        onSubmit={(event) => {
          event.preventDefault()
          if (stream.isOn) stream.stop('Ended.')
          else listen(channel)
        }}
      >
        <input
          aria-label="Channel or pattern"
          placeholder="Channel or pattern, as news or news:*"
          required
          value={channel}
          disabled={stream.isOn}
          dir="auto"
          onChange={(event) => setChannel(event.target.value)}
        />
        <button type="submit" className={stream.isOn ? '' : 'primary'}>
          <Icon name={stream.isOn ? 'stop' : 'play'} /> {stream.isOn ? 'Stop' : 'Listen'}
        </button>
      </form>
      {channels.error === '' ? null : <p className="problem">{channels.error}</p>}
      <ul className="chips" aria-label="Channels with readers">
        {channels.value?.map(({ name, readers }) => (
          <li key={name}>
            <button type="button" disabled={stream.isOn} onClick={() => listen(toText(name) ?? '')}>
              <bdi>{shown(name)}</bdi> <span className="soft">{readers}</span>
            </button>
          </li>
        ))}
      </ul>
      <form className="bar" onSubmit={publish}>
        <input name="to" aria-label="Send to the channel" placeholder="Channel" required dir="auto" />
        <input name="message" className="grow" aria-label="Message" placeholder="Message" dir="auto" />
        <button type="submit">Send</button>
      </form>
      {stream.reason === '' ? null : <p className="soft">{stream.reason}</p>}
      <StreamLog label="Messages" lines={stream.lines} />
    </>
  )
}
