/**
 * Signing in. A host that keeps sessions takes the token once and gives a cookie that no script reads; elsewhere the token stays
 * in the memory of this page, and nowhere else: who loads the page anew is asked again.
 */
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { Logo } from './parts/icons.tsx'
import { Rest, RestError } from './wire/rest.ts'

export interface Credentials {
  readonly rest: Rest
  /** As long as this page has it. */
  readonly token: string | undefined
}

/** A token in the address, from which it is taken away: `#token=…`, which no browser sends to a server. */
export function takeToken(): string | undefined {
  if (!location.hash.startsWith('#token=')) return taken
  taken = decoded(location.hash.slice('#token='.length))
  history.replaceState(null, '', location.pathname + location.search)
  return taken
}

/** A token that somebody has put there as it is may hold a %. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** React in development asks twice. */
let taken: string | undefined

/** Signs in with a token, or by what the host knows already; undefined where that is nothing. @throws RestError */
export async function openSession(url: string, token?: string): Promise<Credentials | undefined> {
  taken = undefined
  if (token === undefined) {
    const byCookie = new Rest(url)
    return (await byCookie.session('POST').catch(() => undefined)) ? { rest: byCookie, token: undefined } : undefined
  }
  const rest = new Rest(url, token)
  const hasSession = await rest.session('POST').catch(() => {
    throw new RestError('The store does not answer.', 0)
  })
  if (hasSession) return { rest: new Rest(url), token }
  await rest.run('PING').catch((error) => {
    if (error instanceof RestError && error.isForbidden) return
    throw error
  })
  return { rest, token }
}

interface SignInProps {
  readonly url: string
  readonly isLooking: boolean
  readonly reason: string
  readonly onToken: (token: string) => Promise<void>
  /** How to connect, for whoever has no token yet. */
  readonly children: ReactNode
}

export function SignIn({ url, isLooking, reason, onToken, children }: SignInProps) {
  const [isBusy, setBusy] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const token = String(new FormData(event.currentTarget).get('token')).trim()
    setBusy(true)
    const done = (): void => setBusy(false)
    onToken(token).then(done, done)
  }
  return (
    <main className="sign-in">
      <section className="card">
        <header>
          <Logo />
          <h1>zerodis</h1>
        </header>
        <Health url={url} />
        <form onSubmit={submit}>
          <label htmlFor="token">Token of REST</label>
          <input id="token" name="token" type="password" autoComplete="off" required disabled={isLooking} />
          <button type="submit" className="primary" disabled={isBusy || isLooking}>
            Sign in
          </button>
        </form>
        {reason === '' ? null : (
          <p className="problem" role="alert">
            {reason}
          </p>
        )}
        <p className="hint">
          It is in the environment of the server, as <code>KV_REST_API_TOKEN</code>. What it may do, the console may.
        </p>
      </section>
      <section className="connect-first">
        <h2>Connect</h2>
        {children}
      </section>
    </main>
  )
}

/** Whether the store serves, which everybody may know. */
function Health({ url }: { url: string }) {
  const [isUp, setUp] = useState<boolean>()
  useEffect(() => {
    fetch(`${url}/healthz`, { cache: 'no-store' }).then(
      async (response) => {
        await response.text() // a body that nobody reads keeps the request open
        setUp(response.ok)
      },
      () => setUp(false),
    )
  }, [url])
  return (
    <p className={isUp === false ? 'health down' : 'health'}>
      <span className="dot" aria-hidden="true" />
      {isUp === undefined ? 'Looking …' : isUp ? 'The store is up' : 'The store is not serving'}
    </p>
  )
}
