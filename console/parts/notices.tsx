/** What has happened, said below the page for a while; some of it can be taken back from there. */
import { useEffect } from 'react'
import { Observable, useObservable } from '../model/observable.ts'
import { IconButton } from './buttons.tsx'
import { Icon } from './icons.tsx'

export interface Notice {
  readonly id: number
  readonly text: string
  readonly isProblem: boolean
  readonly undo?: (() => void) | undefined
}

const SHOWN = 3

export class Notices extends Observable {
  all: readonly Notice[] = []
  #id = 0

  say(text: string, undo?: () => void): void {
    this.#add({ id: ++this.#id, text, isProblem: false, undo })
  }

  /** Says why something did not happen. */
  fail(error: unknown): void {
    this.#add({ id: ++this.#id, text: error instanceof Error ? error.message : String(error), isProblem: true })
  }

  close(id: number): void {
    this.all = this.all.filter((notice) => notice.id !== id)
    this.changed()
  }

  #add(notice: Notice): void {
    this.all = [...this.all, notice].slice(-SHOWN)
    this.changed()
  }
}

const SAID_MS = 6000
const UNDO_MS = 30_000

export function NoticeList({ notices }: { notices: Notices }) {
  useObservable(notices)
  return (
    <div className="notices" role="status" aria-live="polite">
      {notices.all.map((notice) => (
        <NoticeLine key={notice.id} notice={notice} onClose={() => notices.close(notice.id)} />
      ))}
    </div>
  )
}

function NoticeLine({ notice, onClose }: { notice: Notice; onClose: () => void }) {
  const { text, isProblem, undo } = notice
  // biome-ignore lint/correctness/useExhaustiveDependencies: the time runs once for each notice
  useEffect(() => {
    if (isProblem) return
    const timer = setTimeout(onClose, undo === undefined ? SAID_MS : UNDO_MS)
    return () => clearTimeout(timer)
  }, [notice])
  return (
    <div className={isProblem ? 'notice problem' : 'notice'}>
      <span dir="auto">{text}</span>
      {undo === undefined ? null : (
        <button
          type="button"
          onClick={() => {
            undo()
            onClose()
          }}
        >
          <Icon name="undo" /> Undo
        </button>
      )}
      <IconButton icon="close" label="Close this message" onClick={onClose} />
    </div>
  )
}
