/**
 * A reply as a test sees it, whichever subject gave it: what RESP can say, in plain values. It is read off the wire by
 * the tests' own parser (tests/clients/resp.ts), never by the code under test.
 */
import type { Bytes } from '../../../lib/base/bytes.ts'

export type Seen = Bytes | number | bigint | boolean | null | Seen[] | SeenTagged

export type SeenTagged =
  | { kind: 'status' | 'error' | 'double' | 'verbatim' | 'bigNumber'; text: Bytes }
  | { kind: 'map'; flat: Seen[] }
  | { kind: 'set' | 'push'; items: Seen[] }
  | { kind: 'nilArray' }

/** How the subject at hand shows replies. */
export interface Mode {
  readonly proto: 2 | 3
  /** JSON: status and bulk are both strings, every nil is null. */
  readonly rest: boolean
  /** What is Upstash's way holds. */
  readonly upstash?: boolean
  /** False for a genuine Redis before 7.2, which prints doubles with 17 digits. */
  readonly exactDoubles: boolean
}

/** The bare value, for `where`. */
export function plain(seen: Seen): unknown {
  if (Array.isArray(seen)) return seen.map(plain)
  if (typeof seen !== 'object' || seen === null) return seen
  switch (seen.kind) {
    case 'nilArray':
      return null
    case 'map':
      return seen.flat.map(plain)
    case 'set':
    case 'push':
      return seen.items.map(plain)
    case 'error':
      return `-${seen.text}`
    default:
      return seen.text
  }
}

const MARK = { status: '+', error: '-', double: ',', verbatim: '=', bigNumber: '(' }

/** A compact, readable form, in which different replies are never the same. */
export function show(seen: Seen): string {
  if (typeof seen === 'string') return printable(seen)
  if (seen === null) return 'nil'
  if (typeof seen === 'boolean') return `#${seen}`
  if (typeof seen !== 'object') return String(seen)
  if (Array.isArray(seen)) return `[${seen.map(show).join(', ')}]`
  switch (seen.kind) {
    case 'nilArray':
      return 'nil array'
    case 'map':
      return `map ${show(seen.flat)}`
    case 'set':
    case 'push':
      return `${seen.kind} ${show(seen.items)}`
    case 'verbatim':
      return `=${printable(seen.text)}`
    default:
      return MARK[seen.kind] + seen.text
  }
}

/** Bytes as a JSON string with \x escapes for what is not printable ASCII. */
export function printable(bytes: Bytes): string {
  return `"${bytes.replace(/["\\]/g, '\\$&').replace(/[^ -~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`
}
