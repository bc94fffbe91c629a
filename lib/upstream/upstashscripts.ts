/**
 * Scripts of Upstash's packages: `@upstash/ratelimit` marks its own with `flags=allow-key-locking`, which Upstash knows and Redis refuses.
 * For callers who speak as to Upstash the flag is taken out of the first line. The script has another digest then: which one
 * belongs to which is remembered here, so that EVALSHA finds it; where it is not, the packages send the script, as for any they have
 * not loaded.
 */
import { createHash } from 'node:crypto'
import type { Bytes } from '../base/bytes.ts'
import type { Reply } from '../base/reply.ts'

/** The first line of a script with the flag, which may be one of several. */
const FLAGGED = /^#![^\n]*\ballow-key-locking\b/

/** Scripts that are remembered; of more, the oldest are forgotten. */
const KNOWN_MAX = 1000

/** Where the script stands in a command, and its digests from where on. */
const SCRIPTS: ReadonlyMap<Bytes, number> = new Map([
  ['eval', 1],
  ['eval_ro', 1],
  ['script|load', 2],
])
const DIGESTS: ReadonlyMap<Bytes, { readonly from: number; readonly to: number }> = new Map([
  ['evalsha', { from: 1, to: 2 }],
  ['evalsha_ro', { from: 1, to: 2 }],
  ['script|exists', { from: 2, to: Infinity }],
  ['script|show', { from: 2, to: 3 }],
])

export class UpstashScripts {
  /** By the digest that the caller knows, that of the upstream. */
  readonly #known = new Map<Bytes, Bytes>()

  /** What to send for a command. */
  request(fullName: Bytes, argv: readonly Bytes[]): readonly Bytes[] {
    const at = SCRIPTS.get(fullName)
    if (at !== undefined) return FLAGGED.test(argv[at]) ? argv.with(at, this.#without(argv[at])) : argv
    const digests = this.#known.size === 0 ? undefined : DIGESTS.get(fullName)
    if (digests === undefined) return argv
    return argv.map((word, i) =>
      i >= digests.from && i < digests.to ? (this.#known.get(word.toLowerCase()) ?? word) : word,
    )
  }

  /** SCRIPT LOAD answers the digest of what was sent to us. */
  reply(fullName: Bytes, argv: readonly Bytes[], reply: Reply): Reply {
    const isChanged = fullName === 'script|load' && typeof reply === 'string' && FLAGGED.test(argv[2])
    return isChanged ? digestOf(argv[2]) : reply
  }

  #without(script: Bytes): Bytes {
    const end = script.indexOf('\n')
    const line = end === -1 ? script : script.slice(0, end)
    const flags = (/flags=(\S*)/.exec(line)?.[1] ?? '').split(',').filter((flag) => flag !== 'allow-key-locking')
    const kept = flags.length === 0 ? '' : `flags=${flags.join(',')}`
    const changed = `${line.replace(/\s*flags=\S*/, kept === '' ? '' : ` ${kept}`)}${end === -1 ? '' : script.slice(end)}`
    this.#remember(digestOf(script), digestOf(changed))
    return changed
  }

  #remember(digest: Bytes, changed: Bytes): void {
    if (this.#known.has(digest)) return
    if (this.#known.size === KNOWN_MAX) this.#known.delete(this.#known.keys().next().value!)
    this.#known.set(digest, changed)
  }
}

function digestOf(script: Bytes): Bytes {
  return createHash('sha1').update(script, 'latin1').digest('hex')
}
