/** The keys of the store on one side, the one that is open on the other. What is seen stands in the address. */
import { useCallback, useEffect, useMemo, useState } from 'react'
import { type Expiry, type Filter, KeyScan } from '../model/keyscan.ts'
import { useObservable } from '../model/observable.ts'
import { go, hashOf } from '../model/route.ts'
import { IconButton } from '../parts/buttons.tsx'
import { Icon } from '../parts/icons.tsx'
import { useStore } from '../parts/store.tsx'
import { useInterval } from '../parts/useloaded.ts'
import { type Bytes, fromText, shown, toText } from '../wire/bytes.ts'
import { DeleteBranchDialog, DeleteKeysDialog } from './deleting.tsx'
import { FilterBar } from './filterbar.tsx'
import { KeyList } from './keylist.tsx'
import { KeyPane } from './keypane.tsx'
import { NewKeyDialog } from './newkey.tsx'
import { OpenByName } from './openbyname.tsx'

/** Keys that are looked for at once; more on demand. */
const FIRST_KEYS = 2000
const MORE_KEYS = 20_000
const REFRESH_MS = 5000

/** What of this page stands in the address. */
interface Seen {
  /** Behind a `=`, for a key may be the empty name. */
  readonly key?: Bytes | undefined
  readonly match?: Bytes | undefined
  readonly type?: string | undefined
  readonly expiry?: string | undefined
  readonly view?: string | undefined
}

type Open = 'new' | { readonly keys: readonly Bytes[] } | { readonly branch: Bytes } | undefined

export function BrowserPage({ query }: { query: ReadonlyMap<string, Bytes> }) {
  const { access } = useStore()
  const seen: Seen = Object.fromEntries(query)
  const show = useCallback(
    (change: Seen): void => go(hashOf('browser', { ...Object.fromEntries(query), ...change }), true),
    [query],
  )
  /** A step of its own: back leads to what was open before. */
  const openKey = (key: Bytes | undefined): void =>
    go(hashOf('browser', { ...Object.fromEntries(query), key: key === undefined ? undefined : `=${key}` }))
  const key = seen.key?.slice(1)
  return (
    <div className={key === undefined ? 'browser' : 'browser has-key'}>
      {access.canScan ? (
        <Keys seen={seen} show={show} current={key} onOpen={openKey} />
      ) : (
        <OpenByName onOpen={openKey} />
      )}
      {key === undefined ? <NothingOpen /> : <KeyPane key={key} name={key} onOpen={openKey} />}
    </div>
  )
}

interface KeysProps {
  readonly seen: Seen
  readonly show: (change: Seen) => void
  readonly current: Bytes | undefined
  readonly onOpen: (key: Bytes | undefined) => void
}

