/** The lines of a stream, the newest in view as long as nobody scrolls back. */
import { useEffect, useRef } from 'react'
import { type Bytes, shown } from '../wire/bytes.ts'
import type { StreamLine } from './stream.ts'

interface StreamLogProps {
  readonly label: string
  readonly lines: readonly StreamLine[]
  /** What is shown of a line; without it all of it. */
  readonly textOf?: (text: Bytes) => string
}

/** Lines that stand on the page; all that are kept would be many elements. */
const SHOWN = 300
/** So near to its end the log follows. Unit: px. */
const NEAR = 60

export function StreamLog({ label, lines, textOf = shown }: StreamLogProps) {
  const ref = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows when there are others
  useEffect(() => {
    const log = ref.current!
    if (follows.current) log.scrollTop = log.scrollHeight
  }, [lines])
  const look = (): void => {
    const log = ref.current!
    follows.current = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard
    <div ref={ref} className="log" role="log" aria-label={label} tabIndex={0} onScroll={look}>
      {lines.slice(-SHOWN).map(({ id, at, text }) => (
        <div key={id} className="log-line">
          <time>{new Date(at).toLocaleTimeString('en-GB')}</time> <bdi>{textOf(text)}</bdi>
        </div>
      ))}
    </div>
  )
}
