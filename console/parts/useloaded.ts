/** What a part of the page has asked the store for: the answer, or why there is none, and how to ask again. */
import { useCallback, useEffect, useRef, useState } from 'react'

export interface Loaded<T> {
  /** The last answer; it stays while another is on its way. */
  readonly value: T | undefined
  readonly error: string
  readonly isLoading: boolean
  readonly reload: () => void
}

/** Asks when `keys` change, and again on `reload`. An answer that comes after the next question is dropped. */
export function useLoaded<T>(ask: () => Promise<T>, keys: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<{ value: T | undefined; error: string; isLoading: boolean }>({
    value: undefined,
    error: '',
    isLoading: true,
  })
  const question = useRef(0)
  const reload = useCallback(() => {
    const own = ++question.current
    setState((state) => ({ ...state, isLoading: true }))
    ask().then(
      (value) => own === question.current && setState({ value, error: '', isLoading: false }),
      (error: Error) =>
        own === question.current && setState((state) => ({ ...state, error: error.message, isLoading: false })),
    )
    // biome-ignore lint/correctness/useExhaustiveDependencies: the caller says what it depends on
  }, keys)
  useEffect(() => {
    setState({ value: undefined, error: '', isLoading: true })
    reload()
    return () => {
      question.current++
    }
  }, [reload])
  return { ...state, reload }
}

/** Calls again and again while the page is looked at. */
export function useInterval(run: () => void, ms: number | undefined): void {
  const latest = useRef(run)
  useEffect(() => {
    latest.current = run
  })
  useEffect(() => {
    if (ms === undefined) return
    const timer = setInterval(() => document.hidden || latest.current(), ms)
    return () => clearInterval(timer)
  }, [ms])
}
