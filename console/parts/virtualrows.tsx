/**
 * Rows of one height of which only those in view are there, however many there are. Browsers draw nothing past some millions of
 * pixels, so a longer list is squeezed: a pixel of its scroll bar then stands for more than one.
 *
 * To scroll is to move one layer: a row keeps its place in it, so rows that stay are not drawn anew, and one that comes takes over the
 * elements of one that went (its `slot`). Who reads the page aloud goes by the order of the elements, which is put right when scrolling ends.
 */
import { type ReactNode, type RefObject, useLayoutEffect, useState } from 'react'

const HEIGHT_MAX = 8_000_000
/** Rows beyond the view that are there, too. */
const MARGIN = 8
/** So many rows have their places counted from one point: far from it they could not be told exactly. */
const BLOCK = 4096
/** Scrolling has ended when it has rested for so long. */
const REST_MS = 150

export interface RowsInView {
  readonly first: number
  /** One past the last. */
  readonly end: number
  /** No two rows in view have the same remainder by this. */
  readonly slots: number
  readonly isMoving: boolean
  /** Of all rows together. Unit: px. */
  readonly height: number
  /** The row from which the places of the others are counted, and where it is. Unit: px. */
  readonly base: number
  readonly baseTop: number
}

export function useRowsInView(ref: RefObject<HTMLElement | null>, count: number, rowHeight: number): RowsInView {
  const [view, setView] = useState({ top: 0, height: 600, isMoving: false })
  useLayoutEffect(() => {
    const element = ref.current!
    let resting: ReturnType<typeof setTimeout> | undefined
    const look = (isMoving: boolean): void =>
      setView({ top: element.scrollTop, height: element.clientHeight, isMoving })
    const rest = (): void => look(false)
    const move = (): void => {
      clearTimeout(resting)
      resting = setTimeout(rest, REST_MS)
      look(true)
    }
    rest()
    element.addEventListener('scroll', move, { passive: true })
    const observer = new ResizeObserver(rest)
    observer.observe(element)
    return () => {
      clearTimeout(resting)
      element.removeEventListener('scroll', move)
      observer.disconnect()
    }
  }, [ref])
  const full = count * rowHeight
  const height = Math.min(full, HEIGHT_MAX)
  const scrollable = Math.max(1, height - view.height)
  const offset = height === full ? view.top : (Math.min(view.top, scrollable) / scrollable) * (full - view.height)
  const first = Math.max(0, Math.min(count, Math.floor(offset / rowHeight) - MARGIN))
  const end = Math.min(count, Math.ceil((offset + view.height) / rowHeight) + MARGIN)
  const slots = Math.ceil(view.height / rowHeight) + 2 * MARGIN + 2
  const base = first - (first % BLOCK)
  return { first, end, slots, isMoving: view.isMoving, height, base, baseTop: view.top + base * rowHeight - offset }
}

interface VirtualRowsProps {
  readonly view: RowsInView
  readonly rowHeight: number
  /** `top` is where the row stands in its layer. Unit: px. */
  readonly children: (index: number, slot: number, top: number) => ReactNode
}

/** The rows in view, each told where it stands. */
export function VirtualRows({ view, rowHeight, children }: VirtualRowsProps) {
  const rows: ReactNode[] = Array.from({ length: view.slots })
  for (let i = view.first; i < view.end; i++) {
    const slot = i % view.slots
    rows[view.isMoving ? slot : i - view.first] = children(i, slot, (i - view.base) * rowHeight)
  }
  return (
    <div className="virtual" style={{ height: view.height }}>
      <div className="layer" style={{ transform: `translateY(${view.baseTop}px)` }}>
        {rows}
      </div>
    </div>
  )
}
