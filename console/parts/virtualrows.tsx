/**
 * Rows of one height of which only those in view are there, however many there are. Browsers draw nothing past some millions of
 * pixels, so a longer list is squeezed: a pixel of its scroll bar then stands for more than one.
 */
import { type ReactNode, type RefObject, useLayoutEffect, useState } from 'react'

const HEIGHT_MAX = 8_000_000
/** Rows beyond the view that are there, too. */
const MARGIN = 8

export interface RowsInView {
  readonly first: number
  /** One past the last. */
  readonly end: number
  /** Of all rows together. Unit: px. */
  readonly height: number
  /** Where the first one begins. Unit: px. */
  readonly top: number
}

export function useRowsInView(ref: RefObject<HTMLElement | null>, count: number, rowHeight: number): RowsInView {
  const [view, setView] = useState({ top: 0, height: 600 })
  useLayoutEffect(() => {
    const element = ref.current!
    const look = (): void => setView({ top: element.scrollTop, height: element.clientHeight })
    look()
    element.addEventListener('scroll', look, { passive: true })
    const observer = new ResizeObserver(look)
    observer.observe(element)
    return () => {
      element.removeEventListener('scroll', look)
      observer.disconnect()
    }
  }, [ref])
  const full = count * rowHeight
  const height = Math.min(full, HEIGHT_MAX)
  const scrollable = Math.max(1, height - view.height)
  const offset = height === full ? view.top : (Math.min(view.top, scrollable) / scrollable) * (full - view.height)
  const first = Math.max(0, Math.min(count, Math.floor(offset / rowHeight) - MARGIN))
  const end = Math.min(count, Math.ceil((offset + view.height) / rowHeight) + MARGIN)
  return { first, end, height, top: view.top + first * rowHeight - offset }
}

interface VirtualRowsProps {
  readonly view: RowsInView
  readonly rowHeight: number
  readonly children: (index: number, style: { readonly top: number; readonly height: number }) => ReactNode
}

/** The rows in view, each told where it stands. */
export function VirtualRows({ view, rowHeight, children }: VirtualRowsProps) {
  const rows: ReactNode[] = []
  for (let i = view.first; i < view.end; i++) {
    rows.push(children(i, { top: view.top + (i - view.first) * rowHeight, height: rowHeight }))
  }
  return (
    <div className="virtual" style={{ height: view.height }}>
      {rows}
    </div>
  )
}
