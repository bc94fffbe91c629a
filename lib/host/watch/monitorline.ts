/** A line of MONITOR, taken apart: when a command ran, in which database, for whom, and its arguments. */
import { type Bytes, fromText, toText } from '../../base/bytes.ts'
import { splitWords } from '../../base/words.ts'
import { quote } from '../../config/directive.ts'

export interface MonitorLine {
  /** Unix seconds, as they were written. */
  readonly time: string
  readonly db: number
  /** An address; `lua` for what a script runs. */
  readonly client: string
  readonly argv: readonly Bytes[]
}

const LINE = /^(\d+\.\d+) \[(\d+) (.*?)\] (".*)$/

/** Undefined for what is no such line. One that was cut because it was long ends there. */
export function parseMonitorLine(line: Bytes): MonitorLine | undefined {
  const [, time, db, client, words] = LINE.exec(line) ?? []
  if (words === undefined) return undefined
  const argv = splitWords(words) ?? splitWords(`${words}"`)
  return argv === undefined || argv.length === 0 ? undefined : { time, db: Number(db), client, argv }
}

/** As MONITOR writes it. */
export function monitorText({ time, db, client, argv }: MonitorLine): string {
  return `${time} [${db} ${printable(client)}] ${argv.map(quote).join(' ')}`
}

/** As an object of JSON. Bytes that are no UTF-8 stand as escapes. */
export function monitorJson({ time, db, client, argv }: MonitorLine): string {
  const [command, ...args] = argv.map(textOf)
  return JSON.stringify({ time: Number(time), db, client: printable(client), command, args })
}

function textOf(bytes: Bytes): string {
  const text = toText(bytes)
  return fromText(text) === bytes ? text : quote(bytes).slice(1, -1)
}

/** Text of a server, without what would command the terminal. */
export function printable(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f]/g, '?')
}
