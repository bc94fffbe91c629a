/** What comes a part at a time: each part says where the next one begins. */
import { useCallback, useEffect, useRef, useState } from 'react'

export interface Page<T, C> {
  readonly items: readonly T[]
  /** Where the next part begins; undefined behind the last. */
  readonly next: C | undefined
}

export interface Pages<T> {
  readonly items: readonly T[]
  readonly error: string
  readonly isLoading: boolean
  /** Undefined where all is there. */
  readonly more: (() => void) | undefined
  /** Reads as much as is there again. */
  readonly reload: () => void
}

interface State<T, C> {
  readonly items: readonly T[]
  readonly next: C | undefined
  readonly error: string
  readonly isLoading: boolean
}

/** Begins anew when `keys` change. */
export function usePages<T, C>(load: (from: C | undefined) => Promise<Page<T, C>>, keys: readonly unknown[]): Pages<T> {
  const [state, setState] = useState<State<T, C>>({ items: [], next: undefined, error: '', isLoading: true })
  const question = useRef(0)
  const read = useCallback((from: C | undefined, before: readonly T[], atLeast: number) => {
    const own = ++question.current
    setState((state) => ({ ...state, isLoading: true }))
    const go = async (): Promise<void> => {
      let [items, next] = [before, from]
      do {
        const page = await load(next)
        items = [...items, ...page.items]
        next = page.next
      } while (items.length < atLeast && next !== undefined)
      if (own === question.current) setState({ items, next, error: '', isLoading: false })
    }
    go().catch((error: Error) => {
      if (own === question.current) setState((state) => ({ ...state, error: error.message, isLoading: false }))
    })
    // biome-ignore lint/correctness/useExhaustiveDependencies: the caller says what it depends on
  }, keys)
  useEffect(() => {
    setState({ items: [], next: undefined, error: '', isLoading: true })
    read(undefined, [], 1)
    return () => {
      question.current++
    }
  }, [read])
  const { items, next, error, isLoading } = state
  return {
    items,
    error,
    isLoading,
    more: next === undefined ? undefined : () => read(next, items, items.length + 1),
    reload: () => read(undefined, [], Math.max(1, items.length)),
  }
}
