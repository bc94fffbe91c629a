/**
 * What happens to keys, as the store tells it on channels of its own, once notify-keyspace-events says of what. Who watches may have that
 * set for as long as he watches: it is put back where nobody has set it to something else meanwhile.
 */
import { type Bytes, shown } from '../wire/bytes.ts'
import type { Rest } from '../wire/rest.ts'

const DIRECTIVE = 'notify-keyspace-events'
/** Events by their names, of all classes that Redis sums up as A. */
const WANTED = 'EA'

/** The flags that are set; undefined where this user may not know. */
export async function notifiedEvents(rest: Rest): Promise<string | undefined> {
  const reply = await rest.run('CONFIG', 'GET', DIRECTIVE).catch(() => undefined)
  return Array.isArray(reply) && reply.length > 1 ? String(reply[1]) : undefined
}

/** Whether flags let any event be told by its name. */
export function tellsEvents(flags: string): boolean {
  return flags.includes('E') && /[^KE]/.test(flags)
}

/** The flags before and those that stand now, as long as that is known. */
export interface Changed {
  readonly before: string
  readonly set: string | undefined
}

/**
 * Has all events told, beside those that are told already. `onBegin` learns what to put back before anything is set: the page may go away
 * before the answer is there. @throws RestError
 */
export async function tellEvents(
  rest: Rest,
  onBegin: (changed: Changed) => void,
): Promise<Changed & { readonly set: string }> {
  const before = (await notifiedEvents(rest)) ?? ''
  onBegin({ before, set: undefined })
  await rest.run('CONFIG', 'SET', DIRECTIVE, before + WANTED)
  return { before, set: (await notifiedEvents(rest)) ?? '' }
}

/** Puts back what was before, unless somebody has set it meanwhile. @throws RestError */
export async function untellEvents(rest: Rest, { before, set }: Changed): Promise<void> {
  if (set === undefined || (await notifiedEvents(rest)) === set) await rest.run('CONFIG', 'SET', DIRECTIVE, before)
}

/** The same while the page goes away: nothing waits for its answer. */
export function untellAtEnd(rest: Rest, { before }: Changed): void {
  rest.last('CONFIG', 'SET', DIRECTIVE, before)
}

export interface KeyEvent {
  readonly db: number
  readonly event: string
  readonly key: Bytes
}

/** `pmessage,<pattern>,__keyevent@0__:set,<key>`; undefined for anything else, as the answer to the subscription. */
export function keyEventOf(message: Bytes): KeyEvent | undefined {
  const match = /^pmessage,[^,]*,__keyevent@(\d+)__:([^,]*),(.*)$/s.exec(message)
  return match === null ? undefined : { db: Number(match[1]), event: match[2], key: match[3] }
}

/** One line: the event, its database where that is not the first, and the key. */
export function keyEventText(message: Bytes): string {
  const told = keyEventOf(message)
  if (told === undefined) return shown(message)
  return `${told.event}${told.db === 0 ? '' : ` in ${told.db}`} ${shown(told.key)}`
}
