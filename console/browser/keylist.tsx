/**
 * The keys as a tree or as a list. Only lines in view are there, so the focus stays with the whole, and says which line it means
 * (`aria-activedescendant`): up and down move it, right and left open and close a branch, Enter opens a key, Space selects it.
 */
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { sizeText, ttlText } from '../model/figures.ts'
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
        {(i, style) => {
          const row = rowAt(i)
          return (
            <Line
              key={row.kind === 'key' ? `k${row.key}` : `b${row.branch.prefix}`}
              row={row}
              index={i}
              style={style}
              hasFocus={i === cursor}
              isCurrent={row.kind === 'key' && row.key === current}
              isSelected={row.kind === 'key' && selected.has(row.key)}
              canSelect={access.canWrite}
              onActivate={() => activate(i)}
              onToggle={toggleKey}
              onDeleteBranch={props.onDeleteBranch}
            />
          )
        }}
      </VirtualRows>
    </div>
  )
}

interface LineProps {
  readonly row: Row
  readonly index: number
  readonly style: { readonly top: number; readonly height: number }
  readonly hasFocus: boolean
  readonly isCurrent: boolean
  readonly isSelected: boolean
  readonly canSelect: boolean
  readonly onActivate: () => void
  readonly onToggle: (key: Bytes) => void
  readonly onDeleteBranch: (prefix: Bytes) => void
}

function Line(props: LineProps) {
  const { row, index, style, hasFocus, isCurrent, isSelected, canSelect } = props
  const classes = ['line', hasFocus ? 'has-focus' : '', isCurrent ? 'is-current' : '', isSelected ? 'is-selected' : '']
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys for all of its lines
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus
    <div
      id={`key-${index}`}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-expanded={row.kind === 'branch' ? row.isOpen : undefined}
      aria-selected={row.kind === 'key' ? isSelected : undefined}
      aria-current={isCurrent || undefined}
      className={classes.join(' ').trim()}
      style={{ ...style, paddingLeft: 8 + row.depth * 16 }}
      onClick={props.onActivate}
    >
      {row.kind === 'branch' ? (
        <BranchLine row={row} canDelete={canSelect} onDelete={props.onDeleteBranch} />
      ) : (
        <KeyLine row={row} isSelected={isSelected} canSelect={canSelect} onToggle={props.onToggle} />
      )}
    </div>
  )
}

function BranchLine({
  row,
  canDelete,
  onDelete,
}: {
  row: Row & { kind: 'branch' }
  canDelete: boolean
  onDelete: (prefix: Bytes) => void
}) {
  const { branch, isOpen } = row
  return (
    <>
      <Icon name={isOpen ? 'down' : 'right'} />
      <bdi className="name">{branch.name === '' ? '(empty)' : brief(branch.name)}</bdi>
      <span className="count">{branch.count.toLocaleString('en')}</span>
      {canDelete ? (
        // The keyboard has Delete for it.
        // biome-ignore lint/a11y/noStaticElementInteractions: a button cannot stand in an item of a tree
        // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys for all of its lines
        <span
          className="line-action"
          title="Delete all keys below (Delete)"
          onClick={(event) => {
            event.stopPropagation()
            onDelete(branch.prefix)
          }}
        >
          <Icon name="trash" />
        </span>
      ) : null}
    </>
  )
}

interface KeyLineProps {
  readonly row: Row & { kind: 'key' }
  readonly isSelected: boolean
  readonly canSelect: boolean
  readonly onToggle: (key: Bytes) => void
}

function KeyLine({ row, isSelected, canSelect, onToggle }: KeyLineProps) {
  const { facts } = useStore()
  const known = facts.get(row.key)
  const name = row.name === '' ? '(empty)' : brief(row.name)
  return (
    <>
      {canSelect ? (
        // biome-ignore lint/a11y/noStaticElementInteractions: the item of the tree says whether it is selected
        // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys for all of its lines
        <span
          className={isSelected ? 'box is-on' : 'box'}
          title="Select (Space)"
          onClick={(event) => {
            event.stopPropagation()
            onToggle(row.key)
          }}
        >
          <Icon name="check" />
        </span>
      ) : null}
      <span className={known === undefined ? 'type' : typeClass(known.type)}>
        {known === undefined ? '…' : typeLabel(known.type)}
      </span>
      <bdi className="name" title={name}>
        {name}
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
