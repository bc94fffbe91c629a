/**
 * The keys as a tree or as a list. Only lines in view are there, so the focus stays with the whole, and says which line it means
 * (`aria-activedescendant`): up and down move it, right and left open and close a branch, Enter opens a key, Space selects it.
 */
import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from 'react'
import { sizeText, ttlText } from '../model/figures.ts'
import type { KeyFacts } from '../model/keyfacts.ts'
import { KeyTree, type Row } from '../model/keytree.ts'
import { useObservable } from '../model/observable.ts'
import { typeClass, typeLabel } from '../model/types.ts'
import { Icon } from '../parts/icons.tsx'
import { useStore } from '../parts/store.tsx'
import { useRowsInView, VirtualRows } from '../parts/virtualrows.tsx'
import { type Bytes, brief } from '../wire/bytes.ts'

interface KeyListProps {
  readonly keys: readonly Bytes[]
  readonly view: string
  readonly current: Bytes | undefined
  readonly selected: ReadonlySet<Bytes>
  readonly isEmpty: boolean
  readonly onSelect: (keys: ReadonlySet<Bytes>) => void
  readonly onOpen: (key: Bytes) => void
  readonly onDeleteBranch: (prefix: Bytes) => void
}

const ROW_HEIGHT = 32
const SEPARATOR = ':'