function Keys({ seen, show, current, onOpen }: KeysProps) {
  const { rest, facts, changes, access } = useStore()
  const { match = '', type = '', expiry = 'any', view = 'tree' } = seen
  const filter = useMemo<Filter>(
    () => ({ pattern: toText(match) ?? '', type, expiry: expiry as Expiry }),
    [match, type, expiry],
  )
  const [round, setRound] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each round is a scan of its own
  const scan = useMemo(() => new KeyScan(rest, filter), [rest, filter, round])
  useObservable(scan)
  useEffect(() => {
    scan.more(FIRST_KEYS).catch(() => {}) // the scan holds what went wrong
    return () => scan.stop()
  }, [scan])
  const [selected, setSelected] = useState<ReadonlySet<Bytes>>(new Set())
  const [open, setOpen] = useState<Open>()
  const [isLive, setLive] = useState(false)
  useInterval(() => facts.forget(), isLive ? REFRESH_MS : undefined)

  const refresh = (): void => {
    facts.forget()
    setSelected(new Set())
    setRound(round + 1)
  }
  useEffect(
    () =>
      changes.listen(({ gone, made }) => {
        if (gone.length > 0) scan.remove(new Set(gone))
        for (const key of made) scan.add(key)
        facts.forget([...gone, ...made])
      }),
    [changes, scan, facts],
  )
  const gone = (keys: readonly Bytes[]): void => {
    changes.tell({ gone: keys })
    setSelected(new Set())
    if (current !== undefined && keys.includes(current)) onOpen(undefined)
  }
  const back = (keys: readonly Bytes[]): void => changes.tell({ made: keys })
  return (
    <section className="keys" aria-label="Keys">
      <FilterBar
        filter={filter}
        view={view}
        onFilter={(change) =>
          show({
            ...(change.pattern === undefined ? {} : { match: fromText(change.pattern) }),
            ...(change.type === undefined ? {} : { type: change.type }),
            ...(change.expiry === undefined ? {} : { expiry: change.expiry === 'any' ? undefined : change.expiry }),
          })
        }
        onView={(next) => show({ view: next === 'tree' ? undefined : next })}
      />
      <div className="bar">
        <ScanState scan={scan} />
        <IconButton
          icon="clock"
          label="Keep types, times and sizes fresh"
          isPressed={isLive}
          onClick={() => setLive(!isLive)}
        />
        <IconButton icon="refresh" label="Look for keys anew" onClick={refresh} />
        {access.canWrite ? <IconButton icon="plus" label="New key" onClick={() => setOpen('new')} /> : null}
      </div>
      {selected.size === 0 ? null : (
        <div className="bar selected">
          <span>{selected.size} selected</span>
          <button type="button" onClick={() => setSelected(new Set())}>
            None
          </button>
          <button type="button" className="danger" onClick={() => setOpen({ keys: [...selected] })}>
            <Icon name="trash" /> Delete
          </button>
        </div>
      )}
      <KeyList
        keys={scan.keys}
        view={view}
        current={current}
        selected={selected}
        onSelect={setSelected}
        onOpen={onOpen}
        onDeleteBranch={(branch) => setOpen({ branch })}
        isEmpty={scan.isComplete && scan.keys.length === 0}
      />
      {open === 'new' ? (
        <NewKeyDialog
          onClose={() => setOpen(undefined)}
          onMade={(key) => {
            back([key])
            onOpen(key)
          }}
        />
      ) : open !== undefined && 'keys' in open ? (
        <DeleteKeysDialog keys={open.keys} onClose={() => setOpen(undefined)} onGone={gone} onBack={back} />
      ) : open !== undefined ? (
        <DeleteBranchDialog prefix={open.branch} onClose={() => setOpen(undefined)} onGone={gone} onBack={back} />
      ) : null}
    </section>
  )
}

function ScanState({ scan }: { scan: KeyScan }) {
  const count = scan.keys.length.toLocaleString('en')
  return (
    <div className="scan-state" aria-live="polite">
      {scan.error !== '' ? (
        <span className="problem-text">{scan.error}</span>
      ) : (
        <span>
          {count} {scan.keys.length === 1 ? 'key' : 'keys'}
          {scan.isScanning ? ', looking …' : scan.isComplete ? '' : ' so far'}
        </span>
      )}
      {scan.isScanning ? (
        <button type="button" className="link" onClick={() => scan.stop()}>
          Stop
        </button>
      ) : scan.isComplete ? null : (
        <>
          <button type="button" className="link" onClick={() => scan.more(MORE_KEYS).catch(() => {})}>
            Load more
          </button>
          <button type="button" className="link" onClick={() => scan.more(Number.POSITIVE_INFINITY).catch(() => {})}>
            Load all
          </button>
        </>
      )}
    </div>
  )
}

function NothingOpen() {
  return (
    <section className="key-pane nothing" aria-label="Key">
      <Icon name="keys" />
      <p>Choose a key to see what is in it.</p>
    </section>
  )
}

/** What a key is called on the page, in short. */
export function keyTitle(key: Bytes): string {
  return key === '' ? '(the empty name)' : shown(key)
}
