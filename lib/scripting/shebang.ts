/** The first line of a script or library that says how it is to be run: `#!lua flags=no-writes`, `#!lua name=mylib`. */
import type { Bytes } from '../base/bytes.ts'
import { ReplyError } from '../base/reply.ts'
import { splitWords } from '../base/words.ts'
import type { ScriptPromise } from '../session/ports.ts'
import { invalidShebang } from './errors.ts'

/** What a script or function promises or asks for. */
export const ScriptFlag = {
  NoWrites: 1,
  AllowOom: 2,
  AllowStale: 4,
  NoCluster: 8,
  /** It has no first line of this kind: the rules of before Redis 7 hold. */
  Compatible: 16,
  AllowCrossSlot: 32,
} as const

/** The names of flags, in the order in which FUNCTION LIST shows them. */
export const FLAG_NAMES: readonly (readonly [Bytes, number])[] = [
  ['no-writes', ScriptFlag.NoWrites],
  ['allow-oom', ScriptFlag.AllowOom],
  ['allow-stale', ScriptFlag.AllowStale],
  ['no-cluster', ScriptFlag.NoCluster],
  ['allow-cross-slot-keys', ScriptFlag.AllowCrossSlot],
]

/** Flags as the guards ask for them. */
export function promiseOf(flags: number): ScriptPromise {
  const noWrites = (flags & ScriptFlag.NoWrites) !== 0
  const allowsStale = (flags & ScriptFlag.AllowStale) !== 0
  return { noWrites, allowsStale, allowsOom: noWrites || (flags & ScriptFlag.AllowOom) !== 0 }
}

export interface Shebang {
  readonly flags: number
  /** The script without that line, but with its end, so that lines keep their numbers. */
  readonly code: Bytes
}

/** A flag of Upstash's own, which its rate limiter sets: scripts that share no key may run at once. Here one runs at a time. */
const KEY_LOCKING = 'allow-key-locking'

/** Reads the flags of a script. `asUpstash` takes its flag, too. */
export function readShebang(body: Bytes, asUpstash: boolean): Shebang | ReplyError {
  if (!body.startsWith('#!')) return { flags: ScriptFlag.Compatible, code: body }
  const end = body.indexOf('\n')
  if (end === -1) return invalidShebang('Invalid script shebang')
  const words = splitWords(body.slice(0, end))
  if (words === undefined || words.length === 0) return invalidShebang('Invalid engine in script shebang')
  if (words[0] !== '#!lua') return invalidShebang(`Unexpected engine in script shebang: ${words[0]}`)
  let flags = 0
  for (const word of words.slice(1)) {
    if (!word.startsWith('flags=')) return invalidShebang(`Unknown lua shebang option: ${word}`)
    const read = readFlags(word.slice(6), asUpstash)
    if (read instanceof ReplyError) return read
    flags |= read
  }
  return { flags, code: body.slice(end) }
}

function readFlags(list: Bytes, asUpstash: boolean): number | ReplyError {
  let flags = 0
  if (list === '') return flags
  for (const name of list.split(',')) {
    if (asUpstash && name === KEY_LOCKING) continue
    const known = FLAG_NAMES.find(([flag]) => flag === name)
    if (known === undefined) return invalidShebang(`Unexpected flag in script shebang: ${name}`)
    flags |= known[1]
  }
  return flags
}
