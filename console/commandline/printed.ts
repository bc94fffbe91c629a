/** Replies as redis-cli prints them in a terminal. */
import { toText } from '../wire/bytes.ts'
import { Failure, type Reply, Status } from '../wire/resp.ts'
import { quoted } from '../wire/words.ts'

/** What is printed of one reply, before it is cut. Unit: characters. */
const PRINTED_MAX = 200_000

export function printed(reply: Reply): string {
  const text = lines(reply, '')
  return text.length <= PRINTED_MAX
    ? text
    : `${text.slice(0, PRINTED_MAX)}\n… (${text.length - PRINTED_MAX} more characters)`
}

function lines(reply: Reply, indent: string): string {
  if (reply === null) return '(nil)'
  if (reply instanceof Status) return reply.text
  if (reply instanceof Failure) return `(error) ${reply.text}`
  if (typeof reply === 'number' || typeof reply === 'bigint') return `(integer) ${reply}`
  if (typeof reply === 'string') return quoted(reply)
  if (reply.length === 0) return '(empty array)'
  const width = String(reply.length).length
  return reply
    .map((item, i) => {
      const label = `${String(i + 1).padStart(width)}) `
      const inner = indent + ' '.repeat(label.length)
      return (i === 0 ? '' : indent) + label + lines(item, inner)
    })
    .join('\n')
}

/** A reply as rows of a table: pairs where a name precedes each value. Undefined where it is none. */
export function rowsOf(command: string, reply: Reply): string[][] | undefined {
  if (!Array.isArray(reply) || reply.length === 0) return undefined
  const cells = (reply as readonly Reply[]).map(cell)
  if (
    /^(hgetall|config|hrandfield|xinfo|memory|zrange|zrevrange|zrangebyscore)\b/i.test(command) &&
    isPaired(command, reply)
  ) {
    return Array.from({ length: cells.length / 2 }, (_, i) => cells.slice(i * 2, i * 2 + 2))
  }
  if (reply.every((item) => Array.isArray(item))) return (reply as Reply[][]).map((item) => item.map(cell))
  return cells.map((each, i) => [`${i + 1}`, each])
}

function isPaired(command: string, reply: readonly Reply[]): boolean {
  return reply.length % 2 === 0 && (!/^z/i.test(command) || /withscores/i.test(command))
}

function cell(reply: Reply): string {
  if (typeof reply === 'string') return toText(reply) ?? quoted(reply)
  if (Array.isArray(reply)) return reply.map(cell).join(' ')
  return printed(reply)
}
