/**
 * Where Upstash answers otherwise than Redis, and users of its SDK rely on it. These rules hold for what comes in as
 * REST (and through the SDK in process), never for RESP: a command is rewritten to one that Redis knows, and its reply
 * is shaped afterwards. Commands that have no rule cost one look at the length of their name.
 *
 * - COPY of a key to itself answers 0 instead of an error.
 * - SCAN … WITHTYPE answers flat key, type pairs.
 * - JSON paths list what stands within a value before the value: commands/json/order.ts knows it by the session.
 * - ZRANGE … LIMIT is allowed without BYSCORE and BYLEX, and counts within the range of ranks.
 */
import type { Bytes } from '../base/bytes.ts'
import { SAME_OBJECT } from '../base/errors.ts'
import { Kind, type Reply } from '../base/reply.ts'

export interface Rewritten {
  readonly argv: readonly Bytes[]
  /** The reply as Upstash gives it. `typeOf` names the type of a key in the session's database. */
  shape(reply: Reply, typeOf: (key: Bytes) => Bytes): Reply
}

/** True for the names of commands that have a rule, in lower case: see `rewrite`. */
export function isRewritten(name: Bytes): boolean {
  return name === 'copy' || name === 'scan' || name === 'zrange'
}

/** What to run instead of a command; undefined for the many that Upstash and Redis answer alike. */
export function rewrite(argv: readonly Bytes[]): Rewritten | undefined {
  switch (argv[0]?.length) {
    case 4: {
      const name = argv[0].toLowerCase()
      if (name === 'copy') return { argv, shape: copiedToItself }
      return name === 'scan' ? scanWithType(argv) : undefined
    }
    case 6:
      return argv[0].toLowerCase() === 'zrange' ? zrangeLimit(argv) : undefined
    default:
      return undefined
  }
}

function copiedToItself(reply: Reply): Reply {
  return isTagged(reply, Kind.Error) && reply.text === SAME_OBJECT.text ? 0 : reply
}

function scanWithType(argv: readonly Bytes[]): Rewritten | undefined {
  const position = find(argv, 'WITHTYPE', 2)
  if (position === -1) return undefined
  return {
    argv: argv.toSpliced(position, 1),
    shape(reply, typeOf) {
      if (!Array.isArray(reply)) return reply
      const [cursor, keys] = reply as [Bytes, Bytes[]]
      return [cursor, keys.flatMap((key) => [key, typeOf(key)])]
    },
  }
}

function zrangeLimit(argv: readonly Bytes[]): Rewritten | undefined {
  const limit = find(argv, 'LIMIT', 4)
  if (limit === -1 || find(argv, 'BYSCORE', 4) !== -1 || find(argv, 'BYLEX', 4) !== -1) return undefined
  const offset = argv[limit + 1]
  const count = argv[limit + 2]
  if (!isInteger(offset) || !isInteger(count)) return undefined
  const width = find(argv, 'WITHSCORES', 4) === -1 ? 1 : 2
  return {
    argv: argv.toSpliced(limit, 3),
    shape(reply) {
      if (!Array.isArray(reply)) return reply
      if (+offset < 0) return []
      return reply.slice(+offset * width, +count < 0 ? undefined : (+offset + +count) * width)
    },
  }
}

/** Position of an option word, in any case, from a position on; -1 without it. */
function find(argv: readonly Bytes[], word: Bytes, from: number): number {
  for (let i = from; i < argv.length; i++) {
    if (argv[i].length === word.length && argv[i].toUpperCase() === word) return i
  }
  return -1
}

function isInteger(argument: Bytes | undefined): boolean {
  return argument !== undefined && /^-?\d{1,15}$/.test(argument)
}

function isTagged<K extends number>(reply: Reply, kind: K): reply is Extract<Reply, { kind: K }> {
  return typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === kind
}