export function KeyList(props: KeyListProps) {
  const { keys, view, current, selected, onSelect, onOpen, isEmpty } = props
  const { facts, access } = useStore()
  useObservable(facts)
  const ref = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState<ReadonlySet<Bytes>>(new Set())
  const [cursor, setCursor] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a list that is another makes another tree
  const tree = useMemo(() => new KeyTree(SEPARATOR), [keys])
  const found = keys.length
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list grows by itself
  const rows = useMemo(() => (view === 'tree' ? grown(tree, keys, open) : undefined), [tree, view, open, found])
  const count = rows?.length ?? keys.length
  const rowAt = (i: number): Row => rows?.[i] ?? { kind: 'key', key: keys[i], name: keys[i], depth: 0 }
  const inView = useRowsInView(ref, count, ROW_HEIGHT)

  const visible: Bytes[] = []
  for (let i = inView.first; i < inView.end; i++) {
    const row = rowAt(i)
    if (row.kind === 'key') visible.push(row.key)
  }
  useEffect(() => facts.want(visible))

  const toggleBranch = (prefix: Bytes): void => {
    const next = new Set(open)
    if (!next.delete(prefix)) next.add(prefix)
    setOpen(next)
  }
  const toggleKey = (key: Bytes): void => {
    const next = new Set(selected)
    if (!next.delete(key)) next.add(key)
    onSelect(next)
  }
  const activate = (i: number): void => {
    setCursor(i)
    const row = rowAt(i)
    if (row.kind === 'branch') toggleBranch(row.branch.prefix)
    else onOpen(row.key)
  }
  const moveTo = (i: number): void => {
    const to = Math.max(0, Math.min(count - 1, i))
    setCursor(to)
    const element = ref.current!
    const top = to * ROW_HEIGHT
    if (inView.height < count * ROW_HEIGHT) element.scrollTop = (to / count) * inView.height
    else if (top < element.scrollTop) element.scrollTop = top
    else if (top + ROW_HEIGHT > element.scrollTop + element.clientHeight)
      element.scrollTop = top + ROW_HEIGHT - element.clientHeight
  }
  const latest = useRef<LineActions>(undefined)
  latest.current = {
    activate,
    toggle: (i) => {
      const row = rowAt(i)
      if (row.kind === 'key') toggleKey(row.key)
    },
    deleteBranch: (i) => {
      const row = rowAt(i)
      if (row.kind === 'branch') props.onDeleteBranch(row.branch.prefix)
    },
  }
  /** The same for each drawing, so that lines which have not changed are left alone. */
  const actions = useMemo<LineActions>(
    () => ({
      activate: (i) => latest.current!.activate(i),
      toggle: (i) => latest.current!.toggle(i),
      deleteBranch: (i) => latest.current!.deleteBranch(i),
    }),
    [],
  )
  const onKeyDown = (event: KeyboardEvent): void => {
    if (count === 0 || event.ctrlKey || event.metaKey || event.altKey) return
    const row = rowAt(Math.min(cursor, count - 1))
    const page = Math.max(1, Math.floor(ref.current!.clientHeight / ROW_HEIGHT) - 1)
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: cursor + 1,
      ArrowUp: cursor - 1,
      PageDown: cursor + page,
      PageUp: cursor - page,
      Home: 0,
      End: count - 1,
    }
    if (Object.hasOwn(moves, event.key)) moveTo(moves[event.key])
    else if (event.key === 'Enter') activate(cursor)
    else if (event.key === ' ' && row.kind === 'key' && access.canWrite) toggleKey(row.key)
    else if (event.key === 'ArrowRight' && row.kind === 'branch' && !row.isOpen) toggleBranch(row.branch.prefix)
    else if (event.key === 'ArrowLeft' && row.kind === 'branch' && row.isOpen) toggleBranch(row.branch.prefix)
    else if (event.key === 'ArrowLeft' && rows !== undefined && row.depth > 0) moveTo(parentOf(rows, cursor))
    else if (event.key === 'Delete' && row.kind === 'branch' && access.canWrite) props.onDeleteBranch(row.branch.prefix)
    else return
    event.preventDefault()
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it is a tree while it has lines
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: it is a tree while it has lines
    <div
      ref={ref}
      className="key-list"
      role={count === 0 ? undefined : 'tree'}
      aria-label={count === 0 ? undefined : 'Keys'}
      aria-multiselectable={count === 0 ? undefined : true}
      aria-activedescendant={cursor >= inView.first && cursor < inView.end ? `key-${cursor}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {isEmpty ? <p className="waiting">No key is here, or none that fits.</p> : null}
      <VirtualRows view={inView} rowHeight={ROW_HEIGHT}>
        {(i, slot, top) => {
          const row = rowAt(i)
          const isKey = row.kind === 'key'
          return (
            <Line
              key={slot}
              kind={row.kind}
              name={isKey ? row.name : row.branch.name}
              depth={row.depth}
              isOpen={!isKey && row.isOpen}
              count={isKey ? 0 : row.branch.count}
              known={isKey ? facts.get(row.key) : undefined}
              index={i}
              top={top}
              hasFocus={i === cursor}
              isCurrent={isKey && row.key === current}
              isSelected={isKey && selected.has(row.key)}
              canWrite={access.canWrite}
              actions={actions}
            />
          )
        }}
      </VirtualRows>
    </div>
  )
}

/** What can be done with a line, by its number. */
interface LineActions {
  activate(i: number): void
  toggle(i: number): void
  deleteBranch(i: number): void
}

interface LineProps {
  readonly kind: Row['kind']
  readonly name: Bytes
  readonly depth: number
  readonly isOpen: boolean
  /** Keys below a branch. */
  readonly count: number
  readonly known: KeyFacts | undefined
  readonly index: number
  readonly top: number
  readonly hasFocus: boolean
  readonly isCurrent: boolean
  readonly isSelected: boolean
  readonly canWrite: boolean
  readonly actions: LineActions
}

/** Drawn anew only where something of it has changed: all of its properties are compared. */
const Line = memo((props: LineProps) => {
  const { kind, depth, index, top, hasFocus, isCurrent, isSelected, isOpen, actions } = props
  const classes = ['line', hasFocus ? 'has-focus' : '', isCurrent ? 'is-current' : '', isSelected ? 'is-selected' : '']
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys for all of its lines
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus
    <div
      id={`key-${index}`}
      role="treeitem"
      aria-level={depth + 1}
      aria-expanded={kind === 'branch' ? isOpen : undefined}
      aria-selected={kind === 'key' ? isSelected : undefined}
      aria-current={isCurrent || undefined}
      className={classes.join(' ').trim()}
      style={{ top, height: ROW_HEIGHT, paddingLeft: 8 + depth * 16 }}
      onClick={() => actions.activate(index)}
    >
      {kind === 'branch' ? <BranchLine {...props} /> : <KeyLine {...props} />}
    </div>
  )
})

function BranchLine({ name, count, isOpen, index, canWrite, actions }: LineProps) {
  return (
    <>
      <Icon name={isOpen ? 'down' : 'right'} />
      <bdi className="name">{name === '' ? '(empty)' : brief(name)}</bdi>
      <span className="count">{count.toLocaleString('en')}</span>
      {canWrite ? (
        // The keyboard has Delete for it.
        // biome-ignore lint/a11y/noStaticElementInteractions: a button cannot stand in an item of a tree
        // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys for all of its lines
        <span
          className="line-action"
          title="Delete all keys below (Delete)"
          onClick={(event) => {
            event.stopPropagation()
            actions.deleteBranch(index)
          }}
        >
          <Icon name="trash" />
        </span>
      ) : null}
    </>
  )
}

function KeyLine({ name, known, isSelected, index, canWrite, actions }: LineProps) {
  const text = name === '' ? '(empty)' : brief(name)
  return (
    <>
      {canWrite ? (
        // biome-ignore lint/a11y/noStaticElementInteractions: the item of the tree says whether it is selected
        // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys for all of its lines
        <span
          className={isSelected ? 'box is-on' : 'box'}
          title="Select (Space)"
          onClick={(event) => {
            event.stopPropagation()
            actions.toggle(index)
          }}
        >
          {isSelected ? <Icon name="check" /> : null}
        </span>
      ) : null}
      <span className={known === undefined ? 'type' : typeClass(known.type)}>
        {known === undefined ? '…' : typeLabel(known.type)}
      </span>
      <bdi className="name" title={text}>
        {text}
      </bdi>
      <span className="ttl">
        {known === undefined || known.expiresAt < 0 ? '' : ttlText(known.expiresAt - Date.now())}
      </span>
      <span className="size">{known === undefined || known.sizeBytes < 0 ? '' : sizeText(known.sizeBytes)}</span>
    </>
  )
}

function grown(tree: KeyTree, keys: readonly Bytes[], open: ReadonlySet<Bytes>): Row[] {
  tree.grow(keys)
  return tree.rows(open)
}

function parentOf(rows: readonly Row[], from: number): number {
  const { depth } = rows[from]
  for (let i = from - 1; i >= 0; i--) if (rows[i].depth < depth) return i
  return from
}
