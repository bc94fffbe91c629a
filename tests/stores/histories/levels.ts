/**
 * What the weaker levels promise, checked on a history. `session`: whoever has seen something, or written it, never sees what was
 * before that. `eventual`: what was there so long ago is seen, by whomever.
 */
import type { Operation } from './history.ts'

/** How far a counter or a list was, as an answer shows it; undefined for what shows no such thing. */
function progressOf({ kind, answer }: Operation): number | undefined {
  switch (kind) {
    case 'incr':
    case 'push':
      return answer as number
    case 'count':
      return Number(answer ?? 0)
    case 'list':
      return (answer as unknown[]).length
  }
}

const isKnown = ({ to }: Operation): boolean => to !== Infinity

export function sessionFaultsOf(history: readonly Operation[]): string[] {
  const faults: string[] = []
  const seen = new Map<string, Seen>()
  for (const operation of history) {
    if (!isKnown(operation)) continue
    const { session, key } = operation
    const id = `${session} ${key}`
    let before = seen.get(id)
    if (before === undefined) seen.set(id, (before = { progress: 0, value: null, gone: new Set() }))
    checkProgress(operation, before, faults)
    checkValue(operation, before, faults)
  }
  return faults
}

/** What a session has seen of a key. */
interface Seen {
  progress: number
  value: unknown
  /** What stood there before the value: what it never sees again. */
  readonly gone: Set<unknown>
}

function checkProgress(operation: Operation, before: Seen, faults: string[]): void {
  const progress = progressOf(operation)
  if (progress === undefined) return
  if (progress < before.progress) {
    const { kind, key, session } = operation
    faults.push(`session ${session}: ${kind} ${key} showed ${progress} after ${before.progress}`)
  }
  before.progress = Math.max(before.progress, progress)
}

function checkValue({ kind, key, session, value, answer }: Operation, before: Seen, faults: string[]): void {
  if (kind !== 'set' && kind !== 'get') return
  const now = kind === 'set' ? value : answer
  if (before.gone.has(now)) faults.push(`session ${session}: ${key} showed ${now} after ${before.value}`)
  if (now === before.value) return
  before.gone.add(before.value)
  before.value = now
}

/** `bound`: how old what is read may be. Unit: ms. */
export function boundFaultsOf(history: readonly Operation[], bound: number): string[] {
  const faults: string[] = []
  for (const key of new Set(history.map((operation) => operation.key))) {
    const told = history.filter((operation) => operation.key === key && isKnown(operation))
    const byEnd = told.filter((one) => progressOf(one) !== undefined).sort((a, b) => a.to - b.to)
    const reads = byEnd.filter(({ kind }) => kind === 'count' || kind === 'list').sort((a, b) => a.from - b.from)
    let ended = 0
    let highest = 0
    for (const read of reads) {
      while (ended < byEnd.length && byEnd[ended].to < read.from - bound) {
        highest = Math.max(highest, progressOf(byEnd[ended++])!)
      }
      const progress = progressOf(read)!
      if (progress < highest) faults.push(`${key}: ${progress} was read at ${read.from}, ${bound} ms after ${highest}`)
    }
  }
  return faults
}
