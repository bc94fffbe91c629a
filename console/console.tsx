/**
 * The console: whoever signs in sees the store behind a URL of REST. The Next app's page shows it, and the page that the package
 * ships (main.tsx). It holds no figure of its own process and asks no other host.
 */
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { BrowserPage } from './browser/browserpage.tsx'
import { Snippets } from './connect/snippets.tsx'
import { Frame } from './frame.tsx'
import { type Access, accessOf } from './model/access.ts'
import { KeyChanges } from './model/keychanges.ts'
import { KeyFactsCache } from './model/keyfacts.ts'
import { go, hashOf, useRoute } from './model/route.ts'
import { Boundary } from './parts/boundary.tsx'
import { NoticeList, Notices } from './parts/notices.tsx'
import { type Place, type Store, StoreContext } from './parts/store.tsx'
import { type Credentials, openSession, SignIn, takeToken } from './signin.tsx'

const CommandLinePage = lazy(() => import('./commandline/commandlinepage.tsx'))
const LivePage = lazy(() => import('./live/livepage.tsx'))
const ServerPage = lazy(() => import('./server/serverpage.tsx'))
const QueuesPage = lazy(() => import('./queues/queuespage.tsx'))
const ConnectPage = lazy(() => import('./connect/connectpage.tsx'))

export interface ConsoleProps {
  /** The URL of REST, of the page's own origin. */
  readonly rest: string
  /** How clients reach the store. */
  readonly place: Place
}

type State =
  | { readonly kind: 'looking' }
  | { readonly kind: 'signed out'; readonly reason: string }
  | { readonly kind: 'signed in'; readonly credentials: Credentials; readonly access: Access }

export function Console({ rest: url, place }: ConsoleProps) {
  const [state, setState] = useState<State>({ kind: 'looking' })
  const enter = useCallback(
    async (token?: string): Promise<void> => {
      try {
        const credentials = await openSession(url, token)
        if (credentials === undefined) return setState({ kind: 'signed out', reason: '' })
        setState({ kind: 'signed in', credentials, access: await accessOf(credentials.rest) })
      } catch (error) {
        setState({ kind: 'signed out', reason: (error as Error).message })
      }
    },
    [url],
  )
  useEffect(() => {
    enter(takeToken()).catch(() => {}) // it says itself what goes wrong
  }, [enter])

  if (state.kind !== 'signed in') {
    return (
      <SignIn
        isLooking={state.kind === 'looking'}
        reason={state.kind === 'looking' ? '' : state.reason}
        url={url}
        onToken={enter}
      >
        <Snippets place={place} respPort={0} />
      </SignIn>
    )
  }
  const leave = (reason: string): void => setState({ kind: 'signed out', reason })
  return <SignedIn {...state} place={place} onLeave={leave} />
}

interface SignedInProps {
  readonly credentials: Credentials
  readonly access: Access
  readonly place: Place
  readonly onLeave: (reason: string) => void
}

const EXPIRED = 'You are signed out: the token no longer lets in.'

function SignedIn({ credentials, access, place, onLeave }: SignedInProps) {
  const { rest: first, token } = credentials
  const { page, query } = useRoute()
  const named = query.get('db')
  const db = useDatabase(named, access.databases)
  useEffect(() => {
    // Links within a page do not name it: the address does, wherever they lead.
    if (db !== 0 && named === undefined) go(hashOf(page, { ...Object.fromEntries(query), db: `${db}` }), true)
  })
  const rest = useMemo(() => (db === 0 ? first : first.inDatabase(db)), [first, db])
  const store = useMemo<Store>(
    () => ({
      rest,
      token,
      access,
      place,
      facts: new KeyFactsCache(rest),
      changes: new KeyChanges(),
      notices: new Notices(),
    }),
    [rest, token, access, place],
  )
  useEffect(() => {
    rest.onSignedOut = () => onLeave(EXPIRED)
  })
  const leave = (): void => {
    first.session('DELETE').then(
      () => onLeave(''),
      () => onLeave(''),
    )
  }
  return (
    <StoreContext value={store}>
      <Frame page={page} onLeave={leave}>
        {/* What a page has found is of one database. */}
        <Boundary key={`${page || 'browser'} ${db}`}>
          <Suspense fallback={<p className="waiting">Loading …</p>}>{pageOf(page, query)}</Suspense>
        </Boundary>
      </Frame>
      <NoticeList notices={store.notices} />
    </StoreContext>
  )
}

/** The database that the address names, or the one that it named last. */
function useDatabase(named: string | undefined, databases: number): number {
  const last = useRef(0)
  const db = Number(named ?? last.current)
  if (Number.isInteger(db) && db >= 0 && db < databases) last.current = db
  return last.current
}

function pageOf(page: string, query: ReadonlyMap<string, string>): ReactNode {
  switch (page) {
    case 'commands':
      return <CommandLinePage />
    case 'live':
      return <LivePage part={query.get('part') ?? 'figures'} />
    case 'server':
      return <ServerPage part={query.get('part') ?? 'state'} />
    case 'queues':
      return <QueuesPage queue={query.get('queue')} />
    case 'connect':
      return <ConnectPage />
    case '':
    case 'browser':
      return <BrowserPage query={query} />
  }
  return (
    <p className="waiting">
      There is no such page. <a href={hashOf('browser')}>The keys are here.</a>
    </p>
  )
}
