'use client'
/**
 * Whether the store is up, and its figures for whoever has the token: typed in, or behind `#token=` of the address that the
 * development server prints, which no browser sends to a server. It is kept for this tab alone.
 */
import { type FormEvent, useCallback, useEffect, useState } from 'react'
import { Snippets } from './snippets.tsx'
import { fetchHealth, fetchStatus, type Status } from './status.ts'

const KEPT = 'zerodis-token'
const REFRESH_MS = 5000

export function Store({ origin, hostname }: { origin: string; hostname: string }) {
  const [isUp, setUp] = useState<boolean>()
  const [token, setToken] = useState('')
  const [status, setStatus] = useState<Status>()
  const [refusal, setRefusal] = useState('')

  useEffect(() => {
    setToken(takeToken())
    fetchHealth().then(setUp, () => setUp(false))
  }, [])

  const refresh = useCallback(async () => {
    try {
      setStatus(await fetchStatus(token))
      setRefusal('')
      setUp(true)
      sessionStorage.setItem(KEPT, token)
    } catch (error) {
      setStatus(undefined)
      setRefusal(error instanceof Error ? error.message : String(error))
      sessionStorage.removeItem(KEPT)
    }
  }, [token])

  useEffect(() => {
    if (token === '') return
    void refresh()
    const timer = setInterval(() => void refresh(), REFRESH_MS)
    return () => clearInterval(timer)
  }, [token, refresh])

  return (
    <>
      <header>
        <h1>zerodis</h1>
        <p className={isUp === false ? 'down' : 'up'}>
          <span className="dot" aria-hidden="true" />
          {isUp === undefined ? 'Looking …' : isUp ? 'The store is up' : 'The store is not serving'}
        </p>
      </header>
      {status === undefined ? <Ask refusal={refusal} onToken={setToken} /> : <Figures status={status} />}
      <h2>Connect</h2>
      <p className="hint">The token is yours alone: it is in the environment of the server, not on this page.</p>
      <Snippets url={origin} hostname={hostname} respPort={status?.respPort ?? 0} />
      <footer>
        {status === undefined ? '' : `Speaks as Redis ${status.redisVersion}. `}
        What is stored lives in the memory of the process that serves REST.
      </footer>
    </>
  )
}

/** Of the address, from which it is taken away, or what was kept. */
function takeToken(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return sessionStorage.getItem(KEPT) ?? ''
  history.replaceState(null, '', location.pathname + location.search)
  sessionStorage.setItem(KEPT, token) // React in development asks twice
  return token
}

function Ask({ refusal, onToken }: { refusal: string; onToken: (token: string) => void }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    onToken(String(new FormData(event.currentTarget).get('token')).trim())
  }
  return (
    <form onSubmit={submit}>
      <label htmlFor="token">Figures of the store, for the token of REST</label>
      <input id="token" name="token" type="password" autoComplete="off" required />
      <button type="submit">Show</button>
      {refusal === '' ? null : (
        <p className="notice" role="alert">
          {refusal}
        </p>
      )}
    </form>
  )
}

function Figures({ status }: { status: Status }) {
  const figures: [string, string][] = [
    ['Version', status.version],
    ['Uptime', duration(status.uptimeSeconds)],
    ['Keys', status.keys.toLocaleString('en')],
    ['Memory', status.memory],
    ['Clients', status.clients.toLocaleString('en')],
    ['Commands', status.commands.toLocaleString('en')],
  ]
  return (
    <dl>
      {figures.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** `3d 4h`, `12m 5s`. */
function duration(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  const first = parts.findIndex(([count]) => count > 0)
  const shown = first === -1 ? parts.slice(3) : parts.slice(first, first + 2)
  return shown.map(([count, unit]) => `${count}${unit}`).join(' ')
}
