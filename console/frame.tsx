/** What stands around every page: where one is, who one is, and how the page looks. */
import { type ReactNode, useEffect, useState } from 'react'
import { go, hashOf } from './model/route.ts'
import { IconButton } from './parts/buttons.tsx'
import { Icon, type IconName, Logo } from './parts/icons.tsx'
import { useStore } from './parts/store.tsx'

interface PageLink {
  readonly page: string
  readonly label: string
  readonly icon: IconName
}

const PAGES: readonly PageLink[] = [
  { page: 'browser', label: 'Browser', icon: 'keys' },
  { page: 'commands', label: 'Command line', icon: 'terminal' },
  { page: 'live', label: 'Live', icon: 'pulse' },
  { page: 'server', label: 'Server', icon: 'server' },
  { page: 'queues', label: 'Queues', icon: 'queue' },
  { page: 'connect', label: 'Connect', icon: 'plug' },
]

/** Databases that can be chosen; the others stand in the address. */
const DATABASES_MAX = 256

export function Frame({ page, onLeave, children }: { page: string; onLeave: () => void; children: ReactNode }) {
  const { access, place, rest } = useStore()
  const at = rest.db === 0 ? undefined : `${rest.db}`
  const current = page === '' ? 'browser' : page
  return (
    <div className="frame">
      <button type="button" className="skip" onClick={() => document.getElementById('main')!.focus()}>
        Skip to the page
      </button>
      <header className="top">
        <a className="brand" href={hashOf('browser')} aria-label="zerodis">
          <Logo />
          <span className="wide">zerodis</span>
        </a>
        <nav aria-label="Pages">
          {PAGES.map((link) => (
            <a
              key={link.page}
              href={hashOf(link.page, { db: at })}
              aria-current={link.page === current ? 'page' : undefined}
            >
              <Icon name={link.icon} />
              <span>{link.label}</span>
            </a>
          ))}
        </nav>
        <div className="who">
          <span className="place wide" title={place.url}>
            {place.hostname}
          </span>
          {access.databases === 1 ? null : (
            <select
              className="database"
              aria-label="Database"
              value={rest.db}
              onChange={(event) => go(hashOf(current, { db: event.target.value }))}
            >
              {Array.from({ length: Math.min(access.databases, DATABASES_MAX) }, (_, db) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a database is its number
                <option key={db} value={db}>
                  {`db ${db}`}
                </option>
              ))}
            </select>
          )}
          {access.canWrite ? null : (
            <span className="read-only" title={access.reason}>
              <Icon name="lock" /> read only
            </span>
          )}
          {access.user === '' || access.user === 'default' ? null : <span className="wide">{access.user}</span>}
          <ThemeButton />
          <IconButton icon="leave" label="Sign out" onClick={onLeave} />
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <h1 className="unseen">{PAGES.find((link) => link.page === current)?.label ?? 'zerodis'}</h1>
        {children}
      </main>
    </div>
  )
}

const KEPT = 'zerodis-theme'

/** Light or dark: as the system has it until somebody chooses. */
function ThemeButton() {
  const [theme, setTheme] = useState(() => localStorage.getItem(KEPT) ?? '')
  const [systemIsDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches)
  useEffect(() => {
    if (theme === '') return
    document.documentElement.dataset.theme = theme
    localStorage.setItem(KEPT, theme)
  }, [theme])
  const isDark = theme === '' ? systemIsDark : theme === 'dark'
  return (
    <IconButton
      icon={isDark ? 'sun' : 'moon'}
      label={isDark ? 'Light colours' : 'Dark colours'}
      onClick={() => setTheme(isDark ? 'light' : 'dark')}
    />
  )
}
